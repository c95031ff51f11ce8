"""Kernels made by hand: where to begin, which numbers are taken, and what their sum means."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.errors import LearnscopeError
from core.inside.classic_kernels import families, gabor

Doubles = NDArray[np.float64]
LARGEST = 1_000.0
"""The largest number that a kernel made by hand may hold, of either sign."""
_SMOOTHING = ("Identity", "Blur", "Gaussian")
_SMALLEST = {"Scharr": 3.0}


def classic_starts(rows: int, columns: int) -> dict[str, Doubles]:
    """The classic kernels of a size as textbooks write them, by name, Sobel first.

    Identity, blur and Gaussian have the sum 1; the smallest number of an edge kernel or Laplacian
    is 1 (3 in Scharr's), the largest of a Gabor. Where a size is too small for the classic ones, a
    kernel of ones stands for them.

    Parameters
    ----------
    rows, columns : int
        At least 1.

    Returns
    -------
    dict of str to ndarray of shape (rows, columns)
    """
    found: dict[str, Doubles] = {}
    for family in families(rows, columns):
        first = [base.reshape(rows, columns) for base in family.bases[0]]
        if family.edges:
            for kernel, words in zip(first, ("vertical edges", "horizontal edges"), strict=True):
                found[f"{family.name}, {words}"] = _whole(kernel, _SMALLEST.get(family.name, 1.0))
        elif family.name in _SMOOTHING:
            found[family.name] = first[0] / first[0].sum()
        elif family.name == "Laplacian":
            found[family.name] = _whole(first[0], 1.0)
    if min(rows, columns) >= 3:
        wave = gabor((rows, columns), 0.25, 45.0)
        found["Gabor, diagonal stripes"] = (wave / np.abs(wave).max()).round(3)
    found.setdefault("Ones", np.ones((rows, columns)))
    return dict(sorted(found.items(), key=lambda pair: not pair[0].startswith("Sobel, v")))


def _whole(kernel: Doubles, smallest: float) -> Doubles:
    """The kernel with this as its smallest number but 0, and no rounding left in it."""
    sizes = np.abs(kernel)
    scaled = kernel * smallest / sizes[sizes > 1e-9].min()
    return np.asarray(scaled.round(6) + 0.0)


def checked_hand_kernel(
    numbers: Sequence[Sequence[float | None]] | NDArray[np.floating],
) -> Doubles:
    """The numbers of a grid as a kernel, or a sentence on which of them cannot be taken.

    Parameters
    ----------
    numbers : rows of numbers
        An empty cell is None or not a number.

    Returns
    -------
    ndarray of shape (R, C)

    Raises
    ------
    LearnscopeError
        If a cell is empty, not finite, or beyond LARGEST.
    """
    kernel = np.array(
        [[np.nan if cell is None else float(cell) for cell in row] for row in numbers], np.float64
    )
    wrong = np.argwhere(~np.isfinite(kernel) | (np.abs(kernel) > LARGEST))
    if not len(wrong):
        return kernel
    row, column = wrong[0].tolist()
    value = kernel[row, column]
    received = "an empty cell" if np.isnan(value) else f"{value:g}"
    raise LearnscopeError(
        f"Expected numbers from -{LARGEST:,.0f} to {LARGEST:,.0f} in the kernel. Received: "
        f"{received} in row {row}, column {column}. Write a number there; 0 leaves that pixel out."
    )


def as_written(kernel: NDArray[np.floating]) -> NDArray[np.object_]:
    """The numbers of a kernel as they stand in the cells of a grid, four digits each.

    Parameters
    ----------
    kernel : ndarray of shape (R, C)
    """
    cells = [[f"{number:.4g}" for number in row] for row in kernel.tolist()]
    return np.array(cells, dtype=object)


def as_read(written: NDArray[np.object_], start: NDArray[np.floating]) -> Doubles:
    """The kernel that is written in the cells of a grid.

    Parameters
    ----------
    written : ndarray of shape (R, C)
        What each cell holds: a text; anything else is an empty cell.
    start : ndarray of shape (R, C)
        What the grid began with: a cell that reads as it did keeps all digits of its number.

    Raises
    ------
    LearnscopeError
        If a cell is empty or no number, or its number is not finite or beyond LARGEST.
    """
    shown = as_written(start)
    numbers = [
        [
            float(start[row, column])
            if text == shown[row, column]
            else _number(text, f"row {row}, column {column}")
            for column, text in enumerate(cells)
        ]
        for row, cells in enumerate(written.tolist())
    ]
    return checked_hand_kernel(numbers)


def _number(text: object, place: str) -> float | None:
    # Texts copied from elsewhere may hold the typographer's minus.
    plain = text.strip().replace("\N{MINUS SIGN}", "-") if isinstance(text, str) else ""
    if not plain:
        return None
    try:
        number = float(plain)
    except ValueError:
        number = np.nan
    if np.isnan(number):
        raise LearnscopeError(
            f"Expected a number such as 2, -0.5 or 1e-3. Received: “{plain[:40]}” in {place}. "
            "Write a number there, with a point and no commas; 0 leaves that pixel out."
        )
    return number


def sum_in_words(kernel: NDArray[np.floating]) -> str:
    """What the sum of a kernel's numbers says about its response to flat gray, in a sentence."""
    total, size = float(kernel.sum()), float(np.abs(kernel).sum())
    if not size:
        return "Every number is 0: whatever the image, the response is 0."
    if abs(total) <= 1e-6 * size:
        return (
            "The sum is 0: flat gray gives 0, and only where brightness changes, at edges, "
            "lines and spots, is there a response."
        )
    if abs(total - 1) <= 1e-6 * size:
        return "The sum is 1: flat gray stays as gray as it is; the kernel only moves or mixes it."
    if total > 0:
        change = "brighter" if total > 1 else "darker"
        return (
            f"The sum is {total:.3g}: flat gray comes out {total:.3g} times as bright, that is "
            f"{change}, beside what the kernel makes of edges."
        )
    return (
        f"The sum is {total:.3g}: flat gray comes out negative, {-total:.3g} times as strong; ReLU "
        "would make 0 of it."
    )


def scaled_like(kernel: NDArray[np.floating], learned: NDArray[np.floating]) -> Doubles:
    """A kernel with the norm of another; one of zeros stays as it is.

    Parameters
    ----------
    kernel, learned : ndarrays of one shape
    """
    # Both in double precision, so that a kernel is scaled to its own norm by exactly 1.
    size, wanted = (float(np.linalg.norm(np.asarray(k, np.float64))) for k in (kernel, learned))
    factor = wanted / size if size else 1.0
    return np.asarray(kernel, np.float64) * factor


def put_in_place(
    kernels: NDArray[np.floating],
    kernel: NDArray[np.floating],
    filter_number: int,
    channel: int | None,
    scaled: bool,
) -> NDArray[np.float32]:
    """The kernels of a layer with one made by hand among them.

    Parameters
    ----------
    kernels : ndarray of shape (R, C, I, O)
        It stays as it is.
    kernel : ndarray of shape (R, C)
    filter_number : int
    channel : int or None
        The input channel whose kernel is replaced; None to put it in every channel of the filter.
    scaled : bool
        Whether it gets the norm of what it replaces: of the one learned kernel, or of the filter.

    Raises
    ------
    LearnscopeError
        If it has not the size of the layer's kernels.
    """
    if kernel.shape != kernels.shape[:2]:
        raise LearnscopeError(
            f"Expected a kernel of {kernels.shape[0]}x{kernels.shape[1]} numbers, as this layer "
            f"has them. Received: {kernel.shape[0]}x{kernel.shape[1]}. Take a kernel of that size."
        )
    new = np.array(kernels, np.float32)
    if channel is not None:
        learned = kernels[:, :, channel, filter_number]
        new[:, :, channel, filter_number] = scaled_like(kernel, learned) if scaled else kernel
        return new
    learned = kernels[:, :, :, filter_number]
    spread = np.repeat(kernel[:, :, np.newaxis], kernels.shape[2], axis=2)
    new[:, :, :, filter_number] = scaled_like(spread, learned) if scaled else spread
    return new


def put_in_words(
    kernels: NDArray[np.floating],
    new: NDArray[np.floating],
    filter_number: int,
    channel: int | None,
    scaled: bool,
) -> str:
    """Where a kernel was put and how strong it is there, in sentences.

    Parameters
    ----------
    kernels, new : ndarray of shape (R, C, I, O)
        The learned kernels, and those of :func:`put_in_place`.
    filter_number, channel, scaled
        As there.
    """
    channels = kernels.shape[2]
    where = f"filter {filter_number}"
    if channel is not None:
        others = "other kernel stays" if channels == 2 else f"other {channels - 1} kernels stay"
        where += f", input channel {channel}; its {others}"
    elif channels > 1:
        where += f", the same in each of its {channels} input channels"
    learned, put = (
        array[..., filter_number] if channel is None else array[:, :, channel, filter_number]
        for array in (kernels, new)
    )
    norm, before = float(np.linalg.norm(put)), float(np.linalg.norm(learned))
    size = (
        f"scaled to the norm of what was learned, {before:.3g}"
        if scaled and norm
        else f"as it stands, with a norm of {norm:.3g} (learned: {before:.3g})"
    )
    return f"Put into {where}; {size}. The filter's bias and all other layers stay as learned."
