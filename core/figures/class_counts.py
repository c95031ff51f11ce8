"""How many training images there are of each class."""

from __future__ import annotations

import plotly.graph_objects as go

from core.data.look import DataLook
from core.figures.theme import BLUE, GRAY, new_figure


def class_counts(look: DataLook, height: int = 320) -> go.Figure:
    """Bars of the images by class, as learnt; beside them the true ones where labels are wrong.

    Parameters
    ----------
    look : DataLook
    height : int
        In pixels.
    """
    figure = new_figure("Training images by class", height)
    names = list(look.class_names)
    figure.add_bar(
        name="As the network is told",
        x=names,
        y=look.counts_as_learnt,
        marker_color=BLUE,
        hovertemplate="class %{x}: %{y} images<extra></extra>",
    )
    if look.wrong_labels:
        figure.add_bar(
            name="In truth",
            x=names,
            y=look.true_counts,
            marker_color=GRAY,
            hovertemplate="class %{x}: %{y} images in truth<extra></extra>",
        )
        figure.update_layout(
            showlegend=True, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"}
        )
        figure.update_layout(margin={"t": 64})
    figure.update_xaxes(title="Class", type="category")
    figure.update_yaxes(title="Images")
    return figure
