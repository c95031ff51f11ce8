"""How the weights of a layer are spread, and how that changed while the network learnt."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from core.figures.theme import BLUE, GRAY, ORANGE, new_figure
from core.figures.two_runs import COLOURS, with_legend
from core.mechanisms.weight_records import WeightsOverEpochs

_SCALE = [[0.0, "rgba(86, 180, 233, 0.2)"], [0.55, BLUE], [1.0, ORANGE]]
"""Pale on light and on dark ground where there are few; a spike stands out."""
_LOWEST, _HIGHEST = -4, 0
"""Powers of ten between which the colour changes: a weight in ten thousand, and all of them."""


def over_epochs_figure(found: WeightsOverEpochs, subtitle: str) -> go.Figure:
    """Epochs from left to right, weights from bottom to top; pale for few, orange for most.

    Parameters
    ----------
    found : WeightsOverEpochs
    subtitle : str
        Of which run.
    """
    figure = new_figure(f"Weights of {found.layer} over the epochs", 410, subtitle)
    figure.add_heatmap(
        x=[str(epoch) for epoch in found.epochs],
        y=found.middles.tolist(),
        z=found.powers.T,
        customdata=found.shares.T,
        zmin=_LOWEST,
        zmax=_HIGHEST,
        colorscale=_SCALE,
        colorbar={
            "title": {"text": "Share of the weights", "side": "top"},
            "orientation": "h",
            "thickness": 10,
            "len": 0.7,
            "y": -0.3,
            "yanchor": "top",
            "tickvals": list(range(_LOWEST, _HIGHEST + 1)),
            "ticktext": ["0.01%", "0.1%", "1%", "10%", "100%"],
        },
        hovertemplate="after epoch %{x}, weights around %{y:.3g}<br>"
        "<b>%{customdata:.2%}</b><extra></extra>",
    )
    figure.update_layout(margin_b=130)
    figure.update_xaxes(title="Epoch (0: first weights)", type="category", nticks=12)
    figure.update_yaxes(title="Weight", zeroline=False)
    return figure


def histograms_figure(
    shown: Mapping[str, tuple[WeightsOverEpochs, int]], layer: str, subtitle: str
) -> go.Figure:
    """The histograms of one or two runs over one another.

    Parameters
    ----------
    shown : mapping of str to (WeightsOverEpochs, int)
        By the run's name, its histograms and which of them.
    layer, subtitle : str
    """
    figure = new_figure(f"Weights of {layer}", 360, subtitle)
    for colour, (name, (found, place)) in zip(COLOURS, shown.items(), strict=False):
        figure.add_scatter(
            x=found.middles.tolist(),
            y=found.shares[place].tolist(),
            name=f"{name}, epoch {found.epochs[place]}",
            mode="lines",
            line={"color": colour, "width": 2, "shape": "hvh"},
            fill="tozeroy",
            hovertemplate="weights around %{x:.3g}: <b>%{y:.2%}</b><extra>" + name + "</extra>",
        )
    figure.update_xaxes(title="Weight", zeroline=True, zerolinecolor=GRAY)
    figure.update_yaxes(title="Share of the layer's weights", tickformat=".2~%", rangemode="tozero")
    return with_legend(figure)
