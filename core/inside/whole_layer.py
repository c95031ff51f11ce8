"""A layer's kernels and filters together, and the numbers of one or two layers side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.inside.filter_set import Duplicates, FilterSet, filter_set
from core.inside.layer_kernels import LayerKernels, measure_layer


@dataclass(frozen=True, eq=False)
class WholeLayer:
    """What there is to say of a layer's kernels.

    Attributes
    ----------
    kernels : LayerKernels or None
        None where a kernel is a single weight, which has no pattern.
    filters : FilterSet
    """

    kernels: LayerKernels | None
    filters: FilterSet


def whole_layer(kernels: NDArray[np.floating]) -> WholeLayer:
    """Measure a layer.

    Parameters
    ----------
    kernels : ndarray of shape (R, C, I, O)
    """
    single = kernels.shape[0] * kernels.shape[1] == 1
    return WholeLayer(None if single else measure_layer(kernels), filter_set(kernels))


def side_by_side(
    layers: Mapping[str, tuple[WholeLayer, Duplicates]],
) -> list[dict[str, str]]:
    """The numbers of one or two layers, as the rows of a table with a column for each.

    Parameters
    ----------
    layers : mapping of str to (WholeLayer, Duplicates)
        By what the column is called.
    """
    columns = {name: _figures(*found) for name, found in layers.items()}
    rows = list(dict.fromkeys(row for column in columns.values() for row in column))
    return [
        {"Figure": row} | {name: column.get(row, "") for name, column in columns.items()}
        for row in rows
    ]


def _figures(whole: WholeLayer, doubles: Duplicates) -> dict[str, str]:
    filters, kernels = whole.filters, whole.kernels
    found = {
        "Filters": f"{len(filters.norms):,}",
        "Median norm of a filter": f"{np.median(filters.norms):.3g}",
        "Dead filters": f"{int(filters.dead.sum()):,}",
        "Nearly the same (pairs)": f"{doubles.pairs:,} (chance: {doubles.by_chance})",
        "Effective rank": f"{filters.effective_rank:.1f} of {len(filters.singular)} "
        f"(random filters: {filters.random_rank:.1f})",
    }
    if kernels is None:
        return found
    marked, measured = kernels.significance, len(kernels.filters)
    return found | {
        "Kernels measured": f"{measured:,} of {kernels.total:,}",
        "With a classic pattern, significantly": _share(int(kernels.patterned.sum()), measured),
        "With a preferred direction, significantly": _share(int(kernels.oriented.sum()), measured),
        "Circular variance (median)": _beside(kernels.measures.variance, kernels.random.variance),
        "Share of rank one (median)": _beside(
            kernels.measures.separability, kernels.random.separability
        ),
        "Nearest similarity (median)": _median(
            np.take_along_axis(marked.likeness, np.maximum(marked.nearest, 0)[np.newaxis], axis=0)
        ),
    }


def _share(count: int, of: int) -> str:
    return f"{count:,} ({count / of:.0%})"


def _median(values: NDArray[np.floating]) -> str:
    known = values[np.isfinite(values)]
    return f"{np.median(known):.2f}" if known.size else "none"


def _beside(values: NDArray[np.floating], random: NDArray[np.floating]) -> str:
    return f"{_median(values)} (random: {_median(random)})"
