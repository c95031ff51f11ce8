"""The kernels of a layer by their size, the dead ones marked."""

from __future__ import annotations

import plotly.graph_objects as go

from core.figures.theme import BLUE, GRAY, PURPLE, SKY, VERMILLION, new_figure
from core.figures.two_runs import with_legend
from core.mechanisms.weight_records import LayerHealth

_KINDS = (
    (False, False, BLUE, "Alive"),
    (False, True, SKY, "Silent: output 0 for every image"),
    (True, False, PURPLE, "Shrunk away: norm below the line"),
    (True, True, VERMILLION, "Both"),
)
"""Whether small, whether silent, and how that is shown."""


def health_figure(found: LayerHealth, subtitle: str) -> go.Figure:
    """A bar for each kernel of a layer, longest first.

    Parameters
    ----------
    found : LayerHealth
    subtitle : str
        Of which run.
    """
    figure = new_figure(f"{found.layer}: its {len(found.norms)} {found.unit}", 330, subtitle)
    for small, silent, colour, words in _KINDS:
        places = found.places(small, silent)
        if not len(places):
            continue
        numbers = found.order[places]
        figure.add_bar(
            x=places.tolist(),
            y=found.norms[numbers].tolist(),
            name=f"{words} ({len(places)})",
            # Its outline shows even a bar of next to no height.
            marker={"color": colour, "line": {"color": colour, "width": 1.5}},
            customdata=numbers.tolist(),
            hovertemplate=f"{found.unit[:-1]} %{{customdata}}: norm <b>%{{y:.3g}}</b>"
            f"<extra>{words}</extra>",
        )
    figure.add_hline(y=found.bound, line={"color": GRAY, "dash": "dot", "width": 2})
    figure.update_layout(bargap=0.15, barmode="overlay")
    figure.update_xaxes(title=f"{found.unit.capitalize()}, largest norm first", nticks=8)
    figure.update_yaxes(title="Euclidean norm", rangemode="tozero")
    return with_legend(figure)
