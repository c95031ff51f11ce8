"""How unsure thinned networks are of an image, and whether that finds the errors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.shared.chart_settings import PLAIN
from pages.shared.dropout_scene import Scene
from pages.shared.figure_card import figure_card
from pages.shared.thinned_answers import answers_on, sample_of

if TYPE_CHECKING:
    from core.mechanisms.uncertainty import Doubt, Ranking

_CARD = 205
_KINDS = {
    "whole": ("Own doubt (no dropout)", "Entropy of the whole network's one answer."),
    "predictive": ("Predictive entropy", "Entropy of the average answer of 50 thinned networks."),
    "mutual_information": (
        "Mutual information",
        "What of it comes from their not agreeing (BALD): the predictive entropy less the mean "
        "entropy of the single answers.",
    ),
}


def show_doubt(scene: Scene) -> None:
    """The doubt about the chosen image, then about all validation images."""
    own = _show_own(scene)
    st.subheader("Does the doubt find the errors?")
    sample = sample_of(scene)
    if sample is None:
        return
    from core.mechanisms.uncertainty import doubt, rank_errors

    answers = answers_on(scene, sample)
    found = doubt(answers.thinned, answers.whole)
    wrong = answers.whole.argmax(axis=1) != sample.labels
    rankings = {kind: rank_errors(getattr(found, kind), wrong) for kind in _KINDS}
    on = f"{sample.words}, {scene.epoch}"
    if any(ranking is None for ranking in rankings.values()):
        st.info(
            f"On {on}, all answers of the whole network are {'wrong' if wrong.any() else 'right'}: "
            "there is nothing to tell apart. Choose weights or a run that make some mistakes.",
            icon=":material/info:",
        )
        return
    _show_rankings(rankings)
    _show_charts(scene, found, wrong, own, on)
    st.caption(
        f"**{on[0].upper()}{on[1:]}; {scene.under}**, 50 masks. Errors are those of the whole "
        f"network, dropout off: {int(wrong.sum())} of {len(wrong):,}, the same for all three "
        "scores. AUROC is the chance that an error is doubted more than a right answer: 0.5 finds "
        "nothing, 1 finds all. Below it: its 95% interval (DeLong et al., 1988); where intervals "
        "overlap widely, these images do not tell the scores apart."
        + " The validation images chose the best epoch, so errors on new images are a little more "
        "frequent." * (scene.network.epoch == scene.network.run.best_epoch)
    )


def _show_own(scene: Scene) -> float:
    """What the thinned networks say of the chosen image; its predictive entropy."""
    from core.figures.monte_carlo import answers_by_class_figure
    from core.mechanisms.monte_carlo import (
        MASKS,
        answers_alone,
        answers_of_masks,
        features_at,
    )
    from core.mechanisms.uncertainty import doubt

    place = scene.cut.first_active(scene.rates)
    features = features_at(scene.cut, place, scene.image[None])
    thinned = answers_of_masks(scene.cut, scene.rates, place, features, range(MASKS), scene.seed)
    whole, mean = answers_alone(scene.cut, scene.image), thinned[:, 0].mean(axis=0)
    found = doubt(thinned, whole[None])
    names = scene.class_names
    left, right = st.columns([5, 3])
    left.plotly_chart(
        answers_by_class_figure(
            thinned[:, 0], whole, names, f"{MASKS} masks, {scene.epoch}, {scene.under}"
        ),
        key="answers by class",
        config=PLAIN,
        alt=f"What {MASKS} thinned networks say of the image: on average "
        f"{names[int(mean.argmax())]} with {mean.max():.0%}.",
    )
    with right:
        _show_words(scene, whole, mean, found)
    st.caption(
        f"A point is one thinned network; the diamond is the whole one. "
        f"0 nats is certain, ln {len(names)} = {math.log(len(names)):.2f} nats a plain "
        "guess. If the points of a class lie far apart, the thinned networks do not agree: "
        "the network has learnt too little of such images to be sure. An image unlike all "
        "that it has seen may still be answered with confidence: dropout is no alarm for "
        "that (Gal & Ghahramani, 2016, call it an approximation)."
    )
    return float(found.predictive[0])


def _show_words(scene: Scene, whole: np.ndarray, mean: np.ndarray, found: Doubt) -> None:
    """What the whole network and the average of the thinned ones say of the image."""
    from core.mechanisms.monte_carlo import MASKS

    names = scene.class_names
    st.markdown(f"**{scene.title}**")
    st.markdown(
        f"The whole network, dropout off, says **{names[int(whole.argmax())]}** "
        f"({whole.max():.1%}). {MASKS} thinned networks say on average "
        f"**{names[int(mean.argmax())]}** ({mean.max():.1%})."
    )
    with st.container(horizontal=True, gap="xsmall"):
        for kind in ("predictive", "mutual_information"):
            label, words = _KINDS[kind]
            value = float(getattr(found, kind)[0])
            st.metric(label, f"{value:.3f} nats", help=words, border=True)


def _show_rankings(rankings: dict[str, Ranking | None]) -> None:
    st.markdown("How well each kind of doubt puts errors above right answers (**AUROC**):")
    with st.container(horizontal=True, gap="xsmall"):
        for kind, ranking in rankings.items():
            label, words = _KINDS[kind]
            if ranking is None:
                continue
            interval = (
                f"{ranking.low:.3f} to {ranking.high:.3f}"
                if math.isfinite(ranking.low)
                else "too few errors for an interval"
            )
            figure_card(
                label,
                f"{ranking.area:.3f}",
                interval,
                help=words,
                width=_CARD,
            )


def _show_charts(scene: Scene, found: Doubt, wrong: np.ndarray, own: float, on: str) -> None:
    from core.figures.monte_carlo import doubt_figure, roc_figure
    from core.mechanisms.uncertainty import doubt_counts, roc, share_below

    entropy = found.predictive
    left, right = st.columns(2)
    lower = share_below(entropy, own)
    left.plotly_chart(
        doubt_figure(doubt_counts(entropy, wrong, len(scene.class_names)), own, on),
        key="doubt",
        config=PLAIN,
        alt=f"Histogram of the predictive entropy of right answers and of errors on {on}; your "
        f"image has {own:.2f} nats.",
    )
    left.caption(f"Your image ({own:.2f} nats) is doubted more than {lower:.0%} of these images.")
    right.plotly_chart(
        roc_figure({_KINDS[kind][0]: roc(getattr(found, kind), wrong) for kind in _KINDS}, on),
        key="roc",
        config=PLAIN,
        alt=f"ROC curves of three kinds of doubt on {on}: share of errors found by share of right "
        "answers doubted.",
    )
