"""Kernels as arrays of numbers: their size, their order, their place on a page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import LearnscopeError

Floats = NDArray[np.float32]
ORDERS = {"norm": "Norm, largest first", "index": "Number"}


@dataclass(frozen=True, eq=False)
class KernelPage:
    """Some kernels of a layer, as they stand on one page.

    Attributes
    ----------
    filters, channels : tuple of int
        For each kernel on the page, its filter and its input channel.
    values : ndarray of shape (K, R, C)
        The kernels themselves.
    number, count : int
        This page's number, from 0, and how many pages there are.
    limit : float
        The common end of the colour scale, which runs from ``-limit`` to ``limit``. It is that
        of the whole layer, so that pages can be compared.
    """

    filters: tuple[int, ...]
    channels: tuple[int, ...]
    values: Floats
    number: int
    count: int
    limit: float


def checked_kernels(kernels: NDArray[np.floating]) -> Floats:
    """The kernels as float32, or a sentence on why they cannot be shown.

    Parameters
    ----------
    kernels : ndarray of shape (R, C, I, O)
        Rows, columns, input channels, filters.

    Raises
    ------
    LearnscopeError
        If the array has not four axes or an axis is empty.
    """
    if kernels.ndim != 4 or 0 in kernels.shape:
        raise LearnscopeError(
            "Expected kernels of shape (rows, columns, input channels, filters). "
            f"Received: an array of shape {kernels.shape}. Choose a two-dimensional "
            "convolution layer."
        )
    return np.asarray(kernels, dtype=np.float32)


def norms(kernels: NDArray[np.floating]) -> Floats:
    """Euclidean norm of each filter: the root of the sum of its squared numbers.

    Parameters
    ----------
    kernels : ndarray of shape (R, C, I, O)

    Returns
    -------
    ndarray of shape (O,)
    """
    array = checked_kernels(kernels).reshape(-1, kernels.shape[-1])
    return np.asarray(np.linalg.norm(array, axis=0), dtype=np.float32)


def order(kernels: NDArray[np.floating], by: str = "norm") -> NDArray[np.intp]:
    """The order in which filters are shown.

    Parameters
    ----------
    kernels : ndarray of shape (R, C, I, O)
    by : {"norm", "index"}
        Largest norm first, equal ones by number; or simply by number.

    Returns
    -------
    ndarray of shape (O,)
    """
    if by == "index":
        return np.arange(kernels.shape[-1])
    if by != "norm":
        raise LearnscopeError(f"Expected an order: norm or index. Received: {by!r}.")
    return np.argsort(-norms(kernels), kind="stable")


def symmetric_limit(*arrays: NDArray[np.floating]) -> float:
    """The largest absolute number in the arrays; 1 if there is nothing but zeros.

    A colour scale from minus this to plus this has zero in its middle. Numbers that are not
    finite are left out.
    """
    largest = 0.0
    for array in arrays:
        finite = np.abs(array[np.isfinite(array)])
        if finite.size:
            largest = max(largest, float(finite.max()))
    return largest if largest > 0 else 1.0


def page(
    kernels: NDArray[np.floating], by: str = "norm", number: int = 0, size: int = 64
) -> KernelPage:
    """Cut a layer's kernels into pages and return one.

    A kernel is a pair of a filter and an input channel. Filters come in the chosen order, and
    the channels of a filter stay together, by number.

    Parameters
    ----------
    kernels : ndarray of shape (R, C, I, O)
    by : {"norm", "index"}
    number : int
        Page number from 0; one beyond the last gives the last page.
    size : int
        Kernels a page, at least 1.
    """
    array = checked_kernels(kernels)
    channels = array.shape[2]
    pairs = [(f, c) for f in order(array, by).tolist() for c in range(channels)]
    count = -(-len(pairs) // size)
    number = min(max(number, 0), count - 1)
    shown = pairs[number * size : (number + 1) * size]
    return KernelPage(
        filters=tuple(f for f, _ in shown),
        channels=tuple(c for _, c in shown),
        values=np.stack([array[:, :, c, f] for f, c in shown]),
        number=number,
        count=count,
        limit=symmetric_limit(array),
    )


def numbers_table(kernel: NDArray[np.floating]) -> list[dict[str, float]]:
    """One kernel as the rows of a table.

    Parameters
    ----------
    kernel : ndarray of shape (R, C)

    Returns
    -------
    list of dict
        One a row, from the column's name (``"column 0"``) to the number.
    """
    return [
        {f"column {column}": float(value) for column, value in enumerate(row)} for row in kernel
    ]


def as_python(kernel: NDArray[np.floating]) -> str:
    """One kernel as Python text that NumPy reads back, to copy.

    Parameters
    ----------
    kernel : ndarray of shape (R, C)
    """
    rows = ["    [" + ", ".join(f"{float(value): .6g}" for value in row) + "]," for row in kernel]
    return "np.array([\n" + "\n".join(rows) + "\n])"
