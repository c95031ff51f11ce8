"""The weights of a run after any recorded epoch: which there are, and the choice of one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import LearnscopeError
from core.inside.kernel_history import KERNELS_FILE, KernelHistory, read_kernel_history
from core.library.kept_epochs import (
    BUDGET,
    FEWEST,
    kept_epochs,
    kept_file,
    read_network,
    step_between,
)
from core.memory import in_bytes
from core.runs import Run
from core.settings import Settings, settings_after
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
    file = _file(run, KERNELS_FILE)
    return None if file is None else _history(*file)


def _file(run: Run, name: str) -> File | None:
    try:
        return file_of(run, name)
    except LearnscopeError:
        return None


def file_of(run: Run, name: str) -> File:
    """A file of a run; its time and size tell it from the one that was there before."""
    path = state.library().file(run.id, name)
    about = path.stat()
    return str(path), about.st_mtime_ns, about.st_size


@st.cache_resource(show_spinner=False, max_entries=4)
def _history(path: str, changed: int, size: int) -> KernelHistory:
    return read_kernel_history(Path(path))


def epochs_to_choose(run: Run, whole: bool, biases: bool) -> list[int]:
    """After which epochs a page can look into the network; it says why none, if asked.

    If another one is asked for than there is, the nearest takes its place, and the page says so.

    Parameters
    ----------
    run : Run
    whole : bool
        Whether the page needs the network's answer, and so all of its weights.
    biases : bool
        Whether it needs more than the kernels.
    """
    epochs, why = _whole_networks(run) if whole else _convolution_parts(run, biases)
    chosen = st.query_params.get(state.WEIGHTS) or st.session_state.get(state.WEIGHTS)
    asked = chosen == EPOCH
    if epochs:
        if asked:
            _go_to_the_nearest(epochs, whole)
        return epochs
    if asked:
        st.query_params.pop(state.WEIGHTS, None)
        st.session_state.pop(state.WEIGHTS, None)
        st.info(f"Shown are the best weights: {why}", icon=":material/history_toggle_off:")
    st.query_params.pop(state.EPOCH, None)
    return []


def whole_epochs(run: Run) -> list[int]:
    """After which epochs of a run its whole network is there."""
    library = state.library()
    folder = library.folder(run.id)
    return [
        epoch
        for epoch in kept_epochs(library.files(run.id))
        # A kill may have come between the record and the file.
        if epoch <= run.epochs_done and (folder / kept_file(epoch)).is_file()
    ]


def every_so_many(run: Run) -> int | None:
    """Every how manieth epoch of a run its whole network is kept; None if it is too large."""
    return step_between(run.settings.optimisation.epochs, 4 * (run.weights or 0))


def _whole_networks(run: Run) -> tuple[list[int], str]:
    epochs = whole_epochs(run)
    if epochs:
        return epochs, ""
    needs = "this page needs the whole network, dense layers and all, and"
    if every_so_many(run) is None:
        return [], (
            f"{needs} this one, of {run.weights or 0:,} weights, is too large to be kept epoch by "
            f"epoch: {FEWEST} times would take more than {in_bytes(BUDGET)}."
        )
    if not run.state.ended:
        return [], f"{needs} of this run none is stored yet that could be chosen by its epoch."
    return [], (
        f"{needs} of this run only the best and the last are kept. An earlier version of "
        "Learnscope recorded it, or the disk was full. Train it again to have more."
    )


def _convolution_parts(run: Run, biases: bool) -> tuple[list[int], str]:
    try:
        history = history_of_run(run)
    except LearnscopeError as error:
        return [], str(error)
    if history is None or not history.kernels or len(history.epochs) < 2:
        return [], "this run has no weights recorded epoch by epoch."
    if biases and history.kernels_only:
        return [], (
            "an earlier version of Learnscope recorded this run, and of each epoch the kernels "
            "only. This page needs the biases too; the page Kernels can do without."
        )
    return history.epochs.tolist(), ""


def _go_to_the_nearest(epochs: list[int], whole: bool) -> None:
    """Where the epoch that is asked for is not there, choose the one next to it, and say so."""
    wanted = st.query_params.get(state.EPOCH) or st.session_state.get(state.EPOCH) or ""
    if not re.fullmatch("[0-9]{1,9}", wanted) or int(wanted) in epochs:
        return
    nearest = min(epochs, key=lambda epoch: (abs(epoch - int(wanted)), epoch))
    st.query_params[state.EPOCH] = st.session_state[state.EPOCH] = str(nearest)
    there = f"after epochs {', '.join(map(str, epochs))}" if whole else "after other epochs"
    what = "The whole network, which this page needs," if whole else "The kernels of this run"
    st.info(
        f"{what} {'is' if whole else 'are'} kept {there}, not after epoch {int(wanted)}. Shown is "
        f"the nearest: epoch {nearest}.",
        icon=":material/history_toggle_off:",
    )


def pick_epoch(epochs: list[int], whole: bool) -> int:
    """Let the person pick one of the recorded epochs; of the whole network there are fewer."""
    which = (
        "Here are the epochs after which the whole network is kept; the page Kernels has more."
        if whole
        else "Of long trainings every second, fourth, ... epoch is kept."
    )
    return int(
        link_choice(
            st.select_slider,
            state.EPOCH,
            "After epoch",
            [str(epoch) for epoch in epochs],
            lambda epoch: "0 (first weights)" if epoch == "0" else epoch,
            width=340,
            help="The weights as they were when this epoch ended. 0: as they were drawn at random, "
            f"before the first step. {which}",
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
    recorded = _file(run, KERNELS_FILE)
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


def whole_model_after(run: Run, epoch: int) -> tuple[keras.Model, File]:
    """The whole network of a run after an epoch at which it was kept, and its file.

    Its rates and prices are those that were in force at the end of that epoch.
    """
    file = file_of(run, kept_file(epoch))
    turned = tuple(change for change in run.changes if change.epoch <= epoch)
    return _whole_network(file, settings_after(run.settings, turned)), file


@st.cache_resource(show_spinner="Opening the network ...", max_entries=6)
def _whole_network(file: File, _settings: Settings) -> keras.Model:
    from core.fitting.networks import network_with

    return network_with(_settings, read_network(Path(file[0])))
