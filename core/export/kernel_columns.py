"""What was found of kernels -> the columns of a table to save, by their names."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from core.export.columns import Columns
from core.inside.filter_set import Duplicates, FilterSet
from core.inside.kernel_measures import Doubles
from core.inside.kernel_replay import Replay
from core.inside.layer_kernels import LayerKernels
from core.inside.one_kernel import KernelNature
from core.library.records import Epoch


def distances_by_epoch(found: Replay) -> Columns:
    """A row a recorded epoch: how far each filter has come, and the median of them."""
    ways = {f"filter_{number}": way for number, way in enumerate(found.distances.T)}
    return {"epoch": found.epochs, "median": found.medians()} | ways


def losses_by_epoch(epochs: Sequence[Epoch]) -> Columns:
    """A row an epoch of the training: the losses at its end, dropout off, without the penalty."""
    return {
        "epoch": [one.epoch for one in epochs],
        "validation_loss": [one.validation_loss for one in epochs],
        "training_loss": [one.fair_loss for one in epochs],
    }


def kernel_properties(nature: KernelNature) -> Columns:
    """A row a property of one kernel, with its p-value and random kernels beside it.

    Not a number where there is no test, or nothing was drawn.
    """
    found, nearest, random = nature.measures, nature.nearest, nature.random
    # By name: the value, its p-value, and the mean and spread of random kernels.
    none = (math.nan,) * 3
    rows = {
        "norm": (float(found.norms[0]), *none),
        "sum": (float(found.sums[0]), *none),
        "rank_one": _tested(found.separability[0], nature.separable, random.separability),
        "half_turn": (float(found.half_turn[0]), *none),
        "quarter_turn": (float(found.quarter_turn[0]), *none),
        "left_and_right_exchanged": (float(found.sideways[0]), *none),
        "top_and_bottom_exchanged": (float(found.upright[0]), *none),
        "orientation": (float(found.orientation[0]), *none),
        "circular_variance": _tested(found.variance[0], nature.oriented, random.variance),
        "frequency": (float(found.frequency[0]), *none),
        f"similarity to {nearest.name}": _tested(
            nearest.similarity, nearest.p_value, nearest.random
        ),
        "similarity to any": (nearest.similarity, nature.pattern, math.nan, math.nan),
    }
    value, p_value, mean, spread = zip(*rows.values(), strict=True)
    return {
        "property": list(rows),
        "value": value,
        "p": p_value,
        "random_mean": mean,
        "random_spread": spread,
    }


def _tested(value: float, p_value: float, random: Doubles) -> tuple[float, float, float, float]:
    return float(value), p_value, float(random.mean()), float(random.std())


def classic_likenesses(nature: KernelNature) -> Columns:
    """A row a family of classic kernels, the most remarkable first."""
    found = nature.likenesses
    return {
        "classic": [one.name for one in found],
        "similarity": [one.similarity for one in found],
        "p": [one.p_value for one in found],
        "random_95_percent_below": [one.usual for one in found],
        "angle": [one.angle for one in found],
    }


def kernels_of_layer(found: LayerKernels) -> Columns:
    """A row a kernel that was measured, filter by filter, channel by channel."""
    measures, marked = found.measures, found.significance
    place = np.arange(len(marked.nearest))
    return {
        "filter": found.filters,
        "channel": found.channels,
        "norm": measures.norms,
        "sum": measures.sums,
        # A kernel of zeros is near to none: -1 is the last of the names.
        "nearest": np.array([*found.names, "all zeros"])[marked.nearest],
        "similarity": marked.likeness[marked.nearest, place],
        "p_pattern": marked.pattern,
        "significant_pattern": found.patterned,
        "orientation": measures.orientation,
        "circular_variance": measures.variance,
        "p_orientation": marked.oriented,
        "significant_orientation": found.oriented,
        "frequency": measures.frequency,
        "rank_one": measures.separability,
        "p_rank_one": marked.separable,
        "half_turn": measures.half_turn,
        "quarter_turn": measures.quarter_turn,
        "left_and_right_exchanged": measures.sideways,
        "top_and_bottom_exchanged": measures.upright,
    }


def kinds_of_kernels(found: LayerKernels) -> Columns:
    """A row a classic kernel: how many are nearest to it, and how many of these significantly."""
    kinds = found.kinds()
    return {
        "classic": list(kinds),
        "kernels": [every for every, _ in kinds.values()],
        "significant": [marked for _, marked in kinds.values()],
    }


def filters_of_layer(found: FilterSet, doubles: Duplicates) -> Columns:
    """A row a filter; `group`: those of one number are nearly the same, -1 stands alone."""
    group = np.full(len(found.norms), -1)
    for number, members in enumerate(doubles.groups):
        group[list(members)] = number
    return {
        "filter": np.arange(len(found.norms)),
        "norm": found.norms,
        "dead": found.dead,
        "group": group,
    }


def singular_values(found: FilterSet) -> Columns:
    """A row a singular value, largest first, and its mean over random filters."""
    return {
        "number": np.arange(1, len(found.singular) + 1),
        "value": found.singular,
        "random": found.random,
    }


def one_after_another(tables: Mapping[str, Columns]) -> Columns:
    """Tables with the same columns as one; the column `run` says of which a row is."""
    first = next(iter(tables.values()))
    joined = {name: np.concatenate([one[name] for one in tables.values()]) for name in first}
    run = np.repeat(list(tables), [len(next(iter(one.values()))) for one in tables.values()])
    return {"run": run} | joined
