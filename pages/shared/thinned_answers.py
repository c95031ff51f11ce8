"""What many thinned networks say of the validation images, computed once for each rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.shared.dropout_scene import Scene
from pages.shared.run_data import Sample, sample_at_hand

if TYPE_CHECKING:
    from core.mechanisms.places import CutNetwork, Rates

MOST_IMAGES = 1000
_PORTION = 10
"""Masks between two looks at whether the person has moved on."""
Key = tuple[str, str, bool]


@dataclass(frozen=True, eq=False)
class Answers:
    """Probabilities on a sample.

    Attributes
    ----------
    sample : Sample
    thinned : ndarray of shape (M, N, K)
        By mask, image and class.
    whole : ndarray of shape (N, K)
        Of the whole network, dropout off.
    """

    sample: Sample
    thinned: np.ndarray
    whole: np.ndarray


def sample_of(scene: Scene) -> Sample | None:
    """The sample of the run; without its data, a sentence why and None."""
    return sample_at_hand(scene.network.run, MOST_IMAGES, "nothing can be measured on its images")


def answers_on(scene: Scene, sample: Sample) -> Answers:
    """What the thinned networks and the whole one say of the sample."""
    from core.mechanisms.monte_carlo import MASKS

    place = scene.cut.first_active(scene.rates)
    features = features_of(scene, sample, place)
    bar = None if scene.cut.places[place].dense else st.progress(0.0, text="Averaging ...")
    portions = []
    for begin in range(0, MASKS, _PORTION):
        masks = range(begin, begin + _PORTION)
        portions.append(
            _thinned(scene.key, scene.rates, masks, scene.seed, scene.cut, place, features)
        )
        if bar is not None:
            # Whoever moves a slider meanwhile ends this here; what is done is kept.
            bar.progress(masks.stop / MASKS, text=f"{masks.stop} of {MASKS} masks")
    if bar is not None:
        bar.empty()
    whole = _whole(scene.key, place, scene.cut, features)
    return Answers(sample, np.concatenate(portions), whole)


def features_of(scene: Scene, sample: Sample, place: int) -> np.ndarray:
    """What reaches a place of dropout on the sample, dropout off before it."""
    return _features(scene.key, place, scene.cut, sample.images)


@st.cache_resource(show_spinner="The network looks at the images ...", max_entries=4)
def _features(key: Key, place: int, _cut: CutNetwork, _images: np.ndarray) -> np.ndarray:
    from core.mechanisms.monte_carlo import features_at

    return features_at(_cut, place, _images)


@st.cache_resource(show_spinner=False, max_entries=4)
def _whole(key: Key, place: int, _cut: CutNetwork, _features: np.ndarray) -> np.ndarray:
    from core.mechanisms.monte_carlo import answers_without_dropout

    return answers_without_dropout(_cut, place, _features)


@st.cache_resource(show_spinner=False, max_entries=60)
def _thinned(
    key: Key,
    rates: Rates,
    masks: range,
    seed: int,
    _cut: CutNetwork,
    _place: int,
    _features: np.ndarray,
) -> np.ndarray:
    from core.mechanisms.monte_carlo import answers_of_masks

    return answers_of_masks(_cut, rates, _place, _features, masks, seed)
