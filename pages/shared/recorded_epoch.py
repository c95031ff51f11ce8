"""The weights of a run after any recorded epoch: which there are, and the choice of one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import LearnscopeError
from core.inside.kernel_history import KERNELS_FILE, KernelHistory, read_kernel_history
from core.runs import Run
from pages.shared import state
from pages.shared.link_choice import link_choice

if TYPE_CHECKING:
    import keras

File = tuple[str, int, int]
"""Path, time and size of a file."""
EPOCH = "epoch"
"""Among the weights of a run: those after a recorded epoch, which is chosen beside it."""


def history_of_run(run: Run) -> KernelHistory | None:
    """What the run recorded while it trained; None if there is nothing."""
    file = _file(run)
    return None if file is None else _history(*file)


def _file(run: Run) -> File | None:
    try:
        path = state.library().file(run.id, KERNELS_FILE)
    except LearnscopeError:
        return None
    about = path.stat()
    return str(path), about.st_mtime_ns, about.st_size


@st.cache_resource(show_spinner=False, max_entries=4)
def _history(path: str, changed: int, size: int) -> KernelHistory:
    return read_kernel_history(Path(path))


def epochs_to_choose(run: Run, whole: bool, biases: bool) -> list[int]:
    """After which epochs a page can look into the network; it says why none, if asked.

    Parameters
    ----------
    run : Run
    whole : bool
        Whether the page needs the dense layers too, whose weights are not recorded.
    biases : bool
        Whether it needs more than the kernels.
    """
    why = ""
    history = None
    try:
        history = history_of_run(run)
    except LearnscopeError as error:
        why = str(error)
    if history is None or not history.kernels or len(history.epochs) < 2:
        why = why or "this run has no weights recorded epoch by epoch."
    elif whole:
        why = (
            "this page needs the whole network, and the weights of its dense layers are not "
            "recorded epoch by epoch; only those of the convolution layers are."
        )
    elif biases and history.kernels_only:
        why = (
            "an earlier version of Learnscope recorded this run, and of each epoch the kernels "
            "only. This page needs the biases too; the page Kernels can do without."
        )
    if not why and history is not None:
        return history.epochs.tolist()
    if EPOCH in (st.query_params.get(state.WEIGHTS), st.session_state.get(state.WEIGHTS)):
        st.query_params.pop(state.WEIGHTS, None)
        st.session_state.pop(state.WEIGHTS, None)
        st.info(f"Shown are the best weights: {why}", icon=":material/history_toggle_off:")
    st.query_params.pop(state.EPOCH, None)
    return []


def pick_epoch(epochs: list[int]) -> int:
    """Let the person pick one of the recorded epochs."""
    return int(
        link_choice(
            st.select_slider,
            state.EPOCH,
            "After epoch",
            [str(epoch) for epoch in epochs],
            lambda epoch: "0 (first weights)" if epoch == "0" else epoch,
            width=340,
            help="The weights as they were when this epoch ended. 0: as they were drawn at random, "
            "before the first step. Of long trainings every second, fourth, ... epoch is kept.",
        )
    )


def model_after(run: Run, model: keras.Model, file: File, epoch: int) -> tuple[keras.Model, File]:
    """The convolution part of a run's network after a recorded epoch, and its key.

    Parameters
    ----------
    run : Run
    model : keras.Model
        Its network with any weights.
    file : File
        Of that network.
    epoch : int
    """
    recorded = _file(run)
    if recorded is None:
        raise LearnscopeError(
            "Expected a run with recorded epochs. Received: one without. Choose its other weights."
        )
    path, changed, size = recorded
    key = f"{path} after epoch {epoch}", changed, size
    return _network_after(key, file, epoch, run, model), key


# Streamlit does not hash what begins with an underscore: the files stand for both.
@st.cache_resource(show_spinner=False, max_entries=6)
def _network_after(
    key: File, file: File, epoch: int, _run: Run, _model: keras.Model
) -> keras.Model:
    from core.inside.recorded import network_after

    history = history_of_run(_run)
    assert history is not None  # its file is in the key
    return network_after(_model, history, epoch)
