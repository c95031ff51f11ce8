"""The plan of a network, against what Keras itself makes of it."""

from __future__ import annotations

import itertools
import math

import pytest

from core.errors import LearnscopeError
from core.memory import in_bytes, memory_of_layers
from core.model import build_network, build_optimizer
from core.network import plan_network
from core.settings import Settings, from_mapping
from tests.core.small import small

pytestmark = pytest.mark.usefixtures("warm")

SHAPES = [
    {"blocks": blocks, "pooling": pooling, "kernel_size": side, "filters": 3, "dense_units": 8}
    for blocks, (pooling, side) in itertools.product(
        (1, 2, 3), (("max", 3), ("average", 5), ("none", 7))
    )
]
MIXTURES = [
    {"batch_normalization": True, "batch_normalization_place": "after", "dropout_dense": 0.5},
    {"batch_normalization": True, "dropout_convolution": 0.2, "spatial_dropout": True},
    {"l1": 0.001, "l2": 0.01, "dropout_convolution": 0.2},
    {"normalization": "layer", "noise": 0.1, "max_norm": 3.0, "dropout_dense": 0.5},
    {"normalization": "group", "noise": 0.1, "noise_place": "blocks", "filters": 8}
    | {"dropout_convolution": 0.2, "dropout_dense": 0.5, "dropout_kind": "gaussian"},
]


def plan(image_shape: tuple[int, int, int] = (8, 8, 1), classes: int = 10, **changes: object):
    return plan_network(small(**changes), image_shape, classes)


@pytest.mark.parametrize("image_shape", [(8, 8, 1), (29, 13, 3)], ids=str)
@pytest.mark.parametrize("changes", [*SHAPES, *MIXTURES], ids=str)
def test_shapes_and_weights_of_every_layer_are_those_of_keras(changes, image_shape):
    settings = small(**changes)
    planned = plan_network(settings, image_shape, 7)
    model = build_network(settings, image_shape, 7)
    by_keras = [
        (layer.name, type(layer).__name__, layer.output.shape[1:], layer.count_params())
        for layer in model.layers[1:]
    ]
    ours = [(layer.name, layer.kind, layer.output_shape, layer.weights) for layer in planned.layers]
    assert ours == by_keras
    assert planned.weights == model.count_params()


def test_the_default_network_by_hand():
    """MNIST: two blocks of 16 and 32 filters, 128 dense units, ten classes."""
    planned = plan_network(Settings(), (28, 28, 1), 10)
    assert [(layer.name, layer.output_shape, layer.weights) for layer in planned.layers] == [
        ("conv_1", (28, 28, 16), 3 * 3 * 1 * 16 + 16),
        ("relu_1", (28, 28, 16), 0),
        ("pool_1", (14, 14, 16), 0),
        ("conv_2", (14, 14, 32), 3 * 3 * 16 * 32 + 32),
        ("relu_2", (14, 14, 32), 0),
        ("pool_2", (7, 7, 32), 0),
        ("flatten", (7 * 7 * 32,), 0),
        ("dense", (128,), 1568 * 128 + 128),
        ("relu_dense", (128,), 0),
        ("classes", (10,), 128 * 10 + 10),
    ]


def test_everything_at_once_stands_in_this_order():
    everything = {"batch_normalization": True, "dropout_convolution": 0.2, "dropout_dense": 0.5}
    assert [layer.name for layer in plan(**everything).layers] == [
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


def test_normalization_after_the_activation_stands_behind_it():
    names = [
        layer.name
        for layer in plan(batch_normalization=True, batch_normalization_place="after").layers
    ]
    assert names[:4] == ["conv_1", "relu_1", "batch_normalization_1", "pool_1"]


def test_noise_stands_ahead_of_the_network_or_behind_each_block_and_dropout_behind_it():
    noisy = {"noise": 0.1, "blocks": 2, "dropout_convolution": 0.2}
    names = [layer.name for layer in plan(**noisy).layers]
    assert names[:2] == ["noise", "conv_1"]
    names = [layer.name for layer in plan(noise_place="blocks", **noisy).layers]
    assert names[:5] == ["conv_1", "relu_1", "pool_1", "noise_1", "dropout_1"]
    assert "noise_2" in names
    assert "noise" not in names


@pytest.mark.parametrize(
    ("kind", "in_blocks", "behind_dense"),
    [
        ("standard", "Dropout", "Dropout"),
        ("spatial", "SpatialDropout2D", "Dropout"),
        ("gaussian", "GaussianDropout", "GaussianDropout"),
    ],
)
def test_the_kind_of_dropout_chooses_the_layers(kind, in_blocks, behind_dense):
    layers = plan(dropout_convolution=0.2, dropout_dense=0.5, dropout_kind=kind).layers
    assert [(layer.name, layer.kind) for layer in layers if "dropout" in layer.name] == [
        ("dropout_1", in_blocks),
        ("dropout_dense", behind_dense),
    ]


def test_layer_normalization_of_maps_is_group_normalization_with_one_group():
    layers = plan(normalization="layer").layers
    assert [(one.name, one.kind, dict(one.options)) for one in layers if "norm" in one.name] == [
        ("layer_normalization_1", "GroupNormalization", {"groups": 1}),
        ("layer_normalization_dense", "LayerNormalization", {}),
    ]


@pytest.mark.parametrize(
    ("changes", "channels", "where"),
    [
        ({"filters": 6, "normalization_groups": 4}, 6, "group_normalization_1"),
        ({"filters": 8, "normalization_groups": 16}, 8, "group_normalization_1"),
        ({"dense_units": 18, "normalization_groups": 4}, 18, "group_normalization_dense"),
    ],
    ids=str,
)
def test_channels_that_cannot_be_divided_into_groups_are_refused_with_the_layer(
    changes, channels, where
):
    with pytest.raises(LearnscopeError) as refusal:
        plan(normalization="group", **changes)
    assert str(refusal.value) == (
        f"Expected a number of groups that divides the {channels} channels before {where}. "
        f"Received: {changes['normalization_groups']}. Use fewer groups, or a number of filters "
        "and dense units that is a multiple of it."
    )


def test_every_layer_with_a_kernel_has_the_bound_and_no_other():
    layers = plan(max_norm=3.0, normalization="batch").layers
    assert {layer.name: layer.max_norm for layer in layers if layer.max_norm} == {
        "conv_1": 3.0,
        "dense": 3.0,
        "classes": 3.0,
    }
    assert not any(layer.max_norm for layer in plan().layers)


def test_what_is_off_is_not_planned():
    off = {"dropout_kind": "spatial", "noise_place": "blocks", "normalization_groups": 2}
    kinds = {layer.kind for layer in plan(pooling="none", **off).layers}
    assert kinds == {"Conv2D", "Activation", "Flatten", "Dense"}


def test_every_layer_with_a_kernel_has_the_penalty_and_no_other():
    layers = plan(l1=0.001, l2=0.01, batch_normalization=True).layers
    priced = {layer.name for layer in layers if layer.penalty is not None}
    assert priced == {"conv_1", "dense", "classes"}
    assert {
        layer.penalty for layer in layers if layer.penalty is not None and layer.penalty.charged
    }
    assert not any(layer.penalty.charged for layer in plan().layers if layer.penalty is not None)


# Maps that shrink to nothing


@pytest.mark.parametrize(
    ("image_shape", "blocks", "sizes", "culprit"),
    [
        ((8, 8, 1), 4, "1x1", "pool_4"),
        ((28, 28, 1), 4, None, None),
        ((15, 15, 1), 4, "1x1", "pool_4"),
        ((16, 3, 1), 2, "8x1", "pool_2"),
        ((1, 1, 1), 1, "1x1", "pool_1"),
    ],
    ids=str,
)
def test_maps_that_shrink_to_nothing_are_refused_with_the_layer_that_does_it(
    image_shape, blocks, sizes, culprit
):
    if culprit is None:
        assert plan(image_shape, blocks=blocks).layers[-1].name == "classes"
        return
    with pytest.raises(LearnscopeError) as refusal:
        plan(image_shape, blocks=blocks)
    assert str(refusal.value) == (
        f"Expected maps of at least 2x2 numbers before {culprit}. Received: {sizes}, which it "
        "would halve to nothing. Use fewer convolution blocks, or no pooling."
    )


def test_without_pooling_nothing_shrinks():
    layers = plan(pooling="none", blocks=4).layers
    assert {layer.output_shape[:2] for layer in layers if layer.kind == "Conv2D"} == {(8, 8)}


# Memory


def test_memory_by_hand():
    """Digits, 4 filters, 16 units, batches of 32, Adam: each number takes 4 bytes.

    Weights are there four times (themselves, gradient, two moments of Adam), outputs twice.
    """
    settings = small(optimizer="adam", batch_size=32)
    assert memory_of_layers(plan_network(settings, (8, 8, 1), 10), settings) == {
        "conv_1": 4 * (4 * 40 + 2 * 32 * 256),
        "relu_1": 4 * (2 * 32 * 256),
        "pool_1": 4 * (2 * 32 * 64),
        "flatten": 4 * (2 * 32 * 64),
        "dense": 4 * (4 * 1040 + 2 * 32 * 16),
        "relu_dense": 4 * (2 * 32 * 16),
        "classes": 4 * (4 * 170 + 2 * 32 * 10),
    }


@pytest.mark.parametrize("averaging", ["none", "ema"])
@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "rmsprop"])
def test_as_much_is_counted_for_the_optimizer_as_keras_s_own_remembers(optimizer, averaging):
    settings = small(optimizer=optimizer, batch_size=1, averaging=averaging)
    model, optimizing = (
        build_network(settings, (8, 8, 1), 10),
        build_optimizer(settings.optimisation),
    )
    optimizing.build(model.trainable_variables)
    # Step and learning rate are single numbers.
    slots = [variable.shape for variable in optimizing.variables if len(variable.shape)]
    remembered = sum(map(math.prod, slots))
    planned = plan_network(settings, (8, 8, 1), 10)
    outputs = sum(math.prod(layer.output_shape) for layer in planned.layers)
    total = sum(memory_of_layers(planned, settings).values())
    assert total == 4 * (2 * model.count_params() + remembered + 2 * outputs)


def test_the_equal_average_takes_a_copy_of_each_weight():
    plain, averaged = (small(normalization="batch", averaging=kind) for kind in ("none", "swa"))
    planned = plan_network(plain, (8, 8, 1), 10)
    bytes_of = [sum(memory_of_layers(planned, one).values()) for one in (plain, averaged)]
    assert bytes_of[1] - bytes_of[0] == 4 * build_network(plain, (8, 8, 1), 10).count_params()


def test_a_larger_batch_takes_more_memory_for_maps_and_none_for_weights():
    planned = plan()
    totals = [
        sum(memory_of_layers(planned, small(batch_size=batch_size)).values())
        for batch_size in (10, 20, 30)
    ]
    assert totals[2] - totals[1] == totals[1] - totals[0] > 0


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (66_176, "66.2 kB"),
        (99_960, "100 kB"),
        (194_592, "195 kB"),
        (999_700, "1.0 MB"),
        (3_400_000, "3.4 MB"),
        (8_000_000_000, "8.0 GB"),
        (1_500_000_000_000_000, "1500 TB"),
    ],
)
def test_bytes_in_words(count, words):
    assert in_bytes(count) == words


def test_any_settings_within_the_limits_can_be_planned_for_large_images():
    settings = from_mapping({"blocks": 4, "filters": 256, "dense_units": 2048, "pooling": "none"})
    assert plan_network(settings, (32, 32, 3), 10).weights > 4_000_000_000
