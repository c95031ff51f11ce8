"""Predictions as pictures: the confusion matrix, accuracy by class, the calibration curve."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from core.figures.theme import BLUE, CLEAR, GRAY, ORANGE, new_figure
from core.predictions.quality import Calibration, Confusion, Share

_RIGHT = [[0.0, "#CFE3F2"], [1.0, "#0B5A94"]]
_WRONG = [[0.0, "#FCE3CF"], [1.0, "#B34700"]]
_DARK = 0.55
"""From here on up a scale, white letters read better than dark ones."""
_INK = "#1B2733"


def confusion_figure(
    found: Confusion, class_names: Sequence[str], shares: bool, subtitle: str
) -> go.Figure:
    """The confusion matrix: right answers on a blue diagonal, mistakes in orange beside it.

    Each has a colour scale of its own, or the mistakes would all look like none.

    Parameters
    ----------
    found : Confusion
    class_names : sequence of K str
    shares : bool
        Whether the cells say the share of the true class in percent, or the count.
    subtitle : str
        On what it was counted.
    """
    classes = len(class_names)
    figure = new_figure("Confusion matrix", 120 + 42 * classes, subtitle)
    # Numbers as axes, so that two classes of one name would still be two.
    places = list(range(classes))
    layers = ((found.of_the_right, _RIGHT, 1.0), (found.of_the_wrong, _WRONG, _highest(found)))
    for values, colours, limit in layers:
        figure.add_heatmap(
            z=values,
            x=places,
            y=places,
            zmin=0,
            zmax=limit,
            colorscale=colours,
            showscale=False,
            xgap=2,
            ygap=2,
            hoverongaps=False,
            customdata=_said(found, class_names),
            hovertemplate="%{customdata[0]} taken for %{customdata[1]}<br><b>%{customdata[2]} "
            "images</b>, %{customdata[3]} of its class<extra></extra>",
        )
        _write(figure, found, values, limit, shares)
    axis = {
        "tickvals": places,
        "ticktext": list(class_names),
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
    }
    figure.update_xaxes(title="Taken for", side="bottom", automargin=True, **axis)
    figure.update_yaxes(title="True class", range=[classes - 0.5, -0.5], automargin=True, **axis)
    return figure


def _highest(found: Confusion) -> float:
    wrong = found.of_the_wrong
    return float(np.nanmax(wrong)) if np.isfinite(wrong).any() else 1.0


def _said(found: Confusion, class_names: Sequence[str]) -> npt.NDArray[np.object_]:
    """What the hover text says of each cell, of shape (K, K, 4)."""
    names = np.array(class_names, object)
    true, given = np.meshgrid(names, names, indexing="ij")
    shares = np.array([[_percent(value, 1) for value in row] for row in found.shares], object)
    return np.dstack([true, given, found.counts.astype(object), shares])


def _write(
    figure: go.Figure,
    found: Confusion,
    values: npt.NDArray[np.float64],
    limit: float,
    shares: bool,
) -> None:
    """Write into each cell that has a value its count or its share."""
    for row, column in np.argwhere(np.isfinite(values)).tolist():
        value = values[row, column]
        figure.add_annotation(
            text=_percent(value, 0 if value >= 0.1 else 1)
            if shares
            else f"{found.counts[row, column]:,}",
            x=column,
            y=row,
            showarrow=False,
            font={"size": 12, "color": "#FFFFFF" if value > _DARK * limit else _INK},
        )


def _percent(value: float, digits: int) -> str:
    return f"{value:.{digits}%}" if np.isfinite(value) else "no share"


def class_accuracy_figure(
    by_class: Sequence[Share], class_names: Sequence[str], overall: Share, subtitle: str
) -> go.Figure:
    """The accuracy of each class as a point with its interval, that of all as a line.

    Parameters
    ----------
    by_class : sequence of K Shares
    class_names : sequence of K str
    overall : Share
    subtitle : str
        On what they were counted.
    """
    places = list(range(len(class_names)))
    figure = new_figure("Accuracy by class", 130 + 34 * len(places), subtitle)
    figure.add_vline(x=overall.value, line={"color": GRAY, "dash": "dot", "width": 1.5})
    figure.add_scatter(
        x=[one.value for one in by_class],
        y=places,
        mode="markers",
        marker={"color": BLUE, "size": 9},
        error_x=_intervals(by_class),
        customdata=[
            [name, *_of_share(one)] for name, one in zip(class_names, by_class, strict=True)
        ],
        hovertemplate="<b>%{customdata[0]}</b>: %{x:.1%}, %{customdata[1]} images"
        "<br>95% interval %{customdata[2]}<extra></extra>",
    )
    figure.update_xaxes(title="Images recognised", tickformat=".0%", automargin=True)
    figure.update_yaxes(
        title="True class",
        tickvals=places,
        ticktext=[
            f"{name}  ({one.images:,})" for name, one in zip(class_names, by_class, strict=True)
        ],
        range=[len(places) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
        automargin=True,
    )
    return figure


def _intervals(shares: Sequence[Share]) -> dict[str, object]:
    """Error bars from each share to the ends of its interval."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [one.above for one in shares],
        "arrayminus": [one.below for one in shares],
        "thickness": 1.5,
        "width": 4,
        "color": BLUE,
    }


def _of_share(one: Share) -> tuple[str, str]:
    return f"{one.count:,} of {one.images:,}", f"{one.low:.1%} to {one.high:.1%}"


def calibration_figure(found: Calibration, subtitle: str) -> go.Figure:
    """How often the network is right against how sure it is, and below how many images each.

    Parameters
    ----------
    found : Calibration
    subtitle : str
        On what it was measured.
    """
    figure = new_figure("Calibration curve", 430, subtitle)
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        name="As sure as right",
        line={"color": GRAY, "dash": "dot"},
        hoverinfo="skip",
    )
    _add_shares_right(figure, found)
    _add_counts(figure, found)
    figure.update_layout(
        yaxis={"domain": [0.36, 1], "title": "Right", "tickformat": ".0%", "range": [0, 1.03]},
        yaxis2={
            "domain": [0, 0.24],
            "title": "Images",
            "anchor": "x",
            "type": "log",
            "dtick": 1,
            # In powers of ten; from below 1, so that a bar of a single image has a height.
            "range": [-0.2, np.log10(max(one.images for one in found.right)) + 0.1],
        },
        xaxis={"title": "Confidence", "tickformat": ".0%", "range": [0, 1.02], "anchor": "y2"},
        paper_bgcolor=CLEAR,
    )
    return figure


def _add_shares_right(figure: go.Figure, found: Calibration) -> None:
    """Of each bin that has images, its mean confidence and the share that is right."""
    filled = [place for place, one in enumerate(found.right) if one.images]
    right = [found.right[place] for place in filled]
    bins = _bins(found)
    figure.add_scatter(
        x=found.confidence[filled].tolist(),
        y=[one.value for one in right],
        mode="lines+markers",
        name="This network",
        line={"color": BLUE, "width": 1.5},
        marker={"color": BLUE, "size": 8},
        error_y=_intervals(right),
        customdata=[
            [bins[place], *_of_share(one)] for place, one in zip(filled, right, strict=True)
        ],
        hovertemplate="Confidence %{customdata[0]}, mean %{x:.1%}<br><b>%{y:.1%} right</b>, "
        "%{customdata[1]}<br>95% interval %{customdata[2]}<extra></extra>",
    )


def _add_counts(figure: go.Figure, found: Calibration) -> None:
    """How many images each bin has."""
    figure.add_bar(
        x=found.middles.tolist(),
        y=[one.images for one in found.right],
        width=float(found.edges[1]) * 0.92,
        marker={"color": ORANGE},
        name="Images",
        customdata=_bins(found),
        hovertemplate="Confidence %{customdata}<br><b>%{y:,} images</b><extra></extra>",
        yaxis="y2",
    )


def _bins(found: Calibration) -> list[str]:
    return [
        f"{low:.1%} to {high:.1%}"
        for low, high in zip(found.edges[:-1], found.edges[1:], strict=True)
    ]


def enlarged(image: npt.NDArray[np.float32], side: int, gap: int) -> npt.NDArray[np.uint8]:
    """An image whose pixels are squares, with a transparent margin, for it stands among others.

    Parameters
    ----------
    image : ndarray of shape (H, W, C), float32
        Values in [0, 1]; one channel or three.
    side : int
        How many pixels high and wide it is at least, without the margin.
    gap : int
        Width of the margin in pixels.

    Returns
    -------
    ndarray of shape (R, S, 4), uint8
        Red, green, blue, alpha.
    """
    times = max(1, -(-side // min(image.shape[:2])))
    levels = np.rint(image * 255).astype(np.uint8).repeat(times, axis=0).repeat(times, axis=1)
    colours = np.broadcast_to(levels, (*levels.shape[:2], 3))
    opaque = np.dstack([colours, np.full(levels.shape[:2], 255, np.uint8)])
    return np.pad(opaque, ((gap, gap), (gap, gap), (0, 0)))
