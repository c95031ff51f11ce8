"""Which network a page looks into: a run, and its weights, best, last or after an epoch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import LearnscopeError
from core.library.names import names_to_choose_by
from core.library.recalibrated import recalibrated_epochs, recalibrated_name
from core.runs import Run
from pages.shared import state
from pages.shared.link_choice import link_choice
from pages.shared.recorded_epoch import (
    EPOCH,
    epochs_to_choose,
    every_so_many,
    file_of,
    model_after,
    pick_epoch,
    whole_epochs,
    whole_model_after,
)
from pages.shared.runs_with_weights import DEFAULT_RUN, FirstRun, runs_with_weights

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, eq=False)
class Network:
    """A trained network, and the run that it comes from.

    Attributes
    ----------
    run : Run
    weights : str
        ``"best"``, ``"last"``, the name of a recalibrated network, such as ``"recalibrated-7"``,
        or ``"epoch-7"`` for those after a recorded epoch.
    model : keras.Model
        Shared by all sessions: look, do not change. After a recorded epoch it is the convolution
        part alone, which answers with maps, unless the whole network was asked for.
    file : tuple of str, int and int
        Path, time and size of its file, which tell it from any other.
    """

    run: Run
    weights: str
    model: keras.Model
    file: tuple[str, int, int]

    @property
    def epoch(self) -> int:
        """The epoch at whose end the weights were so."""
        return epoch_of(self.run, self.weights)

    @property
    def words(self) -> str:
        """What a sentence calls these weights."""
        if self.weights.startswith(f"{EPOCH}-"):
            return f"weights after epoch {self.epoch}" if self.epoch else "first weights"
        return f"{self.weights.partition('-')[0]} weights (epoch {self.epoch})"

    @property
    def when(self) -> str:
        """The epoch and why it was chosen: ``"epoch 12 (best)"``, or ``"epoch 12"`` by itself."""
        kind = self.weights.partition("-")[0]
        if kind == EPOCH:
            kind = "" if self.epoch else "first weights"
        return f"epoch {self.epoch} ({kind})" if kind else f"epoch {self.epoch}"

    @property
    def link(self) -> dict[str, str]:
        """What a link to another page says of it."""
        link = {state.RUN: self.run.id, state.WEIGHTS: self.weights}
        if self.weights.startswith(f"{EPOCH}-"):
            link |= {state.WEIGHTS: EPOCH, state.EPOCH: str(self.epoch)}
        return link


def epoch_of(run: Run, weights: str) -> int:
    """The epoch at whose end the weights of a run were so, by their name."""
    if weights == "best":
        return run.best_epoch or 0
    if weights == "last":
        return run.epochs_done
    return int(weights.rpartition("-")[2])


def pick_network(
    first: FirstRun = DEFAULT_RUN,
    preferred: Callable[[Run], bool] = lambda run: True,
    *,
    whole: bool = False,
    biases: bool = True,
) -> Network:
    """Let the person pick a run and its weights; without any run, offer to train one and stop.

    Parameters
    ----------
    first : FirstRun
        What to offer where there is no run.
    preferred : callable
        Which runs to begin with, if there are any and the person has chosen none.
    whole : bool
        Whether the page needs the network's answer. The kernels are recorded after each epoch, the
        whole network after every few, so that such a page is offered fewer of them.
    biases : bool
        Whether the page needs more than the kernels of it, which runs of earlier versions lack.
    """
    by_id = runs_with_weights(first)
    if st.query_params.get(state.RUN) is None and st.session_state.get(state.RUN) not in by_id:
        newest = next((run.id for run in by_id.values() if preferred(run)), None)
        if newest is not None:
            st.session_state[state.RUN] = newest
    with st.container(horizontal=True, vertical_alignment="top"):
        run = pick_run(by_id)
        weights = _pick_weights(run, epochs_to_choose(run, whole, biases), whole)
    return open_network(run, weights, whole=whole)


def pick_run(by_id: Mapping[str, Run]) -> Run:
    """Let the person pick one of these runs."""
    names = names_to_choose_by(by_id.values())
    chosen = link_choice(st.selectbox, state.RUN, "Run", list(by_id), names.__getitem__)
    return by_id[chosen]


def _pick_weights(run: Run, epochs: list[int], whole: bool) -> str:
    files = state.library().files(run.id)
    words = {"best": f"Best (epoch {run.best_epoch})"}
    # A run that failed or was cut off has none, and one that goes on will have some.
    if "last.keras" in files or not run.state.ended:
        words["last"] = f"Last (epoch {run.epochs_done})"
    for epoch in recalibrated_epochs(files):
        words[recalibrated_name(epoch)] = f"Recalibrated (epoch {epoch})"
    if epochs:
        words[EPOCH] = "After an epoch"
    chosen = link_choice(
        st.segmented_control,
        state.WEIGHTS,
        "Weights",
        list(words),
        words.__getitem__,
        required=True,
        wrap=True,
        help="Best: of the epoch with the lowest validation loss. Last: as training left them. "
        "Recalibrated: with the statistics of batch normalization taken anew, if you kept such. "
        f"After an epoch: as they were then. {_which_are_kept(run)}",
    )
    if chosen != EPOCH:
        st.query_params.pop(state.EPOCH, None)
        return chosen
    return f"{EPOCH}-{pick_epoch(epochs, whole)}"


def _which_are_kept(run: Run) -> str:
    step = every_so_many(run)
    if step is None or not whole_epochs(run):
        return (
            "Of this run those of the convolution layers are recorded so, at most, but not the "
            "whole network, which the pages need that show its answer."
        )
    often = "every epoch" if step == 1 else f"every {step} epochs"
    return (
        "Those of the convolution layers are recorded epoch by epoch; the whole network, which "
        f"the pages need that show its answer, is kept after {often} of this run."
    )


def open_network(run: Run, weights: str, *, whole: bool = False) -> Network:
    """The network of a run; where its weights are not stored yet, say so and stop.

    Parameters
    ----------
    run : Run
    weights : str
        As in :class:`Network`.
    whole : bool
        Whether more is needed than the convolution part, where the weights are those of an epoch.
    """
    if weights.startswith(f"{EPOCH}-"):
        epoch = int(weights.rpartition("-")[2])
        if whole:
            state.wait_until_warm()
            return Network(run, weights, *whole_model_after(run, epoch))
        best = open_network(run, "best")
        return Network(run, weights, *model_after(run, best.model, best.file, epoch))
    state.wait_until_warm()
    try:
        file = file_of(run, f"{weights}.keras")
    except LearnscopeError as error:
        if run.state.ended:
            raise
        st.info(
            f"The {weights} weights are not stored yet: the run is {run.state.words}. {error}",
            icon=":material/hourglass_top:",
        )
        st.stop()
    epoch = epoch_of(run, weights)
    turned = "; ".join(change.words for change in run.changes if change.epoch <= epoch)
    return Network(run, weights, _network(*file, turned, run, epoch), file)


@st.cache_resource(show_spinner="Opening the network ...", max_entries=6)
def _network(
    path: str, changed: int, size: int, turned: str, _run: Run, _epoch: int
) -> keras.Model:
    """A saved network, with what was turned while it trained.

    The file's time and size tell a replaced file from the one before.
    """
    from core.fitting.knobs import put_in_force
    from core.inside.layers import load_network

    network = load_network(Path(path))
    if turned:
        put_in_force(network, _run.settings, _run.changes, _epoch)
    return network
