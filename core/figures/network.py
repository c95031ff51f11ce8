"""The network as a diagram, and the weights of a layer as a histogram."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

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

ROW = 58
"""Pixels on the screen for one layer: the diagram runs downwards, so that a phone can show it."""

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


def diagram(layers: Sequence[LayerRecord], chosen: str = "") -> go.Figure:
    """The layers as blocks from top to bottom: wide for large maps, thick for many channels.

    Parameters
    ----------
    layers : sequence of LayerRecord
        In the order in which an image passes them; the input may be the first.
    chosen : str
        Name of the layer that is outlined.
    """
    figure = new_figure("The network, from the image to the classes", ROW * len(layers) + 50)
    largest = max((_side(layer) for layer in layers), default=1.0)
    for place, layer in enumerate(layers):
        width = 0.33 * math.sqrt(_side(layer) / largest)
        _add_block(figure, layer, place, width, layer.name == chosen)
        _add_name(figure, layer, place)
    figure.update_xaxes(visible=False, range=[-0.4, 1.2], fixedrange=True)
    figure.update_yaxes(visible=False, range=[len(layers) - 0.4, -0.6], fixedrange=True)
    return figure


def _side(layer: LayerRecord) -> float:
    """Side of the map; a row of numbers is drawn as narrow as the smallest of maps."""
    if len(layer.output_shape) != 3:
        return 1.0
    return float(max(layer.output_shape[0] or 1, layer.output_shape[1] or 1))


def _thickness(layer: LayerRecord) -> float:
    channels = layer.output_shape[-1] if layer.output_shape else 1
    return min(0.62, 0.07 + 0.055 * math.log2(channels or 1))


def _add_block(
    figure: go.Figure, layer: LayerRecord, place: int, width: float, chosen: bool
) -> None:
    """A slab seen from above: its top is the map, its thickness the channels."""
    thick, lean = _thickness(layer), 0.35 * width
    depth = 0.12 + 0.3 * width
    top = place - (thick + depth) / 2
    left, right = -width, width
    colour = _COLOURS.get(layer.kind, GRAY)
    line = {"color": "#1B2733" if not chosen else ORANGE, "width": 3 if chosen else 0.8}
    faces = [
        # front
        ([left, right, right, left], [top + depth] * 2 + [top + depth + thick] * 2, 1.0),
        # top
        ([left + lean, right + lean, right, left], [top, top, top + depth, top + depth], 0.6),
        # side
        (
            [right, right + lean, right + lean, right],
            [top + depth, top, top + thick, top + depth + thick],
            0.8,
        ),
    ]
    for xs, ys, opacity in faces:
        figure.add_scatter(
            x=[*xs, xs[0]],
            y=[*ys, ys[0]],
            mode="lines",
            fill="toself",
            fillcolor=_with_opacity(colour, opacity),
            line=line,
            hoveron="fills",
            hoverinfo="text",
            text=f"{layer.name} ({layer.kind})<br>{layer.output}<br>{layer.weights:,} weights",
        )


def _add_name(figure: go.Figure, layer: LayerRecord, place: int) -> None:
    figure.add_annotation(
        x=0.49,
        y=place,
        xanchor="left",
        align="left",
        showarrow=False,
        text=f"<b>{layer.name}</b><br>{layer.output}",
        font={"size": 12},
    )


def _with_opacity(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"


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
