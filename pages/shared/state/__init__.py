"""Names of the session's state, and what all sessions of the process share.

Every key of `st.session_state` is spelled in this package, once, and nowhere else; outside of it
they are all named `state.KEY`. In which file a key stands:

==================== ===============================================================
`several_pages`      the run, its weights, layer and kernel, the image, shared controls
`learning`           `/train`, `/runs` with the comparison, `/predictions`
`regularization`     `/side-by-side`, `/dropout`, `/batch-normalization`,
                     `/weight-penalties`, `/augmentation`
`interpretation`     `/layers`, `/kernels`, `/responses`, `/kernel-bench`, `/excites`,
                     `/decision`
==================== ===============================================================

A key that is also a name in a link stands once more at the end of its file: `links` gathers what a
link may say besides settings. `process` holds no keys: it opens the run library and the queue.
"""

# ruff: noqa: F403

from __future__ import annotations

from pages.shared.state.interpretation import *
from pages.shared.state.learning import *
from pages.shared.state.links import *
from pages.shared.state.process import *
from pages.shared.state.regularization import *
from pages.shared.state.several_pages import *
