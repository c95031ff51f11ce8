"""What a kernel is in numbers, against kernels whose numbers are known."""

from __future__ import annotations

import numpy as np
import pytest

from core.inside.classic_kernels import families, gabor
from core.inside.kernel_measures import Measures, measure, planes, spectrum

SOBEL_X = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
"""Brightness that grows to the right: it answers to vertical edges."""
SOBEL_UP = np.array([[1.0, 2, 1], [0, 0, 0], [-1, -2, -1]])
LAPLACIAN = np.array([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]])
BOX = np.ones((3, 3))


def of(kernel: np.ndarray) -> Measures:
    return measure(kernel[np.newaxis])


def test_norm_and_sum_by_hand() -> None:
    assert of(SOBEL_X).norms[0] == pytest.approx(np.sqrt(12))
    assert of(SOBEL_X).sums[0] == 0
    assert of(LAPLACIAN).sums[0] == 0
    assert of(BOX).sums[0] == 9


def test_sobel_is_a_column_times_a_row_and_the_laplacian_is_not() -> None:
    """Singular values of the Laplacian: by hand 2 + sqrt(6), sqrt(6) - 2 and 0."""
    assert of(SOBEL_X).separability[0] == pytest.approx(1)
    large, small = (2 + np.sqrt(6)) ** 2, (np.sqrt(6) - 2) ** 2
    assert of(LAPLACIAN).separability[0] == pytest.approx(large / (large + small))
    assert of(np.eye(3)).separability[0] == pytest.approx(1 / 3)


def test_symmetries_of_sobel_and_of_the_laplacian() -> None:
    sobel, laplacian = of(SOBEL_X), of(LAPLACIAN)
    found = [sobel.half_turn, sobel.quarter_turn, sobel.sideways, sobel.upright]
    assert [round(float(value[0]), 9) for value in found] == [-1, 0, -1, 1]
    found = [laplacian.half_turn, laplacian.quarter_turn, laplacian.sideways, laplacian.upright]
    assert [round(float(value[0]), 9) for value in found] == [1, 1, 1, 1]


def test_a_quarter_turn_is_none_where_the_kernel_is_not_square() -> None:
    assert np.isnan(of(np.ones((2, 3))).quarter_turn[0])
    assert of(np.ones((2, 3))).half_turn[0] == pytest.approx(1)


@pytest.mark.parametrize(
    ("kernel", "angle"),
    [
        (SOBEL_X, 0),
        (SOBEL_UP, 90),
        (-SOBEL_X, 0),
        (SOBEL_X + SOBEL_UP, 45),
        (SOBEL_X - SOBEL_UP, 135),
    ],
)
def test_sobel_prefers_its_own_direction(kernel: np.ndarray, angle: float) -> None:
    assert of(kernel).orientation[0] == pytest.approx(angle, abs=0.01)


def test_what_is_alike_in_all_directions_has_circular_variance_1() -> None:
    assert of(BOX).variance[0] == pytest.approx(1, abs=1e-6)
    assert of(LAPLACIAN).variance[0] == pytest.approx(1, abs=1e-6)


def test_a_derivative_alone_has_the_circular_variance_of_its_closed_form() -> None:
    """[-1 0 1] answers to a wave along t with 2 |sin(2 pi f cos t)|; the best f is 0.25 or less."""
    kernel = np.array([[-1.0, 0, 1]])
    turns = np.deg2rad(np.arange(0, 180, 10))
    waves = np.linspace(0.05, 0.5, 10)
    answers = np.abs(np.sin(2 * np.pi * np.outer(np.cos(turns), waves))).max(axis=1)
    expected = 1 - np.abs((answers * np.exp(2j * turns)).sum()) / answers.sum()
    assert of(kernel).variance[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("angle", [0, 30, 77, 90, 150])
@pytest.mark.parametrize("phase", [0, 90])
def test_a_gabor_has_its_own_angle_and_frequency(angle: float, phase: float) -> None:
    kernel = gabor((21, 21), 0.2, angle, phase, spread=4)
    measures, waves = of(kernel), spectrum(kernel, size=128)
    assert measures.orientation[0] == pytest.approx(angle, abs=1)
    assert measures.frequency[0] == pytest.approx(0.2)
    assert waves.peak == pytest.approx(0.2, abs=0.01)
    assert (waves.angle - angle + 90) % 180 - 90 == pytest.approx(0, abs=2)
    assert kernel.sum() == pytest.approx(0, abs=1e-9)


def test_the_frequency_response_is_that_of_the_definition() -> None:
    """Sum of weight times wave, at a few frequencies; rows go up, columns to the right."""
    kernel = np.random.default_rng(0).normal(size=(3, 4))
    found = spectrum(kernel, size=16)
    up, right = -np.arange(3)[:, None], np.arange(4)[None, :]
    for row, column in ((0, 3), (8, 8), (11, 2), (16, 16)):
        fy, fx = found.frequencies[row], found.frequencies[column]
        expected = abs((kernel * np.exp(-2j * np.pi * (fy * up + fx * right))).sum())
        assert found.magnitudes[row, column] == pytest.approx(expected)
    assert found.magnitudes[8, 8] == pytest.approx(abs(kernel.sum()))


def test_a_blur_answers_most_to_flat_gray_and_has_no_direction() -> None:
    assert spectrum(BOX).peak == 0
    assert np.isnan(spectrum(BOX).angle)


def test_a_kernel_of_zeros_has_no_pattern_and_spoils_no_other() -> None:
    found = measure(np.stack([np.zeros((3, 3)), SOBEL_X]))
    assert np.isnan([found.separability[0], found.half_turn[0], found.variance[0]]).all()
    assert (found.norms[0], found.sums[0]) == (0, 0)
    assert found.orientation[1] == pytest.approx(0, abs=0.01)


def test_planes_come_filter_by_filter_channel_by_channel() -> None:
    kernels = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    flat = planes(kernels)
    assert flat.shape == (20, 2, 3)
    np.testing.assert_array_equal(flat[3 * 4 + 2], kernels[:, :, 2, 3])


def likeness(name: str, kernel: np.ndarray) -> float:
    family = next(one for one in families(*kernel.shape) if one.name == name)
    return float(family.likeness(kernel.reshape(1, -1) / np.linalg.norm(kernel))[0])


@pytest.mark.parametrize(
    ("name", "kernel"),
    [
        ("Sobel", SOBEL_X),
        ("Sobel", -3 * SOBEL_UP),
        ("Sobel", np.cos(0.7) * SOBEL_X + np.sin(0.7) * SOBEL_UP),
        ("Prewitt", np.outer([1, 1, 1], [-1, 0, 1])),
        ("Scharr", np.outer([3, 10, 3], [-1, 0, 1]).T),
        ("Laplacian", LAPLACIAN),
        ("Laplacian", BOX - 9 * np.outer([0, 1, 0], [0, 1, 0])),
        ("Gaussian", np.outer([1, 2, 1], [1, 2, 1])),
        ("Identity", np.outer([0, 1, 0], [0, 1, 0])),
        ("Blur", BOX),
        ("Sobel", np.outer([1, 4, 6, 4, 1], [-1, -2, 0, 2, 1])),
        ("Gabor", gabor((5, 5), 0.3, 45, 33)),
    ],
)
def test_a_classic_kernel_is_wholly_like_itself_at_any_angle_sign_and_length(
    name: str, kernel: np.ndarray
) -> None:
    assert likeness(name, np.asarray(kernel, float)) == pytest.approx(1, abs=1e-9)


def test_the_cosine_between_two_classics_by_hand() -> None:
    """Sobel and Prewitt share the difference; (1 2 1) and (1 1 1) have 4 / sqrt(18)."""
    assert likeness("Prewitt", SOBEL_X) == pytest.approx(4 / np.sqrt(18))
    assert likeness("Blur", SOBEL_X) == pytest.approx(0, abs=1e-12)


def test_the_nearest_sobel_has_its_angle_and_the_share_of_the_kernel_that_it_is() -> None:
    sobel = next(one for one in families(3, 3) if one.name == "Sobel")
    member, angle = sobel.nearest(2 * SOBEL_UP + BOX)
    np.testing.assert_allclose(member, 2 * SOBEL_UP, atol=1e-9)
    assert angle == pytest.approx(90)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (2, 2), (2, 5), (3, 4), (7, 7)])
def test_families_need_room(shape: tuple[int, int]) -> None:
    names = [family.name for family in families(*shape)]
    assert ("Sobel" in names) == (min(shape) >= 3)
    assert ("Identity" in names) == (shape[0] % 2 == 1 and shape[1] % 2 == 1 and shape != (1, 1))
