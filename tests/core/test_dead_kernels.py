"""Which kernels died."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from core.mechanisms.dead_kernels import health, loudest_outputs
from core.mechanisms.weight_records import LayerKernel
from core.model import build_network
from tests.core.small import parts, small


def test_a_kernel_is_shrunk_away_below_the_share_of_the_median_norm() -> None:
    """Norms 5, 4, 3, 0.3 and 0: the median is 3, a tenth of it 0.3, and 0.3 is not below."""
    values = np.array([[3, 4, 3, 0.3, 0], [4, 0, 0, 0, 0]], np.float32)
    kernel = LayerKernel("one", "Dense", values, 0.0, 0.0)
    (found,) = health([kernel], {}, 0.1)
    np.testing.assert_allclose(found.norms, [5, 4, 3, 0.3, 0], rtol=1e-6)
    assert found.bound == pytest.approx(0.3)
    assert found.small.tolist() == [False, False, False, False, True]
    assert found.silent is None and found.unit == "units"
    assert found.dead.tolist() == found.small.tolist()


def test_a_kernel_is_silent_if_its_loudest_output_is_zero() -> None:
    values = np.ones((3, 3, 1, 4), np.float32) * np.array([1, 2, 3, 0.01], np.float32)
    kernel = LayerKernel("one", "Conv2D", values, 0.0, 0.0)
    (found,) = health([kernel], {"one": np.array([0, 1e-9, 2, 0], np.float32)}, 0.1)
    assert found.silent is not None
    assert found.silent.tolist() == [True, False, False, True]
    assert found.dead.tolist() == [True, False, False, True]
    assert found.order.tolist() == [2, 1, 0, 3]
    # In that order: two alive, a silent one of full norm, and one that is both.
    assert found.places(False, False).tolist() == [0, 1]
    assert found.places(False, True).tolist() == [2]
    assert found.places(True, True).tolist() == [3]
    assert found.unit == "filters"


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("place", ["none", "before", "after"])
def test_the_loudest_outputs_are_those_of_keras_behind_each_relu(place: str) -> None:
    settings = small()
    if place != "none":
        settings = small(normalization="batch", normalization_place=place)
    model = build_network(settings, (8, 8, 1), 10)
    # The first filter can never get above 0.
    layer = model.get_layer("conv_1")
    layer.kernel.assign(layer.kernel * np.array([0, 1, 1, 1], np.float32))
    images = np.concatenate([parts(settings).validation_images] * 2)
    found = loudest_outputs(model, images)
    assert list(found) == ["conv_1", "dense"]
    for name, relu in (("conv_1", "relu_1"), ("dense", "relu_dense")):
        inside = keras.Model(model.inputs, model.get_layer(relu).output)
        outputs = inside.predict(images, verbose=0)
        expected = outputs.reshape(-1, outputs.shape[-1]).max(axis=0)
        np.testing.assert_allclose(found[name], expected, rtol=1e-4, atol=1e-6)
    assert found["conv_1"][0] == 0
