"""What kernels cost, whose share that is, and how many of their weights are small."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest

from core.errors import LearnscopeError
from core.inside.kernel_history import KernelHistory
from core.library.records import Movement, run_name
from core.mechanisms.layer_kernels import copy_of, layer_kernels, penalty_terms
from core.mechanisms.penalty_share import penalty_shares, prices
from core.mechanisms.priced_twin import (
    OFFERED,
    is_priced,
    names_apart,
    only_the_price_differs,
    priced,
)
from core.mechanisms.small_weights import (
    THRESHOLDS,
    shares_below,
    shares_over_epochs,
    small_weights,
)
from core.mechanisms.weight_records import LayerKernel
from core.model import build_network
from core.settings import Change, Settings
from tests.core.made_runs import made_epochs, made_run
from tests.core.small import small


def kernel(values: list[float], l1: float = 0.0, l2: float = 0.0, name: str = "one") -> LayerKernel:
    return LayerKernel(name, "Dense", np.array(values, np.float32)[:, np.newaxis], l1, l2)


def network(**changes: float) -> keras.Model:
    return build_network(small(**changes), (8, 8, 1), 10)


def test_two_weights_cost_what_is_reckoned_by_hand() -> None:
    (term,) = penalty_terms([kernel([3.0, -4.0], l1=0.5, l2=0.1)])
    assert (term.absolute_sum, term.square_sum, term.weights) == (7.0, 25.0, 2)
    assert (term.l1, term.l2, term.both) == pytest.approx((3.5, 2.5, 6.0))


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("prices", [{"l1": 0.001}, {"l2": 0.01}, {"l1": 0.003, "l2": 0.1}])
def test_each_layers_penalty_is_keras_own_loss(prices: dict[str, float]) -> None:
    model = network(**prices)
    terms = penalty_terms(layer_kernels(model))
    assert [term.layer for term in terms] == ["conv_1", "dense", "classes"]
    own = [float(sum(model.get_layer(term.layer).losses)) for term in terms]
    np.testing.assert_allclose([term.both for term in terms], own, rtol=1e-5)
    np.testing.assert_allclose(sum(own), float(sum(model.losses)), rtol=1e-5)


@pytest.mark.usefixtures("warm")
def test_weights_without_a_price_cost_nothing() -> None:
    assert [term.both for term in penalty_terms(layer_kernels(network()))] == [0, 0, 0]


@pytest.mark.usefixtures("warm")
def test_weights_that_are_no_numbers_are_refused_in_words() -> None:
    model = network()
    broken = model.get_weights()
    broken[0][0, 0, 0, 0] = np.nan
    model.set_weights(broken)
    with pytest.raises(LearnscopeError, match=r"finite weights.*1 in conv_1"):
        layer_kernels(model)


@pytest.mark.usefixtures("warm")
def test_a_copy_may_change_and_the_network_stays() -> None:
    model = network(l2=0.01)
    before = model.get_weights()
    copy = copy_of(model)
    for one, other in zip(copy.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)
    copy.set_weights([np.zeros_like(weight) for weight in before])
    for one, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_share_is_penalty_over_loss_with_penalty() -> None:
    """Fair losses 0.03 and 0.09 beside a penalty of 0.01: a quarter, and a tenth."""
    shares = penalty_shares(made_epochs([0.28, 0.34]))
    np.testing.assert_array_equal(shares.epochs, [1, 2])
    np.testing.assert_allclose(shares.values, [0.25, 0.1])


@pytest.mark.usefixtures("warm")
def test_the_price_of_any_weights_is_that_of_keras_l2_on_them() -> None:
    kernels = layer_kernels(network())
    movements = [
        Movement(1, one.layer, float(np.linalg.norm(one.values)), 0.1) for one in kernels
    ] + [Movement(2, "conv_1", 2.0, 0.1)]
    found = prices(movements, 0.05)
    l2 = keras.regularizers.L2(0.05)
    np.testing.assert_array_equal(found.epochs, [1, 2])
    expected = sum(float(l2(one.values)) for one in kernels)
    np.testing.assert_allclose(found.values, [expected, 0.05 * 4.0], rtol=1e-5)


def test_small_weights_are_counted_by_hand() -> None:
    kernels = [kernel([0.0, 0.001, -0.5, 2.0]), kernel([0.0009, -0.0001], name="two")]
    found = small_weights(kernels, 0.001)
    assert found.layers == ("one", "two")
    np.testing.assert_allclose(found.shares, [0.25, 1.0])
    assert (found.total, found.zeros, found.weights) == (0.5, 1, 6)


def test_the_curve_says_what_counting_says_at_every_stop() -> None:
    rng = np.random.default_rng(1)
    kernels = [
        kernel(rng.normal(0, 0.1, 500).tolist()),
        kernel([*THRESHOLDS, 0.0, -0.1], name="two"),
    ]
    curve = shares_below(kernels, np.array(THRESHOLDS))
    counted = [small_weights(kernels, threshold).total for threshold in THRESHOLDS]
    np.testing.assert_allclose(curve, counted)


def test_the_share_over_epochs_counts_all_recorded_layers() -> None:
    one = np.array([[1.0, 0.1], [0.01, 0.1]], np.float32).reshape(2, 1, 1, 1, 2)
    two = np.array([[1.0, 1.0], [0.01, 0.01]], np.float32).reshape(2, 1, 1, 2, 1)
    history = KernelHistory(np.array([0, 1]), {"one": one, "two": two})
    np.testing.assert_allclose(shares_over_epochs(history, 0.05), [0.0, 0.75])


def test_a_priced_twin_differs_in_its_price_alone() -> None:
    for name, price in OFFERED.items():
        twin = priced(Settings(), price)
        assert is_priced(twin) and not is_priced(Settings())
        assert only_the_price_differs(twin, Settings())
        assert getattr(twin.regularization, name) == price.strength
    assert not only_the_price_differs(Settings(), Settings())
    assert not only_the_price_differs(small(l2=0.01), Settings())
    assert is_priced(small(optimizer="adamw"))
    assert not is_priced(small(optimizer="adamw", weight_decay=0.0))
    assert not is_priced(small(weight_decay=0.01))


def test_a_price_that_was_turned_on_in_mid_run_is_a_price() -> None:
    on = Change("l2", 0.0, 0.01, 3, 12)
    assert is_priced(Settings(), [on, Change("l2", 0.01, 0.0, 5, 20)])
    assert not is_priced(Settings(), [Change("dropout_dense", 0.2, 0.5, 2, 6)])


def test_runs_that_nobody_named_are_called_by_what_sets_them_apart() -> None:
    plain, twin = (
        dataclasses.replace(run, name=run_name("", run.settings))
        for run in (made_run(), made_run(settings={"l2": 0.001}))
    )
    assert names_apart([plain, twin]) == ["L2 strength off", "L2 strength 0.001"]
    assert names_apart([plain]) == [plain.name]
    named = dataclasses.replace(twin, name="Mine")
    assert names_apart([plain, named]) == ["L2 strength off", "Mine"]
