"""A network read out: opened safely, its layers in words, its weights spelled out."""

import json
import zipfile

import keras
import numpy as np
import pytest

from core.errors import LearnscopeError
from core.inside import layers
from core.inside.layer_records import histogram

L = keras.layers


def in_one_line() -> keras.Model:
    """A small network as Learnscope builds them: 8x8 gray, 4 filters, batch normalization."""
    image = keras.Input((8, 8, 1))
    maps = L.Conv2D(4, 3, padding="same", name="conv_1", kernel_regularizer="l2")(image)
    maps = L.BatchNormalization(name="batch_normalization_1")(maps)
    maps = L.Activation("relu", name="relu_1")(maps)
    maps = L.MaxPooling2D(2, name="pool_1")(maps)
    maps = L.Dropout(0.25, seed=3, name="dropout_1")(maps)
    row = L.Flatten(name="flatten")(maps)
    return keras.Model(image, L.Dense(10, "softmax", name="classes")(row))


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return in_one_line()


def test_a_saved_network_opens_with_the_same_weights(model, tmp_path):
    model.save(tmp_path / "best.keras")
    opened = layers.load_network(tmp_path / "best.keras")
    for before, after in zip(model.get_weights(), opened.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_a_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(LearnscopeError, match=r"no file called best\.keras"):
        layers.load_network(tmp_path / "best.keras")


@pytest.mark.parametrize("damage", ["cut short", "no archive", "empty"])
def test_a_damaged_file_is_a_sentence(model, tmp_path, damage):
    path = tmp_path / "best.keras"
    model.save(path)
    whole = path.read_bytes()
    path.write_bytes(
        {"cut short": whole[: len(whole) // 2], "no archive": b"hello", "empty": b""}[damage]
    )
    with pytest.raises(LearnscopeError, match="damaged"):
        layers.load_network(path)


def test_code_that_a_file_brings_along_is_not_run(tmp_path):
    """A Lambda layer is pickled Python: opening it would run whatever it holds."""
    path = tmp_path / "best.keras"
    image = keras.Input((4, 4, 1))
    keras.Model(image, L.Lambda(lambda x: x * 2)(image)).save(path)
    assert "Lambda" in json.loads(zipfile.ZipFile(path).read("config.json")).__str__()
    with pytest.raises(LearnscopeError, match="code of its own"):
        layers.load_network(path)


def test_the_table_names_layers_in_order_with_shapes_and_weights(model):
    rows = [(row.name, row.kind, row.output, row.weights) for row in layers.layer_table(model)]
    assert rows == [
        ("conv_1", "Conv2D", "8 x 8, 4 channels", 3 * 3 * 1 * 4 + 4),
        ("batch_normalization_1", "BatchNormalization", "8 x 8, 4 channels", 16),
        ("relu_1", "Activation", "8 x 8, 4 channels", 0),
        ("pool_1", "MaxPooling2D", "4 x 4, 4 channels", 0),
        ("dropout_1", "Dropout", "4 x 4, 4 channels", 0),
        ("flatten", "Flatten", "64 numbers", 0),
        ("classes", "Dense", "10 numbers", 650),
    ]


def test_the_weights_agree_with_keras_own_count_but_for_the_dropout_seed(model):
    table = layers.layer_table(model)
    assert sum(row.weights for row in table) == model.count_params()
    trained = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    assert sum(row.trained_weights for row in table) == trained


def test_every_layer_says_what_it_does(model):
    for row in layers.layer_table(model):
        assert row.purpose != "a layer of its own kind"
    assert layers.layer_table(model)[2].purpose == "sets negative numbers to zero"
    assert "probability" in layers.layer_table(model)[-1].purpose


def test_weight_arrays_spell_out_their_shapes(model):
    assert [array.words for array in layers.weight_arrays(model, "conv_1")] == [
        "(3, 3, 1, 4): rows, columns, input channels, filters",
        "(4,): filters",
    ]
    assert [array.words for array in layers.weight_arrays(model, "classes")] == [
        "(64, 10): inputs, units",
        "(10,): units",
    ]
    normalization = layers.weight_arrays(model, "batch_normalization_1")
    assert [(array.name, array.words) for array in normalization] == [
        ("gamma", "(4,): channels"),
        ("beta", "(4,): channels"),
        ("moving_mean", "(4,): channels"),
        ("moving_variance", "(4,): channels"),
    ]


def test_the_state_of_a_random_generator_is_no_weight(model):
    assert layers.weight_arrays(model, "dropout_1") == ()


def test_the_configuration_is_in_plain_words(model):
    config = layers.configuration(model, "conv_1")
    assert config["filters"] == "4"
    assert config["kernel_size"] == "3 x 3"
    assert config["use_bias"] == "yes"
    assert config["kernel_constraint"] == "none"
    assert config["kernel_regularizer"] == "L2(l2=0.01)"
    assert layers.configuration(model, "dropout_1")["rate"] == "0.25"
    assert "name" not in config


def test_the_kernels_of_a_convolution_come_with_their_biases(model):
    kernels, bias = layers.kernels_of(model, "conv_1")
    assert kernels.shape == (3, 3, 1, 4)
    assert bias is not None and bias.shape == (4,)


def test_a_layer_without_kernels_is_refused_in_words(model):
    with pytest.raises(LearnscopeError, match="'flatten', a Flatten"):
        layers.kernels_of(model, "flatten")


def test_an_unknown_layer_is_refused_with_the_names_there_are(model):
    with pytest.raises(LearnscopeError, match=r"conv_1, batch_normalization_1.*Received: 'conv_9'"):
        layers.layer_called(model, "conv_9")


def test_only_two_dimensional_convolutions_have_kernels_to_show(model):
    assert layers.convolution_layers(model) == ("conv_1",)


def test_a_sequential_network_is_in_one_line_too():
    model = keras.Sequential([keras.Input((8, 8, 1)), L.Conv2D(2, 3), L.ReLU(), L.Flatten()])
    assert [layer.kind for layer in layers.layer_table(model)] == ["Conv2D", "ReLU", "Flatten"]


def with_a_shortcut() -> keras.Model:
    image = keras.Input((8, 8, 1))
    maps = L.Conv2D(1, 3, padding="same")(image)
    return keras.Model(image, L.Add()([image, maps]))


def with_an_operation_between() -> keras.Model:
    image = keras.Input((8, 8, 1))
    return keras.Model(image, L.Conv2D(1, 3)(image * 2 + 1))


def with_a_layer_used_twice() -> keras.Model:
    image = keras.Input((8, 8, 1))
    layer = L.Conv2D(1, 3, padding="same")
    return keras.Model(image, layer(layer(image)))


def with_two_inputs() -> keras.Model:
    one, two = keras.Input((8, 8, 1)), keras.Input((8, 8, 1))
    return keras.Model([one, two], L.Add()([one, two]))


def with_an_early_exit() -> keras.Model:
    image = keras.Input((8, 8, 1))
    maps = L.Conv2D(1, 3)(image)
    return keras.Model(image, [maps, L.Flatten()(maps)])


@pytest.mark.parametrize(
    "build",
    [
        with_a_shortcut,
        with_an_operation_between,
        with_a_layer_used_twice,
        with_two_inputs,
        with_an_early_exit,
    ],
)
def test_a_network_that_is_no_single_line_is_refused_in_words(build):
    with pytest.raises(LearnscopeError, match="one line"):
        layers.chain(build())


def test_a_residual_connection_is_called_by_its_name_and_by_the_layer_where_it_ends():
    image = keras.Input((8, 8, 1))
    maps = L.Conv2D(1, 3, padding="same")(image)
    model = keras.Model(image, L.ReLU()(L.Add(name="sum")([image, maps])))
    with pytest.raises(LearnscopeError, match=r"'sum' \(Add\).*residual connection"):
        layers.chain(model)


@pytest.mark.parametrize("kind", [L.Conv1D, L.Conv3D])
def test_convolutions_over_one_or_three_axes_are_named_as_not_shown(kind):
    shape = (16, 2) if kind is L.Conv1D else (4, 4, 4, 1)
    model = keras.Sequential([keras.Input(shape), kind(3, 2, name="other"), L.Flatten()])
    named = rf"'other' \({kind.__name__}\); convolutions over one or three axes are not shown"
    with pytest.raises(LearnscopeError, match=named):
        layers.input_shape(model)
    with pytest.raises(LearnscopeError, match=named):
        layers.layers_with_kernels(model)


def test_a_network_without_any_convolution_has_no_kernels_to_show():
    model = keras.Sequential([keras.Input((8, 8, 1)), L.Flatten(), L.Dense(2)])
    with pytest.raises(LearnscopeError, match=r"Received: none\. Choose another run"):
        layers.layers_with_kernels(model)


def test_a_convolution_over_one_axis_within_a_network_for_images_says_so_in_the_table():
    model = keras.Sequential([keras.Input((8, 8, 1)), L.Reshape((8, 8)), L.Conv1D(2, 3)])
    assert layers.layer_table(model)[1].purpose.endswith("its kernels are not shown here")


def test_the_activation_of_a_layer_is_found_behind_its_normalization(model):
    assert layers.activation_behind(model, "conv_1") == "relu_1"
    assert layers.activation_behind(model, "batch_normalization_1") == "relu_1"


@pytest.mark.parametrize("name", ["relu_1", "pool_1", "dropout_1", "classes"])
def test_a_layer_without_an_activation_behind_it_stands_for_itself(model, name):
    assert layers.activation_behind(model, name) == name


def test_the_histogram_counts_every_weight_once():
    counted = histogram(np.array([0.0, 0.1, 0.9, 1.0, 1.0]), bins=2)
    assert counted.counts.tolist() == [2, 3]
    assert counted.edges.tolist() == [0.0, 0.5, 1.0]
    assert counted.mean == pytest.approx(0.6)
    assert counted.spread == pytest.approx(np.sqrt((0.36 + 0.25 + 0.09 + 0.16 + 0.16) / 5))


def test_weights_that_are_not_numbers_are_counted_apart():
    counted = histogram(np.array([np.nan, np.inf, 1.0]), bins=3)
    assert (counted.counts.sum(), counted.not_finite) == (1, 2)


def test_equal_weights_make_one_bar():
    counted = histogram(np.zeros(7), bins=3)
    assert counted.counts.tolist() == [0, 7, 0]
