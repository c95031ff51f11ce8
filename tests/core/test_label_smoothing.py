"""Label smoothing: its labels, its gap, and what is measured of runs, against closed forms."""

from __future__ import annotations

import math
from dataclasses import replace

import keras
import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from core.augmentation.smoothed_runs import gap_counts, judged, logits_of
from core.augmentation.smoothing import curve_of_gaps, logit_gap, smoothed_label
from core.augmentation.smoothing_pair import (
    SmoothingPair,
    is_alike,
    missing,
    pair_of,
    smoothing_of,
    with_smoothing,
)
from core.learning.what_is_measured import least_smoothed_loss
from core.library.records import Run, State
from core.model import build_network
from core.predictions.quality import Answers, calibration
from core.settings import Settings, Value, from_mapping
from tests.core.made_runs import made_run
from tests.core.small import parts, small

SMOOTHINGS = (0.0, 0.01, 0.1, 0.3, 0.5)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize("classes", [2, 10, 100])
def test_a_smoothed_label_sums_to_1_and_is_even_but_for_the_right_class(smoothing, classes):
    shares = smoothed_label(1, classes, smoothing)
    assert shares.sum() == pytest.approx(1, abs=1e-12)
    assert shares[1] == pytest.approx(1 - smoothing + smoothing / classes)
    assert np.delete(shares, 1) == pytest.approx(smoothing / classes)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_the_labels_are_those_that_keras_learns_from(warm, smoothing):
    said = softmax(np.random.default_rng(2).normal(size=(1, 10)), axis=1)
    theirs = keras.losses.categorical_crossentropy(
        np.eye(10)[[4]].astype("float32"), said.astype("float32"), label_smoothing=smoothing
    )
    ours = -(smoothed_label(4, 10, smoothing) * np.log(said[0])).sum()
    assert float(np.asarray(theirs)[0]) == pytest.approx(ours, rel=1e-5)


@pytest.mark.parametrize("smoothing", SMOOTHINGS[1:])
def test_the_gap_is_where_the_loss_against_smoothed_labels_is_least(smoothing):
    label = smoothed_label(0, 10, smoothing)

    def loss(gap: float) -> float:
        return float(-(label * log_softmax([gap, *[0.0] * 9])).sum())

    gap = logit_gap(smoothing, 10)
    assert loss(gap) == pytest.approx(least_smoothed_loss(smoothing, 10), abs=1e-12)
    assert loss(gap) < min(loss(gap - 0.01), loss(gap + 0.01))
    np.testing.assert_allclose(softmax([gap, *[0.0] * 9]), label, atol=1e-12)


def test_the_gap_by_hand():
    """0.91 against 0.01, and no end without smoothing."""
    assert logit_gap(0.1, 10) == pytest.approx(math.log(91))
    assert logit_gap(0.0, 10) == math.inf
    assert least_smoothed_loss(0.0, 10) == 0
    smoothings, gaps = curve_of_gaps(10)
    assert smoothings[-1] == pytest.approx(0.5) and gaps == sorted(gaps, reverse=True)


def test_logits_are_what_the_softmax_gets(warm):
    model, images = build_network(small(dropout_dense=0.5), (8, 8, 1), 10), parts(small())
    logits = logits_of(model, images.validation_images)
    assert logits.shape == (300, 10)
    np.testing.assert_allclose(
        softmax(logits, axis=1), model.predict(images.validation_images, verbose=0), atol=1e-6
    )


def test_gap_and_calibration_by_hand():
    logits = np.array([[3.0, 1.0, 2.0], [0.0, 4.0, 2.0], [5.0, 5.0, 8.0]], np.float32)
    labels = np.array([0, 1, 0])
    found = judged(logits, labels)
    assert found.gaps.tolist() == [1.5, 3.0, -1.5]
    assert found.mean == pytest.approx(1.0)
    assert found.spread == pytest.approx(np.sqrt(((0.5) ** 2 + 2.0**2 + 2.5**2) / 3))
    answers = Answers(softmax(logits, axis=1), labels)
    assert found.calibration.error == pytest.approx(calibration(answers).error, abs=1e-6)
    assert found.calibration.accuracy.count == 2


def test_every_image_is_in_a_bar_that_both_networks_share():
    chance = np.random.default_rng(3)
    labels = np.zeros(50, np.int64)
    networks = [judged(chance.normal(size=(50, 3)) * scale, labels) for scale in (1, 4)]
    counted = gap_counts(networks)
    assert [counts.sum() for counts in counted.counts] == [50, 50]
    assert counted.middles[1] - counted.middles[0] == pytest.approx(counted.width)
    below = counted.middles - counted.width / 2
    assert below[0] == pytest.approx(min(one.gaps.min() for one in networks))


# The pair


def run(seed: int = 1, **settings: Value) -> Run:
    return made_run(seed, settings=settings)


def test_the_pair_differs_in_nothing_but_smoothing():
    plain, weak, strong = run(), run(label_smoothing=0.05), run(label_smoothing=0.2)
    others = [run(seed=2), run(l2=0.01, label_smoothing=0.1), run(shift=0.1)]
    runs = [*others, strong, weak, plain]
    assert pair_of(strong.settings, runs, 0.1) == SmoothingPair(plain, weak)
    assert pair_of(Settings(), runs, 0.2) == SmoothingPair(plain, strong)
    assert pair_of(from_mapping({"seed": 2}), runs, 0.2) == SmoothingPair(others[0], None)
    assert smoothing_of(strong) == 0.2
    assert is_alike(weak.settings, strong.settings)
    assert not is_alike(weak.settings, others[0].settings)


def test_runs_that_were_not_trained_to_their_end_are_no_pair():
    stopped = replace(run(), state=State.STOPPED)
    without_weights = replace(run(label_smoothing=0.1), best_epoch=None)
    assert pair_of(Settings(), [stopped, without_weights], 0.1) == SmoothingPair(None, None)


def test_what_is_missing_is_what_has_to_be_trained():
    plain, smoothed = run(), run(label_smoothing=0.2)
    settings = Settings()
    both = [with_smoothing(settings, 0.0), with_smoothing(settings, 0.1)]
    assert missing(settings, SmoothingPair(None, None), 0.1) == both
    assert missing(settings, SmoothingPair(plain, None), 0.1) == both[1:]
    assert missing(settings, SmoothingPair(plain, smoothed), 0.1) == both[1:]
    assert missing(settings, SmoothingPair(plain, smoothed), 0.2) == []
    assert with_smoothing(smoothed.settings, 0.0) == settings
