"""All that a view shows -> files for a notebook of one's own: one NPZ, its pictures, its tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from core.export.array_files import NamedArray, comment, npy
from core.export.kernel_pictures import png
from core.export.network_drawing import NetworkDrawing
from core.figures.signed_colours import Pixels

Array = npt.NDArray[Any]
_LINES = 100_000
"""Of a long table that are written at once."""


@dataclass(frozen=True, eq=False)
class NamedTable:
    """Columns of equal length with what their file says of them.

    Attributes
    ----------
    name : str
        The file's name, without its ending.
    words : str
        What it is, for the page.
    columns : mapping of str to sequence
        Numbers or words, by the name of the column.
    about : str
        A sentence that goes ahead of the table, on a line that begins with ``#``.
    """

    name: str
    words: str
    columns: Mapping[str, Sequence[object] | Array]
    about: str = ""

    def as_csv(self) -> bytes:
        """The table; ``comment="#"`` of pandas passes over the sentence."""
        file = io.StringIO()
        if self.about:
            file.write(comment(self.about))
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(
            zip(*(np.asarray(one).tolist() for one in self.columns.values()), strict=True)
        )
        return file.getvalue().encode()

    def as_npy(self) -> bytes:
        """The table as a structured array: ``numpy.load(...)["column"]`` gives a column."""
        columns = {name: np.asarray(one) for name, one in self.columns.items()}
        (count,) = {len(column) for column in columns.values()}
        rows = np.empty(count, [(name, column.dtype) for name, column in columns.items()])
        for name, column in columns.items():
            rows[name] = column
        return npy(rows)


@dataclass(frozen=True, eq=False)
class NumbersAlone:
    """An array of any shape that is not drawn.

    Attributes
    ----------
    name, words : str
        As those of :class:`NamedTable`.
    values : ndarray
    about : str
        A sentence on the first line of the CSV.
    """

    name: str
    words: str
    values: Array
    about: str = ""

    def as_npy(self) -> bytes:
        """The numbers as NumPy saves them; ``numpy.load`` gives them back bit for bit."""
        return npy(self.values)

    def as_csv(self) -> bytes:
        """A line a number: its place on each axis, counted from 0, and the value."""
        file, flat = io.StringIO(), self.values.ravel()
        if self.about:
            file.write(comment(self.about))
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*(f"axis_{axis}" for axis in range(self.values.ndim)), "value"])
        # A part at a time: the weights of a whole training are millions of numbers.
        for begin in range(0, len(flat), _LINES):
            part = flat[begin : begin + _LINES]
            places = np.unravel_index(np.arange(begin, begin + len(part)), self.values.shape)
            rows = zip(*(place.tolist() for place in places), part.tolist(), strict=True)
            writer.writerows(rows)
        return file.getvalue().encode()


@dataclass(frozen=True, eq=False)
class Drawing:
    """A picture as it stands on the page, with words in it, whose numbers stand elsewhere.

    Attributes
    ----------
    name, words : str
        As those of :class:`NamedTable`.
    pixels : ndarray of shape (H, W, 4), uint8
    about : str
        A sentence inside the file.
    """

    name: str
    words: str
    pixels: Pixels
    about: str = ""

    def as_png(self) -> bytes:
        """The picture, pixel for pixel."""
        return png(self.pixels, self.about)


Piece = NamedArray | NamedTable | Drawing | NetworkDrawing


@dataclass(frozen=True, eq=False)
class Bundle:
    """What a view shows, to be taken along.

    Attributes
    ----------
    stem : str
        How the names of all its files begin.
    about : str
        In sentences: run, weights, layer, image, mode. It is in every file.
    pieces : tuple of NamedArray, NamedTable, Drawing or NetworkDrawing
        Those with a file of their own. No two have one name.
    further : mapping of str to ndarray
        More arrays, by name, which are not drawn.
    """

    stem: str
    about: str
    pieces: tuple[Piece, ...] = ()
    further: Mapping[str, Array] = field(default_factory=dict)

    @property
    def files(self) -> tuple[Piece, ...]:
        """The pieces, their names beginning alike, with the sentence inside."""
        return tuple(
            replace(piece, name=f"{self.stem}-{piece.name}", about=self.about)
            for piece in self.pieces
        )

    def alone(self, name: str) -> NumbersAlone:
        """One of the further arrays as files of its own."""
        file = f"{self.stem}-{name.replace('_', '-')}"
        return NumbersAlone(file, name, np.asarray(self.further[name]), self.about)

    def arrays(self) -> dict[str, Array]:
        """All numbers by name: maps, the columns of the tables, what is further; and ``about``."""
        found: dict[str, Array] = {"about": np.array(self.about)}
        for piece in self.pieces:
            name = piece.name.replace("-", "_")
            if isinstance(piece, NamedArray):
                found[name] = piece.values
            elif isinstance(piece, NamedTable):
                found |= {f"{name}_{key}": np.asarray(one) for key, one in piece.columns.items()}
        return found | {name: np.asarray(array) for name, array in self.further.items()}

    def as_npz(self) -> bytes:
        """All numbers as NumPy saves them; ``numpy.load`` gives them back bit for bit."""
        file = io.BytesIO()
        np.savez_compressed(file, allow_pickle=False, **self.arrays())
        return file.getvalue()
