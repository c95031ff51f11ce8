"""All 32 kernels of a 3x3 layer on an image of 1024 x 1024, against a loop over SciPy.

`python -m benchmarks.responses` from the project's folder. Both take turns in one run; the figures
are medians. Exit status 1 if they disagree by more than 1e-4.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.signal import convolve2d

from core.inside.responses import respond

ROUNDS = 7
WANTED = 20.0
TOLERANCE = 1e-4

Floats = NDArray[np.float32]


def scipy_loop(kernels: Floats, image: Floats) -> list[Floats]:
    """One `convolve2d` a kernel, turned so that it computes what the layer computes."""
    plane = np.ascontiguousarray(image[:, :, 0])
    return [
        convolve2d(plane, kernels[::-1, ::-1, 0, number], mode="same")
        for number in range(kernels.shape[3])
    ]


def timed(function: Callable[[Floats, Floats], object], kernels: Floats, image: Floats) -> float:
    """Seconds for one call."""
    start = time.perf_counter()
    function(kernels, image)
    return time.perf_counter() - start


def main() -> int:
    """Measure, print, and say whether both gave the same numbers."""
    rng = np.random.default_rng(1)
    kernels = rng.normal(size=(3, 3, 1, 32)).astype(np.float32)
    image = rng.random((1024, 1024, 1), np.float32)
    maps = np.moveaxis(respond(kernels, image), 2, 0)
    pairs = zip(maps, scipy_loop(kernels, image), strict=True)
    difference = max(float(np.abs(one - other).max()) for one, other in pairs)
    times: dict[str, list[float]] = {"respond": [], "scipy": []}
    for _ in range(ROUNDS):
        times["respond"].append(timed(respond, kernels, image))
        times["scipy"].append(timed(scipy_loop, kernels, image))
    ours, theirs = (float(np.median(times[name])) for name in ("respond", "scipy"))
    print("32 kernels of 3x3 on 1024x1024 pixels, median of", ROUNDS)
    print(f"  core.inside.responses.respond      {ours * 1000:8.1f} ms")
    print(f"  loop of scipy convolve2d    {theirs * 1000:8.1f} ms")
    print(f"  ratio                       {theirs / ours:8.1f}    (wanted: at least {WANTED:g})")
    print(f"  largest difference          {difference:8.1e}    (allowed: {TOLERANCE:g})")
    return int(difference > TOLERANCE)


if __name__ == "__main__":
    sys.exit(main())
