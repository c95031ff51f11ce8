"""How often each unit of a layer is active."""

from __future__ import annotations

import plotly.graph_objects as go

from core.figures.theme import BLUE, VERMILLION, new_figure
from core.inside.activity_records import LayerActivity


def unit_bars(found: LayerActivity, unit: str, sample: str) -> go.Figure:
    """A bar for each unit, those with the fewest zeros first.

    Parameters
    ----------
    found : LayerActivity
    unit : str
        What a unit is: ``"map"`` or ``"unit"``.
    sample : str
        On which images it was counted.
    """
    figure = new_figure(f"{found.layer}: how often each {unit} is active", 330, sample)
    order = found.busiest_first
    dead = set(found.dead)
    colours = [VERMILLION if number in dead else BLUE for number in order.tolist()]
    figure.add_bar(
        x=list(range(1, found.units + 1)),
        y=found.active_shares[order].tolist(),
        # Its outline shows even a bar of no height.
        marker={"color": colours, "line": {"color": colours, "width": 1.5}},
        customdata=[[n, int(found.active_images[n]), float(found.unit_means[n])] for n in order],
        hovertemplate=f"{unit} %{{customdata[0]}}: <b>%{{y:.1%}}</b> of its numbers are not 0"
        "<br>active on %{customdata[1]:,} images<br>mean %{customdata[2]:.3g}<extra></extra>",
    )
    figure.update_layout(bargap=0.15)
    figure.update_xaxes(title=f"{unit}s, the busiest first", nticks=8, showgrid=False)
    figure.update_yaxes(title="share not 0", tickformat=".0%", range=[0, 1.03])
    return figure
