"""Activation maximization where the best picture is known, and what the ascent promises."""

from __future__ import annotations

import itertools

import keras
import numpy as np
import pytest

from core.figures.maximization import climb_figure
from core.inside.maximization import (
    Moment,
    Recipe,
    ascend,
    cosine,
    default_jitter,
    known_best,
    middle_place,
)
from core.inside.stages import layer_stages

L = keras.layers


@pytest.fixture(scope="module")
def model() -> keras.Model:
    keras.utils.set_random_seed(5)
    return keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            L.Conv2D(3, 5, padding="same", name="one"),
            L.ReLU(),
            L.MaxPooling2D(2),
            L.Conv2D(4, 3, padding="same", activation="relu", name="two"),
        ]
    )


def climbed(model: keras.Model, name: str, filter_number: int, **changes: object) -> list[Moment]:
    return list(ascend(model, name, filter_number, Recipe(**changes)))


@pytest.mark.parametrize("against", [False, True])
def test_of_all_pictures_of_one_length_the_kernel_itself_excites_a_first_layer_most(
    model: keras.Model, against: bool
):
    """By Cauchy and Schwarz; the answer is then the kernel's norm, plus the bias."""
    last = climbed(
        model, "one", 1, prior="none", jitter=0, kept="length", steps=200, against=against
    )[-1]
    kernel = model.get_layer("one").kernel.numpy()[:, :, 0, 1]
    placed = np.zeros((12, 12, 1))
    placed[4:9, 4:9, 0] = kernel
    sign = -1 if against else 1
    assert sign * cosine(last.picture, placed) > 0.99
    assert np.linalg.norm(last.picture) == pytest.approx(1, abs=1e-4)
    assert last.answer == pytest.approx(sign * np.linalg.norm(kernel), rel=0.01)


def test_of_all_pictures_from_black_to_white_the_kernels_signs_excite_it_most(model: keras.Model):
    last = climbed(model, "one", 0, prior="none", jitter=0, steps=300, rate=0.2)[-1]
    kernel = model.get_layer("one").kernel.numpy()[:, :, 0, 0]
    known = known_best(model, "one", 0)
    assert known.highest == pytest.approx(kernel[kernel > 0].sum(), rel=1e-5)
    assert known.lowest == pytest.approx(kernel[kernel < 0].sum(), rel=1e-5)
    np.testing.assert_allclose(known.pattern[4:9, 4:9, 0], kernel, atol=1e-6)
    assert last.answer == pytest.approx(known.highest, rel=0.02)
    np.testing.assert_array_equal(last.picture[4:9, 4:9, 0] > 0.5, kernel > 0)


@pytest.mark.parametrize("prior", ["frequency", "blur", "none"])
def test_the_answer_rises_and_the_pixels_stay_between_black_and_white(
    model: keras.Model, prior: str
):
    moments = climbed(model, "two", 2, prior=prior, steps=60)
    assert [moment.step for moment in moments] == list(range(61))
    assert moments[-1].answer > moments[0].answer + 0.2
    assert all(one.picture.min() >= 0 and one.picture.max() <= 1 for one in moments)


def test_against_it_the_answer_falls(model: keras.Model):
    moments = climbed(model, "two", 2, steps=60, against=True)
    assert moments[-1].answer < moments[0].answer - 0.1


def test_the_answer_is_what_the_network_says_of_the_picture(model: keras.Model):
    last = climbed(model, "two", 1, steps=20)[-1]
    row, column = middle_place(model, "two")
    maps = layer_stages(model, "two", last.picture).before_activation
    assert last.answer == pytest.approx(maps[row, column, 1], abs=1e-5)


def test_the_same_seed_makes_the_same_picture_and_another_seed_another(model: keras.Model):
    first, again, other = (climbed(model, "two", 0, steps=8, seed=seed)[-1] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.picture, again.picture)
    assert not np.array_equal(first.picture, other.picture)


def test_the_frequency_prior_makes_the_picture_smoother(model: keras.Model):
    """Neighbouring pixels differ less, measured against how much all pixels differ."""

    def roughness(prior: str) -> float:
        picture = climbed(model, "two", 3, prior=prior, jitter=0, steps=60)[-1].picture[..., 0]
        return float(np.diff(picture, axis=0).std() / picture.std())

    assert roughness("frequency") < roughness("none")


def test_one_may_leave_at_any_step(model: keras.Model):
    some = itertools.islice(ascend(model, "two", 0, Recipe(steps=10_000)), 3)
    assert [moment.step for moment in some] == [0, 1, 2]


def test_the_shift_suits_what_the_layer_sees(model: keras.Model):
    assert [default_jitter(model, name) for name in ("one", "two")] == [0, 1]


def test_words_of_two_lines_that_lie_close_stand_on_either_side_of_them():
    figure = climb_figure([0.2, 0.79], {"best possible": 0.799, "real image": 0.791}, "conv_1")
    best, real = figure.layout.annotations
    assert (best.text, best.yanchor) == ("best possible: 0.799", "bottom")
    assert (real.text, real.yanchor) == ("real image: 0.791", "top")
    assert figure.layout.yaxis.range[1] > 0.799
