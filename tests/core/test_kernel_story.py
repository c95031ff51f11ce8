"""One filter on one image, panel by panel."""

import keras
import numpy as np
import pytest

from core.inside import kernel_story
from core.inside.layers import kernels_of
from core.inside.stages import layer_stages, pixels_allowed

L = keras.layers


def two_channels(normalized: bool = False) -> keras.Model:
    """Filter 1 adds channel 0 to twice channel 1, and 10; 1x1 kernels, so that one can count."""
    image = keras.Input((2, 3, 2))
    layer = L.Conv2D(2, 1, name="conv")
    maps = layer(image)
    if normalized:
        maps = L.BatchNormalization(name="normal")(maps)
    model = keras.Model(image, L.Activation("relu")(maps))
    layer.set_weights([np.array([[[[0.0, 1.0], [0.0, 2.0]]]]), np.array([0.0, 10.0])])
    return model


IMAGE = np.dstack([np.full((2, 3), 0.5), np.full((2, 3), 0.25)])


def told(model: keras.Model, image: np.ndarray = IMAGE, **options: int) -> kernel_story.KernelStory:
    return kernel_story.tell(
        *kernels_of(model, "conv"), layer_stages(model, "conv", image), 1, 1, **options
    )


def test_input_kernel_and_response_are_those_of_the_chosen_channel():
    panels = told(two_channels()).one_channel
    assert [panel.title.split(",")[0] for panel in panels] == ["Input", "Kernel", "Response"]
    assert [float(panel.values[0, 0]) for panel in panels] == [0.25, 2.0, 0.5]
    assert kernel_story.common_limit(panels) == 2.0


def test_the_whole_filter_is_the_sum_of_the_channels_and_the_bias():
    story = told(two_channels())
    assert [panel.title for panel in story.whole_filter] == [
        "Sum of channels + bias",
        "After the activation (relu)",
    ]
    assert float(story.whole_filter[0].values[0, 0]) == 0.5 + 0.5 + 10
    assert story.channels.maps.shape == (2, 3, 2)
    assert story.bias == 10


def test_a_normalization_between_has_a_panel_of_its_own():
    titles = [panel.title for panel in told(two_channels(normalized=True)).whole_filter]
    assert titles == [
        "Sum of channels + bias",
        "After batch normalization",
        "After the activation (relu)",
    ]


def test_a_large_picture_comes_at_screen_size_and_says_how_much_it_was_reduced():
    large = np.random.default_rng(1).random((300, 200, 2))
    panel = told(two_channels(), large, longest=100).one_channel[0]
    assert panel.values.shape == (100, 67) and panel.step == 3
    assert float(panel.values[0, 0]) == pytest.approx(large[:3, :3, 1].mean(), abs=1e-6)


def test_more_filters_allow_fewer_pixels_and_pooling_more():
    image = keras.Input((4, 4, 1))
    maps = L.Conv2D(8, 3, padding="same", name="conv_1")(image)
    maps = L.Conv2D(16, 3, padding="same", name="conv_2")(maps)
    maps = L.Conv2D(20, 3, padding="same", name="conv_3")(L.MaxPooling2D()(maps))
    model = keras.Model(image, maps)
    allowed = [pixels_allowed(model, f"conv_{number}", numbers=1600) for number in (1, 2, 3)]
    assert allowed == [200, 100, 100]  # conv_3 has 20 channels, but on a quarter of the places
    assert pixels_allowed(model, "conv_1") == 1_000_000
