"""The penalty in the loss, and how many weights it made small."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from core.figures.theme import new_figure
from core.figures.two_runs import COLOURS, Line, line_figure, mark, with_legend
from core.mechanisms.penalty_share import ByEpoch
from core.mechanisms.weight_records import Doubles, SmallWeights


def share_figure(shares: Mapping[str, ByEpoch], subtitle: str) -> go.Figure:
    """The share of the penalty in the loss, by epoch."""
    figure = line_figure(
        "Share of the penalty in the loss",
        subtitle,
        _by_epoch(shares),
        "epoch %{x}: <b>%{y:.1%}</b>",
    )
    figure.update_xaxes(title="Epoch", rangemode="tozero")
    figure.update_yaxes(title="Penalty / (loss + penalty)", tickformat=".0%", range=[-0.02, 1.02])
    return figure


def price_figure(prices: Mapping[str, ByEpoch], strength: float, subtitle: str) -> go.Figure:
    """What L2 of a strength charges, or would charge, by epoch."""
    figure = line_figure(
        f"What the weights cost at L2 {strength:g}",
        subtitle,
        _by_epoch(prices),
        "epoch %{x}: <b>%{y:.4g} nats</b>",
    )
    figure.update_xaxes(title="Epoch", rangemode="tozero")
    figure.update_yaxes(title="Strength x sum of w² (nats)", rangemode="tozero")
    return figure


def _by_epoch(figures: Mapping[str, ByEpoch]) -> dict[str, Line]:
    return {name: (found.epochs, found.values) for name, found in figures.items()}


def small_by_layer_figure(
    found: Mapping[str, SmallWeights], threshold: float, subtitle: str
) -> go.Figure:
    """The share of small weights in each layer, and in all of them."""
    figure = new_figure(f"Weights smaller than {threshold:g}", 340, subtitle)
    for colour, (name, small) in zip(COLOURS, found.items(), strict=False):
        shares = [*small.shares.tolist(), small.total]
        figure.add_bar(
            x=[*small.layers, "all kernels"],
            y=shares,
            name=name,
            marker={"color": colour},
            text=[f"{share:.0%}" if share >= 0.1 else f"{share:.1%}" for share in shares],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{x}: <b>%{y:.2%}</b><extra>" + name + "</extra>",
        )
    figure.update_xaxes(title="Layer")
    figure.update_yaxes(title="Share of its weights", tickformat=".0%", range=[0, 1.1])
    return with_legend(figure)


def small_by_threshold_figure(
    thresholds: Doubles, shares: Mapping[str, Doubles], threshold: float, subtitle: str
) -> go.Figure:
    """The share of all weights below each threshold, and where the slider stands."""
    lines = {name: (thresholds, found) for name, found in shares.items()}
    figure = line_figure(
        "Smaller than any threshold",
        subtitle,
        lines,
        "below %{x:.2g}: <b>%{y:.1%}</b>",
    )
    mark(figure, threshold)
    figure.update_xaxes(title="Threshold", type="log", exponentformat="power", dtick=1)
    figure.update_yaxes(title="Share of all weights", tickformat=".0%", range=[-0.02, 1.02])
    return figure


def small_by_epoch_figure(lines: Mapping[str, Line], threshold: float, subtitle: str) -> go.Figure:
    """The share of small weights in the convolution layers, by epoch."""
    figure = line_figure(
        f"Smaller than {threshold:g}, epoch by epoch",
        subtitle,
        lines,
        "after epoch %{x}: <b>%{y:.1%}</b>",
    )
    figure.update_xaxes(title="Epoch (0: first weights)")
    figure.update_yaxes(title="Share of recorded weights", tickformat=".2~%", rangemode="tozero")
    return figure


def pruning_figure(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]], share: float, subtitle: str
) -> go.Figure:
    """The accuracy by the share of the weights that is set to 0.

    Parameters
    ----------
    curves : mapping of str to (shares, accuracies)
        By the run's name.
    share : float
        Where the slider stands.
    subtitle : str
    """
    figure = new_figure("Accuracy as the smallest weights are set to 0", 380, subtitle)
    for colour, (name, (shares, accuracies)) in zip(COLOURS, curves.items(), strict=False):
        figure.add_scatter(
            x=list(shares),
            y=list(accuracies),
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"size": 6},
            hovertemplate="%{x:.0%} of the weights at 0: <b>%{y:.1%}</b><extra>"
            + name
            + "</extra>",
        )
    mark(figure, share)
    figure.update_xaxes(title="Share of the weights that is set to 0", tickformat=".0%")
    figure.update_yaxes(title="Accuracy", tickformat=".0%", range=[0, 1.02])
    return with_legend(figure)
