"""What one kernel is: its frequency response, its place among random ones, its likenesses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.theme import (
    BLUE,
    GRAY,
    ORANGE,
    SIGNED,
    STRENGTH,
    new_figure,
    scale_bar,
    square_cells,
)
from core.inside.kernel_measures import Spectrum
from core.inside.one_kernel import Likeness


def spectrum_figure(found: Spectrum, name: str) -> go.Figure:
    """The answer of a kernel to waves of every frequency, flat gray in the middle."""
    figure = new_figure("Frequency response", 400, f"{name}; in the middle flat gray")
    axis = found.frequencies.tolist()
    figure.add_heatmap(
        x=axis,
        y=axis,
        z=np.asarray(found.magnitudes, np.float32),
        colorscale=STRENGTH,
        zmin=0,
        colorbar=scale_bar("amplitude of the answer") | {"y": -0.22},
        hovertemplate="across %{x:.2f}, up %{y:.2f} cycles per pixel<br>"
        "<b>%{z:.3g}</b><extra></extra>",
    )
    figure.update_layout(margin_b=90)
    ticks = {"tickvals": [-0.5, -0.25, 0, 0.25, 0.5], "showgrid": False, "zeroline": False}
    figure.update_xaxes(title="across, cycles per pixel", constrain="domain", **ticks)
    figure.update_yaxes(title="up, cycles per pixel", scaleanchor="x", constrain="domain", **ticks)
    return figure


def chance_figure(
    random: NDArray[np.floating], value: float, title: str, axis: str, words: str
) -> go.Figure:
    """A number of this kernel beside the same number of many random ones.

    Parameters
    ----------
    random : ndarray of shape (N,)
        Values in [0, 1].
    value : float
    title, axis, words : str
        Above the figure, below its axis, and in the line under the title.
    """
    figure = new_figure(title, 260, words)
    figure.add_histogram(
        x=np.asarray(random, np.float32),
        xbins={"start": 0, "end": 1.0001, "size": 0.02},
        histnorm="percent",
        marker={"color": GRAY},
        hovertemplate="%{x}: <b>%{y:.1f}%</b> of random kernels<extra></extra>",
    )
    figure.add_vline(x=value, line={"color": ORANGE, "width": 3})
    figure.update_xaxes(title=axis, range=[0, 1.01])
    figure.update_yaxes(title="random kernels (%)")
    return figure


def likeness_figure(found: Sequence[Likeness], name: str) -> go.Figure:
    """How near a kernel comes to each classic one, and how near random ones come."""
    figure = new_figure("Likeness to classic kernels", 330, name)
    figure.add_bar(
        x=[one.similarity for one in found],
        y=[one.name for one in found],
        orientation="h",
        marker={"color": [ORANGE, *[BLUE] * (len(found) - 1)]},
        hovertemplate="%{y}: <b>%{x:.3f}</b><extra></extra>",
    )
    figure.add_scatter(
        x=[one.usual for one in found],
        y=[one.name for one in found],
        mode="markers",
        marker={"symbol": "line-ns", "size": 16, "line": {"width": 3, "color": GRAY}},
        hovertemplate="%{y}: random kernels stay below <b>%{x:.3f}</b><extra></extra>",
    )
    # In a column of their own: after the bars they would run into the marks.
    figure.add_scatter(
        x=[1.03] * len(found),
        y=[one.name for one in found],
        mode="text",
        text=[f"{one.similarity:.2f}   p {one.p_value:.2g}" for one in found],
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure.update_xaxes(title="similarity (absolute cosine)", range=[0, 1.36], tickvals=[0, 0.5, 1])
    figure.update_yaxes(autorange="reversed", automargin=True)
    return figure


def plain_kernel(
    kernel: NDArray[np.floating], limit: float, title: str, subtitle: str
) -> go.Figure:
    """A kernel as a picture without numbers."""
    figure = new_figure(title, 300, subtitle)
    figure.add_heatmap(
        z=np.asarray(kernel, np.float32),
        zmin=-limit,
        zmax=limit,
        colorscale=SIGNED,
        xgap=2,
        ygap=2,
        showscale=False,
        hovertemplate="row %{y}, column %{x}<br><b>%{z:.4g}</b><extra></extra>",
    )
    square_cells(figure, *kernel.shape)
    return figure
