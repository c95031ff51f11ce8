"""The pictures of predictions hold the numbers of their records, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from core.figures.predictions import (
    calibration_figure,
    class_accuracy_figure,
    confusion_figure,
    enlarged,
)
from core.predictions.quality import (
    Answers,
    accuracy_by_class,
    calibration,
    confusion,
    share,
)

NAMES = ("cat", "dog", "cat")
"""Two classes of one name are still two."""
PROBABILITIES = np.float32([[0.78, 0.22, 0], [0.3, 0.58, 0.12], [0.1, 0.9, 0], [0, 1, 0]])
FOUR = Answers(PROBABILITIES, np.array([0, 0, 0, 1]))


def written(shares: bool) -> dict[tuple[int, int], str]:
    figure = confusion_figure(confusion(FOUR), NAMES, shares, "four images")
    return {(mark.y, mark.x): mark.text for mark in figure.layout.annotations}


def test_each_cell_with_images_says_how_many() -> None:
    assert written(shares=False) == {(0, 0): "1", (0, 1): "2", (1, 1): "1"}


def test_each_cell_with_images_says_their_share_of_the_true_class() -> None:
    assert written(shares=True) == {(0, 0): "33%", (0, 1): "67%", (1, 1): "100%"}


def test_mistakes_have_a_colour_scale_of_their_own_up_to_the_largest() -> None:
    figure = confusion_figure(confusion(FOUR), NAMES, False, "four images")
    right, wrong = figure.data
    assert (right.zmax, wrong.zmax) == (1, pytest.approx(2 / 3))
    assert right.colorscale != wrong.colorscale
    assert np.isnan(np.array(right.z)[0, 1])
    assert np.isnan(np.array(wrong.z)[0, 0])
    assert list(figure.layout.xaxis.ticktext) == list(NAMES)
    assert "four images" in figure.layout.title.text


def test_a_matrix_without_mistakes_can_be_drawn() -> None:
    figure = confusion_figure(confusion(Answers(PROBABILITIES, FOUR.given)), NAMES, True, "")
    assert {mark.text for mark in figure.layout.annotations} == {"100%"}


def test_points_of_the_classes_have_their_intervals_and_their_numbers_of_images() -> None:
    by_class = accuracy_by_class(confusion(FOUR))
    figure = class_accuracy_figure(by_class, NAMES, share(2, 4), "four images")
    (points,) = figure.data
    assert list(points.x)[:2] == pytest.approx([1 / 3, 1])
    assert points.x[0] - points.error_x.arrayminus[0] == pytest.approx(by_class[0].low)
    assert points.x[0] + points.error_x.array[0] == pytest.approx(by_class[0].high)
    assert list(figure.layout.yaxis.ticktext) == ["cat  (3)", "dog  (1)", "cat  (0)"]
    assert figure.layout.shapes[0].x0 == 0.5


def test_the_calibration_curve_has_a_point_for_each_bin_with_images_and_all_counts() -> None:
    found = calibration(FOUR, bins=5)
    _, curve, counts = calibration_figure(found, "four images").data
    assert list(curve.x) == pytest.approx([0.58, 0.78, 0.95])
    assert list(curve.y) == [0, 1, 0.5]
    assert list(counts.y) == [one.images for one in found.right]
    assert list(counts.x) == pytest.approx([0.1, 0.3, 0.5, 0.7, 0.9])


def test_the_axis_of_counts_reaches_from_below_one_image_to_above_the_most() -> None:
    low, high = calibration_figure(calibration(FOUR, bins=5), "").layout.yaxis2.range
    assert 10**low < 1
    assert 10**high > 2


def test_an_image_is_enlarged_by_squares_with_a_clear_margin() -> None:
    image = np.float32([[[0], [1]], [[0.5], [0]]])
    large = enlarged(image, side=5, gap=1)
    assert large.shape == (8, 8, 4)
    assert np.unique(large[1:4, 1:4, :3]).tolist() == [0]
    assert np.unique(large[1:4, 4:7, :3]).tolist() == [255]
    assert np.unique(large[4:7, 1:4, :3]).tolist() == [128]
    assert (large[1:7, 1:7, 3] == 255).all()
    assert large[..., 3].sum() == 36 * 255
    red = np.zeros((2, 3, 3), np.float32)
    red[..., 0] = 1
    assert enlarged(red, side=4, gap=0)[0, 0].tolist() == [255, 0, 0, 255]
