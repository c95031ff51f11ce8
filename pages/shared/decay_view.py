"""L2 in the loss against decoupled weight decay, under Adam."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.shared import state
from pages.shared.chart_settings import PLAIN
from pages.shared.run_data import data_of
from pages.shared.weight_sides import Key, Side, Sides

if TYPE_CHECKING:
    from core.mechanisms.decay_records import Shrinkage

_RATE = 0.01
"""The learning rate of the two weights: their closed form is easily read off."""
_SMALL = 0.5
"""The size of the small gradient: with it, L2 decays faster than decoupled decay, with ten times as
much slower."""
_NETWORK_RATE, _NETWORK_STRENGTH = 0.001, 0.004
"""The defaults of Keras: of Adam's learning rate and of AdamW's weight decay."""
_STEPS = 20


def show_decay(sides: Sides) -> None:
    """Two weights by the formulae, and the network's own by Keras."""
    left, right = st.columns(2, gap="large")
    with left:
        _show_two_weights()
    with right:
        _show_network(sides[0])


def _show_two_weights() -> None:
    from core.figures.decay import paths_figure
    from core.mechanisms.decay import RULES, decay_paths

    st.markdown(
        "**L2** adds λw to the gradient, and Adam divides the sum by the size of the gradient. So "
        "what has a large gradient hardly decays. **Decoupled decay** (AdamW) takes ηλw off the "
        "weight itself, the same share of each (Loshchilov & Hutter, 2019)."
    )
    rule, ratio, strength, steps = _two_weights_controls()
    found = decay_paths((_SMALL, _SMALL * ratio), steps, _RATE, strength, rule)
    ends = found.coupled[-1], found.decoupled[-1]
    st.plotly_chart(
        paths_figure(found, f"{RULES[rule]}, learning rate η = {_RATE:g}, λ = {strength:g}"),
        key="two weights",
        config=PLAIN,
        alt=f"Two weights from 1 over {steps} steps. With L2 they end at {ends[0][0]:.3f} and "
        f"{ends[0][1]:.3f}, with decoupled decay at {ends[1][0]:.3f} and {ends[1][1]:.3f}.",
    )
    st.markdown(
        f"After {steps} steps, L2 has left **{ends[0][0]:.3f}** of the weight with the small "
        f"gradient and **{ends[0][1]:.3f}** of the other; decoupled decay **{ends[1][0]:.3f}** and "
        f"**{ends[1][1]:.3f}**. Closed form (1 - ηλ)^{steps}: {found.closed:.3f}."
    )
    st.caption(
        f"A model case, computed: the gradients are ±{_SMALL:g} and ±{_SMALL * ratio:g}, with a "
        "sign that changes at every step, so that they pull nowhere and only the decay is seen; "
        "the two weights under decoupled decay lie on one another. β₁ = 0.9, β₂ = 0.999. What is "
        "missing to the closed form are Adam's first steps, before its averages have settled."
    )


def _two_weights_controls() -> tuple[str, int, float, int]:
    """Rule of the optimizer, ratio of the gradients, strength of the decay, number of steps."""
    from core.mechanisms.decay import RULES

    rule = st.segmented_control(
        "Optimizer",
        list(RULES),
        format_func=RULES.__getitem__,
        default="adam",
        required=True,
        key=state.DECAY_RULE,
        persist_state="session",
        help="Under plain gradient descent the two are the same.",
    )
    one, two, three = st.columns(3)
    ratio = one.select_slider(
        "Gradient ratio",
        (1, 2, 5, 10, 20, 50, 100),
        value=10,
        key=state.DECAY_RATIO,
        persist_state="session",
        help="How many times as large the gradient of the second weight is.",
    )
    strength = two.select_slider(
        "Strength λ",
        (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
        value=0.1,
        key=state.DECAY_STRENGTH,
        persist_state="session",
        help="In Keras: L2(λ / 2), whose gradient is λw, or AdamW(weight_decay=λ).",
    )
    steps = three.slider(
        "Steps", 100, 2000, 500, 100, key=state.DECAY_STEPS, persist_state="session"
    )
    return rule, ratio, strength, steps


def _show_network(side: Side) -> None:
    st.markdown(
        "**The same on this network.** Three copies of it train on for a few steps, with Keras's "
        "own Adam, Adam with L2, and AdamW. How much does each price take off a weight, by the "
        "size of its gradient?"
    )
    data = data_of(side.run)
    found = _measured(side.key, side, data.training_images, data.training_labels)
    from core.figures.decay import shrinkage_figure

    first, last = found.coupled.middle[0], found.coupled.middle[-1]
    st.plotly_chart(
        shrinkage_figure(found, side.title),
        key="shrinkage",
        config=PLAIN,
        alt=f"Share taken off the weights by the size of their gradient: with L2 {first:.2%} where "
        f"it is smallest and {last:.2%} where it is largest; with AdamW {found.closed:.4%} at all.",
    )
    still = (
        f" {found.still:,} weights got no gradient at all: L2 took {found.still_coupled:.0%} off "
        f"them, AdamW {found.still_decoupled:.3%}." * bool(found.still)
    )
    st.markdown(
        f"In {found.steps} steps L2 took **{first:.1%}** off the weights with the smallest "
        f"gradients and **{last:.1%}** off those with the largest; AdamW **{found.closed:.4%}** "
        f"off any.{still}"
    )
    st.caption(
        f"{found.steps} batches of {found.batch_size} training images, dropout off, batch "
        f"normalization by the batch; learning rate {_NETWORK_RATE:g} and λ = "
        f"{_NETWORK_STRENGTH:g} in both, fresh optimizers, only kernels decay. Share taken off: "
        "against the copy without a price, relative to where the weight began. "
        f"{found.weights:,} weights in ten groups by gradient; dots are medians, whiskers hold "
        "the middle half; dotted is 1 - (1 - ηλ)^steps. Left out: weights below a tenth of the "
        "mean size."
    )


@st.cache_resource(show_spinner="Training three copies for a few steps ...", max_entries=6)
def _measured(key: Key, _side: Side, _images: np.ndarray, _labels: np.ndarray) -> Shrinkage:
    from core.mechanisms.decay_on_network import first_batches, measure_shrinkage

    optimisation = _side.run.settings.optimisation
    batches = first_batches(_images, _labels, optimisation.batch_size, optimisation.seed, _STEPS)
    return measure_shrinkage(_side.network.model, batches, _NETWORK_RATE, _NETWORK_STRENGTH)
