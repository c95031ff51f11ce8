"""Curves -> a chart in SVG, as it stands in a page that needs no script and no network.

Lines have classes instead of colours, so that the page's style sheet can have one set of colours
for light, dark and paper.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from markupsafe import Markup, escape

_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 12, 10, 40
"""Pixels around the plot: room for the numbers at the axes."""


@dataclass(frozen=True, eq=False)
class Line:
    """One curve.

    Attributes
    ----------
    name : str
        What stands in the legend.
    look : str
        The class that the style sheet knows.
    x, y : array_like of shape (P,)
        Points; where one is no finite number, the line is broken.
    """

    name: str
    look: str
    x: npt.ArrayLike
    y: npt.ArrayLike

    @property
    def points(self) -> npt.NDArray[np.float64]:
        """The points as an array of shape (P, 2)."""
        return np.column_stack([np.asarray(self.x, np.float64), np.asarray(self.y, np.float64)])


@dataclass(frozen=True)
class Size:
    """A size in pixels, and the class by which the style sheet shows it or not."""

    look: str
    width: int
    height: int


WIDE = Size("wide", 760, 320)
NARROW = Size("narrow", 360, 270)


def line_chart(
    lines: Sequence[Line],
    size: Size,
    words: str,
    percent: bool = False,
    onset: float | None = None,
    best: tuple[float, float] | None = None,
) -> Markup:
    """Draw curves over the epoch; the axis of their values begins at 0.

    Parameters
    ----------
    lines : sequence of Line
        The last one lies on top.
    size : Size
    words : str
        What a person who cannot see it is told.
    percent : bool
        Write shares in [0, 1] as per cent.
    onset : float, optional
        An epoch at which a dashed line stands.
    best : pair of float, optional
        Where the mark of the best epoch lies.
    """
    frame = _frame(lines, size)
    parts = [
        Markup('<svg class="chart {}" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
            size.look, size.width, size.height, words
        ),
        *_axes(frame, percent),
    ]
    if onset is not None:
        across = frame.across(onset)
        parts.append(
            Markup('<line class="onset" x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}"/>').format(
                across, _TOP, frame.bottom
            )
        )
    parts += [_curve(line, frame) for line in lines]
    if best is not None:
        place = frame.across(best[0]), frame.down(best[1])
        parts.append(Markup('<circle class="best" cx="{:.1f}" cy="{:.1f}" r="6"/>').format(*place))
    return Markup("\n").join([*parts, Markup("</svg>")])


@dataclass(frozen=True)
class _Frame:
    """From epochs and values to pixels."""

    size: Size
    last: float
    highest: float

    @property
    def bottom(self) -> int:
        return self.size.height - _BOTTOM

    def across(self, epoch: float) -> float:
        return _LEFT + epoch / self.last * (self.size.width - _LEFT - _RIGHT)

    def down(self, value: float) -> float:
        return self.bottom - value / self.highest * (self.bottom - _TOP)


def _frame(lines: Iterable[Line], size: Size) -> _Frame:
    points = np.concatenate([np.zeros((1, 2)), *(line.points for line in lines)])
    last, highest = np.where(np.isfinite(points), points, 0).max(axis=0)
    return _Frame(size, float(last) or 1.0, 1.04 * float(highest) or 1.0)


def ticks(highest: float, most: int, whole: bool = False) -> list[float]:
    """Round numbers from 0 up to `highest`, at most `most` and 0: steps of 1, 2 or 5 times 10^n."""
    step = 10.0 ** math.floor(math.log10(highest / most))
    step = next(step * factor for factor in (1, 2, 5, 10) if highest / (step * factor) <= most)
    step = max(step, 1.0) if whole else step
    return [step * number for number in range(int(highest / step + 1e-9) + 1)]


def _axes(frame: _Frame, percent: bool) -> list[Markup]:
    right = frame.size.width - _RIGHT
    parts = []
    for value in ticks(frame.highest, 6):
        down = frame.down(value)
        parts.append(
            Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(
                _LEFT, right, down, down
            )
        )
        text = f"{value:.3g}" if not percent else f"{100 * value:.3g} %"
        parts.append(_text(text, _LEFT - 6, down + 4, "end"))
    for epoch in ticks(frame.last, frame.size.width // 80, whole=True):
        parts.append(_text(f"{epoch:g}", frame.across(epoch), frame.bottom + 16, "middle"))
    middle = (_LEFT + right) / 2
    return [*parts, _text("Epoch", middle, frame.size.height - 6, "middle")]


def _text(words: str, across: float, down: float, anchor: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        across, down, anchor, escape(words)
    )


def _curve(line: Line, frame: _Frame) -> Markup:
    """A path, with a dot where a number stands between none."""
    pieces, pen = [], "M"
    for epoch, value in line.points.tolist():
        if math.isfinite(value):
            pieces.append(f"{pen}{frame.across(epoch):.1f} {frame.down(value):.1f}")
            pen = "L"
        else:
            pen = "M"
    path = "".join(pieces)
    if path.count("M") == len(pieces) and pieces:
        # Round ends make a dot of a line without length.
        path = "".join(f"{piece}h0" for piece in pieces)
    return Markup('<path class="line {}" d="{}"/>').format(line.look, path)
