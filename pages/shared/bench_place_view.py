"""The kernel made by hand in the place of a learned one, and what the network answers then."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.shared import state
from pages.shared.bench_answers import answers_before, bench_of, show_change
from pages.shared.bench_kernel import edit_kernel, say_what_is_awaited
from pages.shared.bench_saving import save_place
from pages.shared.kernel_views import CHART, Layer
from pages.shared.link_choice import link_choice

_WHOLE = -1


def show_place(layer: Layer) -> None:
    """The kernel on the left; where it is put, and what that does, on the right."""
    from core.inside.changed_answers import change_between
    from core.inside.hand_kernel import put_in_place, put_in_words

    left, right = st.columns([2, 3], gap="large")
    with left:
        st.markdown("**The kernel that is put in**")
        kernel = edit_kernel(layer, any_size=False)
    with right:
        number, channel = _pick_place(layer)
        scaled = st.toggle(
            "At the norm of what it replaces",
            value=True,
            key=state.SAME_NORM,
            persist_state="session",
            help="On: the numbers are multiplied so that kernel and learned one are equally long "
            "as vectors; only the pattern differs. Off: they are put in as they stand.",
        )
        new = None
        if kernel is not None:
            new = put_in_place(layer.kernels, kernel, number, channel, scaled)
    with left:
        _show_both(layer, new, number, channel or 0)
    with right:
        if new is None:
            say_what_is_awaited("What the network answers comes")
            return
        bench, data = bench_of(layer)
        with st.spinner("Asking the network ...", show_time=False):
            after = bench.answers_with(new)
        before = answers_before(layer, bench)
        change = change_between(before, after, data.validation_labels)
        st.caption(put_in_words(layer.kernels, new, number, channel, scaled))
        show_change(change, data, "place")
    save_place(layer, new, number, (before, after), change, data)


def _pick_place(layer: Layer) -> tuple[int, int | None]:
    """Which filter is replaced, and which of its input channels; None for all."""
    from core.inside.kernels import order

    channels = layer.kernels.shape[2]
    filters = [str(number) for number in order(layer.kernels)]
    with st.container(horizontal=True):
        number = int(link_choice(st.selectbox, state.KERNEL, "Replace filter", filters))
        if channels == 1:
            return number, None
        channel = st.selectbox(
            "In input channel",
            [_WHOLE, *range(channels)],
            format_func=lambda one: f"all {channels} (the whole filter)" if one < 0 else str(one),
            key=f"{state.REPLACED_CHANNEL} {layer.name}",
            persist_state="session",
        )
    return number, None if channel == _WHOLE else channel


def _show_both(layer: Layer, new: np.ndarray | None, number: int, channel: int) -> None:
    """The learned kernel, and the new one beside it if there is one."""
    from core.figures.responses import signed_map
    from core.inside.kernels import symmetric_limit

    titles = (f"Learned ({number}·{channel})", "In its place")
    shown = {
        title: kernels[:, :, channel, number]
        for title, kernels in zip(titles, (layer.kernels, new), strict=True)
        if kernels is not None
    }
    limit = symmetric_limit(*shown.values())
    for column, (title, values) in zip(st.columns(2), shown.items(), strict=False):
        column.plotly_chart(
            signed_map(values, limit, title, "weight", height=270),
            key=f"place {title}",
            config=CHART,
            alt=f"{title}: {values.round(2).tolist()}",
        )
