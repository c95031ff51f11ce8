"""Figures of the network, its kernels and their responses: tested for what they contain."""

import base64

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures import kernel_replay as replay_figures
from core.figures import kernels as kernel_figures
from core.figures import layer_kernels as layer_figures
from core.figures import network as network_figures
from core.figures import one_kernel as nature_figures
from core.figures import responses as response_figures
from core.figures.theme import SIGNED
from core.inside import kernels
from core.inside.filter_set import duplicates, filter_set
from core.inside.kernel_chance import chance
from core.inside.kernel_history import KernelHistory
from core.inside.kernel_measures import spectrum
from core.inside.kernel_replay import replay
from core.inside.layer_records import LayerRecord, histogram
from core.inside.one_kernel import describe


def record(name: str, kind: str, shape: tuple[int, ...], output: str = "") -> LayerRecord:
    return LayerRecord(name, kind, shape, output, 7, 7, "")


def two_filters() -> np.ndarray:
    """Filter 0 holds 1 to 9 in channel 0 and nothing in channel 1; filter 1 holds -20 once."""
    array = np.zeros((3, 3, 2, 2), np.float32)
    array[:, :, 0, 0] = np.arange(1, 10).reshape(3, 3)
    array[2, 0, 1, 1] = -20
    return array


def cells(figure) -> dict[tuple[int, ...], float]:
    """What a reader meets under the pointer: hover numbers -> value, gaps left out."""
    (heatmap,) = figure.data
    filled = np.isfinite(heatmap.z)
    return {
        tuple(int(number) for number in named): float(value)
        for named, value in zip(heatmap.customdata[filled], heatmap.z[filled], strict=True)
    }


def test_the_grid_is_one_heat_map_that_names_every_number_under_the_pointer():
    page = kernels.page(two_filters(), "index")
    shown = cells(kernel_figures.kernel_grid(page, "conv_2", input_channels=2))
    assert len(shown) == 2 * 2 * 9
    assert shown[(0, 0, 0, 0)] == 1 and shown[(0, 0, 0, 2)] == 3 and shown[(0, 0, 2, 0)] == 7
    assert shown[(1, 1, 2, 0)] == -20  # filter, input channel, row, column


def test_the_grids_scale_has_zero_in_its_middle_and_is_that_of_the_whole_layer():
    page = kernels.page(two_filters(), "index", number=0, size=1)  # 20 is not on this page
    (heatmap,) = kernel_figures.kernel_grid(page, "conv_2", 2).data
    assert (heatmap.zmin, heatmap.zmax) == (-20, 20)
    assert SIGNED[2] == [0.5, "#F7F7F7"]


def test_captions_give_filter_and_channel_only_where_there_are_several_channels():
    page = kernels.page(two_filters(), "index")
    captions = [a.text for a in kernel_figures.kernel_grid(page, "conv_2", 2).layout.annotations]
    assert captions == ["0·0", "0·1", "1·0", "1·1"]
    single = kernels.page(two_filters()[:, :, :1], "index")
    captions = [a.text for a in kernel_figures.kernel_grid(single, "conv_1", 1).layout.annotations]
    assert captions == ["0", "1"]


def test_the_title_tells_the_layer_and_the_page():
    page = kernels.page(two_filters(), "index", number=1, size=2)
    title = kernel_figures.kernel_grid(page, "conv_2", 2).layout.title
    assert title.text.startswith("Kernels of conv_2<br>")
    assert "page 2 of 2" in title.text


def test_one_kernel_shows_its_numbers_in_the_cells_and_axes_for_row_and_column():
    kernel = np.array([[0.5, -1.25], [0.0, 2.0]])
    figure = kernel_figures.one_kernel(kernel, 2.0, "conv_1", 3, 0)
    texts = {(a.y, a.x): a.text for a in figure.layout.annotations}
    assert texts == {(0, 0): "0.50", (0, 1): "-1.25", (1, 0): "0.00", (1, 1): "2.00"}
    assert figure.layout.xaxis.title.text == "column"
    assert figure.layout.yaxis.title.text == "row"
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # row 0 at the top
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-2, 2)


def test_a_map_is_on_a_symmetric_scale_and_counts_the_rows_of_the_whole_image():
    figure = response_figures.signed_map(np.ones((4, 5)), 2.5, "Response", "response", step=3)
    (heatmap,) = figure.data
    assert (heatmap.zmin, heatmap.zmax, heatmap.dx, heatmap.dy) == (-2.5, 2.5, 3, 3)
    assert figure.layout.title.text == "Response"
    assert heatmap.colorbar.title.text == "response"


def test_the_grid_of_responses_is_captioned_with_filter_and_strength():
    maps = np.dstack([np.full((2, 2), -4.0), np.full((2, 2), 1.0)])
    figure = response_figures.response_grid(maps, [7, 3], [4.0, 1.0], 4.0, "All responses", step=2)
    assert [a.text for a in figure.layout.annotations] == ["<b>7</b>  4", "<b>3</b>  1"]
    shown = cells(figure)
    assert shown[(7, 1, 0, 0)] == -4 and shown[(3, 2, 2, 2)] == 1  # filter, place, row, column
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-4, 4)


def test_the_grid_of_channels_names_the_input_channel():
    figure = response_figures.channel_grid(np.zeros((2, 2, 3)), 1.0, "Channels")
    assert "input channel %{customdata[0]}" in figure.data[0].hovertemplate
    assert {named[0] for named in cells(figure)} == {0, 1, 2}


def test_many_maps_travel_as_one_trace():
    maps = np.zeros((8, 8, 128))
    figure = response_figures.response_grid(maps, range(128), [0.0] * 128, 1.0, "All")
    assert len(figure.data) == 1


def test_edge_preference_has_a_bar_for_each_filter_coloured_by_its_side():
    figure = response_figures.edge_preference([4, 2], [1.0, -0.5], [3, 1], [0, 3], "Edges")
    (bars,) = figure.data
    assert list(bars.x) == ["4", "2"] and list(bars.y) == [1.0, -0.5]
    assert bars.marker.color[0] != bars.marker.color[1]
    assert [list(pair) for pair in bars.customdata] == [[3, 0], [1, 3]]
    assert "vertical" in figure.layout.yaxis.title.text


LAYERS = (
    record("image", "Input", (28, 28, 1), "28 x 28, 1 channel"),
    record("conv_1", "Conv2D", (28, 28, 16), "28 x 28, 16 channels"),
    record("conv_2", "Conv2D", (7, 7, 64), "7 x 7, 64 channels"),
    record("classes", "Dense", (10,), "10 numbers"),
)


def extents(block: network_figures.Block) -> tuple[float, float]:
    """Width and height of a block's front."""
    xs, ys = zip(*block.faces[0].points, strict=True)
    return max(xs) - min(xs), max(ys) - min(ys)


def test_the_diagram_has_a_block_for_every_layer_in_its_order():
    assert [block.layer for block in network_figures.blocks(LAYERS)] == list(LAYERS)


def test_a_larger_map_is_a_wider_block_and_more_channels_a_thicker_one():
    image, first, second, _ = map(extents, network_figures.blocks(LAYERS))
    assert image[0] == first[0] > second[0]
    assert image[1] < first[1] < second[1]


def test_every_block_lies_within_its_drawing():
    huge = record("conv", "Conv2D", (512, 512, 4096))
    width, height = network_figures.DRAWING
    for block in network_figures.blocks((*LAYERS, huge)):
        for face in block.faces:
            assert all(0 <= x <= width and 0 <= y <= height for x, y in face.points)


def test_kinds_of_layers_have_colours_of_their_own():
    image, first, second, classes = network_figures.blocks(LAYERS)
    assert first.colour == second.colour
    assert len({image.colour, first.colour, classes.colour}) == 3


def test_the_histogram_shows_the_counts_it_was_given_with_its_units():
    counted = histogram(np.array([0.0, 0.1, 0.9, 1.0, 1.0]), bins=2)
    figure = network_figures.weight_histogram(counted, "conv_1", "kernel")
    (bars,) = figure.data
    assert list(bars.y) == [2, 3] and list(bars.x) == [0.25, 0.75]
    assert figure.layout.xaxis.title.text == "weight"
    assert figure.layout.yaxis.title.text == "how many weights"
    assert figure.layout.title.text == "Weights of conv_1: kernel"


def test_a_grid_says_what_its_colours_mean():
    page = kernels.page(two_filters(), "index")
    assert "colour: weight" in kernel_figures.kernel_grid(page, "conv_2", 2).layout.title.text
    figure = response_figures.channel_grid(np.zeros((2, 2, 3)), 1.0, "Channels")
    assert "colour: response" in figure.layout.title.text


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def test_a_mosaic_of_32x64_kernels_is_one_picture_without_a_word_for_each():
    for channels, filters in ((32, 64), (256, 512)):
        found = noise(3, 3, channels, filters)
        page = kernels.page(found, "index", size=kernel_figures.MOSAIC)
        figure = kernel_figures.kernel_mosaic(page, "conv_3", channels)
        (heatmap,) = figure.data
        assert len(figure.layout.annotations) == 0
        assert np.isfinite(heatmap.z).sum() == 2048 * 9
        assert heatmap.z.shape == (32 * 4, 64 * 4 - 1)
        # The last tile, lower right, is the last kernel of the page, and its name is there.
        np.testing.assert_array_equal(heatmap.z[-3:, -3:], page.values[-1])
        last = (page.filters[-1], page.channels[-1], 2, 2)
        assert tuple(heatmap.customdata[-1, -1]) == last


def test_a_smaller_mosaic_has_its_filters_below_one_another():
    page = kernels.page(noise(3, 3, 16, 32), "index", size=kernel_figures.MOSAIC)
    (heatmap,) = kernel_figures.kernel_mosaic(page, "conv_2", 16).data
    assert heatmap.customdata[5, 0].tolist() == [2, 0, 0, 0]  # two filters of 16 channels a row


def test_the_replay_has_a_handful_of_traces_and_a_cursor_whatever_the_layers_size():
    history = KernelHistory(np.array([0, 1, 4]), {"c": noise(3, 3, 3, 8, 300)})
    found = replay(history, "c", size=48)
    grid, frames = replay_figures.replay_grid(found, 8, at=1)
    assert len(grid["data"]) == 1
    numbers = np.frombuffer(base64.b64decode(grid["data"][0]["z"]["bdata"]), "<f4")
    np.testing.assert_array_equal(numbers, frames[1].ravel())
    np.testing.assert_array_equal(frames[2][1:4, :3], found.tiles[2, 0])
    assert np.isnan(frames[0][0]).all()
    distance = replay_figures.distance_with_cursor(found, 1.0, 200)
    assert len(distance["data"]) == 2
    go.Figure(distance)  # plotly checks each property
    lines, median = distance["data"]
    assert lines["name"] == "64 of 300 filters"
    np.testing.assert_allclose(lines["y"][:3], found.distances[:, 0], rtol=1e-6)
    assert np.isnan(lines["y"][3]) and lines["customdata"][4] == lines["customdata"][7]
    np.testing.assert_allclose(median["y"], np.median(found.distances, axis=1), rtol=1e-6)
    assert distance["layout"]["shapes"][0]["x0"] == 1


def test_the_figures_of_a_large_layer_have_few_traces():
    found = noise(1, 1, 64, 512)
    sets, doubles = filter_set(found), duplicates(found)
    assert len(layer_figures.singular_figure({"a": sets, "b": sets}, "c").data) == 4
    assert len(layer_figures.norms_figure(sets, "c").data) == 1
    (picture,) = layer_figures.cosine_figure(doubles, "c").data
    assert picture.z.shape == (512, 512)
    kinds = {"Sobel": (5, 2), "Blur": (3, 0)}
    marked, rest = layer_figures.kinds_figure(kinds, "c").data
    assert (list(marked.y), list(rest.y)) == ([2, 0], [3, 3])


def test_one_kernel_beside_chance_and_its_frequencies_in_cycles_per_pixel():
    kernel = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    waves = nature_figures.spectrum_figure(spectrum(kernel), "k")
    assert "cycles per pixel" in waves.layout.xaxis.title.text
    assert (waves.data[0].x[0], waves.data[0].x[-1]) == (-0.5, 0.5)
    beside = nature_figures.chance_figure(np.linspace(0, 1, 50), 0.25, "t", "axis", "words")
    assert beside.layout.shapes[0].x0 == 0.25 and len(beside.data) == 1
    found = describe(kernel, chance(3, 3, 200))
    bars, marks, words = nature_figures.likeness_figure(found.likenesses, "k").data
    assert list(marks.x) == [np.quantile(one.random, 0.95) for one in found.likenesses]
    assert words.text[0].startswith("1.00   p 0.005")  # none of 200
    assert bars.y[0] == "Sobel" and bars.x[0] == pytest.approx(1)
