"""What a run will be made of: the images, the network, and the same as a Keras script."""

from __future__ import annotations

import streamlit as st

from core import warmup
from core.data import DataFacts, DataLook, facts, is_at_hand, load, look_at, split
from core.errors import LearnscopeError
from core.memory import in_bytes, memory_of_layers
from core.network import NetworkPlan
from core.network_table import network_table
from core.script import keras_script
from core.settings import Settings
from pages.shared import state
from pages.shared.chart_settings import PLAIN
from pages.shared.faults import faults_in_words


def sizes_in_words(settings: Settings, plan: NetworkPlan) -> str:
    """How large the network is, in a line."""
    memory = in_bytes(sum(memory_of_layers(plan, settings).values()))
    return f"{plan.weights:,} weights · about {memory} of memory while it trains"


def before_training(settings: Settings, plan: NetworkPlan | None) -> None:
    """Show in tabs what these settings mean."""
    images, network, script = st.tabs(["The images", "The network", "The same in Keras"])
    with images:
        st.fragment(_show_images)(settings)
    with network:
        if plan is None:
            st.markdown("There is no network to show until the settings above can be trained.")
        else:
            _show_network(settings, plan)
    with script:
        _show_script(settings, plan)


@faults_in_words()
def _show_images(settings: Settings) -> None:
    known = facts(settings.data.dataset)
    if not is_at_hand(settings.data.dataset):
        st.markdown(f"**{known.title}** is not on this machine yet. It is fetched once, and kept.")
        if not st.button("Fetch it now", icon=":material/download:", key=state.FETCH):
            return
        bar = st.progress(0.0, text=f"Fetching {known.title} ...")
        try:
            load(settings.data.dataset, lambda share, words: bar.progress(share, text=words))
        finally:
            bar.empty()
    try:
        splits = split(load(settings.data.dataset), settings.data, settings.optimisation.seed)
    except LearnscopeError as error:
        # The refusal stands beside the button; here it only says why there is nothing to see.
        st.markdown(f"There are no images to show for these settings. {error}")
        return
    _show_look(look_at(splits, settings.optimisation.seed), known)


def _show_look(look: DataLook, known: DataFacts) -> None:
    """Samples by class, how many there are, their size and range."""
    warmup.wait_for_drawing()
    from core.figures.class_counts import class_counts
    from core.figures.samples import sample_grid, sample_grid_alt

    rows, columns, channels = look.image_shape
    low, high = look.value_range
    st.caption(
        f"{look.training_images:,} training images of {rows}x{columns} pixels, "
        f"{'gray' if channels == 1 else 'colour'}, values from {low:.2f} to {high:.2f}"
        + (
            f"; {look.wrong_labels:,} of their labels are wrong on purpose"
            * bool(look.wrong_labels)
        )
        + f". For validation {known.validation_images:,} other images, for the test "
        f"{known.test_images:,} more."
    )
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.image(
            sample_grid(look),
            caption="Some training images, a row for each class as the network is told it."
            + " The framed ones are told wrongly." * bool(look.wrong_labels),
            width="stretch",
            alt=sample_grid_alt(look),
        )
    with right:
        st.plotly_chart(
            class_counts(look),
            key=state.CLASS_COUNTS,
            config=PLAIN,
            alt="How many training images there are of each class.",
        )


def _show_network(settings: Settings, plan: NetworkPlan) -> None:
    warmup.wait_for_drawing()
    st.dataframe(
        network_table(plan, settings),
        height="content",
        hide_index=True,
        alt="The layers of the network with their output shapes, weights and memory.",
    )
    st.caption(
        "Memory counts the weights, their gradient and what the optimizer remembers of them, and "
        "the outputs of one batch. What TensorFlow itself takes comes on top."
    )


def _show_script(settings: Settings, plan: NetworkPlan | None) -> None:
    st.markdown(
        "These settings as a script that runs by itself. It starts from the same weights on the "
        "same images; only the order of the batches is Keras's own, so its curve is another one "
        "of the same kind."
    )
    if plan is not None:
        st.code(keras_script(settings), language="python")
