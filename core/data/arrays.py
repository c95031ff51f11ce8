"""The arrays of a data set, and of its parts in a run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Images = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]
Array = TypeVar("Array", Images, Labels, npt.NDArray[np.bool_])


def for_reading(array: Array) -> Array:
    """The same array, which can no longer be written to, since many threads will read it."""
    array.flags.writeable = False
    return array


@dataclass(frozen=True, eq=False)
class DataSet:
    """A data set as loaded. Its arrays are shared by all sessions and cannot be written to.

    Attributes
    ----------
    key : str
    images : ndarray of float32, shape (N, H, W, C)
        Pixels in [0, 1]; of downloaded sets, the official training part.
    labels : ndarray of int64, shape (N,)
    class_names : tuple of str
    test_images, test_labels : ndarray or None
        The official test part, alike; None for the built-in sets, which have none.
    """

    key: str
    images: Images
    labels: Labels
    class_names: tuple[str, ...]
    test_images: Images | None = None
    test_labels: Labels | None = None


@dataclass(frozen=True, eq=False)
class Splits:
    """The three disjoint parts of a run. Its arrays cannot be written to.

    Attributes
    ----------
    training_images : ndarray of float32, shape (N, H, W, C)
        Pixels in [0, 1].
    training_labels : ndarray of int64, shape (N,)
        As learnt: the wrong ones included.
    true_training_labels : ndarray of int64, shape (N,)
    training_is_wrong : ndarray of bool, shape (N,)
        Where the label that is learnt was made wrong on purpose.
    validation_images, validation_labels, test_images, test_labels : ndarray
        The other two parts, alike; their labels are never made wrong.
    class_names : tuple of str
    fair_images, fair_labels : ndarray
        A fixed sample of the training part, of the validation part's size or all of it where it
        is smaller, with labels as learnt. Measured with dropout off, it is what the validation
        figures may fairly be compared with.
    """

    training_images: Images
    training_labels: Labels
    true_training_labels: Labels
    training_is_wrong: npt.NDArray[np.bool_]
    validation_images: Images
    validation_labels: Labels
    test_images: Images
    test_labels: Labels
    class_names: tuple[str, ...]
    fair_images: Images
    fair_labels: Labels

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of all the arrays, as hexadecimal digits; computed when first asked for."""
        digest = hashlib.sha256()
        for array in (
            self.training_images,
            self.training_labels,
            self.true_training_labels,
            self.validation_images,
            self.validation_labels,
            self.test_images,
            self.test_labels,
        ):
            digest.update(f"{array.dtype} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()
