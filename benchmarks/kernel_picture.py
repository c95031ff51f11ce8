"""A layer of 64 filters with 32 input channels as one picture, against a heat map for each kernel.

`python -m benchmarks.kernel_picture` from the project's folder. 2,048 kernels of 3x3: the one heat
map of the page against a figure with a heat map in an axis of its own for each kernel, and against
a figure for each: those of an eighth of the kernels, counted eight times. All take turns in one
run, from the array to the JSON that goes to the browser; its drawing comes on top. Beside it a page
of a layer of 512 filters with 256 input channels. Exit status 1 if a weight of the layer is not in
the picture.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.kernels import MOSAIC, kernel_mosaic
from core.figures.theme import SIGNED
from core.inside.kernels import page, symmetric_limit

ROUNDS = 3
ACROSS = 64
EIGHTH = 8
AXIS = {"visible": False}

Floats = NDArray[np.float32]


def layer(channels: int, filters: int) -> Floats:
    """Kernels of chance."""
    return np.random.default_rng(1).normal(size=(3, 3, channels, filters)).astype(np.float32)


def one_picture(kernels: Floats) -> str:
    """The figure of the page."""
    shown = page(kernels, size=MOSAIC)
    return str(kernel_mosaic(shown, "conv", kernels.shape[2]).to_json())


def planes(kernels: Floats) -> Floats:
    """The kernels one after another, of shape (O * I, R, C)."""
    return kernels.transpose(3, 2, 0, 1).reshape(-1, *kernels.shape[:2])


def heat_map(kernel: Floats, limit: float) -> dict[str, object]:
    """A heat map of one kernel, for Plotly."""
    return {
        "type": "heatmap",
        "z": kernel,
        "zmin": -limit,
        "zmax": limit,
        "colorscale": SIGNED,
        "showscale": False,
    }


def axis_for_each(kernels: Floats) -> str:
    """A heat map for each kernel in one figure, as of `make_subplots` but without its own time."""
    limit, every = symmetric_limit(kernels), planes(kernels)
    down = -(-len(every) // ACROSS)
    traces, layout = [], {}
    for number, kernel in enumerate(every):
        row, column = divmod(number, ACROSS)
        name = number + 1
        traces.append(heat_map(kernel, limit) | {"xaxis": f"x{name}", "yaxis": f"y{name}"})
        across, up = column / ACROSS, 1 - (row + 1) / down
        layout[f"xaxis{name}"] = AXIS | {
            "domain": [across, across + 0.9 / ACROSS],
            "anchor": f"y{name}",
        }
        layout[f"yaxis{name}"] = AXIS | {"domain": [up, up + 0.9 / down], "anchor": f"x{name}"}
    return str(go.Figure({"data": traces, "layout": layout}, skip_invalid=False).to_json())


def figure_for_each(kernels: Floats) -> str:
    """A figure for each of an eighth of the kernels."""
    limit, some = symmetric_limit(kernels), planes(kernels)[::EIGHTH]
    figures = (go.Figure(data=[heat_map(kernel, limit)]) for kernel in some)
    return "".join(str(figure.to_json()) for figure in figures)


def timed(function: Callable[[Floats], str], kernels: Floats) -> tuple[float, int]:
    """Seconds for one call, and the letters of what it gave."""
    start = time.perf_counter()
    made = function(kernels)
    return time.perf_counter() - start, len(made)


def all_there(kernels: Floats) -> bool:
    """Whether every weight of the layer stands in the picture once."""
    figure = kernel_mosaic(page(kernels, size=MOSAIC), "conv", kernels.shape[2])
    drawn = np.asarray(figure.data[0].z, np.float32)
    return bool(np.array_equal(np.sort(drawn[~np.isnan(drawn)]), np.sort(kernels.ravel())))


def main() -> int:
    """Measure, print, and say whether the picture holds all weights."""
    kernels = layer(32, 64)
    one_picture(kernels)
    ways = (one_picture, axis_for_each, figure_for_each)
    rounds = [[timed(way, kernels) for way in ways] for _ in range(ROUNDS)]
    found = np.median(np.array(rounds), axis=0) * np.array([[1], [1], [EIGHTH]])
    first = found[0]
    print(f"2,048 kernels of 3x3 to JSON, median of {ROUNDS}")
    print("                                seconds    MB    times ours: seconds, MB")
    for words, (seconds, letters) in zip(
        ("one heat map (the page)", "an axis for each, one figure", "a figure for each"),
        found.tolist(),
        strict=True,
    ):
        ratio = f"{seconds / first[0]:8.1f} {letters / first[1]:6.1f}"
        print(f"  {words:28} {seconds:8.3f} {letters / 1e6:6.2f} {ratio}")
    large = layer(256, 512)
    took = [timed(one_picture, large) for _ in range(ROUNDS)]
    seconds, letters = np.median(np.array(took), axis=0)
    pages = page(large, size=MOSAIC).count
    print(f"512 filters of 3x3x256, one of {pages} pages: {seconds:.3f} s, {letters / 1e6:.2f} MB")
    return int(not all_there(kernels))


if __name__ == "__main__":
    sys.exit(main())
