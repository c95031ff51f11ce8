"""All 32 kernels of a 3x3 layer on images of 28 x 28 pixels to 12 megapixels, against SciPy.

`python -m benchmarks.responses` from the project's folder. All take turns in one run; the figures
are medians. Of 12 megapixels the page shows a preview first, the default network's first layer on
the photo reduced to a megapixel: timed from the decoded photo to the chart's JSON, against
`convolve2d` with the same kernels. On demand all 12 megapixels go through a layer in bands, as on
the page; SciPy's maps are thrown away one by one there, as they would not fit beside each other.
Exit status 1 if the results disagree by more than 1e-4, or the 12 megapixels take more than 1 GB of
extra memory.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterator

import keras
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate
from scipy.signal import convolve2d

from core import images
from core.figures.responses import response_grid
from core.inside.kernels import symmetric_limit
from core.inside.large_pictures import LargeResponses, large_responses
from core.inside.layers import kernels_of
from core.inside.responses import preview, respond, side_for, strongest_first
from core.inside.stages import layer_stages
from core.model import build_network
from core.settings import Settings

FILTERS = 32
SIDES = {28: 41, 256: 11, 1024: 5}
"""Pixels a side, and how many rounds."""
PHOTO = (3000, 4000)
TOLERANCE = 1e-4
MOST_MEMORY = 1000.0
"""Megabytes."""

MOST_PIXELS = 1_000_000
"""As on the page, to which a large photo is reduced for its first view."""
DEFAULT = build_network(Settings(), (28, 28, 1), 10)
FIRST = "conv_1"

Floats = NDArray[np.float32]


def by_convolve2d(kernels: Floats, image: Floats) -> Iterator[Floats]:
    """One `convolve2d` a kernel, turned so that it computes what the layer computes."""
    plane = np.ascontiguousarray(image[:, :, 0])
    for number in range(kernels.shape[3]):
        yield convolve2d(plane, kernels[::-1, ::-1, 0, number], mode="same")


def by_ndimage(kernels: Floats, image: Floats) -> Iterator[Floats]:
    """One `scipy.ndimage.correlate` a kernel."""
    plane = np.ascontiguousarray(image[:, :, 0])
    for number in range(kernels.shape[3]):
        yield correlate(plane, kernels[:, :, 0, number], mode="constant")


def seconds(function: Callable[[], object]) -> float:
    """For one call."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def largest_memory() -> float:
    """The most that this process has held so far, in megabytes (Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def photo_in_bands(kernels: Floats, image: Floats) -> tuple[LargeResponses, float]:
    """What the page shows of 12 megapixels, and how long it took; said with its memory."""
    entry = keras.Input((28, 28, 1))
    layer = keras.layers.Conv2D(FILTERS, 3, padding="same", use_bias=False, name="conv")
    model = keras.Model(entry, keras.layers.ReLU()(layer(entry)))
    layer.set_weights([kernels])
    longest = side_for(FILTERS)
    large_responses(model, "conv", image[:300, :300], longest=longest)
    before = largest_memory()
    found = large_responses(model, "conv", image, longest=longest)
    extra = largest_memory() - before
    took = [
        seconds(lambda: large_responses(model, "conv", image, longest=longest)) for _ in range(3)
    ]
    print(f"12 MP: extra memory at most {extra:.0f} MB (allowed: {MOST_MEMORY:g})")
    return found, float(np.median(took)) if extra <= MOST_MEMORY else float("nan")


def first_view(photo: Floats) -> str:
    """What the page shows of a decoded photo at once, ready for the browser."""
    decoded = images.Picture(photo, (), "benchmark", photo.shape[:2])
    small = images.at_own_size(decoded, 1, MOST_PIXELS)
    maps = layer_stages(DEFAULT, FIRST, small).before_activation
    ranking = strongest_first(maps)
    shown = preview(maps[:, :, ranking.filters], side_for(len(ranking.filters)))
    filters, strengths = ranking.filters.tolist(), ranking.strengths.tolist()
    limit = symmetric_limit(shown.maps)
    figure = response_grid(shown.maps, filters, strengths, limit, FIRST, shown.step)
    return str(figure.to_json())


def said_of_first_view(photo: Floats) -> None:
    """How long it takes, and how often it fits into SciPy's time."""
    kernels, _ = kernels_of(DEFAULT, FIRST)
    first_view(photo)
    ours = float(np.median([seconds(lambda: first_view(photo)) for _ in range(5)]))
    theirs = seconds(lambda: [None for _ in by_convolve2d(kernels, photo)])
    print(
        f"12 MP, first view: {ours * 1000:.0f} ms from decoded to chart (wanted: 1,000); "
        f"convolve2d with the same {kernels.shape[3]} kernels {theirs / ours:.1f} times that"
    )


def said(name: str, ours: float, convolved: float, correlated: float) -> None:
    """A line of the table."""
    print(
        f"{name:>9} {ours * 1000:11.2f} {convolved * 1000:13.1f} {correlated * 1000:13.1f} "
        f"{convolved / ours:9.1f} {correlated / ours:9.1f}"
    )


def main() -> int:
    """Measure, print, and say whether all gave the same numbers."""
    rng = np.random.default_rng(1)
    kernels = rng.normal(size=(3, 3, 1, FILTERS)).astype(np.float32)
    photo = rng.random((*PHOTO, 1), np.float32)
    found, ours = photo_in_bands(kernels, photo)
    said_of_first_view(photo)
    print(f"{FILTERS} kernels of 3x3; milliseconds, and how often ours fits into SciPy's time")
    print("   pixels     respond    convolve2d  scipy.ndimage  /conv2d  /ndimage")
    difference = 0.0
    for side, rounds in SIDES.items():
        image = np.ascontiguousarray(photo[:side, :side])
        maps = np.moveaxis(respond(kernels, image), 2, 0)
        for others in (by_convolve2d, by_ndimage):
            pairs = zip(maps, others(kernels, image), strict=True)
            difference = max(difference, *(float(np.abs(a - b).max()) for a, b in pairs))
        times = [
            [
                seconds(lambda image=image: respond(kernels, image)),
                seconds(lambda image=image: list(by_convolve2d(kernels, image))),
                seconds(lambda image=image: list(by_ndimage(kernels, image))),
            ]
            for _ in range(rounds)
        ]
        said(f"{side}x{side}", *np.median(times, axis=0).tolist())
    first = int(found.ranking.filters[0])
    whole = next(by_ndimage(kernels[..., first : first + 1], photo))
    small = preview(whole[:, :, np.newaxis], side_for(FILTERS)).maps[:, :, 0]
    difference = max(difference, float(np.abs(small - found.small.maps[:, :, 0]).max()))
    theirs = [
        seconds(lambda function=function: [None for _ in function(kernels, photo)])
        for function in (by_convolve2d, by_ndimage)
    ]
    said("12 MP", ours, *theirs)
    print(f"largest difference {difference:.1e} (allowed: {TOLERANCE:g})")
    return int(difference > TOLERANCE or not np.isfinite(ours))


if __name__ == "__main__":
    sys.exit(main())
