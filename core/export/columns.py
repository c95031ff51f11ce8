"""Records -> the columns of a table to save, by their names."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.attribution.records import Courses, Likeness, Maps
from core.inside.ablation import FilterOff, OffCurve
from core.inside.activity_records import LayerActivity
from core.inside.changed_answers import ClassDrop
from core.inside.layer_records import LayerRecord
from core.inside.peak_records import Patch
from core.inside.reach_records import Reach
from core.inside.tuning import Tuning, preference

Columns = dict[str, Any]
"""Of one length each: sequences or arrays."""


def _gathered(records: Sequence[object], *names: str) -> Columns:
    return {name: [getattr(one, name) for one in records] for name in names}


def layer_rows(layers: Sequence[LayerRecord]) -> Columns:
    """A row a layer: what it is, what it gives, and what it does."""
    found = _gathered(layers, "name", "kind", "output", "weights", "trained_weights", "purpose")
    return {"layer": found.pop("name"), **found}


def layer_reaches(found: Sequence[Reach], spreads: Mapping[str, float]) -> Columns:
    """A row a layer; not a number where its field is no window, or its spread not measured."""
    return {
        "layer": [one.layer for one in found],
        "sees": [one.words for one in found],
        "step": [one.columns.step if one.columns else math.nan for one in found],
        "spread_weights_alike": [one.uniform_sigma for one in found],
        "spread_measured": [spreads.get(one.layer, math.nan) for one in found],
    }


def layer_activity(found: Sequence[LayerActivity]) -> Columns:
    """A row a layer; `dead` is not a number where nothing could silence a unit."""
    rows = _gathered(found, "layer", "kind", "units", "mean", "spread", "zeros")
    return rows | {"dead": [len(one.dead) if one.activates else math.nan for one in found]}


def unit_activity(found: LayerActivity) -> Columns:
    """A row a unit of a layer."""
    return {
        "unit": range(found.units),
        "mean": found.unit_means,
        "zeros": found.unit_zeros,
        "active_images": found.active_images,
    }


def tuning_preferences(tuning: Tuning) -> Columns:
    """A row a filter: what it prefers."""
    every = [preference(tuning, number) for number in range(len(tuning.amplitudes))]
    names = ("angle", "frequency", "peak", "half_width", "modulation", "vertical", "horizontal")
    return {"filter": range(len(every))} | _gathered(every, *names)


def strongest_patches(
    by_sign: Mapping[str, Sequence[Patch]], labels: npt.NDArray[np.integer]
) -> Columns:
    """A row an image; `sign` says whether it is for or against.

    Parameters
    ----------
    by_sign : mapping of str to sequence of Patch
    labels : ndarray of shape (N,)
        Of all images among which they are.
    """
    every = [patch for patches in by_sign.values() for patch in patches]
    images = [patch.number for patch in every]
    return {
        "sign": [sign for sign, patches in by_sign.items() for _ in patches],
        "image": images,
        "label": labels[images],
    } | _gathered(every, "answer", "top", "left")


def likeness_courses(found: Mapping[str, Sequence[Likeness]], stages: Sequence[str]) -> Columns:
    """A row a method and depth; depth 0 is the map as trained."""
    every = [one for course in found.values() for one in course]
    layers = ["", *stages]
    return {
        "method": [method for method, course in found.items() for _ in course],
        "randomised_down_to": [layers[one.depth] for one in every],
    } | _gathered(every, "depth", "mean", "low", "high", "places", "draws", "blank")


def randomised_maps(
    original: Maps, by_draw: Sequence[Sequence[Maps]], method: str
) -> npt.NDArray[np.float32]:
    """All maps of a method: ndarray of shape (S, D + 1, H, W), by draw and depth, 0 as trained."""
    return np.array([[original[method], *(one[method] for one in draw)] for draw in by_draw])


def courses_by_share(found: Courses) -> Columns:
    """A row a share of the pixels; a column a method, and a column a random order."""
    columns = {name: one.probabilities for name, one in found.by_method.items()}
    columns |= {f"random_{n}": one.probabilities for n, one in enumerate(found.at_random)}
    return {"share": found.at_random[0].shares} | columns


def areas_under_courses(found: Mapping[str, Courses]) -> Columns:
    """A row an order of the pixels: those of the methods, and each random one."""
    first = next(iter(found.values()))
    orders = [*first.by_method, *(f"random_{n}" for n in range(len(first.at_random)))]
    return {"order": orders} | {
        kind: [one.area for one in (*courses.by_method.values(), *courses.at_random)]
        for kind, courses in found.items()
    }


def class_drops(found: Sequence[ClassDrop], class_names: Sequence[str]) -> Columns:
    """A row a class: the share of right answers before and after, and by how much it falls."""
    return {
        "class": [class_names[one.label] for one in found],
        "images": [one.before.images for one in found],
        "before": [one.before.value for one in found],
        "after": [one.after.value for one in found],
    } | _drops(found)


def filters_off(found: Sequence[FilterOff]) -> Columns:
    """A row a filter that is off by itself."""
    return (
        {"filter": [one.number for one in found]}
        | _drops(found)
        | _gathered(found, "loss", "norm", "selectivity")
    )


def _drops(found: Sequence[FilterOff] | Sequence[ClassDrop]) -> Columns:
    names = {"drop": "value", "drop_low": "low", "drop_high": "high", "lost": "lost", "won": "won"}
    return {name: [getattr(one.drop, own) for one in found] for name, own in names.items()}


def off_together(found: Sequence[OffCurve]) -> Columns:
    """A row a count of filters that are off; a column an order: ``"random_2"``, ``"norm"``."""
    columns: Columns = {"off": found[0].counts}
    for curve in found:
        for number, row in enumerate(curve.accuracies):
            name = curve.rank if len(curve.accuracies) == 1 else f"{curve.rank}_{number}"
            columns[name] = row
    return columns
