"""Variance shift: the closed form derived anew, by integration and by chance; and measured."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from core.mechanisms.normalization_passes import (
    normalize_as_moved,
    send,
    steps_of,
    with_noise,
)
from core.mechanisms.shift_theory import KEEPS, relu_shift, relu_theory, shift
from core.mechanisms.variance_shift import measure_shift
from tests.core import normalizing

PUBLISHED = {0.9: 0.860, 0.8: 0.732, 0.5: 0.405, 0.3: 0.226}


def integrated(keep: float) -> float:
    """Var[relu(x)] over Var[mask * relu(x) / keep], each moment an integral, x ~ N(0, 1)."""
    first, second = (quad(lambda x, n=n: x**n * norm.pdf(x), 0, 12)[0] for n in (1, 2))
    in_training = keep * (second / keep**2) - (keep * first / keep) ** 2
    return (second - first**2) / in_training


@pytest.mark.parametrize(("keep", "ratio"), PUBLISHED.items())
def test_theory_for_relu_is_what_li_et_al_print_and_what_integration_gives(
    keep: float, ratio: float
):
    assert round(relu_shift(keep), 3) == ratio
    assert relu_shift(keep) == pytest.approx(integrated(keep), rel=1e-9)
    assert relu_shift(keep) == pytest.approx(keep * (math.pi - 1) / (math.pi - keep), rel=1e-12)


@pytest.mark.parametrize("keep", PUBLISHED)
def test_theory_for_relu_is_what_chance_gives_to_one_per_cent(keep: float):
    rng = np.random.default_rng(7)
    x = np.maximum(rng.normal(0, 3, 1_000_000), 0)  # any spread: it cancels
    masked = np.where(rng.random(x.size) < keep, x / keep, 0)
    assert x.var() / masked.var() == pytest.approx(relu_shift(keep), rel=0.01)


def test_any_input_shifts_by_its_own_mean_and_variance():
    rng = np.random.default_rng(8)
    x = rng.gamma(2.0, 1.5, 1_000_000)
    masked = np.where(rng.random(x.size) < 0.4, x / 0.4, 0)
    assert x.var() / masked.var() == pytest.approx(shift(3.0, 4.5, 0.4), rel=0.01)


def test_where_all_is_kept_nothing_shifts_and_the_less_is_kept_the_more_does():
    theory = relu_theory()
    keeps, ratios = theory.keeps, theory.ratios
    assert relu_shift(1.0) == 1
    assert ratios[-1] == 1 and keeps[-1] == 1
    assert np.all(np.diff(ratios) > 0)
    assert tuple(PUBLISHED) == KEEPS


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return normalizing.data().training_images


@pytest.mark.usefixtures("warm")
def test_the_measured_ratio_is_the_variance_of_what_keras_passes_over_the_moving_one(
    images: np.ndarray,
):
    import keras

    model = normalizing.network(dropout_convolution=0.5)
    found = {one.name: one for one in measure_shift(model, images)}
    for name in ("batch_normalization_1", "batch_normalization_2", "batch_normalization_dense"):
        layer = model.get_layer(name)
        arrived = np.asarray(keras.Model(model.input, layer.input)(images, training=False))
        variance = arrived.reshape(-1, arrived.shape[-1]).astype(np.float64).var(axis=0)
        ratios = variance / np.asarray(layer.moving_variance)
        assert found[name].ratios == pytest.approx(ratios, rel=1e-4)
        assert found[name].median == pytest.approx(np.median(ratios), rel=1e-4)
        assert found[name].quartiles == pytest.approx(np.quantile(ratios, [0.25, 0.75]), rel=1e-4)


@pytest.mark.usefixtures("warm")
def test_the_dropout_ahead_is_the_nearest_with_no_normalization_between(images: np.ndarray):
    found = measure_shift(normalizing.network(dropout_convolution=0.2, dropout_dense=0.5), images)
    assert [one.dropout for one in found] == ["", "dropout_1", "dropout_2"]
    assert [one.keep for one in found] == pytest.approx([1, 0.8, 0.8])
    assert found[1].theory == pytest.approx(relu_shift(0.8))
    # Dropout behind the last normalization shifts none.
    alone = measure_shift(normalizing.network(dropout_dense=0.5), images)
    assert [(one.dropout, one.theory, one.predicted) for one in alone] == [("", 1.0, None)] * 3


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize(
    ("layer", "dropout", "kind"),
    [
        ("batch_normalization_2", "dropout_1", "standard"),
        ("batch_normalization_dense", "dropout_2", "standard"),
        ("batch_normalization_2", "dropout_1", "gaussian"),
    ],
)
def test_the_ratio_predicted_from_the_weights_is_what_keras_masks_give_to_two_per_cent(
    images: np.ndarray, layer: str, dropout: str, kind: str
):
    model = normalizing.network(dropout_convolution=0.5, dropout_kind=kind)
    found = next(one for one in measure_shift(model, images) if one.name == layer)
    steps = steps_of(model)
    names = [step.layer.name for step in steps]
    begin, end = names.index(dropout), names.index(layer)
    reached = send(steps[:begin], images, normalize_as_moved)
    off = send(steps[begin:end], reached, normalize_as_moved)
    on = [send(with_noise(steps[begin:end], s), reached, normalize_as_moved) for s in range(25)]
    axes = tuple(range(off.ndim - 1))
    ratio = off.var(axis=axes, dtype=np.float64) / np.concatenate(on).var(axis=axes, dtype=float)
    assert found.predicted == pytest.approx(np.median(ratio), rel=0.02)


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize(
    "change",
    [{"dropout_kind": "spatial"}, {"normalization_place": "after"}],
    ids=["whole maps", "an activation between"],
)
def test_where_there_is_no_closed_form_nothing_is_predicted(images: np.ndarray, change: dict):
    found = measure_shift(normalizing.network(dropout_convolution=0.5, **change), images)
    assert found[1].dropout == "dropout_1"
    assert found[1].predicted is None


@pytest.mark.usefixtures("warm")
def test_a_channel_without_moving_variance_has_no_ratio_and_spoils_none(images: np.ndarray):
    model = normalizing.network()
    variance = np.array(model.get_layer("batch_normalization_1").moving_variance)
    variance[0] = 0
    model.get_layer("batch_normalization_1").moving_variance.assign(variance)
    (found, *_) = measure_shift(model, images)
    assert np.isnan(found.ratios[0]) and math.isfinite(found.median)
