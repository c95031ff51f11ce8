"""What there is to save on the kernels page, view by view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pages.shared.kernel_views import Layer
from pages.shared.save import about, about_run, offer_bundle, stem

if TYPE_CHECKING:
    import numpy as np

    from core.export.bundle import NamedTable
    from core.inside.filter_set import Duplicates
    from core.inside.kernel_history import KernelHistory
    from core.inside.kernel_measures import Spectrum
    from core.inside.kernel_replay import Replay
    from core.inside.one_kernel import KernelNature
    from core.inside.whole_layer import WholeLayer
    from core.library.records import Epoch

_ALIKE = "group: filters of one number are nearly the same, from a cosine of {:.2f} on; -1: alone"
_RANDOM = "p and random: held against {:,} random kernels of independent normal weights (seed 0)"


def save_formation(
    layer: Layer, history: KernelHistory, found: Replay, epochs: Sequence[Epoch]
) -> None:
    """The kernels and other weights of the layer at every recorded epoch, and both curves."""
    from core.export.bundle import Bundle, NamedTable
    from core.export.kernel_columns import distances_by_epoch, losses_by_epoch

    words = about_run(
        layer.run,
        f"layer {layer.name}",
        f"weights after {len(found.epochs)} recorded epochs (0: the first weights), kernels by "
        "epoch, row, column, input channel and filter; distance of a filter: the length of its "
        "change since the first of them, all input channels together, by its length then; losses "
        "at each epoch's end, dropout off, without the penalty: on the validation images, and on "
        "a fixed sample of the training images",
    )
    tables = (
        NamedTable("distances", "How far each filter has come", distances_by_epoch(found)),
        NamedTable("losses", "Loss by epoch", losses_by_epoch(epochs)),
    )
    # What belongs to the layer beside its kernels, such as the bias.
    further = {"epochs": found.epochs, "kernels": history.kernels[layer.name]}
    further |= history.others.get(layer.name, {})
    name = stem(layer.network, f"{layer.name}-by-epoch")
    offer_bundle(Bundle(name, words, tables, further), "formation")


def save_nature(
    layer: Layer, place: tuple[int, int], kernel: np.ndarray, nature: KernelNature, waves: Spectrum
) -> None:
    """The kernel, its like, its frequencies, and what it is with every p-value."""
    from core.export.array_files import NamedArray
    from core.export.bundle import Bundle, NamedTable
    from core.export.kernel_columns import classic_likenesses, kernel_properties

    number, channel = place
    words = about(
        layer.network,
        f"layer {layer.name}",
        f"filter {number}",
        f"input channel {channel}",
        _RANDOM.format(nature.random.draws),
        "orientation in degrees, frequency in cycles per pixel; frequency response: amplitude by "
        "frequency upwards (first row -0.5) and across (first column -0.5)",
    )
    nearest = nature.nearest
    pieces = (
        NamedArray("kernel", "This kernel", kernel),
        NamedTable("properties", "What it is, with p-values", kernel_properties(nature)),
        NamedTable("likenesses", "Likeness to classic kernels", classic_likenesses(nature)),
    )
    further = {
        "frequency_response": waves.magnitudes,
        "frequencies": waves.frequencies,
        "classic_kernel": nearest.member,
        "random_circular_variance": nature.random.variance,
        "random_rank_one": nature.random.separability,
        "random_similarity": nearest.random,
    }
    name = stem(layer.network, f"{layer.name}-filter-{number}-channel-{channel}")
    offer_bundle(Bundle(name, words, pieces, further), "nature")


def save_layer(layer: Layer, whole: WholeLayer, doubles: Duplicates, least: float) -> None:
    """What every kernel and every filter is, the cosines, and the singular values."""
    from core.export.array_files import NamedArray
    from core.export.bundle import Bundle, NamedTable, Piece
    from core.export.kernel_columns import (
        filters_of_layer,
        kernels_of_layer,
        kinds_of_kernels,
        singular_values,
    )

    filters, kernels = whole.filters, whole.kernels
    words = [
        f"layer {layer.name}",
        _ALIKE.format(least),
        "cosines between filters in the order of cosines_filters",
        f"effective rank {filters.effective_rank:.4g}, of random filters of the same norm "
        f"{filters.random_rank:.4g}",
    ]
    pieces: list[Piece] = []
    if len(doubles.filters):
        pieces.append(NamedArray("cosines", "Cosines between filters", doubles.cosines))
    pieces += [
        NamedTable("filters", "Every filter", filters_of_layer(filters, doubles)),
        NamedTable("singular-values", "Singular values", singular_values(filters)),
    ]
    if kernels is not None:
        words += [_RANDOM.format(kernels.random.draws), _of(kernels.filters, kernels.total)]
        pieces += [
            NamedTable("kernels", "Every kernel, with p-values", kernels_of_layer(kernels)),
            NamedTable("kinds", "Nearest classic kernel", kinds_of_kernels(kernels)),
        ]
    further = {"cosines_filters": doubles.filters}
    name, sentence = stem(layer.network, f"{layer.name}-whole"), about(layer.network, *words)
    offer_bundle(Bundle(name, sentence, tuple(pieces), further), "layer")


def save_pair(
    layers: Mapping[str, Layer], found: Mapping[str, tuple[WholeLayer, Duplicates]], least: float
) -> None:
    """Both runs' kernels, and the tables of both one after another."""
    from core.export.array_files import NamedArray
    from core.export.bundle import Bundle

    sides = dict(zip("ab", layers.values(), strict=True))
    both = dict(zip("ab", found.values(), strict=True))
    kernels = [
        NamedArray(f"kernels-{side}", f"Kernels of {name}", layer.kernels)
        for (side, layer), name in zip(sides.items(), layers, strict=True)
    ]
    first, second = sides.values()
    words = about(
        first.network,
        "this is run a",
        f"layer {first.name}; run b is {about(second.network).removesuffix('.')}; random: "
        "kernels or filters of independent normal weights",
        _ALIKE.format(least),
    )
    further = {f"cosines_{side}": twice.cosines for side, (_, twice) in both.items()}
    name = stem(first.network, f"{first.name}-beside-{second.run.id}")
    offer_bundle(Bundle(name, words, (*kernels, *_tables_of_both(both)), further), "pair")


def _tables_of_both(both: Mapping[str, tuple[WholeLayer, Duplicates]]) -> list[NamedTable]:
    from core.export.bundle import NamedTable
    from core.export.kernel_columns import (
        filters_of_layer,
        kernels_of_layer,
        one_after_another,
        singular_values,
    )
    from core.inside.whole_layer import side_by_side

    filters = {side: filters_of_layer(one.filters, twice) for side, (one, twice) in both.items()}
    values = {side: singular_values(one.filters) for side, (one, _) in both.items()}
    tables = [
        NamedTable("figures", "The figures of both", _as_columns(side_by_side(both))),
        NamedTable("filters", "Every filter of both", one_after_another(filters)),
        NamedTable("singular-values", "Singular values of both", one_after_another(values)),
    ]
    kernels = {
        side: kernels_of_layer(one.kernels) for side, (one, _) in both.items() if one.kernels
    }
    if kernels:
        table = one_after_another(kernels)
        tables.append(NamedTable("kernels", "Every kernel of both, with p-values", table))
    return tables


def _as_columns(rows: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    return {name.lower(): [row[name] for row in rows] for name in rows[0]}


def _of(measured: np.ndarray, total: int) -> str:
    if len(measured) == total:
        return f"all {total:,} kernels"
    return f"{len(measured):,} of its {total:,} kernels, evenly spread"
