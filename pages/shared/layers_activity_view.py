"""How active each layer is on the validation images: zeros, dead units, and their images."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.shared import state
from pages.shared.layers_saving import save_activity
from pages.shared.layers_scene import CHART, Scene, layer_is, say_what_on
from pages.shared.link_choice import link_choice

if TYPE_CHECKING:
    from core.data import Splits
    from core.inside.activity_records import LayerActivity

_SHOWN = 8
"""Images that activate a unit most, and as many that do least."""
_SIDE = 72
_LISTED = 60
"""Dead units that are listed by number."""


def show_activity(scene: Scene) -> None:
    """All layers in a table, then the chosen one unit by unit."""
    from core.inside.layers import activation_behind

    splits = scene.data()
    images = splits.validation_images
    found = scene.activity(images)
    sample = say_what_on(scene, len(images))
    st.caption(f"On all **{sample}**.")
    _show_table(found)
    if layer_is(scene, "Flatten"):
        st.info(f"{scene.layer} only lines up what it gets: choose the layer before or behind it.")
        save_activity(scene, found, None, len(images))
        return
    behind = activation_behind(scene.network.model, scene.layer)
    if behind != scene.layer:
        st.markdown(
            f"{scene.layer} silences nothing by itself. Shown is **{behind}**, the activation "
            "behind it."
        )
        scene = replace(scene, layer=behind)
    chosen = next(one for one in found if one.layer == behind)
    _show_units(scene, chosen, sample)
    _show_images(scene, chosen, splits)
    save_activity(scene, found, chosen, len(images))


def _show_table(found: tuple[LayerActivity, ...]) -> None:
    st.dataframe(
        [
            {
                "Layer": one.layer,
                "Mean": one.mean,
                "Spread": one.spread,
                "Zeros": one.zeros,
                "Units": one.units,
                "Dead units": str(len(one.dead)) if one.activates else "no activation",
            }
            for one in found
        ],
        hide_index=True,
        height="content",
        column_config={
            "Mean": st.column_config.NumberColumn(format="%.3g"),
            "Spread": st.column_config.NumberColumn(
                format="%.3g", help="Standard deviation over images, places and units."
            ),
            "Zeros": st.column_config.NumberColumn(
                format="percent", help="Share of the layer's numbers that is exactly 0."
            ),
            "Units": st.column_config.NumberColumn(
                format="localized", help="Maps of a convolution, numbers of a dense layer."
            ),
            "Dead units": st.column_config.TextColumn(
                help="Units that are 0 everywhere on all these images. Only an activation such as "
                "ReLU can silence a unit."
            ),
        },
        alt="Activity by layer: "
        + "; ".join(
            f"{one.layer} mean {one.mean:.3g}, zeros {one.zeros:.0%}, {len(one.dead)} dead"
            for one in found
        ),
    )


def _unit(scene: Scene) -> str:
    from core.inside.layers import layer_called, record_of

    shape = record_of(layer_called(scene.network.model, scene.layer)).output_shape
    return "map" if len(shape) == 3 else "unit"


def _show_units(scene: Scene, chosen: LayerActivity, sample: str) -> None:
    from core.figures.activity import unit_bars

    unit = _unit(scene)
    st.plotly_chart(
        unit_bars(chosen, unit, sample),
        key="unit activity",
        config=CHART,
        alt=f"How often each of the {chosen.units} {unit}s of {chosen.layer} is not 0; "
        f"{len(chosen.dead)} are dead.",
    )
    if not chosen.activates:
        st.caption(
            f"{chosen.layer} has no activation that could silence a {unit}, so none counts as "
            "dead. Active here means: not exactly 0."
        )
    elif chosen.dead:
        listed = ", ".join(map(str, chosen.dead[:_LISTED]))
        more = len(chosen.dead) - _LISTED
        st.markdown(
            f"**Dead {unit}s, never active on any of these images ({len(chosen.dead)} of "
            f"{chosen.units}):** {listed}" + (f" and {more} more" if more > 0 else "") + "."
        )
    else:
        st.markdown(f"No {unit} of {chosen.layer} is dead: each is active on some image.")


def _show_images(scene: Scene, chosen: LayerActivity, splits: Splits) -> None:
    """The images that activate one unit most and least."""
    from core.inside.activity import extremes

    unit, dead = _unit(scene), set(chosen.dead)
    options = [str(number) for number in (*chosen.dead, *_alive(chosen))]
    if chosen.units > len(dead):
        options = options[len(dead) :] + options[: len(dead)]
    kept = st.session_state.get(state.UNIT)
    if kept not in options and st.query_params.get(state.UNIT) == kept is not None:
        del st.query_params[state.UNIT]  # it was chosen here, of another layer
    number = int(
        link_choice(
            st.selectbox,
            state.UNIT,
            f"Images that activate {unit} number",
            options,
            lambda one: f"{one} (dead)" if int(one) in dead else one,
            width=280,
        )
    )
    ahead = number in dead
    images = splits.validation_images
    if ahead and layer_is_closed(scene):
        st.info(f"No image activates this {unit}: it is dead.")
        return
    found = extremes(scene.peaks(images, ahead)[:, number], _SHOWN)
    if ahead:
        st.markdown(
            f"**No image activates {unit} {number}.** These come nearest: the largest number "
            "ahead of the activation, still not above zero."
        )
    else:
        where = ", somewhere in the image" if unit == "map" else ""
        st.markdown(f"**Most:** {unit} {number} answers most strongly{where}.")
    _show_row(found.most, found.peaks, splits)
    if not ahead:
        zero = int((found.peaks <= 0).sum())
        st.markdown(
            f"**Least:** its largest answer in the image is smallest; {zero:,} of {len(images):,} "
            "images leave it at 0 or below."
        )
        _show_row(found.least, found.peaks, splits)


def _alive(chosen: LayerActivity) -> list[int]:
    dead = set(chosen.dead)
    return [number for number in range(chosen.units) if number not in dead]


def layer_is_closed(scene: Scene) -> bool:
    """Whether the activation is part of the layer, so that what comes ahead is not to be had."""
    return not any(layer_is(scene, kind) for kind in ("Activation", "ReLU"))


def _show_row(numbers: np.ndarray, peaks: np.ndarray, splits: Splits) -> None:
    from core.figures.predictions import enlarged

    names = [splits.class_names[splits.validation_labels[number]] for number in numbers]
    st.image(
        [enlarged(splits.validation_images[number], 2 * _SIDE, 8) for number in numbers],
        caption=[f"{name}: {peaks[n]:.3g}" for name, n in zip(names, numbers, strict=True)],
        width=_SIDE + 8,
        alt=[
            f"Validation image {n}, a {name}: {peaks[n]:.3g}"
            for name, n in zip(names, numbers, strict=True)
        ],
    )
