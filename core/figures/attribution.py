"""Where a decision came from, as pictures: the answer, the maps, and the checks on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.attribution.records import Courses, Likeness
from core.figures.theme import (
    BLUE,
    GRAY,
    GREEN,
    ORANGE,
    PURPLE,
    SIGNED,
    VERMILLION,
    axis_below,
    legend_below,
    new_figure,
    scale_bar,
    square_cells,
)

_LINES = ((BLUE, "solid"), (VERMILLION, "dash"), (GREEN, "dot"), (PURPLE, "dashdot"))
_BAND = "rgba(138, 147, 155, 0.3)"
_OUTLINE = "#5F6A73"
_HEAD = 130
"""Pixels for title and colour scale above the maps."""
_CAPTION = 42
"""And for the words above each map; on a phone, where maps are half as large, half of that."""


@dataclass(frozen=True, eq=False)
class MapTile:
    """One map on a board.

    Attributes
    ----------
    values : ndarray of shape (H, W)
    limit : float
        Its colours run from -limit to limit.
    caption : str
        Stands above it.
    name : str
        What the hover text calls it.
    """

    values: NDArray[np.floating]
    limit: float
    caption: str
    name: str


def answer_bars(
    probabilities: NDArray[np.floating],
    scores: NDArray[np.floating],
    class_names: Sequence[str],
    target: int,
    subtitle: str,
) -> go.Figure:
    """What a network says of an image: a bar a class, the explained one in colour.

    Parameters
    ----------
    probabilities, scores : ndarray of shape (K,)
    class_names : sequence of K str
    target : int
        The class that is explained.
    subtitle : str
    """
    figure = new_figure("What the network says", 110 + 20 * len(class_names), subtitle)
    figure.add_bar(
        x=probabilities.tolist(),
        y=list(class_names),
        orientation="h",
        marker={
            "color": [ORANGE if place == target else BLUE for place in range(len(class_names))],
            "line": {"width": 0},
        },
        customdata=scores.tolist(),
        hovertemplate="%{y}: <b>%{x:.2%}</b><br>score %{customdata:.3g}<extra></extra>",
    )
    figure.update_xaxes(title="probability", tickformat=".0%", range=[0, 1.03])
    figure.update_yaxes(
        title="class", type="category", autorange="reversed", dtick=1, showgrid=False
    )
    return figure


def map_board(
    tiles: Sequence[MapTile],
    columns: int,
    size: int,
    title: str,
    subtitle: str,
    outline: tuple[NDArray[np.floating], float],
) -> go.Figure:
    """Maps in rows, each on a scale of its own around 0, with the image's outline.

    Parameters
    ----------
    tiles : sequence of MapTile
        All of one shape (H, W).
    columns : int
        How many stand in a row.
    size : int
        Pixels on the screen for a row of them; a narrow screen shows them smaller.
    title, subtitle : str
    outline : (ndarray of shape (H, W), float)
        The image in gray, and the level whose line is drawn.
    """
    rows, width = tiles[0].values.shape
    gap, head = max(1, round(width / 14)), max(1.0, rows * _CAPTION / size)
    down = -(-len(tiles) // columns)
    figure = new_figure(title, _HEAD + down * size, subtitle)
    figure.update_layout(margin_t=_HEAD - 8)
    for number, tile in enumerate(tiles):
        row, column = divmod(number, columns)
        corner = row * (rows + head) + head, column * (width + gap)
        _add_tile(figure, tile, corner, None if number else _bar(figure.layout.height))
        _add_outline(figure, outline, corner)
        figure.add_annotation(
            text=tile.caption,
            x=corner[1] + (width - 1) / 2,
            y=corner[0] - 0.6,
            yanchor="bottom",
            showarrow=False,
            font={"size": 12 if columns < 4 else 10},
        )
    square_cells(figure, down * (rows + head), columns * (width + gap) - gap)
    return figure


def _bar(height: float) -> dict[str, object]:
    """The colour scale's legend, at the top: on a narrow screen the maps end well above the end."""
    place = {"yref": "container", "y": 1 - 68 / height, "yanchor": "top"}
    return scale_bar("") | {"title": None} | place


def _add_tile(
    figure: go.Figure, tile: MapTile, corner: tuple[float, int], bar: dict[str, object] | None
) -> None:
    rows, columns = tile.values.shape
    across, along = np.meshgrid(np.arange(columns), np.arange(rows))
    if bar is not None:
        ends = {"tickvals": [-tile.limit, 0, tile.limit], "ticktext": ["against", "0", "for"]}
        bar = bar | ends
    figure.add_heatmap(
        z=tile.values,
        x0=corner[1],
        dx=1,
        y0=corner[0],
        dy=1,
        zmin=-tile.limit,
        zmax=tile.limit,
        colorscale=SIGNED,
        showscale=bar is not None,
        colorbar=bar,
        customdata=np.dstack([along, across]),
        hovertemplate=f"{tile.name}<br>row %{{customdata[0]}}, column %{{customdata[1]}}"
        "<br><b>%{z:.4g}</b><extra></extra>",
    )


def _add_outline(
    figure: go.Figure, outline: tuple[NDArray[np.floating], float], corner: tuple[float, int]
) -> None:
    image, level = outline
    figure.add_contour(
        z=image,
        x0=corner[1],
        dx=1,
        y0=corner[0],
        dy=1,
        autocontour=False,
        contours={"start": level, "end": level, "size": 1, "coloring": "none"},
        line={"color": _OUTLINE, "width": 1},
        showscale=False,
        hoverinfo="skip",
    )


def likeness_figure(
    found: Mapping[str, Sequence[Likeness]], stages: Sequence[str], subtitle: str
) -> go.Figure:
    """How like its original each method's map stays, by how far down the network is random.

    Parameters
    ----------
    found : mapping from the title of a method to its Likeness by depth, D + 1 of them
    stages : sequence of D str
        The layers in the order in which they are randomised.
    subtitle : str
    """
    figure = new_figure("How like its original a map stays", 340, subtitle)
    steps = [
        "as trained",
        *(f"+ {stage}" if number else stage for number, stage in enumerate(stages)),
    ]
    for (name, course), (colour, dash) in zip(found.items(), _LINES, strict=False):
        figure.add_scatter(
            x=steps,
            y=[one.mean for one in course],
            name=name,
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [one.above for one in course],
                "arrayminus": [one.below for one in course],
                "thickness": 1,
                "width": 3,
            },
            customdata=[[one.low, one.high] for one in course],
            hovertemplate=f"{name}, %{{x}}: <b>%{{y:.2f}}</b>"
            " (%{customdata[0]:.2f} to %{customdata[1]:.2f})<extra></extra>",
        )
    figure.update_layout(showlegend=True, legend=legend_below(), margin_b=90)
    figure.update_xaxes(
        title=axis_below("layers with random weights, from the top down", near=True),
        type="category",
        showgrid=False,
    )
    figure.update_yaxes(title="rank correlation", range=[-1.05, 1.08], zerolinecolor=GRAY)
    return figure


def courses_figure(
    found: Sequence[Courses], axes: Sequence[str], titles: Mapping[str, str], title: str
) -> go.Figure:
    """The probability of a class as pixels go, and as they come, for each method and by chance.

    Parameters
    ----------
    found : sequence of two Courses
        They stand side by side.
    axes : sequence of two str
        What happens to the pixels.
    titles : mapping from the name of a method to its title
    title : str
    """
    figure = new_figure(title, 360)
    for courses, which in zip(found, ("", "2"), strict=True):
        _add_courses(figure, courses, titles, which)
    figure.update_layout(showlegend=True, legend=legend_below(), margin_b=100)
    for which, words, domain in zip("12", axes, ([0, 0.45], [0.55, 1]), strict=True):
        figure.update_layout(
            {
                f"xaxis{which}": {
                    "title": axis_below(words, near=True),
                    "tickformat": ".0%",
                    "range": [0, 1],
                    "tickvals": [0, 0.5, 1],
                    "domain": domain,
                },
                f"yaxis{which}": {"tickformat": ".0%", "range": [0, 1.03]},
            }
        )
    figure.update_layout(
        yaxis_title="probability", yaxis2={"anchor": "x2", "showticklabels": False}
    )
    return figure


def _add_courses(figure: go.Figure, found: Courses, titles: Mapping[str, str], which: str) -> None:
    shares = found.at_random[0].shares.tolist()
    low, mean, high = (band.tolist() for band in found.random_band)
    place = {"x": shares, "xaxis": f"x{which}", "yaxis": f"y{which}", "mode": "lines"}
    for edge, fill in ((low, None), (high, "tonexty")):
        figure.add_scatter(
            **place,
            y=edge,
            line={"width": 0},
            fill=fill,
            fillcolor=_BAND,
            showlegend=False,
            hoverinfo="skip",
        )
    lines = [("Random orders", mean, GRAY, "solid")]
    for (name, course), (colour, dash) in zip(found.by_method.items(), _LINES, strict=False):
        lines.append((titles[name], course.probabilities.tolist(), colour, dash))
    for name, values, colour, dash in lines:
        figure.add_scatter(
            **place,
            y=values,
            name=name,
            legendgroup=name,
            showlegend=not which,
            line={"color": colour, "dash": dash, "width": 2},
            hovertemplate=f"{name}, %{{x:.0%}}: <b>%{{y:.1%}}</b><extra></extra>",
        )
