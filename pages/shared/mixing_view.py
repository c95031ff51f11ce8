"""Two images as one: mixup and CutMix by hand, and as training draws them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core.data import Splits, facts, split_again
from core.errors import LearnscopeError
from core.runs import Run
from core.settings import CONTROLS, AugmentationSettings, Settings
from pages.shared import state
from pages.shared.augmentation_views import draw_again
from pages.shared.chart_settings import PLAIN
from pages.shared.faults import faults_in_words
from pages.shared.image_source import show_image
from pages.shared.link_choice import link_choice
from pages.shared.run_picker import Network

BATCH = 12
OF_A_CLASS = 6
"""Images of each class that can be chosen as the second one."""
CHANCE = "chance"
SIDE = 160
"""Pixels of a picture: two stand side by side on a phone."""


def data_of(run: Run) -> Splits:
    """The data of a run; without them, say why and stop."""
    try:
        return _split_again(run.settings, run.fingerprint)
    except LearnscopeError as error:
        st.warning(str(error), icon=":material/error:")
        st.stop()


@st.cache_resource(show_spinner="Loading the data ...", max_entries=2)
def _split_again(settings: Settings, fingerprint: str | None) -> Splits:
    return split_again(settings, fingerprint)


def show_mixing(network: Network) -> None:
    """A pair under one's own hand, then a batch as the run's settings mix it."""
    st.markdown(
        "Mixing shows the network what lies **between** two images, with a label that lies between "
        "theirs: mixup blends them (Zhang et al., 2018), CutMix pastes a piece of one into the "
        "other (Yun et al., 2019)."
    )
    data = data_of(network.run)
    st.fragment(_show_pair)(network, data)
    st.divider()
    st.fragment(_show_batch)(network, data)


@faults_in_words()
def _show_pair(network: Network, data: Splits) -> None:
    from core.augmentation.mixing import blended, pasted

    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        share = st.slider(
            "Share of the first image",
            0.0,
            1.0,
            0.7,
            0.05,
            key=state.MIX_SHARE,
            persist_state="session",
            help="Called lambda in both papers. In training, chance draws it anew for each image.",
        )
        chosen = _pick_second(data)
        again = draw_again("pair")
    seed = network.run.settings.optimisation.seed + again
    first, second = _pair(data, seed, chosen)
    images = data.training_images[[first, second]]
    labels = data.training_labels[[first, second]].tolist()
    names = [data.class_names[label] for label in labels]
    mixes = {
        "Mixup": blended(images[0], images[1], share),
        "CutMix": pasted(images[0], images[1], share, seed),
    }
    with st.container(horizontal=True, gap="medium"):
        for title, number, image in zip(("First", "Second"), (first, second), images, strict=True):
            words = f"{title}: {_as_told(data, number)}"
            show_image(image, words, words, SIDE)
        for title, mix in mixes.items():
            words = f"{title}: {mix.share:.0%} “{names[0]}”, {mix.rest:.0%} “{names[1]}”"
            show_image(mix.image, words, words, SIDE)
    for column, (title, mix) in zip(st.columns(2, gap="large"), mixes.items(), strict=True):
        with column:
            _show_label(network, title, mix.image, mix.label(*labels, len(data.class_names)))
    st.caption(
        "Two training images of this run. The label's shares follow from the slider; for CutMix "
        "they are the shares of the pixels, so they move in steps of whole pixels. Orange: what "
        "this network says of the mixed image, dropout off. One that never saw mixed images is "
        "often quite sure of one class."
    )


def _pick_second(data: Splits) -> int | None:
    """Where the second image stands among the training images; None if chance is to draw it."""
    from core.augmentation.mixing import first_of_each_class

    found = first_of_each_class(data.training_labels, OF_A_CLASS)
    places = {f"{label}-{number}": place for (label, number), place in found.items()}
    words = {f"{k}-{number}": f"“{data.class_names[k]}”, no. {number}" for k, number in found}
    if st.query_params.get(state.SECOND, CHANCE) not in (CHANCE, *places):
        # Another run may have fewer images, or other classes.
        st.query_params.pop(state.SECOND, None)
    chosen = link_choice(
        st.selectbox,
        state.SECOND,
        "Second image",
        [CHANCE, *places],
        lambda one: words.get(one, "By chance, of another class"),
        width=280,
        help=f"One of the first {OF_A_CLASS} training images that are told as a class, or one that "
        "chance draws with the first image.",
    )
    return places.get(chosen)


def _pair(data: Splits, seed: int, chosen: int | None) -> tuple[int, int]:
    """The two images, by their places: of two classes, unless the person chose the second one."""
    from core.augmentation.mixing import two_classes

    first, second = two_classes(data.training_labels, seed)
    if chosen is None:
        return first, second
    return (second if chosen == first else first), chosen


def _as_told(data: Splits, number: int) -> str:
    """What the network is told of a training image, and the truth where that is another."""
    told = f"“{data.class_names[data.training_labels[number]]}”"
    if not data.training_is_wrong[number]:
        return told
    return f"{told}, wrong on purpose (“{data.class_names[data.true_training_labels[number]]}”)"


def _show_label(network: Network, title: str, image: np.ndarray, label: np.ndarray) -> None:
    from core.augmentation.draws import probabilities_of
    from core.figures.labels import label_bars

    names = facts(network.run.settings.data.dataset).class_names
    answer = probabilities_of(network.model, image[np.newaxis])[0]
    st.plotly_chart(
        label_bars(
            label.tolist(),
            answer.tolist(),
            names,
            f"{title}: label and answer",
            f"One mixed training image, {network.words}, dropout off",
        ),
        key=f"label {title}",
        config=PLAIN,
        alt=f"Label of the {title} image: "
        + ", ".join(f"{names[k]} {label[k]:.0%}" for k in np.flatnonzero(label))
        + f". The network answers {names[int(answer.argmax())]}, {answer.max():.0%} sure.",
    )


@faults_in_words()
def _show_batch(network: Network, data: Splits) -> None:
    from core.augmentation.mixing import mixed, parts_of_label
    from core.figures.draws import mixed_grid

    st.markdown("##### As training draws them")
    left, right = st.columns([2, 3], gap="large")
    with left:
        settings = _strengths(network.run)
        again = draw_again("batch")
        st.caption(
            "**What is learnt from this.** The loss is the cross-entropy of each class, weighted "
            "by its share. So the training loss of single batches does not come near 0, and "
            "training accuracy counts an image as right if the network names the class of its "
            "larger share; both are no longer comparable with validation. The fair training loss, "
            "on images as they are, still is."
        )
    seed = network.run.settings.optimisation.seed + 1000 * again
    chosen = np.random.default_rng(seed).permutation(len(data.training_images))[:BATCH]
    images, labels = data.training_images[chosen], data.training_labels[chosen]
    names = data.class_names
    mix = mixed(images, labels, len(names), settings, seed)
    parts = [parts_of_label(shares, names) for shares in mix.shares]
    with right:
        st.image(
            mixed_grid(mix.images, parts),
            width="stretch",
            alt=f"{BATCH} mixed images with their labels: "
            + "; ".join(", ".join(f"{n} {share:.0%}" for n, share in part) for part in parts),
        )
        st.caption(
            f"A batch of {BATCH} training images, mixed with one another by Keras's own layers; "
            "the bar under each is its label, the larger share first." + _wrong_among(data, chosen)
        )


def _wrong_among(data: Splits, chosen: np.ndarray) -> str:
    """How many of these training images have a wrong label, as a sentence; empty if none has."""
    wrong = int(data.training_is_wrong[chosen].sum())
    if not wrong:
        return ""
    return (
        f" Of the {len(chosen)} labels that were mixed, {wrong} are wrong on purpose in this run."
    )


def _strengths(run: Run) -> AugmentationSettings:
    """How mixing is to be drawn: as the run did, or mixup as an example if it did not."""
    own = run.settings.augmentation
    example = replace(own, mixup=0.4) if own.mixup == own.cutmix == 0 else own
    chosen = {}
    for name in ("mixup", "cutmix"):
        control, key = CONTROLS[name], f"{state.TRY} {run.id} {name}"
        st.session_state.setdefault(key, getattr(example, name))
        chosen[name] = st.segmented_control(
            f"{control.label}: alpha",
            control.choices,
            required=True,
            format_func=control.word,
            key=key,
            help=control.help + " A small alpha leaves most images nearly as they are; at 1 all "
            "shares are equally likely.",
            persist_state="session",
        )
    return replace(own, **chosen)
