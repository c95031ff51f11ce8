"""The network as a diagram, and the weights of a layer as a histogram."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from core.figures.theme import (
    BLUE,
    GRAY,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    YELLOW,
    new_figure,
)
from core.inside.layer_records import Histogram, LayerRecord

DRAWING = (84.0, 44.0)
"""Width and height, in pixels, of the drawing of one block."""

_COLOURS = {
    "Input": GRAY,
    "Conv2D": BLUE,
    "Dense": VERMILLION,
    "BatchNormalization": GREEN,
    "LayerNormalization": GREEN,
    "GroupNormalization": GREEN,
    "Activation": ORANGE,
    "ReLU": ORANGE,
    "MaxPooling2D": SKY,
    "AveragePooling2D": SKY,
    "Dropout": PURPLE,
    "SpatialDropout2D": PURPLE,
    "GaussianDropout": PURPLE,
    "GaussianNoise": PURPLE,
    "Flatten": YELLOW,
}


@dataclass(frozen=True)
class Face:
    """One side of a block: its corners in the drawing, and how much of the colour it has."""

    points: tuple[tuple[float, float], ...]
    opacity: float


@dataclass(frozen=True)
class Block:
    """A layer as a slab seen from above: its top is the map, its thickness the channels.

    Attributes
    ----------
    layer : LayerRecord
    colour : str
        By the layer's kind.
    faces : tuple of Face
        In a drawing of :data:`DRAWING`, upper left corner first.
    """

    layer: LayerRecord
    colour: str
    faces: tuple[Face, ...]


def blocks(layers: Sequence[LayerRecord]) -> tuple[Block, ...]:
    """The layers as blocks: wide for large maps, thick for many channels.

    Parameters
    ----------
    layers : sequence of LayerRecord
        In the order in which an image passes them; the input may be the first.
    """
    largest = max((_side(layer) for layer in layers), default=1.0)
    return tuple(
        Block(
            layer,
            _COLOURS.get(layer.kind, GRAY),
            _faces(math.sqrt(_side(layer) / largest), _thickness(layer)),
        )
        for layer in layers
    )


def _side(layer: LayerRecord) -> float:
    """Side of the map; a row of numbers is drawn as narrow as the smallest of maps."""
    if len(layer.output_shape) != 3:
        return 1.0
    return float(max(layer.output_shape[0] or 1, layer.output_shape[1] or 1))


def _thickness(layer: LayerRecord) -> float:
    channels = layer.output_shape[-1] if layer.output_shape else 1
    return min(1.0, 0.12 + 0.09 * math.log2(channels or 1))


def _faces(width: float, thickness: float) -> tuple[Face, ...]:
    """Front, top and side; `width` and `thickness` in (0, 1]."""
    across, high = DRAWING
    half, thick = 0.4 * across * width, 0.56 * high * thickness
    lean, depth = 0.35 * half, 0.1 * high + 0.22 * high * width
    left, right = 0.45 * across - half, 0.45 * across + half
    top = (high - thick - depth) / 2
    upper, lower, back = top + depth, top + depth + thick, right + lean
    return (
        Face(((left, upper), (right, upper), (right, lower), (left, lower)), 1.0),
        Face(((left + lean, top), (back, top), (right, upper), (left, upper)), 0.6),
        Face(
            ((right, upper), (right + lean, top), (right + lean, top + thick), (right, lower)), 0.8
        ),
    )


def weight_histogram(counted: Histogram, layer: str, array: str) -> go.Figure:
    """How often each size of weight occurs, with zero marked."""
    figure = new_figure(f"Weights of {layer}: {array}", height=320)
    edges = counted.edges
    figure.add_bar(
        x=(edges[:-1] + edges[1:]) / 2,
        y=counted.counts,
        width=edges[1:] - edges[:-1],
        marker={"color": BLUE, "line": {"width": 0}},
        customdata=[[float(low), float(high)] for low, high in itertools.pairwise(edges)],
        hovertemplate=(
            "%{customdata[0]:.3g} to %{customdata[1]:.3g}<br><b>%{y:,} weights</b><extra></extra>"
        ),
    )
    if edges[0] <= 0 <= edges[-1]:
        figure.add_vline(x=0, line={"color": GRAY, "dash": "dot", "width": 1})
    figure.update_layout(bargap=0)
    figure.update_xaxes(title="weight")
    figure.update_yaxes(title="how many weights")
    return figure
