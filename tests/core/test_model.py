"""The Keras model of a plan: its chance is its own, its layers are those of the settings."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.errors import LearnscopeError
from core.model import build_network, build_optimizer
from tests.core.small import small

pytestmark = pytest.mark.usefixtures("warm")

EVERYTHING = {
    "batch_normalization": True,
    "dropout_convolution": 0.2,
    "dropout_dense": 0.5,
    "l1": 0.001,
    "l2": 0.01,
    "max_norm": 3.0,
    "noise": 0.1,
}


def build(**changes: object) -> keras.Model:
    return build_network(small(**changes), (8, 8, 1), 10)


def numbers_of(model: keras.Model) -> list[np.ndarray]:
    """Weights, moving statistics and the seeds of dropout."""
    return [np.asarray(variable) for layer in model.layers for variable in layer.variables]


def same(first: keras.Model, second: keras.Model) -> bool:
    pairs = zip(numbers_of(first), numbers_of(second), strict=True)
    return all(np.array_equal(one, other) for one, other in pairs)


# Chance


def test_the_same_seed_gives_the_same_weights():
    assert same(build(seed=5, **EVERYTHING), build(seed=5, **EVERYTHING))


def test_another_seed_gives_other_weights_in_every_layer_that_has_a_kernel():
    one, other = build(seed=5), build(seed=6)
    for name in ("conv_1", "dense", "classes"):
        kernels = [np.asarray(model.get_layer(name).kernel) for model in (one, other)]
        assert not np.isclose(*kernels).any()


def test_layers_of_one_network_start_from_different_numbers():
    """Keras's initialisers with one seed would give every layer the same draws."""
    model = build(blocks=2, pooling="none", filters=1, dense_units=10, dropout_dense=0.5)
    first, second = (np.asarray(model.get_layer(f"conv_{n}").kernel).ravel() for n in (1, 2))
    assert abs(np.corrcoef(first, second[:9])[0, 1]) < 0.99


def test_first_weights_are_glorot_s_and_first_biases_nothing():
    """Uniform within sqrt(6 / (inputs + outputs)); Glorot and Bengio, 2010."""
    dense = build(dense_units=512, filters=16).get_layer("dense")
    kernel, limit = np.asarray(dense.kernel), (6 / (256 + 512)) ** 0.5
    assert abs(kernel).max() <= limit
    assert abs(kernel).max() == pytest.approx(limit, rel=0.001)
    assert kernel.std() == pytest.approx(limit / 3**0.5, rel=0.01)
    assert not np.asarray(dense.bias).any()


def test_the_same_seed_drops_the_same_units_and_each_step_others():
    images = np.ones((4, 8, 8, 1), np.float32)
    outputs = [
        [np.asarray(model(images, training=True)) for _ in range(2)]
        for model in (build(seed=3, dropout_dense=0.5), build(seed=3, dropout_dense=0.5))
    ]
    np.testing.assert_array_equal(outputs[0], outputs[1])
    assert not np.array_equal(outputs[0][0], outputs[0][1])


@pytest.fixture
def global_seeds() -> Iterator[None]:
    """Leaves the seeds of the process as they were."""
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 - the seed is the point
    yield
    random.setstate(python)
    np.random.set_state(numpy)  # noqa: NPY002


def next_numbers(between: object = None, **changes: object) -> list[float]:
    """What the generators that all threads share give next, with or without a network built."""
    random.seed(4)
    np.random.seed(4)  # noqa: NPY002
    tf.random.set_seed(4)
    tf.random.get_global_generator().reset_from_seed(4)
    if between is not None:
        between(**changes)
    return [
        random.random(),
        float(np.random.random()),  # noqa: NPY002
        float(tf.random.uniform(())),
        float(tf.random.get_global_generator().uniform(())),
        float(keras.random.uniform((), seed=keras.random.SeedGenerator())),
    ]


@pytest.mark.usefixtures("global_seeds")
def test_building_touches_no_seed_of_the_process():
    untouched = next_numbers()
    assert next_numbers(build, seed=9, **EVERYTHING) == untouched
    # Keras's own way does touch them, so that this test can see it.
    assert next_numbers(lambda: keras.layers.Dense(3)) != untouched


@pytest.mark.usefixtures("global_seeds")
def test_the_seeds_of_the_process_touch_no_network():
    random.seed(1)
    tf.random.set_seed(1)
    first = build(seed=9)
    random.seed(2)
    tf.random.set_seed(2)
    assert same(build(seed=9), first)


# Threads


def test_networks_built_in_many_threads_at_once_are_those_built_one_after_another():
    seeds = range(8)
    alone = [build(seed=seed, blocks=2, **EVERYTHING) for seed in seeds]
    ready = threading.Barrier(4)

    def build_together(seed: int) -> keras.Model:
        ready.wait(60)
        return build(seed=seed, blocks=2, **EVERYTHING)

    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(build_together, seeds))
    for one, other in zip(alone, together, strict=True):
        assert same(one, other)
        assert [layer.name for layer in one.layers] == [layer.name for layer in other.layers]


# Layers


def test_layers_have_the_names_of_the_plan():
    assert [layer.name for layer in build(**EVERYTHING).layers] == [
        "image",
        "noise",
        "conv_1",
        "batch_normalization_1",
        "relu_1",
        "pool_1",
        "dropout_1",
        "flatten",
        "dense",
        "batch_normalization_dense",
        "relu_dense",
        "dropout_dense",
        "classes",
    ]


def test_layers_have_the_numbers_of_the_settings():
    model = build(kernel_size=5, batch_normalization_momentum=0.8, **EVERYTHING)
    assert model.get_layer("conv_1").kernel.shape == (5, 5, 1, 4)
    assert model.get_layer("batch_normalization_1").momentum == 0.8
    assert model.get_layer("dropout_1").rate == 0.2
    assert model.get_layer("dropout_dense").rate == 0.5


@pytest.mark.parametrize(
    ("changes", "name", "kind"),
    [
        ({"pooling": "max"}, "pool_1", keras.layers.MaxPooling2D),
        ({"pooling": "average"}, "pool_1", keras.layers.AveragePooling2D),
        ({"dropout_convolution": 0.2}, "dropout_1", keras.layers.Dropout),
        (
            {"dropout_convolution": 0.2, "spatial_dropout": True},
            "dropout_1",
            keras.layers.SpatialDropout2D,
        ),
    ],
    ids=str,
)
def test_a_choice_chooses_the_layer(changes, name, kind):
    assert type(build(**changes).get_layer(name)) is kind


def test_average_pooling_takes_the_mean_of_two_by_two():
    image = np.arange(64, dtype=np.float32).reshape(1, 8, 8, 1)
    pooled = np.asarray(build(pooling="average", filters=1).get_layer("pool_1")(image))
    # The corner holds 0, 1, 8 and 9.
    assert pooled.shape == (1, 4, 4, 1)
    assert pooled[0, 0, 0, 0] == 4.5


@pytest.mark.parametrize(("l1", "l2"), [(0.0, 0.0), (0.1, 0.0), (0.0, 0.01), (0.1, 0.01)])
def test_the_penalty_is_the_price_of_all_kernels_and_of_no_bias(l1, l2):
    model = build(l1=l1, l2=l2, batch_normalization=True)
    kernels = [np.asarray(model.get_layer(name).kernel) for name in ("conv_1", "dense", "classes")]
    for name in ("conv_1", "dense", "classes"):
        model.get_layer(name).bias.assign(model.get_layer(name).bias + 3)
    by_hand = sum(l1 * abs(kernel).sum() + l2 * (kernel**2).sum() for kernel in kernels)
    assert float(sum(model.losses)) == pytest.approx(by_hand, rel=1e-5)


def test_l1_and_l2_at_once_are_the_elastic_net_of_keras():
    """lambda_1 |w| + lambda_2 w^2 over all kernels (Zou & Hastie, 2005)."""
    model = build(l1=0.1, l2=0.01)
    for name in ("conv_1", "dense", "classes"):
        priced = model.get_layer(name).kernel_regularizer
        assert type(priced) is keras.regularizers.L1L2
        assert (float(priced.l1), float(priced.l2)) == pytest.approx((0.1, 0.01))
    apart = [float(sum(build(**one).losses)) for one in ({"l1": 0.1}, {"l2": 0.01})]
    assert float(sum(model.losses)) == pytest.approx(sum(apart), rel=1e-5)


def test_the_bound_is_on_the_weights_into_each_filter_and_each_unit():
    model = build(max_norm=3.0)
    bounds = {
        layer.name: layer.kernel_constraint.get_config()
        for layer in model.layers
        if getattr(layer, "kernel_constraint", None) is not None
    }
    assert bounds == {
        "conv_1": {"max_value": 3.0, "axis": [0, 1, 2]},
        "dense": {"max_value": 3.0, "axis": 0},
        "classes": {"max_value": 3.0, "axis": 0},
    }


def test_the_outputs_are_probabilities():
    images = np.random.default_rng(1).random((5, 8, 8, 1), np.float32)
    probabilities = np.asarray(build()(images))
    assert probabilities.shape == (5, 10)
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_maps_that_shrink_to_nothing_are_refused():
    with pytest.raises(LearnscopeError, match="pool_4"):
        build(blocks=4)


# Optimizers


@pytest.mark.parametrize(
    ("optimizer", "kind", "own"),
    [
        ("adam", keras.optimizers.Adam, {"weight_decay": None}),
        ("adamw", keras.optimizers.AdamW, {"weight_decay": 0.02}),
        ("sgd", keras.optimizers.SGD, {"momentum": 0.5, "nesterov": False, "weight_decay": None}),
        ("rmsprop", keras.optimizers.RMSprop, {"momentum": 0.0, "weight_decay": None}),
    ],
)
def test_the_optimizer_is_the_chosen_one_with_its_own_numbers(optimizer, kind, own):
    """Momentum is SGD's and weight decay AdamW's; the others leave them at Keras's defaults."""
    settings = small(optimizer=optimizer, learning_rate=0.03, momentum=0.5, weight_decay=0.02)
    built = build_optimizer(settings.optimisation)
    assert type(built) is kind
    assert float(built.learning_rate) == pytest.approx(0.03)
    config = built.get_config()
    assert {name: config[name] for name in own} == own


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "rmsprop"])
def test_every_optimizer_can_clip_and_average_and_does_neither_unasked(optimizer):
    plain = build_optimizer(small(optimizer=optimizer).optimisation).get_config()
    assert (plain["global_clipnorm"], plain["use_ema"]) == (None, False)
    more = {"gradient_clipping": 0.5, "weight_averaging": True, "averaging_momentum": 0.9}
    config = build_optimizer(small(optimizer=optimizer, **more).optimisation).get_config()
    names = ("clipnorm", "global_clipnorm", "use_ema", "ema_momentum", "ema_overwrite_frequency")
    assert [config[name] for name in names] == [None, 0.5, True, 0.9, None]
