"""Filters switched off: networks whose answer is known, selectivity and ranks by hand."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from core.errors import LearnscopeError
from core.inside import bench_network
from core.inside.ablation import (
    SEEDS,
    FilterOff,
    OffCurve,
    class_selectivity,
    counts_of,
    guessing,
    largest_first,
    orders_of,
    selectivity_against_drop,
    together_in_words,
)
from core.inside.bench_network import BenchNetwork, off_alone
from core.inside.changed_answers import change_between, drop_between


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """Half of them dark, half bright."""
    light = np.repeat([0.1, 0.9], 300)
    return np.tile(light[:, None, None, None], (1, 4, 4, 1)).astype(np.float32)


LABELS = np.repeat([0, 1], 300)


def one_filter_decides(normalization: bool = False) -> keras.Model:
    """Filter 1 of three passes the brightness on; only it is read."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            layers.Conv2D(3, 1, name="conv"),
            *([layers.BatchNormalization(name="norm")] if normalization else []),
            layers.Activation("relu", name="relu"),
            layers.Dropout(0.5, seed=1),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2, activation="softmax", name="classes"),
        ]
    )
    model.get_layer("conv").set_weights(
        [np.array([[[[0.7, 1.0, -0.3]]]], np.float32), np.array([0.1, 0.2, 0.5], np.float32)]
    )
    reads = np.zeros((3, 2), np.float32)
    reads[1] = [-9, 9]
    model.get_layer("classes").set_weights([reads, np.array([6.0, -6.0], np.float32)])
    return model


@pytest.fixture(scope="module")
def decided(warm: None) -> keras.Model:
    return one_filter_decides()


@pytest.fixture(scope="module")
def bench(decided: keras.Model, images: np.ndarray) -> BenchNetwork:
    return BenchNetwork(decided, "conv", images)


def accuracy(answers: np.ndarray) -> float:
    return float((answers.argmax(axis=1) == LABELS).mean())


def test_without_the_one_filter_that_decides_accuracy_is_chance(bench: BenchNetwork) -> None:
    assert accuracy(bench.answers_without([])) == 1
    assert accuracy(bench.answers_without([1])) == 0.5


def test_without_a_filter_that_nobody_reads_no_answer_changes(bench: BenchNetwork) -> None:
    for off in ([0], [2], [0, 2]):
        change = change_between(bench.answers_without([]), bench.answers_without(off), LABELS)
        assert change.same and change.drop.value == 0


def test_a_filter_alone_is_measured_by_accuracy_loss_and_norm(bench: BenchNetwork) -> None:
    before = bench.answers_without([])
    found = off_alone(bench, 1, before, LABELS, np.array([0.1, 0.7, 0.3]))
    # Without it the first class is always said, with the same probability: of 6 and -6, e^12 : 1.
    assert (found.drop.lost, found.drop.won, found.drop.value) == (300, 0, 0.5)
    learned = -np.log(before[np.arange(600), LABELS].astype(float)).mean()
    assert found.loss == pytest.approx((12 + 2 * np.log1p(np.exp(-12))) / 2 - learned, rel=1e-4)
    assert (found.norm, found.selectivity) == (1, 0.7)


def test_off_is_a_kernel_and_a_bias_of_zero_by_keras(
    bench: BenchNetwork, decided: keras.Model, images: np.ndarray
) -> None:
    twin = keras.models.clone_model(decided)
    twin.set_weights(decided.get_weights())
    kernel, bias = twin.get_layer("conv").get_weights()
    kernel[..., [0, 1]], bias[[0, 1]] = 0, 0
    twin.get_layer("conv").set_weights([kernel, bias])
    np.testing.assert_allclose(
        bench.answers_without([0, 1]), twin.predict(images, verbose=0), atol=1e-6
    )


def test_answers_are_those_of_keras_with_dropout_off(
    bench: BenchNetwork, decided: keras.Model, images: np.ndarray
) -> None:
    own = decided.predict(images, verbose=0)
    np.testing.assert_allclose(bench.answers_without([]), own, atol=1e-6)
    np.testing.assert_allclose(bench.answers_with(bench.kernels), own, atol=1e-6)


def test_replaced_by_itself_a_kernel_changes_nothing_bit_for_bit(bench: BenchNetwork) -> None:
    before = bench.answers_without([])
    assert change_between(before, bench.answers_with(bench.kernels.copy()), LABELS).same


def test_a_replaced_kernel_answers_as_keras_with_it_and_is_taken_back(
    bench: BenchNetwork, decided: keras.Model, images: np.ndarray
) -> None:
    other = bench.kernels.copy()
    other[..., 1] = -1
    twin = keras.models.clone_model(decided)
    twin.set_weights(decided.get_weights())
    twin.get_layer("conv").kernel.assign(other)
    np.testing.assert_allclose(
        bench.answers_with(other), twin.predict(images, verbose=0), atol=1e-6
    )
    assert accuracy(bench.answers_with(bench.kernels)) == 1


def test_the_given_network_is_never_changed(decided: keras.Model, images: np.ndarray) -> None:
    before = [weight.copy() for weight in decided.get_weights()]
    bench = BenchNetwork(decided, "conv", images)
    bench.answers_with(np.zeros_like(bench.kernels))
    bench.answers_without([0, 1, 2])
    for was, now in zip(before, decided.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)


def test_maps_too_large_to_keep_give_the_same_answers(
    decided: keras.Model, images: np.ndarray, monkeypatch: pytest.MonkeyPatch, bench: BenchNetwork
) -> None:
    monkeypatch.setattr(bench_network, "_KEPT_BYTES", 0)
    unkept = BenchNetwork(decided, "conv", images)
    np.testing.assert_array_equal(unkept.answers_without([0]), bench.answers_without([0]))


def test_activity_is_the_mean_of_the_map_after_the_activation(bench: BenchNetwork) -> None:
    activity = bench.mean_activity()
    # relu(0.7 x + 0.1), relu(x + 0.2), relu(0.5 - 0.3 x) at x = 0.1 and 0.9
    np.testing.assert_allclose(activity[0], [0.17, 0.3, 0.47], atol=1e-6)
    np.testing.assert_allclose(activity[-1], [0.73, 1.1, 0.23], atol=1e-6)


def test_behind_batch_normalization_off_is_a_named_constant(warm: None, images: np.ndarray) -> None:
    model = one_filter_decides(normalization=True)
    gamma, beta, mean = np.float32([2, 1, 1]), np.float32([0.5, 0, 1]), np.float32([3, 0, 0])
    variance = np.full(3, 4 - 1e-3, np.float32)  # with epsilon, a spread of 2
    model.get_layer("norm").set_weights([gamma, beta, mean, variance])
    off = BenchNetwork(model, "conv", images).off
    np.testing.assert_allclose(off.constants, [-2.5, 0, 1], atol=1e-5)
    assert "norm makes a constant of that, not 0" in off.words
    assert "from -2.5 to 1" in off.words


def test_with_an_activation_of_its_own_off_is_the_activation_of_zero(
    warm: None, images: np.ndarray
) -> None:
    model = keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            keras.layers.Conv2D(2, 3, activation="sigmoid", name="conv"),
            keras.layers.Flatten(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    bench = BenchNetwork(model, "conv", images[:3])
    assert bench.off.value == 0.5 and "0.5 everywhere" in bench.off.words
    kernel, bias = model.layers[0].get_weights()
    kernel[..., 1], bias[1] = 0, 0
    model.layers[0].set_weights([kernel, bias])
    np.testing.assert_allclose(
        bench.answers_without([1]), model.predict(images[:3], verbose=0), atol=1e-6
    )


def test_a_network_without_its_head_is_refused(warm: None, images: np.ndarray) -> None:
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Conv2D(2, 3, name="conv")])
    with pytest.raises(LearnscopeError, match="Expected a whole network"):
        BenchNetwork(model, "conv", images)


def test_selectivity_by_hand() -> None:
    labels = np.array([0, 0, 1, 1, 2, 2])
    activity = np.array(
        [
            [4, 1, 5, 0, -1],
            [2, 1, 5, 0, 3],
            [1, 1, 0, 0, 3],
            [1, 1, 0, 0, 3],
            [2, 1, 0, 0, 3],
            [0, 1, 0, 0, -9],
        ],
        float,
    )
    # Filter 0: means 3, 1, 1: (3 - 1) / (3 + 1). Filter 4 answers below 0.
    np.testing.assert_allclose(class_selectivity(activity, labels), [0.5, 0, 1, np.nan, np.nan])


def off(number: int, lost: int, norm: float = 1.0, selectivity: float = 0.5) -> FilterOff:
    before = np.ones(100, bool)
    after = before.copy()
    after[:lost] = False
    return FilterOff(number, drop_between(before, after), lost / 10, norm, selectivity)


FOUND = [off(0, 5, 3.0, 0.1), off(1, 20, 1.0, 0.9), off(2, 1, 2.0, 0.3), off(3, 9, 4.0, np.nan)]


def test_ranks_are_by_drop_by_norm_and_by_the_seeds() -> None:
    assert [one.number for one in largest_first(FOUND)] == [1, 3, 0, 2]
    assert orders_of(FOUND, "drop", least_first=True) == [(2, 0, 3, 1)]
    assert orders_of(FOUND, "norm", least_first=False) == [(3, 0, 2, 1)]
    random = orders_of(FOUND, "random", least_first=True)
    assert len(random) == len(SEEDS) and all(sorted(order) == [0, 1, 2, 3] for order in random)
    assert random == orders_of(FOUND, "random", least_first=False) and len(set(random)) > 1


def test_rho_is_one_where_both_rise_together_and_leaves_unknown_filters_out() -> None:
    # Selectivity 0.1, 0.3, 0.9 against drops 5, 1, 20: ranks 1 2 3 against 2 1 3, rho 0.5.
    found = selectivity_against_drop(FOUND)
    assert found.rho == pytest.approx(0.5) and found.filters == 3
    assert "does not tell which filters matter" in found.words


def test_a_rise_beyond_chance_is_said_and_too_few_filters_are_not_judged() -> None:
    rising = selectivity_against_drop([off(n, n, selectivity=n / 10) for n in range(9)])
    assert rising.rho == pytest.approx(1) and "matter more" in rising.words
    alike = selectivity_against_drop([off(n, 3) for n in range(9)])
    assert np.isnan(alike.rho) and "no rank correlation" in alike.words


@pytest.mark.parametrize(("filters", "points"), [(1, 2), (8, 9), (16, 17), (64, 17)])
def test_a_curve_goes_from_none_to_all_in_few_points(filters: int, points: int) -> None:
    counts = counts_of(filters)
    assert len(counts) == points and counts[0] == 0 and counts[-1] == filters


@pytest.mark.parametrize(
    ("lost", "words"), [(25, "As much as"), (40, "More than"), (20, "Less than")]
)
def test_the_cost_together_is_held_against_the_sum(lost: int, words: str) -> None:
    said = together_in_words(FOUND[:2], off(9, lost).drop)
    assert f"cost 25.0% in sum, together **{lost}.0%**" in said and words in said


def test_one_answer_for_all_images_is_right_for_the_most_frequent_class() -> None:
    assert guessing(np.array([2, 0, 2, 1, 2])) == 0.6


def test_a_curve_has_the_mean_and_the_ends_of_its_orders() -> None:
    curve = OffCurve("random", (0, 1), np.array([[1.0, 0.5], [1.0, 0.1]]))
    assert curve.mean.tolist() == [1.0, 0.3]
    assert (curve.low.tolist(), curve.high.tolist()) == ([1.0, 0.1], [1.0, 0.5])
