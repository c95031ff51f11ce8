"""How far a layer sees into the image, and what each layer costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.shared import state
from pages.shared.image_source import pick_sample
from pages.shared.layers_saving import save_cost, save_reach
from pages.shared.layers_scene import BATCH, CHART, Scene, say_what_on, turn_of

if TYPE_CHECKING:
    import numpy as np

    from core.inside.reach_records import EffectiveField, Reach


def show_reach(scene: Scene) -> None:
    """The chosen layer's receptive field over an image, then that of all layers."""
    from core.inside.receptive_field import reaches

    found = reaches(scene.network.model)
    reach = next(one for one in found if one.layer == scene.layer)
    images = scene.data().validation_images
    batch = images[:BATCH]
    effective = scene.effective_field(scene.layer, batch) if _has_maps(scene, reach) else None
    left, right = st.columns([3, 2], gap="medium")
    with right:
        last = len(images) - 1
        number = pick_sample(f"Draw it over validation image (0 to {last})", last)
        _say_reach(scene, reach, effective, len(batch))
    with left:
        _show_field(images[number], reach, effective, found)
    spreads = _show_all(scene, found, batch)
    save_reach(scene, found, spreads, effective, len(batch))


def _has_maps(scene: Scene, reach: Reach) -> bool:
    """Whether the layer's units have places in the image, so that one of them is in the middle."""
    from core.inside.layers import layer_called, record_of

    shape = record_of(layer_called(scene.network.model, scene.layer)).output_shape
    return len(shape) == 3 and reach.kind == "window"


def _show_field(
    image: np.ndarray, reach: Reach, effective: EffectiveField | None, found: tuple[Reach, ...]
) -> None:
    from core.figures.receptive_field import field_figure

    words = f"The middle unit of {reach.layer} sees {reach.words} pixels"
    if effective is not None and effective.moves:
        words += f"; its gradient spreads by {effective.sigma:.2f} pixels"
    st.plotly_chart(
        field_figure(image, reach, effective, found),
        key="receptive field",
        config=CHART,
        alt=words + ".",
    )


def _say_reach(scene: Scene, reach: Reach, effective: EffectiveField | None, images: int) -> None:
    st.markdown(
        f"**Nominal: {reach.words}{' pixels' if reach.kind == 'window' else ''}.** "
        + _NOMINAL[reach.kind]
    )
    if reach.through_statistics:
        st.caption(
            "A normalization takes the mean and spread of whole maps, so that beside this window "
            "every pixel of the image counts a little."
        )
    if effective is None:
        if reach.kind == "window":
            st.caption("Its numbers stand in one row: choose the layer before it for the gradient.")
        return
    if not effective.moves:
        st.info("No unit in the middle of these maps answers to any of these images: no gradient.")
        return
    st.markdown(
        f"**Effective: a spread of {effective.sigma:.2f} pixels** (sigma; "
        f"{effective.sigmas[0]:.2f} down, {effective.sigmas[1]:.2f} across). The glow is how "
        "strongly each pixel moves that unit: pixels at the rim can be seen, yet hardly count "
        "(Luo et al., 2016)."
    )
    some = (
        f"{effective.filters} of its {effective.of_filters} filters, evenly spaced"
        if effective.filters < effective.of_filters
        else f"all {effective.of_filters} filters"
    )
    st.caption(
        f"{_if_all_alike(reach)}Absolute gradient, averaged over {some} and the first "
        f"{say_what_on(scene, images)}; sigma is the root of its second moment. Where the field "
        "reaches over the image's edge, sigma is that of the part inside."
    )


def _if_all_alike(reach: Reach) -> str:
    """The spread with equal weights, and how it is made up in this network."""
    if not reach.uniform_sum:
        return ""
    assert reach.columns is not None
    names = ", ".join(window.layer for window in reach.columns.windows) or reach.layer
    return (
        f"If all weights were alike, it would be {reach.uniform_sigma:.2f} = {reach.uniform_sum}, "
        f"a term each for {names}: (k² - 1)/12 for a window of k x k, times the square of how many "
        "pixels its numbers are apart; a pool counts as an average. (After n layers of 3x3 and no "
        "pool: sqrt(8 n / 12).) "
    ).replace("*", "\\*")


_NOMINAL = {
    "window": "As far as kernels, strides, pools and dilations reach: nothing outside can change "
    "the unit.",
    "whole": "Each unit gets a number from every place of the image.",
    "unknown": "There is a layer of its own kind on the way, whose reach is not known here.",
}


def _show_all(scene: Scene, found: tuple[Reach, ...], batch: np.ndarray) -> dict[str, float]:
    """All layers in a table; the spreads that were measured."""
    measure = st.toggle(
        "Measure the spread of every layer",
        key=state.EVERY_SPREAD,
        persist_state="session",
        help=f"Takes some seconds: gradients of up to 32 filters a layer on {len(batch)} images.",
    )
    spreads = _spreads(scene, found, batch) if measure else {}
    rows = [
        {
            "Layer": one.layer,
            "Sees (pixels)": one.words,
            "Step (pixels)": one.columns.step if one.columns else None,
            "Spread, weights alike": one.uniform_sigma if one.columns else None,
        }
        | ({"Spread, measured": spreads.get(one.layer)} if measure else {})
        for one in found
    ]
    pixels = st.column_config.NumberColumn(format="%.2f")
    st.dataframe(
        rows,
        hide_index=True,
        height="content",
        placeholder="-",
        column_config={"Spread, weights alike": pixels, "Spread, measured": pixels},
        alt="Receptive field by layer: " + "; ".join(f"{one.layer} {one.words}" for one in found),
    )
    st.caption(
        "Step: how far the windows of two neighbouring units are apart. Spreads are sigmas, in "
        "pixels."
    )
    return spreads


def _spreads(scene: Scene, found: tuple[Reach, ...], batch: np.ndarray) -> dict[str, float]:
    from core.inside.layers import layer_table

    maps = {row.name for row in layer_table(scene.network.model) if len(row.output_shape) == 3}
    wanted = [one.layer for one in found if one.kind == "window" and one.layer in maps]
    bar = st.progress(0.0)
    spreads = {}
    for place, layer in enumerate(wanted):
        bar.progress(place / len(wanted), text=f"Taking gradients of {layer} ...")
        effective = scene.effective_field(layer, batch)
        if effective.moves:
            spreads[layer] = effective.sigma
    bar.empty()
    return spreads


def _show_cost_table(rows: list[dict[str, Any]]) -> None:
    st.dataframe(
        rows,
        hide_index=True,
        height="content",
        column_config={
            "Multiply-adds": st.column_config.NumberColumn(format="localized"),
            "Weights": st.column_config.NumberColumn(format="localized"),
        }
        | {
            f"{name} (ms)": st.column_config.NumberColumn(format="%.2f")
            for name in ("Median", "Shortest", "Longest")
        },
        alt=f"Cost of the network's {len(rows)} layers.",
    )


def show_cost(scene: Scene) -> None:
    """Multiply-adds, weights and time of each layer."""
    from core.figures.layer_cost import cost_figure
    from core.inside.layer_cost import multiply_adds, shares_of_cost
    from core.inside.layers import layer_called, layer_table

    batch = scene.data().validation_images[:BATCH]
    times = scene.times(turn_of(scene.network.run.id), batch)
    table = layer_table(scene.network.model)
    counts = [multiply_adds(layer_called(scene.network.model, row.name)) for row in table]
    weights = [row.weights for row in table]
    took = f"time: median of {times[0].passes} passes of {len(batch)} validation images"
    st.plotly_chart(
        cost_figure(shares_of_cost(counts, weights, times), took),
        key="cost",
        config=CHART,
        alt="Share of each layer in multiply-adds, weights and time: "
        + "; ".join(f"{r.name} {c:,}, {r.weights:,}" for r, c in zip(table, counts, strict=True)),
    )
    rows = [
        {
            "Layer": row.name,
            "Multiply-adds": count,
            "Weights": row.weights,
            "Median (ms)": time.median * 1000,
            "Shortest (ms)": time.shortest * 1000,
            "Longest (ms)": time.longest * 1000,
        }
        for row, count, time in zip(table, counts, times, strict=True)
    ]
    _show_cost_table(rows)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Measure again", icon=":material/timer:", key=state.MEASURE_AGAIN):
            name = scene.network.run.id
            st.session_state[f"{state.MEASURED} {name}"] = turn_of(name) + 1
            st.rerun()
        st.markdown(
            f"**{sum(counts):,} multiply-adds an image, {sum(weights):,} weights**, "
            f"{sum(time.median for time in times) * 1000:.0f} ms for {len(batch)} images, layer "
            "by layer."
        )
    st.caption(
        "A multiply-add is one multiplication by a weight with its addition, counted for one "
        "image, the zeros of the padding included. Pooling, activations and biases cost none, a "
        "normalization one a number. Time is measured here and now, on this machine with "
        f"whatever else it does (a training run, too): {len(batch)} validation images through "
        f"each layer by itself, {times[0].passes} times after one to warm up, dropout off. The "
        "spread from shortest to longest says how much to trust it."
    )
    save_cost(scene, rows, len(batch))
