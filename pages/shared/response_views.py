"""The views of the responses page: all kernels, one kernel, true convolution, the two stripes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core import images
from pages.shared import state
from pages.shared.chart_settings import PLAIN, camera
from pages.shared.image_source import show_image
from pages.shared.link_choice import link_choice
from pages.shared.run_picker import Network

if TYPE_CHECKING:
    from core.inside.kernel_story import Panel
    from core.inside.stages import LayerStages

STAGES = {
    "activation": "After the activation",
    "before_activation": "Before the activation",
}


@dataclass(frozen=True, eq=False)
class Inside:
    """An image inside a layer: all that the views need.

    Attributes
    ----------
    network : Network
    layer : str
    image : ndarray of shape (H, W, C), values in [0, 1]
        As it goes into the network.
    title : str
        What the image is, in words.
    stages : LayerStages
    kernels : ndarray of shape (R, C, I, O)
    bias : ndarray of shape (O,) or None
    whole : callable or None
        Of a large photo in a layer that takes it in bands: gives all its pixels, (H, W, C).
    """

    network: Network
    layer: str
    image: np.ndarray
    title: str
    stages: LayerStages
    kernels: np.ndarray
    bias: np.ndarray | None
    whole: Callable[[], np.ndarray] | None = None

    @property
    def filters(self) -> list[str]:
        """The numbers of the layer's filters, as they stand in a link."""
        return [str(number) for number in range(self.kernels.shape[3])]


def show_all(inside: Inside) -> None:
    """All responses of the layer, strongest first."""
    show_maps(inside)


def show_maps(inside: Inside) -> tuple[str, list[int]]:
    """All responses of the layer, strongest first; their stage, and the filters in this order."""
    from core.figures.responses import response_grid
    from core.inside import responses
    from core.inside.kernels import symmetric_limit

    stage = pick_stage()
    maps = getattr(inside.stages, stage)
    ranking = responses.strongest_first(maps)
    small = responses.preview(maps[:, :, ranking.filters], responses.side_for(len(ranking.filters)))
    st.plotly_chart(
        response_grid(
            small.maps,
            ranking.filters.tolist(),
            ranking.strengths.tolist(),
            symmetric_limit(small.maps),
            f"Responses of {inside.layer}",
            small.step,
        ),
        key="all responses",
        config=PLAIN,
        alt=f"{len(ranking.filters)} response maps, strongest first: filters "
        + ", ".join(map(str, ranking.filters.tolist())),
    )
    st.caption(
        "Strongest first, by the root mean square (RMS) of the map: positive and negative count "
        "alike. Orange: the image looks like the kernel there. Blue: it looks like the opposite."
        + _reduced(small.step)
    )
    return stage, ranking.filters.tolist()


def pick_stage() -> str:
    """Whether the maps are shown before or after the activation."""
    chosen: str = st.segmented_control(
        "Show the maps",
        list(STAGES),
        format_func=STAGES.__getitem__,
        default="before_activation",
        required=True,
        key=state.STAGE,
        persist_state="session",
        help="ReLU keeps what is positive: the orange parts pass, the blue ones become zero.",
    )
    return chosen


def show_one(inside: Inside) -> None:
    """Input, kernel and response of one filter side by side, channel by channel and summed."""
    from core.figures.responses import channel_grid
    from core.inside.kernel_story import common_limit, tell

    filter_number, channel = _pick_kernel(inside)
    story = tell(inside.kernels, inside.bias, inside.stages, filter_number, channel)
    together = st.toggle(
        "One colour scale a row",
        value=True,
        key=state.ONE_SCALE,
        persist_state="session",
        help="On: the same colour is the same number in all pictures of a row. Off: each picture "
        "uses the full scale, so that faint ones can be seen.",
    )
    _show_panels(story.one_channel, common_limit(story.one_channel) if together else None, "one")
    st.caption(
        "At each place the kernel is laid on the image, number on number; the products are summed "
        "and written into the response at that place."
    )
    if inside.kernels.shape[2] > 1:
        st.plotly_chart(
            channel_grid(
                story.channels.maps,
                story.channels_limit,
                f"Filter {filter_number}: each input channel by itself",
                story.channels.step,
            ),
            key="channels",
            config=PLAIN,
            alt=f"The responses of filter {filter_number}, one map for each input channel.",
        )
    st.markdown(
        f"**The whole filter.** Its bias {story.bias:+.3g} is added everywhere, and the activation "
        "decides what is passed on."
    )
    _show_panels(story.whole_filter, common_limit(story.whole_filter) if together else None, "all")


def show_convolution(inside: Inside) -> None:
    """What the layer computes beside convolution in the sense of mathematics."""
    from core.figures.responses import signed_map
    from core.inside.convolution import compare, in_words
    from core.inside.kernels import symmetric_limit
    from core.inside.responses import preview

    filter_number, channel = _pick_kernel(inside)
    kernel = inside.kernels[:, :, :, filter_number]
    seen = inside.stages.channels_of(filter_number, inside.kernels.shape[3])
    compared = compare(kernel, inside.stages.input[:, :, seen.start : seen.stop])
    st.markdown(
        "“Convolution” layers do not convolve: they lay the kernel on the image as it is "
        "(cross-correlation). True convolution turns it by 180 degrees first. To a network this "
        "makes no difference, since it can learn the turned kernel just as well. Here true "
        "convolution is `scipy.signal.convolve2d`, mode “same”, channel by channel, without bias."
    )
    plane = kernel[:, :, channel]
    limit = symmetric_limit(plane)
    which = f", channel {channel}" if kernel.shape[2] > 1 else ""
    maps = preview(np.stack([compared.summed_correlation, compared.summed_convolution], 2), 280)
    common = symmetric_limit(maps.maps)
    rows = (
        (f"Kernel as the layer lays it{which}", plane, limit, "weight", 1),
        ("Kernel turned by 180 degrees", plane[::-1, ::-1], limit, "weight", 1),
        ("Cross-correlation (the layer)", maps.maps[:, :, 0], common, "response", maps.step),
        ("True convolution", maps.maps[:, :, 1], common, "response", maps.step),
    )
    for first in (0, 2):
        for column, number in zip(st.columns(2), (first, first + 1), strict=True):
            title, values, end, unit, step = rows[number]
            column.plotly_chart(
                signed_map(values, end, title, unit, step),
                key=f"convolution {number}",
                config=PLAIN,
                alt=f"{title}: {unit} from {values.min():.3g} to {values.max():.3g}.",
            )
    st.info(in_words(compared), icon=":material/compare_arrows:")


def show_stripes(inside: Inside) -> None:
    """Vertical and horizontal stripes side by side, and which kernels answer to which."""
    from core.figures.responses import edge_preference
    from core.inside.layers import input_shape
    from core.inside.stages import edge_answers

    shape = input_shape(inside.network.model)
    pair = [
        images.as_network_input(images.built_in_picture(key, shape[0], shape[1]), shape)
        for key in ("stripes-vertical", "stripes-horizontal")
    ]
    answers = edge_answers(inside.network.model, inside.layer, *pair)
    order = np.argsort(-answers.preference, kind="stable")
    st.plotly_chart(
        edge_preference(
            order.tolist(),
            answers.preference[order].tolist(),
            answers.vertical[order].tolist(),
            answers.horizontal[order].tolist(),
            "Which kernels answer to which stripes",
        ),
        key="edge preference",
        config=camera("edge preference"),
        alt="Bars from filters that answer to vertical stripes only to those that answer to "
        "horizontal ones only: " + ", ".join(map(str, order.tolist())),
    )
    st.caption(
        "1: answers to vertical stripes only; -1: to horizontal ones only; 0: to both alike. "
        "Measured by how much the response varies in the middle of the map, before the activation."
    )
    _show_both(inside, pair, order, (answers.vertical[order], answers.horizontal[order]))


def _show_both(
    inside: Inside, pair: Sequence[np.ndarray], order: np.ndarray, strengths: Sequence[np.ndarray]
) -> None:
    """Both stripes with the responses of all kernels, in one order and on one scale."""
    from core.figures.responses import response_grid
    from core.inside.kernels import symmetric_limit
    from core.inside.responses import preview, side_for
    from core.inside.stages import layer_stages

    maps = [layer_stages(inside.network.model, inside.layer, image) for image in pair]
    small = [preview(m.before_activation[:, :, order], side_for(len(order) * 2)) for m in maps]
    limit = symmetric_limit(*(one.maps for one in small))
    titles = ("Vertical stripes", "Horizontal stripes")
    for column, title, image, one, strong in zip(
        st.columns(2), titles, pair, small, strengths, strict=True
    ):
        with column:
            show_image(image, f"{title}, as the network gets them", title)
            st.plotly_chart(
                response_grid(one.maps, order.tolist(), strong.tolist(), limit, title, one.step),
                key=f"responses to {title}",
                config=PLAIN,
                alt=f"Responses of all kernels to {title.lower()}, in the order of the bars.",
            )


def pick_filter(inside: Inside) -> int:
    """Which filter of the layer is looked at."""
    from core.inside.responses import strongest_first

    strongest = strongest_first(inside.stages.before_activation).filters
    options = [str(number) for number in strongest]
    label = "Filter (strongest first)"
    return int(link_choice(st.selectbox, state.KERNEL, label, options, width=260))


def _pick_kernel(inside: Inside) -> tuple[int, int]:
    with st.container(horizontal=True):
        chosen = pick_filter(inside)
        channel = 0
        if inside.kernels.shape[2] > 1:
            channel = st.selectbox(
                "Input channel",
                range(inside.kernels.shape[2]),
                key=state.CHANNEL,
                persist_state="session",
            )
    return chosen, channel


def _show_panels(panels: Sequence[Panel], shared: float | None, key: str) -> None:
    from core.figures.responses import signed_map

    for place, (column, panel) in enumerate(zip(st.columns(3), panels, strict=False)):
        column.plotly_chart(
            signed_map(
                panel.values, shared or panel.limit, panel.title, panel.unit, panel.step, 330
            ),
            key=f"panel {key} {place}",
            config=PLAIN,
            alt=f"{panel.title}: {panel.unit} from {panel.values.min():.3g} to "
            f"{panel.values.max():.3g}.",
        )


def _reduced(step: int) -> str:
    return f" Each square is the average of {step} x {step} numbers." if step > 1 else ""
