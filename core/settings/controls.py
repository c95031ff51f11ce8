"""Every setting as a person meets it, section by section, in page order."""

from __future__ import annotations

from collections.abc import Mapping

from core.settings.control import Control
from core.settings.sections.augmentation import AUGMENTATION
from core.settings.sections.data import DATA
from core.settings.sections.network import NETWORK
from core.settings.sections.optimisation import OPTIMISATION
from core.settings.sections.regularization import REGULARIZATION

CONTROLS: Mapping[str, Control] = {
    control.name: control
    for control in (*DATA, *NETWORK, *REGULARIZATION, *AUGMENTATION, *OPTIMISATION)
}
