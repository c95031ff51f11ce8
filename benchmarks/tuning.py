"""Tuning curves of 64 kernels of 7x7, against a loop over SciPy's convolution.

`python -m benchmarks.tuning` from the project's folder. Both take turns in one run; the figures are
medians. Exit status 1 if they disagree by more than 1e-4.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.signal import convolve2d

from core.inside.gratings import ANGLES, FREQUENCIES, gratings
from core.inside.tuning import tune_kernels

ROUNDS = 5
FINER = FREQUENCIES[::5]
"""Of the 25 frequencies, those that the loop is asked for too: it would take minutes for all."""
SIDE = 9
TOLERANCE = 1e-4

Doubles = NDArray[np.float64]


def scipy_loop(kernels: Doubles) -> Doubles:
    """Each grating and the one a quarter of a period on, through each kernel, by `convolve2d`."""
    found = np.zeros((kernels.shape[3], len(FINER), len(ANGLES)))
    for row, frequency in enumerate(FINER):
        for column, angle in enumerate(ANGLES):
            pair = gratings((SIDE, SIDE, 1), frequency, angle, np.array([0.0, 90.0]))[..., 0] - 0.5
            for number in range(kernels.shape[3]):
                turned = kernels[::-1, ::-1, 0, number]
                sine, cosine = (convolve2d(image, turned, mode="valid") for image in pair)
                found[number, row, column] = np.hypot(sine, cosine).max()
    return found


def timed(function: Callable[[Doubles], object], kernels: Doubles) -> float:
    """Seconds for one call."""
    start = time.perf_counter()
    function(kernels)
    return time.perf_counter() - start


def main() -> int:
    """Measure, print, and say whether both gave the same numbers."""
    kernels = np.random.default_rng(1).normal(size=(7, 7, 1, 64))

    def ours(array: Doubles) -> Doubles:
        return tune_kernels(array, FINER, ANGLES).amplitudes

    difference = float(np.abs(ours(kernels) - scipy_loop(kernels)).max())
    pairs = [(timed(ours, kernels), timed(scipy_loop, kernels)) for _ in range(ROUNDS)]
    fast, slow = (float(np.median(times)) for times in zip(*pairs, strict=True))
    whole = float(np.median([timed(tune_kernels, kernels) for _ in range(ROUNDS)]))
    print(f"64 kernels of 7x7, {len(FINER)} frequencies x {len(ANGLES)} angles, median of {ROUNDS}")
    print(f"  core.inside.tuning.tune_kernels {fast * 1000:8.1f} ms")
    print(f"  loop of scipy convolve2d        {slow * 1000:8.1f} ms")
    print(f"  ratio                           {slow / fast:8.1f}    (wanted: at least 20)")
    print(f"  largest difference              {difference:8.1e}    (allowed: {TOLERANCE:g})")
    print(f"  all {len(FREQUENCIES)} frequencies              {whole * 1000:8.1f} ms")
    return int(difference > TOLERANCE)


if __name__ == "__main__":
    sys.exit(main())
