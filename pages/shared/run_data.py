"""The images of a run, found again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.data import Splits, facts, is_at_hand, load, split_again
from core.errors import LearnscopeError
from core.runs import Run
from core.settings import Settings
from pages.shared import state

Parts = dict[str, tuple[np.ndarray, np.ndarray]]


def parts_at_hand(run: Run, what_fails: str) -> Parts | None:
    """Images and labels of the parts ``"validation"`` and ``"test"``, in their order.

    Without them, a sentence why and, where that helps, a button to fetch them; then None.

    Parameters
    ----------
    run : Run
    what_fails : str
        What cannot be done without them: ``"its images cannot be shown"``.
    """
    if not _is_fetched(run.settings.data.dataset, what_fails):
        return None
    try:
        return _parts(run.settings, run.fingerprint)
    except LearnscopeError as error:
        st.warning(str(error), icon=":material/image_not_supported:")
        return None


@dataclass(frozen=True, eq=False)
class Sample:
    """Validation images of a run, the first of them.

    Attributes
    ----------
    images : ndarray of shape (N, H, W, C)
    labels : ndarray of shape (N,)
    words : str
        Which they are: ``"1,000 validation images"``.
    """

    images: np.ndarray
    labels: np.ndarray
    words: str


def sample_at_hand(run: Run, most: int, what_fails: str) -> Sample | None:
    """At most so many validation images; without them, a sentence why and None.

    Parameters
    ----------
    run : Run
    most : int
    what_fails : str
        As for :func:`parts_at_hand`.
    """
    parts = parts_at_hand(run, what_fails)
    if parts is None:
        return None
    images, labels = (part[:most] for part in parts["validation"])
    of = len(parts["validation"][0])
    which = f"the first {len(images):,} of {of:,}" if of > len(images) else f"{of:,}"
    return Sample(images, labels, f"{which} validation images")


def data_of(run: Run) -> Splits:
    """All parts of the run's images and labels; if they are not here, offer to fetch them and stop.

    Raises
    ------
    LearnscopeError
        If they are not what the run had.
    """
    what_fails = "this cannot be computed: it takes the run's own images"
    if not _is_fetched(run.settings.data.dataset, what_fails):
        st.stop()
    return _found_again(run.settings, run.fingerprint)


def _is_fetched(dataset: str, what_fails: str) -> bool:
    if is_at_hand(dataset):
        return True
    title = facts(dataset).title
    st.info(f"**{title}** is not on this machine, so {what_fails}.")
    if not st.button("Fetch it now", icon=":material/download:", key=state.FETCH):
        return False
    bar = st.progress(0.0, text=f"Fetching {title} ...")
    load(dataset, lambda share, words: bar.progress(share, text=words))
    bar.empty()
    return True


@st.cache_resource(show_spinner="Loading the images ...", max_entries=2)
def _parts(settings: Settings, fingerprint: str | None) -> Parts:
    """Images and labels of both parts; the training part is let go."""
    found = split_again(settings, fingerprint)
    return {
        "validation": (found.validation_images, found.validation_labels),
        "test": (found.test_images, found.test_labels),
    }


@st.cache_resource(show_spinner="Loading the images ...", max_entries=2)
def _found_again(settings: Settings, fingerprint: str | None) -> Splits:
    return split_again(settings, fingerprint)
