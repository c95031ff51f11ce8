"""The run whose weights are looked at, and the one that is laid beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.comparison.names_beside import names_beside
from core.errors import LearnscopeError
from core.library.names import names_to_choose_by
from core.mechanisms.priced_twin import only_the_price_differs
from core.runs import Run
from pages.shared import state
from pages.shared.link_choice import link_choice, say_if_unknown
from pages.shared.plain_text import as_typed
from pages.shared.recorded_epoch import EPOCH, whole_epochs
from pages.shared.run_picker import Network, open_network, pick_network
from pages.shared.runs_with_weights import look_again_for_weights, runs_with_weights

if TYPE_CHECKING:
    from core.mechanisms.weight_records import LayerKernel

NONE = "none"
Key = tuple[str, int, int]
"""Path, time and size of a network's file."""


@dataclass(frozen=True, eq=False)
class Side:
    """A network whose weights are looked at.

    Attributes
    ----------
    network : Network
    name : str
        What charts call it.
    kernels : tuple of LayerKernel
    """

    network: Network
    name: str
    kernels: tuple[LayerKernel, ...]

    @property
    def run(self) -> Run:
        """The run that it comes from."""
        return self.network.run

    @property
    def epoch(self) -> int:
        """The epoch at whose end the weights were so."""
        return self.network.epoch

    @property
    def key(self) -> Key:
        """What tells these weights from any others."""
        return self.network.file

    @property
    def title(self) -> str:
        """The run and its weights, for the line under a chart's title."""
        return f"{self.name}, {self.network.words}"


Sides = tuple[Side, ...]


def pick_sides() -> Sides:
    """Let the person pick a run and, if they like, another one beside it."""
    network = pick_network(whole=True)
    beside = pick_beside(network)
    networks = [network]
    if beside is not None:
        networks.append(open_network(beside, _same_weights(network, beside), whole=True))
    names = names_beside([one.run for one in networks])
    if any(name.short != name.whole for name in names[1:]):
        st.caption("  \n".join(as_typed(name.whole) for name in names))
    return tuple(
        Side(one, name.short, _kernels(one.file, one.model))
        for one, name in zip(networks, names, strict=True)
    )


def _same_weights(network: Network, beside: Run) -> str:
    """Which weights of the run beside are of the same kind; of recalibrated there are seldom."""
    if network.weights.startswith(f"{EPOCH}-") and network.epoch in whole_epochs(beside):
        return network.weights
    return "last" if network.weights == "last" else "best"


# Streamlit does not hash what begins with an underscore: the key stands for the network.
@st.cache_resource(show_spinner=False, max_entries=6)
def _kernels(key: Key, _model: Any) -> tuple[LayerKernel, ...]:
    from core.mechanisms.layer_kernels import layer_kernels

    return layer_kernels(_model)


def pick_beside(network: Network) -> Run | None:
    """The run to compare with; one that differs in nothing but the price is offered first."""
    others = {
        run_id: run for run_id, run in runs_with_weights().items() if run_id != network.run.id
    }
    wanted = st.query_params.get(state.BESIDE)
    if wanted is not None and wanted not in (NONE, *others):
        if wanted != network.run.id and _follow(wanted):
            return None
        del st.query_params[state.BESIDE]
    twins = [
        run_id
        for run_id, run in others.items()
        if run.changes == network.run.changes
        and only_the_price_differs(run.settings, network.run.settings)
    ]
    if st.session_state.get(state.BESIDE) not in (NONE, *others):
        st.session_state[state.BESIDE] = next(iter(twins), NONE)
    rest = [run_id for run_id in others if run_id not in twins]
    names = {NONE: "No other run"} | names_to_choose_by(others.values())
    chosen = link_choice(
        st.selectbox,
        state.BESIDE,
        "Compare with",
        [NONE, *twins, *rest],
        names.__getitem__,
        help="Another run, with its weights of the same kind. Runs that differ in nothing but the "
        "price on their weights come first.",
    )
    return others.get(chosen)


def drop_wrong_beside() -> None:
    """Tell about a run to compare with that there is not, also while no comparison is open."""
    wanted = st.query_params.get(state.BESIDE, NONE)
    try:
        known = [NONE] if wanted == NONE else [state.library().run(wanted).id]
    except LearnscopeError:
        known = [NONE]
    say_if_unknown(state.BESIDE, "Compare with", known)


def _follow(run_id: str) -> bool:
    """Whether the run to compare with is on its way; if so, say how far, and go on by itself."""
    try:
        run = state.library().run(run_id)
    except LearnscopeError:
        return False
    if run.state.ended or run.best_epoch is not None:
        return False

    look_again_for_weights(
        run_id,
        "To compare with: “{name}” is {state}. It appears here by itself after its first epoch.",
    )
    return True


def pick_layer(layers: Sequence[str], preferred: str) -> str:
    """Let the person pick one of these layers; another view of this page may know more of them."""
    if st.query_params.get(state.LAYER) not in layers:
        st.query_params.pop(state.LAYER, None)
        if st.session_state.get(state.LAYER) not in layers and preferred in layers:
            st.session_state[state.LAYER] = preferred
    return link_choice(st.selectbox, state.LAYER, "Layer", layers, width=260)
