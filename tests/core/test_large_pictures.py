"""Large pictures in bands, against the maps of the whole picture at once."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from core.inside import large_pictures, responses
from core.inside.stages import layer_stages

L = keras.layers


def network(padding: str, normalization: keras.Layer | None = None, **how) -> keras.Model:
    image = keras.Input((12, 12, 1))
    maps = L.Conv2D(5, 3, padding=padding, name="conv", bias_initializer="ones", **how)(image)
    if normalization is not None:
        maps = normalization(maps)
    return keras.Model(image, L.ReLU()(maps))


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("stage", ["before_activation", "activation"])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("band", [1, 2000, 10**9])
@pytest.mark.parametrize("normalized", [False, True])
def test_bands_give_what_the_whole_picture_gives_at_once(
    padding, stage, dilation, band, normalized
):
    after = L.BatchNormalization() if normalized else None
    model = network(padding, after, dilation_rate=dilation)
    picture = np.random.default_rng(1).random((103, 77, 1), np.float32)
    maps = getattr(layer_stages(model, "conv", picture), stage)
    expected = responses.preview(maps, 20)
    got = large_pictures.large_responses(model, "conv", picture, stage, 20, band)
    order = responses.strongest_first(maps)
    assert got.small.step == expected.step and got.size == maps.shape[:2]
    np.testing.assert_array_equal(got.ranking.filters, order.filters)
    np.testing.assert_allclose(got.ranking.strengths, order.strengths, rtol=1e-5)
    np.testing.assert_allclose(got.small.maps, expected.maps[:, :, order.filters], atol=1e-5)


@pytest.mark.parametrize("groups", [1, 3])
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_bands_of_a_colour_picture_also_in_groups(groups, padding):
    image = keras.Input((12, 12, 3))
    layer = L.Conv2D(6, (3, 5), padding=padding, groups=groups, name="conv")
    model = keras.Model(image, L.ReLU()(layer(image)))
    picture = np.random.default_rng(2).random((64, 40, 3), np.float32)
    maps = layer_stages(model, "conv", picture).before_activation
    got = large_pictures.large_responses(model, "conv", picture, longest=20, band=2000)
    order = responses.strongest_first(maps).filters
    np.testing.assert_array_equal(got.ranking.filters, order)
    expected = responses.preview(maps, 20).maps[:, :, order]
    np.testing.assert_allclose(got.small.maps, expected, atol=1e-5)


def test_what_looks_at_the_whole_map_does_not_go_in_bands():
    assert large_pictures.goes_in_bands(network("same"), "conv")
    assert large_pictures.goes_in_bands(network("same", L.BatchNormalization()), "conv")
    assert not large_pictures.goes_in_bands(network("same", L.GroupNormalization(5)), "conv")
    assert not large_pictures.goes_in_bands(network("same", strides=2), "conv")


@pytest.mark.parametrize(
    ("across", "down", "corner"), [(0.5, 0.5, (50, 100)), (0, 0, (0, 0)), (1, 1, (100, 200))]
)
def test_a_square_at_full_resolution_stays_within_the_picture(across, down, corner):
    picture = np.arange(200 * 300, dtype=np.float32).reshape(200, 300, 1)
    part, found = large_pictures.full_resolution(picture, across, down, 100)
    assert found == corner and part.shape == (100, 100, 1)
    assert part[0, 0, 0] == corner[0] * 300 + corner[1]
