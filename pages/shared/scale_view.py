"""A kernel ahead of a batch normalization, multiplied by a slider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from core.data import Splits, facts
from pages.shared import state
from pages.shared.chart_settings import PLAIN
from pages.shared.figure_card import figure_card
from pages.shared.run_data import data_of
from pages.shared.weight_sides import Key, Side, Sides, pick_layer

if TYPE_CHECKING:
    from core.mechanisms.scale_records import NormalizedKernel, ScaleStudy

_IMAGES = 128


def show_scale(sides: Sides) -> None:
    """The output stays, the gradient shrinks; and what that meant for the runs."""
    from core.mechanisms.scale_invariance import FACTORS

    st.markdown(
        "Batch normalization divides by the spread of what reaches it. Make the kernel ahead of it "
        "twice as large, and it divides by twice as much: **the output stays**. Only the gradient "
        "halves, so the kernel turns more slowly. There, L2 cannot make the network simpler; it "
        "only changes the **effective learning rate** (van Laarhoven, 2017)."
    )
    side = next((one for one in sides if _places(one)), sides[0])
    own = bool(_places(side))
    if not own:
        st.info(
            "The network of this run has no batch normalization. Shown instead: a network of the "
            "same settings with batch normalization, at its first weights, untrained.",
            icon=":material/info:",
        )
    model = side.network.model if own else _normalized(side.key, side)
    kernels = _kernels_of(model)
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    names = [kernel.layer for kernel in kernels]
    with left:
        name = pick_layer(names, "conv_2")
    factor = right.select_slider(
        "Multiply its kernel by",
        FACTORS,
        value=2.0,
        format_func=lambda number: f"{number:g}",
        key=state.FACTOR,
        persist_state="session",
    )
    data = data_of(side.run)
    study = _study(side.key, own, kernels[names.index(name)], model, data)
    _show_study(side, own, study, FACTORS.index(factor), FACTORS.index(1.0))
    _show_rates(sides, name)


def _places(side: Side) -> tuple[NormalizedKernel, ...]:
    return _kernels_of(side.network.model)


def _kernels_of(model: Any) -> tuple[NormalizedKernel, ...]:
    from core.mechanisms.scale_invariance import normalized_kernels

    return normalized_kernels(model)


@st.cache_resource(show_spinner="Building the network ...", max_entries=2)
def _normalized(key: Key, _side: Side) -> Any:
    from core.mechanisms.scale_invariance import with_batch_normalization

    return with_batch_normalization(_side.network.model, _side.run.settings)


@st.cache_resource(show_spinner="Multiplying the kernel ...", max_entries=12)
def _study(key: Key, own: bool, kernel: NormalizedKernel, _model: Any, _data: Splits) -> ScaleStudy:
    from core.mechanisms.scale_invariance import study_scale

    images, labels = _data.training_images[:_IMAGES], _data.training_labels[:_IMAGES]
    return study_scale(_model, kernel, images, labels)


def _show_study(side: Side, own: bool, study: ScaleStudy, at: int, one: int) -> None:
    factor = study.factors[at]
    _show_cards(study, at)
    left, right = st.columns(2)
    of = side.title if own else "untrained, with batch normalization"
    with left:
        _show_answers(side, study, at, one, of)
    with right:
        _show_gradient(study, at, of)
    scaled = "kernel and bias" if study.kernel.behind_relu else "kernel"
    st.caption(
        f"The {scaled} of {study.kernel.layer} times {factor:g}, ahead of "
        f"{study.kernel.normalization}; the first {study.images} training images as one batch, in "
        "training mode (statistics of the batch), but dropout off; gradient of the cross-entropy "
        f"without penalty. What difference remains is the epsilon's: {study.epsilon:g} is added to "
        f"each variance (the smallest is {study.smallest_variance:.2g}) so that nothing is divided "
        "by 0, and weighs less the larger the kernel. With the epsilon multiplied by the square of "
        f"the factor, what is left is rounding: {study.differences_scaled_epsilon[at]:.1g}."
    )


def _show_cards(study: ScaleStudy, at: int) -> None:
    cards = (
        (
            "Largest difference",
            f"{study.differences[at]:.2g}",
            f"epsilon scaled too: {study.differences_scaled_epsilon[at]:.1g}",
            "Of any probability of any image of the batch from that with the kernel as it is.",
        ),
        (
            "Gradient",
            f"x {study.multiples[at]:.3g}",
            f"by the law: x {study.multiple_law[at]:.3g}",
            "Euclidean norm of the gradient by the kernel, against that with the kernel as it is. "
            "The law: one over the factor.",
        ),
        (
            "Effective learning rate",
            f"x {study.rates[at]:.3g}",
            f"by the law: x {study.rate_law[at]:.3g}",
            "How far a step of gradient descent goes relative to the kernel's length, that is how "
            "much it turns it. The law: one over the square of the factor. Under Adam, whose step "
            "is as long whatever the gradient, one over the factor.",
        ),
    )
    with st.container(horizontal=True, gap="small"):
        for label, value, below, words in cards:
            figure_card(
                label,
                value,
                below,
                help=words,
                width=230,
            )


def _show_answers(side: Side, study: ScaleStudy, at: int, one: int, of: str) -> None:
    from core.figures.scale_invariance import answers_figure

    names = facts(side.run.settings.data.dataset).class_names
    st.plotly_chart(
        answers_figure(study, at, one, names, f"To the batch's first image ({names[study.label]})"),
        key="scaled answers",
        config=PLAIN,
        alt=f"Probabilities of the classes, {of}: with the kernel of {study.kernel.layer} as it is "
        f"and times {study.factors[at]:g}, they are nearly the same.",
    )


def _show_gradient(study: ScaleStudy, at: int, of: str) -> None:
    from core.figures.scale_invariance import gradient_figure

    st.plotly_chart(
        gradient_figure(study, at, of),
        key="scaled gradient",
        config=PLAIN,
        alt=f"Gradient by the kernel of {study.kernel.layer} and effective learning rate by the "
        f"factor: at {study.factors[at]:g}, x {study.multiples[at]:.3g} and "
        f"x {study.rates[at]:.3g}.",
    )


def _show_rates(sides: Sides, layer: str) -> None:
    """What the norms of the runs meant for their pace."""
    from core.figures.scale_invariance import effective_rate_figure
    from core.mechanisms.scale_invariance import effective_rates

    rates = {}
    for side in sides:
        if any(kernel.layer == layer for kernel in _places(side)):
            library, run = state.library(), side.run
            found = effective_rates(
                library.epochs(run.id),
                library.movements(run.id),
                layer,
                run.settings.optimisation.optimizer,
            )
            if len(found.epochs):
                rates[side.name] = found
    if not rates:
        return
    st.plotly_chart(
        effective_rate_figure(rates, layer, "At the end of each epoch, in the runs themselves"),
        key="effective rate",
        config=PLAIN,
        alt=f"Effective learning rate of {layer} by epoch. At the end: "
        + "; ".join(f"{name} {found.values[-1]:.3g}" for name, found in rates.items()),
    )
    st.caption(
        "Learning rate over the norm of the kernel, for Adam and its kind; over its square for "
        "gradient descent. Where L2 keeps the kernel short, the same learning rate turns it faster."
    )
