"""The charts of a report: which curves they hold, and what is said of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from core.export.line_chart import NARROW, WIDE, Line, line_chart
from core.export.whole_run import WholeRun
from core.learning.curves import best_epoch, thinned

_MOST_BATCHES = 600
"""Points of the batch curve at most: as many as the chart has room for."""
_LOOKS = ("one", "two", "three", "four", "five", "six")


@dataclass(frozen=True)
class Chart:
    """A chart with its words.

    Attributes
    ----------
    title : str
        What it is of, with the unit.
    legend : tuple of pairs of str
        For each curve its name and its class in the style sheet.
    drawings : tuple of Markup
        The same chart for a wide and for a narrow screen.
    note : str
        What the numbers were computed on.
    """

    title: str
    legend: tuple[tuple[str, str], ...]
    drawings: tuple[Markup, ...]
    note: str = ""


def charts_of(whole: WholeRun, onset: int | None) -> list[Chart]:
    """Loss and accuracy; the penalty if there is one; and, if recorded, how the kernels moved.

    Parameters
    ----------
    whole : WholeRun
        With at least one epoch.
    onset : int or None
        The epoch since which the verdict holds.
    """
    charts = [_learning(whole, "loss", onset), _learning(whole, "accuracy", onset)]
    epochs = [epoch.epoch for epoch in whole.epochs]
    penalties = [epoch.penalty for epoch in whole.epochs]
    if any(penalty > 0 for penalty in penalties):
        line = Line("Penalty", "one", epochs, penalties)
        title = "Penalty (L1 and L2 terms, as added to the loss)"
        charts.append(_chart(title, [line], "Sum over the weights at each epoch's end."))
    if whole.movements:
        charts += [
            _chart(
                "Norm of the kernel, by layer",
                _moved(whole, "norm"),
                "Euclidean norm at each epoch's end.",
            ),
            _chart(
                "Change of the kernel over an epoch, by layer",
                _moved(whole, "change"),
                "Norm of the change, as a share of the kernel's norm.",
                percent=True,
            ),
        ]
    return charts


def _learning(whole: WholeRun, kind: str, onset: int | None) -> Chart:
    curves, epochs = whole.curves, whole.epochs
    loss = kind == "loss"
    values = curves.batches.losses if loss else curves.batches.accuracies
    batches = thinned(values, curves.steps_per_epoch, _MOST_BATCHES)
    ends = [epoch.epoch for epoch in epochs]
    lines = [
        Line("Batches", "batches", batches.at, batches.values),
        # A mean over an epoch belongs to its middle; the other two are taken at its end.
        Line(
            "Training", "running", [epoch.middle for epoch in epochs], _of(whole, "running", kind)
        ),
        Line("Fair training", "fair", ends, _of(whole, "fair", kind)),
        Line("Validation", "validation", ends, _of(whole, "validation", kind)),
    ]
    title = (
        "Loss (cross-entropy in nats, without penalty)"
        if loss
        else "Accuracy (share of right answers)"
    )
    best = best_epoch(epochs)
    mark = None if best is None else (best.epoch, getattr(best, f"validation_{kind}"))
    return _chart(title, lines, "", not loss, onset, mark)


def _of(whole: WholeRun, way: str, kind: str) -> list[float]:
    return [getattr(epoch, f"{way}_{kind}") for epoch in whole.epochs]


def _moved(whole: WholeRun, name: str) -> list[Line]:
    lines = []
    for number, layer in enumerate(whole.layers):
        ours = [one for one in whole.movements if one.layer == layer]
        values = [getattr(one, name) for one in ours]
        look = _LOOKS[number % len(_LOOKS)]
        lines.append(Line(layer, look, [one.epoch for one in ours], values))
    return lines


def _chart(
    title: str,
    lines: Sequence[Line],
    note: str,
    percent: bool = False,
    onset: int | None = None,
    best: tuple[float, float] | None = None,
) -> Chart:
    legend = [(line.name, line.look) for line in lines]
    words = f"{title}. " + " ".join(_in_words(line, percent) for line in lines)
    if best is not None:
        legend.append(("Best epoch", "best"))
        words += f" Best epoch: {best[0]:g}."
    if onset is not None:
        legend.append((f"Verdict holds since epoch {onset}", "onset"))
    drawings = tuple(
        line_chart(lines, size, words, percent, onset, best) for size in (WIDE, NARROW)
    )
    return Chart(title, tuple(legend), drawings, note)


def _in_words(line: Line, percent: bool) -> str:
    known = [value for value in line.points[:, 1].tolist() if math.isfinite(value)]
    if not known:
        return f"{line.name}: no finite number."
    form = "{:.1%}" if percent else "{:.3g}"
    first, last, low, high = map(form.format, (known[0], known[-1], min(known), max(known)))
    return f"{line.name}: from {first} to {last}, lowest {low}, highest {high}."
