"""A network cut open at its places of dropout: those it has, or else the usual ones."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from core.mechanisms.monte_carlo import answers_alone, answers_without_dropout, features_at
from core.mechanisms.places import Place, Rates, cut_open
from core.model import build_network
from core.settings import Value
from tests.core.small import small

pytestmark = pytest.mark.usefixtures("warm")


def network(**changes: Value) -> keras.Model:
    return build_network(small(blocks=2, **changes), (8, 8, 1), 10)


def named(model: keras.Model, **options: bool) -> list[tuple[str, float]]:
    return [(place.after, place.trained_rate) for place in cut_open(model, **options).places]


def test_a_network_without_dropout_is_cut_where_the_settings_would_put_it() -> None:
    assert named(network()) == [("pool_1", 0.0), ("pool_2", 0.0), ("relu_dense", 0.0)]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"pooling": "none"},
        {"batch_normalization": True},
        {"batch_normalization": True, "batch_normalization_place": "after"},
    ],
)
def test_the_usual_places_are_exactly_those_of_a_network_that_has_dropout(
    changes: dict[str, Value],
) -> None:
    has = network(dropout_dense=0.5, dropout_convolution=0.25, **changes)
    assert [name for name, _ in named(network(**changes))] == [name for name, _ in named(has)]
    assert [rate for _, rate in named(has)] == [0.25, 0.25, 0.5]


def test_a_part_that_has_dropout_keeps_its_places_and_the_other_gets_the_usual_ones() -> None:
    assert named(network(dropout_dense=0.3)) == [
        ("pool_1", 0.0),
        ("pool_2", 0.0),
        ("relu_dense", 0.3),
    ]


def test_whole_maps_count_as_one_unit_each() -> None:
    spatial = cut_open(network(dropout_convolution=0.2, dropout_kind="spatial")).places[0]
    assert spatial.whole_maps
    assert spatial.shape == (4, 4, 4)
    assert (spatial.mask_shape, spatial.units) == ((1, 1, 4), 4)
    single = cut_open(network()).places[0]
    assert (single.mask_shape, single.units) == ((4, 4, 4), 64)
    assert cut_open(network(), whole_maps=True).places[0].units == 4


def test_gaussian_dropout_stands_in_the_same_places_and_is_called_by_its_name() -> None:
    rates: dict[str, Value] = {"dropout_dense": 0.5, "dropout_convolution": 0.25}
    assert named(network(**rates, dropout_kind="gaussian")) == named(network(**rates))
    assert cut_open(network(**rates, dropout_kind="gaussian")).gaussian
    assert not cut_open(network(**rates)).gaussian
    # Gaussian noise that is added is no dropout.
    assert cut_open(network(noise=0.2, noise_place="blocks")).trained == Rates(0.0, 0.0)


def test_the_rates_start_as_trained_and_at_the_classic_one_without_dropout() -> None:
    assert cut_open(network()).start == Rates(0.5, 0.0)
    assert cut_open(network(dropout_convolution=0.2)).start == Rates(0.0, 0.2)
    assert cut_open(network()).trained == Rates(0.0, 0.0)


def test_units_are_counted_where_dropout_is_on() -> None:
    cut = cut_open(network())
    assert cut.silenced_units(Rates(0.5, 0.0)) == 16
    assert cut.silenced_units(Rates(0.5, 0.1)) == 16 + 64 + 2 * 2 * 8
    assert cut.silenced_units(Rates(0.0, 0.0)) == 0
    assert cut.expected_silent(Rates(0.5, 0.25)) == 8 + 16 + 8


def test_the_first_active_place_is_where_something_falls_silent() -> None:
    cut = cut_open(network())
    assert cut.first_active(Rates(0.5, 0.0)) == 2
    assert cut.first_active(Rates(0.5, 0.1)) == 0
    assert cut.first_active(Rates(0.0, 0.0)) == 2


def test_the_stretches_together_are_the_network() -> None:
    model = network(dropout_dense=0.5, dropout_convolution=0.2, batch_normalization=True)
    cut, images = cut_open(model), np.random.default_rng(1).random((7, 8, 8, 1), np.float32)
    wanted = model.predict(images, verbose=0)  # Keras's own, dropout off
    for place in range(3):
        features = features_at(cut, place, images)
        np.testing.assert_allclose(answers_without_dropout(cut, place, features), wanted, atol=1e-6)
    np.testing.assert_allclose(answers_alone(cut, images[3]), wanted[3], atol=1e-6)


def test_rates_are_by_the_part_of_the_network() -> None:
    rates = Rates(dense=0.5, blocks=0.1)
    assert rates.at(Place("relu_dense", True, False, 0.0, (16,))) == 0.5
    assert rates.at(Place("pool_1", False, False, 0.0, (4, 4, 4))) == 0.1
