"""Responses in figures, against maps made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.inside import response_figures as figures


def maps(*powers: float) -> np.ndarray:
    """Flat maps of 2 x 2, one for each mean square."""
    return np.sqrt(np.array(powers)) * np.ones((2, 2, 1))


def test_zeros_and_silent_maps_are_counted():
    some = maps(4, 0, 1)
    some[0, 0, 2] = 0
    assert figures.silent_maps(some) == 1
    assert figures.share_of_zeros(some) == pytest.approx(5 / 12)


@pytest.mark.parametrize(
    ("powers", "expected"), [((3, 0, 0), 1), ((2, 2, 2), 3), ((1, 1, 0), 2), ((3, 1), 1.6)]
)
def test_the_strength_is_spread_over_as_many_maps_as_share_it(powers, expected):
    assert figures.effective_maps(maps(*powers)) == pytest.approx(expected, rel=1e-5)


def test_silence_is_spread_over_no_map():
    assert figures.effective_maps(maps(0, 0)) == 0


def test_the_table_has_a_column_for_each_run():
    table = figures.side_by_side({"A": maps(4, 0), "B": maps(1, 1)})
    assert [row["A"] for row in table] == ["50.0%", "1 of 2", "1.41", "1.0 of 2"]
    assert [row["B"] for row in table] == ["0.0%", "0 of 2", "1", "2.0 of 2"]
