"""What there is to save on the layers page, view by view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pages.shared.layers_scene import Scene
from pages.shared.save import about, offer_bundle, stem

if TYPE_CHECKING:
    import numpy as np

    from core.inside.activity_records import LayerActivity, Passage
    from core.inside.layer_records import LayerRecord, WeightArray
    from core.inside.reach_records import EffectiveField, Reach


def save_network(
    scene: Scene, layers: Sequence[LayerRecord], arrays: tuple[WeightArray, ...]
) -> None:
    """The network as a diagram and as a table, and the weights of the chosen layer."""
    from core.export.bundle import Bundle, NamedTable
    from core.export.columns import layer_rows
    from core.export.network_drawing import NetworkDrawing
    from core.figures.network import blocks
    from core.inside.layers import input_record

    drawn = blocks([input_record(scene.network.model), *layers])
    pieces = (
        NetworkDrawing("diagram", "The network as a diagram", drawn),
        NamedTable("layers", "All layers", layer_rows(layers)),
    )
    words = ["all layers", f"weights of layer {scene.layer}"] if arrays else ["all layers"]
    found = {array.name: array.values for array in arrays}
    text = about(scene.network, *words)
    offer_bundle(Bundle(stem(scene.network, "network"), text, pieces, found), "network")


def save_flow(scene: Scene, title: str, image: np.ndarray, found: Passage) -> None:
    """The image, all that every layer makes of it, and the classes."""
    from core.export.array_files import NamedArray
    from core.export.bundle import Bundle, NamedTable, Piece

    pieces: list[Piece] = [
        NamedArray("image", "The image as the network gets it", image, brightness=True)
    ]
    maps = found.outputs[scene.layer]
    if maps.ndim == 3:
        words = f"All {maps.shape[2]} maps of {scene.layer}, the chosen layer"
        pieces.append(NamedArray("maps", words, maps))
    if found.probabilities is not None:
        table = {"class": scene.class_names, "probability": found.probabilities}
        pieces.append(NamedTable("classes", "The probability of each class", table))
    words = about(
        scene.network,
        f"image: {title}",
        f"maps of layer {scene.layer}; output_ with a layer's name is all that the layer passes on",
    )
    outputs = {f"output_{layer}": values for layer, values in found.outputs.items()}
    offer_bundle(Bundle(stem(scene.network, "flow"), words, tuple(pieces), outputs), "flow")


def save_reach(
    scene: Scene,
    found: tuple[Reach, ...],
    spreads: Mapping[str, float],
    effective: EffectiveField | None,
    images: int,
) -> None:
    """The windows of all layers, and where the chosen one's gradient is."""
    from core.export.array_files import NamedArray
    from core.export.bundle import Bundle, NamedTable, Piece
    from core.export.columns import layer_reaches

    table = layer_reaches(found, spreads)
    pieces: list[Piece] = [NamedTable("layers", "What each layer sees", table)]
    words = ["what each layer sees of the image, in pixels"]
    if effective is not None:
        field = f"The effective field of {scene.layer}"
        pieces.insert(0, NamedArray("effective-field", field, effective.shares))
        words += [
            f"effective field of layer {scene.layer}: the share of each pixel in the absolute "
            f"gradient, averaged over the first {images} validation images and "
            f"{effective.filters} of {effective.of_filters} filters"
        ]
    offer_bundle(
        Bundle(stem(scene.network, "reach"), about(scene.network, *words), tuple(pieces)), "reach"
    )


def save_cost(scene: Scene, rows: Sequence[Mapping[str, object]], images: int) -> None:
    """What each layer costs."""
    from core.export.bundle import Bundle, NamedTable

    words = about(
        scene.network,
        "multiply-adds are of one image",
        f"times in milliseconds are of {images} validation images on the machine that showed it",
    )
    columns = {
        "layer": "Layer",
        "multiply_adds": "Multiply-adds",
        "weights": "Weights",
        "median_ms": "Median (ms)",
        "shortest_ms": "Shortest (ms)",
        "longest_ms": "Longest (ms)",
    }
    values = {name: [row[shown] for row in rows] for name, shown in columns.items()}
    table = NamedTable("layers", "What each layer costs", values)
    offer_bundle(Bundle(stem(scene.network, "cost"), words, (table,)), "cost")


def save_activity(
    scene: Scene, found: tuple[LayerActivity, ...], chosen: LayerActivity | None, images: int
) -> None:
    """The statistics of all layers, and those of the chosen one unit by unit."""
    from core.export.bundle import Bundle, NamedTable
    from core.export.columns import layer_activity, unit_activity

    tables = [NamedTable("layers", "All layers", layer_activity(found))]
    words = f"on all {images:,} validation images; zeros is the share that is exactly 0"
    if chosen is not None:
        units = f"{chosen.layer}, unit by unit"
        tables.append(NamedTable("units", units, unit_activity(chosen)))
        words += (
            f"; units of layer {chosen.layer}, active_images: on how many it is not 0 somewhere"
        )
    bundle = Bundle(stem(scene.network, "activity"), about(scene.network, words), tuple(tables))
    offer_bundle(bundle, "activity")
