"""Tables of kernels to save: rows and columns that were worked out by hand."""

from __future__ import annotations

import math

import numpy as np

from core.export.kernel_columns import (
    classic_likenesses,
    distances_by_epoch,
    filters_of_layer,
    kernel_properties,
    kernels_of_layer,
    kinds_of_kernels,
    one_after_another,
    singular_values,
)
from core.inside.filter_set import duplicates, filter_set
from core.inside.kernel_chance import chance
from core.inside.kernel_history import KernelHistory
from core.inside.kernel_replay import replay
from core.inside.layer_kernels import measure_layer
from core.inside.one_kernel import describe

SOBEL = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])


def test_the_properties_of_sobel_are_those_of_the_textbook():
    found = kernel_properties(describe(SOBEL, chance(3, 3)))
    rows = dict(zip(found["property"], zip(found["value"], found["p"], strict=True), strict=True))
    value = {name: one for name, (one, _) in rows.items()}
    assert math.isclose(value["norm"], 12**0.5) and value["sum"] == 0
    assert math.isclose(value["rank_one"], 1)  # smoothing down times a difference across
    assert math.isclose(value["half_turn"], -1) and math.isclose(value["quarter_turn"], 0)
    assert math.isclose(value["left_and_right_exchanged"], -1)
    assert math.isclose(value["top_and_bottom_exchanged"], 1)
    assert value["orientation"] == 0 and math.isclose(value["similarity to Sobel"], 1)
    assert rows["similarity to Sobel"][1] < 0.01 and math.isnan(rows["norm"][1])
    alike = classic_likenesses(describe(SOBEL, chance(3, 3)))
    name, p_value = next(zip(alike["classic"], alike["p"], strict=True))
    assert name == "Sobel" and p_value == rows["similarity to Sobel"][1]


def test_a_kernel_of_zeros_is_near_to_none_and_counts_for_none():
    kernels = np.zeros((3, 3, 1, 2), np.float32)
    kernels[:, :, 0, 1] = SOBEL
    found = kernels_of_layer(measure_layer(kernels))
    assert found["nearest"].tolist() == ["all zeros", "Sobel"]
    assert np.isnan(found["similarity"][0]) and np.isnan(found["p_pattern"][0])
    assert found["filter"].tolist() == [0, 1] and found["channel"].tolist() == [0, 0]
    kinds = kinds_of_kernels(measure_layer(kernels))
    assert sum(kinds["kernels"]) == 1 and kinds["kernels"][kinds["classic"].index("Sobel")] == 1


def test_filters_that_are_nearly_the_same_have_one_number_and_the_others_none():
    kernels = np.zeros((1, 3, 1, 4))
    kernels[0, :, 0] = np.array([[1, 0, 0], [0, 1, 0], [2, 0, 0], [0, 0, 0]]).T
    found = filters_of_layer(filter_set(kernels), duplicates(kernels))
    assert found["group"].tolist() == [0, -1, 0, -1]
    assert found["norm"].tolist() == [1, 1, 2, 0]
    assert found["dead"].tolist() == [False, False, False, True]


def test_distances_stand_by_epoch_with_their_median():
    first = np.ones((1, 2, 1, 3), np.float32)
    moments = np.stack([first, first * np.array([2, 3, 4], np.float32)])
    found = distances_by_epoch(replay(KernelHistory(np.array([0, 5]), {"conv": moments}), "conv"))
    assert found["epoch"].tolist() == [0, 5] and found["median"].tolist() == [0, 2]
    ways = [found[f"filter_{number}"] for number in range(3)]
    np.testing.assert_allclose(ways, [[0, 1], [0, 2], [0, 3]], rtol=1e-6)


def test_tables_of_two_runs_follow_one_another_whatever_their_length():
    tables = {
        run: singular_values(filter_set(np.ones((1, 2, 1, filters))))
        for run, filters in (("a", 1), ("b", 3))
    }
    found = one_after_another(tables)
    assert found["run"].tolist() == ["a", "b", "b"] and found["number"].tolist() == [1, 1, 2]
    np.testing.assert_allclose(found["value"], [2**0.5, 6**0.5, 0], atol=1e-7)
