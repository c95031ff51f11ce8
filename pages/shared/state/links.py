"""What a link may say besides settings."""

from __future__ import annotations

from pages.shared.state.interpretation import INTERPRETATION_IN_LINK
from pages.shared.state.learning import LEARNING_IN_LINK
from pages.shared.state.regularization import REGULARIZATION_IN_LINK
from pages.shared.state.several_pages import SEVERAL_PAGES_IN_LINK

NOT_SETTINGS = frozenset(
    {
        *SEVERAL_PAGES_IN_LINK,
        *LEARNING_IN_LINK,
        *REGULARIZATION_IN_LINK,
        *INTERPRETATION_IN_LINK,
    }
)
"""By the names of the keys."""
