"""Dropout as pictures: the units of one training step, and what becomes of the mean activation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.theme import BLUE, GRAY, ORANGE, VERMILLION, legend_below, new_figure
from core.mechanisms.dropout import MeanActivation
from core.mechanisms.dropout_records import WIDTH, Band, Step

_PLAYS = [[0.0, "rgba(138, 147, 155, 0.16)"], [1.0, BLUE]]
_SILENT = [[0.0, ORANGE], [1.0, ORANGE]]
_BAND = "rgba(0, 114, 178, 0.18)"


def board_figure(step: Step, height: int, subtitle: str) -> go.Figure:
    """The units of every layer as cells, from the image to the classes.

    Parameters
    ----------
    step : Step
    height : int
        Pixels.
    subtitle : str
        Which step of what.
    """
    figure = new_figure("The units in one training step", height, subtitle)
    for band in step.bands:
        _add_band(figure, band)
        figure.add_annotation(
            text=band.words,
            x=0,
            y=band.words_at,
            xanchor="left",
            yanchor="middle",
            showarrow=False,
            font={"size": 12},
        )
    hidden = {"visible": False, "fixedrange": True}
    figure.update_xaxes(range=[0, WIDTH], constrain="domain", constraintoward="left", **hidden)
    figure.update_yaxes(
        range=[step.height, 0],
        scaleanchor="x",
        constrain="domain",
        constraintoward="top",
        **hidden,
    )
    figure.update_layout(uirevision="units")
    return figure


def _add_band(figure: go.Figure, band: Band) -> None:
    where = {
        "x0": band.first_column,
        "dx": band.cell,
        "y0": band.first_row,
        "dy": band.cell,
        "customdata": np.dstack([band.units, band.values]),
        "showscale": False,
        "hoverongaps": False,
        "zmin": 0,
        "zmax": 1,
        # Cells of units lie apart; pixels of a map do not.
        "xgap": 0 if band.is_maps else 1,
        "ygap": 0 if band.is_maps else 1,
    }
    unit = (
        "map %{customdata[0]}, row %{customdata[1]}, column %{customdata[2]}"
        if band.is_maps
        else "unit %{customdata[0]}"
    )
    figure.add_heatmap(
        z=band.strength,
        colorscale=_PLAYS,
        hovertemplate=f"{unit}<br><b>%{{customdata[3]:.3g}}</b><extra></extra>",
        name=f"playing {band.words.partition(':')[0]}",
        **where,
    )
    figure.add_heatmap(
        z=band.silenced,
        colorscale=_SILENT,
        hovertemplate=f"{unit}<br><b>silent</b><extra></extra>",
        name=f"silent {band.words.partition(':')[0]}",
        **where,
    )


def answers_figure(
    thinned: NDArray[np.floating],
    whole: NDArray[np.floating],
    class_names: Sequence[str],
    height: int,
) -> go.Figure:
    """The probabilities of this step's thinned network beside those of the whole one.

    Parameters
    ----------
    thinned, whole : ndarray of shape (K,)
    class_names : sequence of K str
    height : int
        Pixels.
    """
    figure = new_figure("What it answers", height)
    places = list(range(len(class_names)))
    for values, name, colour in (
        (whole, "Whole network, dropout off", GRAY),
        (thinned, "This thinned network", BLUE),
    ):
        figure.add_bar(
            x=places,
            y=values.tolist(),
            name=name,
            marker={"color": colour},
            hovertemplate="%{y:.1%}<extra>" + name + "</extra>",
        )
    figure.update_layout(
        showlegend=True,
        legend=legend_below(),
        bargap=0.25,
        margin_b=70,
        uirevision="answers",
    )
    small = {"fixedrange": True, "title_font_size": 13, "tickfont_size": 12}
    figure.update_xaxes(
        title="Class", tickvals=places, ticktext=list(class_names), showgrid=False, **small
    )
    figure.update_yaxes(title="Probability", tickformat=".0%", range=[0, 1], **small)
    return figure


def mean_figure(found: MeanActivation, rate: float, subtitle: str) -> go.Figure:
    """The mean activation by rate, with and without the scaling, and one standard deviation.

    Parameters
    ----------
    found : MeanActivation
    rate : float
        The one that is set.
    subtitle : str
        Of which layer and image.
    """
    figure = new_figure("Mean activation by dropout rate", 400, subtitle)
    rates = found.rates.tolist()
    figure.add_scatter(
        x=[*rates, *reversed(rates)],
        y=[*found.high.tolist(), *reversed(found.low.tolist())],
        fill="toself",
        fillcolor=_BAND,
        mode="none",
        name="One standard deviation (formula)",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=rates,
        y=found.unscaled.tolist(),
        mode="lines",
        name="Mean without scaling (formula)",
        line={"color": VERMILLION, "dash": "dot"},
        hovertemplate="rate %{x:.0%}<br><b>%{y:.4g}</b> without scaling<extra></extra>",
    )
    _add_measured(figure, found)
    figure.add_vline(x=rate, line={"color": GRAY, "width": 1.5, "dash": "dash"})
    figure.update_layout(showlegend=True, legend=legend_below(), margin_b=110)
    figure.update_xaxes(title="Dropout rate", tickformat=".0%", range=[-0.02, 0.97])
    figure.update_yaxes(title="Mean activation")
    return figure


def _add_measured(figure: go.Figure, found: MeanActivation) -> None:
    """The mean and the standard deviation over masks that were drawn, at each rate."""
    figure.add_scatter(
        x=found.rates.tolist(),
        y=found.measured_mean.tolist(),
        mode="markers",
        name=f"Mean and standard deviation over {found.masks:,} masks",
        marker={"color": BLUE, "size": 6},
        error_y={
            "type": "data",
            "array": found.measured_spread.tolist(),
            "color": BLUE,
            "thickness": 1.2,
            "width": 3,
        },
        customdata=np.column_stack([found.measured_spread, found.spread]),
        hovertemplate="rate %{x:.0%}<br><b>mean %{y:.4g}</b><br>standard deviation "
        "%{customdata[0]:.4g} measured, %{customdata[1]:.4g} by the formula<extra></extra>",
    )


def sampled_means_figure(
    means: NDArray[np.floating], off: float, spread: float, subtitle: str
) -> go.Figure:
    """How often the mean activation of a layer comes out how large, at one rate.

    Parameters
    ----------
    means : ndarray of shape (M,)
        Under one mask after another.
    off, spread : float
        The mean without dropout, and the standard deviation in closed form.
    subtitle : str
        At which rate.
    """
    figure = new_figure("From mask to mask", 400, subtitle)
    figure.add_histogram(
        x=means.tolist(),
        nbinsx=40,
        marker={"color": BLUE},
        hovertemplate="%{x}<br><b>%{y} masks</b><extra></extra>",
    )
    figure.add_vline(x=off, line={"color": GRAY, "width": 1.5})
    for end in (off - spread, off + spread):
        figure.add_vline(x=end, line={"color": GRAY, "width": 1.5, "dash": "dot"})
    figure.update_layout(bargap=0.03)
    figure.update_xaxes(title="Mean activation under one mask")
    figure.update_yaxes(title="Masks")
    return figure
