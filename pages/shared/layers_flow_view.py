"""One image on its way through the network: a strip for each layer, down to the classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.image_source import pick_image, show_image
from pages.shared.layers_saving import save_flow
from pages.shared.layers_scene import CHART, Scene

if TYPE_CHECKING:
    from core.inside.activity_records import Passage, Station


def show_flow(scene: Scene) -> None:
    """From the image through every layer to the decision."""
    from core import images
    from core.inside.layers import input_shape
    from core.inside.passage import passage

    shape = input_shape(scene.network.model)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        source = pick_image(scene.network.run, shape)
    image = source.at_network_size(shape)
    with right:
        show_image(image, f"{source.title}, as the network gets it", source.title, 160)
    notes = images.network_input_notes(source.picture, shape, source.invert)
    if notes:
        st.caption(" ".join(notes))
    found = passage(scene.network.model, image)
    st.caption(
        f"The way of this one image, {scene.weights_in_words}, dropout off. Of each layer the maps "
        "with the largest root mean square stand side by side, strongest first; dense layers are "
        "bands, a number a cell. Orange is positive, white zero, blue negative, each layer on a "
        "scale of its own."
    )
    for station in found.stations:
        _show_station(station, chosen=station.record.name == scene.layer)
    _show_decision(scene, found)
    save_flow(scene, source.title, image, found)


def _show_station(station: Station, chosen: bool) -> None:
    from core.figures.strips import strip
    from core.images import png_bytes

    record = station.record
    name = f":primary-background[**{record.name}**]" if chosen else f"**{record.name}**"
    with st.container(gap="xsmall"):
        if station.idle:
            st.markdown(
                f"{name} :small[{record.kind}: only works in training; what it gets passes "
                "unchanged]"
            )
            return
        words = _in_words(station)
        st.markdown(f"{name} :small[{record.output}: {words}]")
        pixels, width = strip(station)
        st.image(png_bytes(pixels), width=width, alt=f"Output of {record.name}. {words}")


def _in_words(station: Station) -> str:
    end = f"scale ±{station.limit:.3g}"
    zeros = f"{station.zeros:.0%} zeros"
    if not station.filters:
        return f"all in order; {end}; {zeros}"
    named = ", ".join(map(str, station.filters))
    if len(station.filters) == station.of_filters:
        return f"all, strongest first, {named}; {end}; {zeros}"
    return f"the strongest {len(station.filters)} are {named}; {end}; {zeros}"


def _show_decision(scene: Scene, found: Passage) -> None:
    from core.figures.strips import class_bars

    if found.probabilities is None or found.decision is None:
        st.info("This network does not end in probabilities, so there is no decision to show.")
        return
    name = scene.class_names[found.decision]
    share = float(found.probabilities[found.decision])
    st.plotly_chart(
        class_bars(found.probabilities, scene.class_names, found.decision),
        key="decision",
        config=CHART,
        alt=f"Probability of each class: highest for {name}, {share:.1%}.",
    )
