"""How far chance moves a loss: against noise of known size, and against simulated images."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.verdict.course import course_of, window_of
from core.verdict.loss_noise import jitter, paired_spread, sampling_spread


def test_jitter_finds_the_size_of_noise_on_a_curve_that_falls() -> None:
    rng = np.random.default_rng(1)
    falling = np.geomspace(2, 0.1, 1000)
    assert jitter(falling * np.exp(0.2 * rng.standard_normal(1000))) == pytest.approx(0.2, rel=0.1)


def test_jitter_is_not_moved_by_a_few_leaps() -> None:
    rng = np.random.default_rng(1)
    losses = np.exp(0.2 * rng.standard_normal(1000))
    losses[::100] *= 50
    assert jitter(losses) == pytest.approx(0.2, rel=0.15)


def test_a_curve_too_short_to_tell_is_given_the_usual_jitter() -> None:
    assert jitter(np.array([5.0, 1.0, 0.1])) == 0.05


def test_sampling_spread_is_that_of_losses_carried_by_few_images() -> None:
    """2 p of the images share the loss exponentially, as p are wrong: drawn, and measured."""
    rng = np.random.default_rng(1)
    wrong, loss, images = 0.05, 0.02, 1000
    carried = rng.random((4000, images)) < 2 * wrong
    means = (carried * rng.exponential(loss / (2 * wrong), (4000, images))).mean(axis=1)
    expected = means.std() / loss
    assert sampling_spread(loss, 1 - wrong, images, 10) == pytest.approx(expected, rel=0.05)


def test_four_times_the_images_halve_the_sampling_spread() -> None:
    few, many = (sampling_spread(0.3, 0.9, images, 10) for images in (1000, 4000))
    assert few == pytest.approx(2 * many)


@pytest.mark.parametrize("accuracy", [0.0, 1.0])
def test_the_spread_stays_finite_without_a_wrong_or_a_right_image(accuracy: float) -> None:
    assert 0 < sampling_spread(0.001, accuracy, 1000, 10) < 2


def test_a_difference_on_the_same_images_is_surer_than_a_level() -> None:
    # var(a - b) = 2 (1 - r) var(a), with r = 0.95.
    assert paired_spread(1.0) == pytest.approx(math.sqrt(0.1))


def test_windows_are_odd_a_sixth_of_the_run_and_never_long() -> None:
    assert [window_of(epochs) for epochs in (1, 5, 6, 18, 30, 47, 1000)] == [1, 1, 3, 3, 5, 7, 15]


def test_the_smooth_curve_is_the_mean_of_logarithms() -> None:
    course = course_of(np.array([8.0, 4, 2, 1, 2, 4]), np.full(6, 0.9), 1000, 10)
    # Windows of three: geometric means 4, 2, 2^(2/3), 2.
    assert np.exp(course.smooth) == pytest.approx([4, 2, 2 ** (2 / 3), 2])
    assert course.turning == 2
    assert course.middle(course.turning) == 3
    assert course.rise == pytest.approx(math.log(2) / 3)


@pytest.mark.parametrize("epochs", [12, 30, 100])
def test_a_flat_noisy_curve_seldom_rises_or_falls_beyond_its_limits(epochs: int) -> None:
    """Shaking of all sizes, 30 % of its variance lasting over neighbouring epochs."""
    rng = np.random.default_rng(epochs)
    rises = falls = 0
    for _ in range(400):
        lasting = np.empty(epochs)
        value = rng.standard_normal()
        for at in range(epochs):
            lasting[at] = value
            value = 0.7 * value + math.sqrt(1 - 0.7**2) * rng.standard_normal()
        noise = math.sqrt(0.7) * rng.standard_normal(epochs) + math.sqrt(0.3) * lasting
        losses = 0.3 * np.exp(rng.uniform(0.02, 0.5) * noise)
        course = course_of(losses, np.full(epochs, 0.93), 1000, 10)
        rises += course.rise > course.rise_limit
        falls += course.fall > course.fall_limit
    assert rises <= 0.05 * 400
    assert falls <= 0.05 * 400
