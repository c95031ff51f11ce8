"""The units of one training step: masks, activations, and where each cell is drawn."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from core.figures.dropout import board_figure
from core.mechanisms.dropout import draw_mask
from core.mechanisms.dropout_records import WIDTH
from core.mechanisms.monte_carlo import answers_alone, features_at
from core.mechanisms.places import Rates, cut_open
from core.mechanisms.unit_board import draw_step
from core.model import build_network
from tests.core.small import small

pytestmark = pytest.mark.usefixtures("warm")
IMAGE = np.random.default_rng(4).random((8, 8, 1), np.float32)


@pytest.fixture(scope="module")
def network(warm: None) -> keras.Model:
    return build_network(small(blocks=2), (8, 8, 1), 10)


def test_every_layer_has_a_band_from_the_image_to_the_classes(network: keras.Model) -> None:
    step = draw_step(cut_open(network), Rates(0.5, 0.0), IMAGE, 1, 1)
    words = [band.words for band in step.bands]
    assert words[0] == "The image" and words[-1] == "The classes, by probability"
    assert [one.partition(":")[0] for one in words[1:4]] == ["pool_1", "pool_2", "relu_dense"]
    assert words[1].endswith("no dropout")
    assert f"16 units, {step.silent} silent" in words[3]


def test_silent_units_are_those_of_the_mask_and_the_others_are_turned_up(
    network: keras.Model,
) -> None:
    cut = cut_open(network)
    step = draw_step(cut, Rates(0.5, 0.0), IMAGE, 7, 3)
    mask = draw_mask(np.random.default_rng([7, 3, 2]), (16,), 0.5)
    dense = step.bands[3]
    np.testing.assert_array_equal(np.isfinite(dense.silenced).ravel(), ~mask)
    values = features_at(cut, 2, IMAGE[np.newaxis])[0]
    np.testing.assert_allclose(dense.values.ravel(), 2 * values * mask, rtol=1e-5)
    assert step.silent == (~mask).sum() and step.units == 16
    assert np.isnan(dense.strength[np.isfinite(dense.silenced)]).all()
    assert dense.units[0, 5].tolist() == [5, 0, 0]


def test_the_thinned_network_answers_with_what_still_plays(network: keras.Model) -> None:
    cut = cut_open(network)
    thinned = draw_step(cut, Rates(0.5, 0.0), IMAGE, 1, 1).thinned
    assert thinned.sum() == pytest.approx(1.0, abs=1e-5)
    whole = answers_alone(cut, IMAGE)
    assert np.abs(thinned - whole).max() > 1e-4
    np.testing.assert_allclose(
        draw_step(cut, Rates(0.0, 0.0), IMAGE, 1, 1).thinned, whole, atol=1e-6
    )


def test_one_step_is_always_the_same_and_the_next_is_another(network: keras.Model) -> None:
    cut, rates = cut_open(network), Rates(0.5, 0.2)
    first, again, following = (draw_step(cut, rates, IMAGE, 1, step) for step in (1, 1, 2))
    np.testing.assert_array_equal(first.thinned, again.thinned)
    assert np.abs(first.thinned - following.thinned).max() > 1e-4


def test_whole_maps_fall_silent_together(network: keras.Model) -> None:
    step = draw_step(cut_open(network, whole_maps=True), Rates(0.0, 0.5), IMAGE, 1, 1)
    band = step.bands[1]
    for number in range(4):
        cells = band.silenced[(band.units[:, :, 0] == number) & np.isfinite(band.values)]
        assert len(cells) == 16 and np.isfinite(cells).sum() in (0, 16)
    assert "maps silent" in band.words
    assert step.units == 4 + 8


def test_each_map_lies_in_its_tile_with_a_gap_between(network: keras.Model) -> None:
    cut = cut_open(network)
    band = draw_step(cut, Rates(0.5, 0.0), IMAGE, 1, 1).bands[1]
    maps = features_at(cut, 0, IMAGE[np.newaxis])[0]
    assert band.values.shape == (4, 4 * 5 - 1)
    np.testing.assert_allclose(band.values[:, 5:9], maps[:, :, 1], rtol=1e-5)
    assert np.isnan(band.values[:, 4]).all()
    assert band.units[2, 8].tolist() == [1, 2, 3]


def test_bands_lie_below_one_another_within_the_board(network: keras.Model) -> None:
    step = draw_step(cut_open(network), Rates(0.5, 0.0), IMAGE, 1, 1)
    for above, below in zip(step.bands, step.bands[1:], strict=False):
        assert below.top > above.bottom
        assert above.bottom < below.words_at < below.top
    assert all(band.cell * band.values.shape[1] <= WIDTH + 1e-9 for band in step.bands)
    assert step.height == step.bands[-1].bottom


def test_the_figure_has_a_playing_and_a_silent_trace_for_each_band(network: keras.Model) -> None:
    step = draw_step(cut_open(network), Rates(0.5, 0.0), IMAGE, 1, 1)
    figure = board_figure(step, 400, "step 1")
    assert len(figure.data) == 2 * len(step.bands)
    assert [note.text for note in figure.layout.annotations] == [b.words for b in step.bands]
    silent = figure.data[7]
    assert np.isfinite(silent.z).sum() == step.silent
    assert "silent" in silent.hovertemplate
    low, high = figure.layout.yaxis.range
    assert low > high  # the image is at the top
