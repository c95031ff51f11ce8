"""What the views of the dropout page look at, and the rates that a person sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.data import facts
from core.learning.knob_marks import changes_in_words
from core.settings import CONTROLS
from pages.shared import state
from pages.shared.run_picker import Network
from pages.shared.wrong_link import say_wrong_link

if TYPE_CHECKING:
    from core.mechanisms.places import CutNetwork, Rates

_STEP = 0.05


@dataclass(frozen=True, eq=False)
class Scene:
    """A network under dropout, and an image.

    Attributes
    ----------
    network : Network
    cut : CutNetwork
    rates : Rates
    image : ndarray of shape (H, W, C), values in [0, 1]
        As the network gets it.
    title : str
        What the image is called.
    """

    network: Network
    cut: CutNetwork
    rates: Rates
    image: np.ndarray
    title: str

    @property
    def seed(self) -> int:
        """From which all masks are drawn: the run's own."""
        return self.network.run.settings.optimisation.seed

    @property
    def class_names(self) -> tuple[str, ...]:
        """Of the run's data set."""
        return facts(self.network.run.settings.data.dataset).class_names

    @property
    def epoch(self) -> str:
        """Which weights these are: ``"epoch 12 (best)"``."""
        return self.network.when

    @property
    def key(self) -> tuple[str, str, bool]:
        """Tells these weights from all others, for what is kept of them."""
        return self.network.run.id, self.epoch, silences_maps(self.network)

    @property
    def under(self) -> str:
        """The rates in words: ``"dropout on, rate 0.5 (dense)"``."""
        named = ((self.rates.dense, "dense"), (self.rates.blocks, "convolution"))
        on = [f"{rate:g} ({where})" for rate, where in named if rate > 0]
        return f"dropout on, rate {' and '.join(on)}" if on else "dropout off"


def silences_maps(network: Network) -> bool:
    """Whether the run's settings say spatial dropout, where they say dropout at all."""
    return network.run.settings.regularization.dropout_kind == "spatial"


def pick_rates(network: Network, cut: CutNetwork) -> Rates:
    """Let the person set the rates; at first they are those of the training."""
    from core.mechanisms.places import Rates

    start = cut.start
    dense = _rate(state.RATE, "Dropout rate (dense)", start.dense)
    blocks = _rate(state.BLOCK_RATE, "Dropout rate (convolution)", start.blocks)
    return Rates(dense, blocks)


def say_how_trained(network: Network, cut: CutNetwork) -> None:
    """Whether the weights know dropout from their training, and what the rates do if not."""
    from core.mechanisms.places import Rates

    trained = cut.trained
    turned = [one for one in network.run.changes if one.name.startswith("dropout")]
    if turned and trained == Rates(0.0, 0.0):
        st.caption(f"Dropout was off at the end of epoch {network.epoch}.")
    elif trained == Rates(0.0, 0.0):
        st.caption(
            "This run was trained **without** dropout. The rates below silence units of its "
            "trained weights, in the places where dropout usually stands. It never learnt to do "
            "without them, so it suffers more than a network that was trained with dropout."
        )
    else:
        _say_with_what(cut)
    if turned:
        st.caption(changes_in_words(turned))


def _say_with_what(cut: CutNetwork) -> None:
    trained = cut.trained
    named = ((trained.dense, "dense"), (trained.blocks, "convolution"))
    at = " and ".join(f"{rate:g} ({where})" for rate, where in named if rate > 0)
    st.caption(
        f"This run was trained **with** {'Gaussian ' * cut.gaussian}dropout, at rate {at}. "
        "Other rates are tried on the same weights."
        + " Gaussian dropout silenced nobody: it multiplied by noise of the mean 1 and the "
        "variance rate / (1 - rate), just that of silencing, which is what happens here."
        * cut.gaussian
    )


def _rate(name: str, label: str, start: float) -> float:
    """A slider whose value stands in the link once somebody has moved it."""
    control = CONTROLS["dropout_dense"]
    key = f"{state.CHOOSE} {name}"
    kept = st.session_state.get(name, start)
    st.session_state[key] = _from_link(name, label, kept)
    chosen = st.slider(
        label,
        control.low,
        control.high,
        step=_STEP,
        key=key,
        on_change=_follow,
        args=(name, key),
        help="The share of units that fall silent in a step, at random.",
    )
    return float(chosen)


def _from_link(name: str, label: str, otherwise: float) -> float:
    text = st.query_params.get(name)
    if text is None:
        return otherwise
    control = CONTROLS["dropout_dense"]
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if (
        control.low is not None
        and control.high is not None
        and control.low <= value <= control.high
    ):
        return value
    say_wrong_link(
        label,
        text,
        expected=f"a number in [{control.low:g}, {control.high:g}]",
        shown=f"{otherwise:g}",
    )
    return otherwise


def _follow(name: str, key: str) -> None:
    st.session_state[name] = st.session_state[key]
    st.query_params[name] = f"{st.session_state[key]:g}"
