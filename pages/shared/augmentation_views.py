"""One image as a network in training may get it: many draws of it, by settings that are tried."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core.data import facts
from core.settings import (
    CONTROLS,
    AugmentationSettings,
    Value,
    changes_from_default,
    describe,
    from_mapping,
    to_mapping,
    to_text,
    value_of,
)
from pages.shared import state
from pages.shared.faults import faults_in_words
from pages.shared.image_source import Source, pick_image, show_image
from pages.shared.run_picker import Network
from pages.shared.runs_with_weights import TRAIN

DRAWS = 24
EXAMPLE = {"shift": 0.1, "rotation": 15.0, "zoom": 0.1}
"""Shown of a run that was trained without: a usual choice for digits."""


def show_draws(network: Network) -> None:
    """The chosen image, the settings to try, and what they make of it."""
    from core.inside.layers import input_shape

    shape = input_shape(network.model)
    left, right = st.columns([2, 3], gap="large")
    with left:
        source = pick_image(network.run, shape)
    with right:
        show_image(source.at_network_size(shape), f"{source.title}, as it is", source.title)
    st.fragment(_try_on)(network, source, shape)


@faults_in_words()
def _try_on(network: Network, source: Source, shape: tuple[int, int, int]) -> None:
    left, right = st.columns([2, 3], gap="large")
    with left:
        tried = _controls(network)
        with st.container(horizontal=True, vertical_alignment="center"):
            again = draw_again("image")
            _offer_training(network, tried)
    with right:
        _show_grid(network, source.at_network_size(shape), tried, again)


def _controls(network: Network) -> AugmentationSettings:
    """Sliders that begin where the run stood, or at an example if it stood at nothing."""
    run = network.run
    own = run.settings.augmentation
    first = to_mapping(run.settings)
    if own == AugmentationSettings():
        first |= EXAMPLE
        st.caption("This run learnt from images as they are; the sliders begin at a usual choice.")
    else:
        st.caption("The sliders begin where this run stood.")
    left, right = st.columns(2)
    with left:
        values = {name: _slider(run.id, name, first[name]) for name in ("shift", "zoom")}
        values["contrast"] = _slider(run.id, "contrast", first["contrast"])
    with right:
        values |= {name: _slider(run.id, name, first[name]) for name in ("rotation", "cutout")}
    control, key = CONTROLS["flip"], f"{state.TRY} {run.id} flip"
    st.session_state.setdefault(key, first["flip"])
    values["flip"] = st.segmented_control(
        control.label,
        control.choices,
        required=True,
        format_func=control.word,
        key=key,
        help=control.help,
        persist_state="session",
    )
    mixing = {name: first[name] for name in ("mixup", "cutmix")}
    return from_mapping(values | mixing).augmentation


def _slider(run_id: str, name: str, first: Value) -> Value:
    control, key = CONTROLS[name], f"{state.TRY} {run_id} {name}"
    st.session_state.setdefault(key, first)
    value: float = st.slider(
        control.label,
        float(control.low or 0),
        float(control.high or 1),
        step=float(control.step or 0.05),
        key=key,
        help=control.help,
        persist_state="session",
    )
    return value


def draw_again(what: str) -> int:
    """A button that draws anew; how often it was pressed, from which chance is drawn."""
    counter = f"{state.DRAW} {what} count"
    count = int(st.session_state.setdefault(counter, 0))

    def more() -> None:
        st.session_state[counter] = count + 1

    st.button("Draw again", icon=":material/casino:", key=f"{state.DRAW} {what}", on_click=more)
    return count


def _offer_training(network: Network, tried: AugmentationSettings) -> None:
    settings = replace(network.run.settings, augmentation=tried)
    if settings == network.run.settings:
        return
    link = {name: to_text(value) for name, value in changes_from_default(settings).items()}
    st.page_link(
        TRAIN,
        label="Train with these settings",
        icon=":material/model_training:",
        query_params=link,
        help=f"Opens the page Train with: {describe(settings)}.",
    )


def _show_grid(
    network: Network, image: np.ndarray, tried: AugmentationSettings, again: int
) -> None:
    from core.augmentation.draws import answered, drawn
    from core.figures.draws import draw_grid
    from core.predictions.quality import in_percent

    # Far apart, so that no layer draws what its neighbour drew before.
    seed = value_of(network.run.settings, "seed")
    draws = answered(network.model, image, drawn(image, tried, int(seed) + 1000 * again, DRAWS))
    names = facts(network.run.settings.data.dataset).class_names
    plain, kept = names[draws.plain_answer], int(draws.kept.sum())
    sure = in_percent(draws.plain_confidence)
    st.markdown(
        f"This network ({network.words}, dropout off) calls the image as it is "
        f"“{plain}”, {sure} sure, and keeps to that in **{kept} of {DRAWS}** draws."
    )
    st.image(
        draw_grid(draws.images, [names[given] for given in draws.answers], ~draws.kept),
        width="stretch",
        alt=f"{DRAWS} draws of the image. {kept} of them keep the answer {plain}.",
    )
    st.caption(
        "Each is one draw of the same image, as training would get it in one epoch or another; "
        "below it, what this network takes it for. In a frame: another answer than for the image "
        "as it is. Training alone sees such images: fair training loss, validation and test never "
        "do."
    )
