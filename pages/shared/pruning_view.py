"""How the accuracy goes as the smallest weights are set to 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from pages.shared import state
from pages.shared.chart_settings import PLAIN
from pages.shared.figure_card import figure_card
from pages.shared.run_data import data_of
from pages.shared.weight_sides import Key, Side, Sides

if TYPE_CHECKING:
    from core.mechanisms.weight_records import PrunedScore

_CARD = 300
Curve = list["PrunedScore"]


def show_pruning(sides: Sides) -> None:
    """The curve of each run, and what is left at the chosen share."""
    from core.mechanisms.pruning import SCOPES, SHARES

    left, right = st.columns([2, 1], vertical_alignment="top")
    share = left.select_slider(
        "Set to 0",
        SHARES,
        value=0.9,
        format_func=lambda number: f"{number:.0%}",
        key=state.PRUNED,
        persist_state="session",
    )
    scope = right.segmented_control(
        "The smallest weights",
        list(SCOPES),
        format_func=SCOPES.__getitem__,
        default="network",
        required=True,
        key=state.PRUNED_AMONG,
        persist_state="session",
    )
    curves = {side.name: _curve(side, scope) for side in sides}
    at = SHARES.index(share)
    with st.container(horizontal=True, gap="small"):
        for name, curve in curves.items():
            _show_card(name, curve, at)
    _show_chart(curves, share)
    _show_layers(sides, curves, at)
    sizes = sorted({curve[0].images for curve in curves.values()})
    st.caption(
        f"Accuracy on all {' and '.join(f'{size:,}' for size in sizes)} validation images, dropout "
        "off, without any training afterwards. Only kernels are pruned; biases and normalizations "
        "stay, and are all that answers at 100%: the same for every image. The interval of the "
        "card is Wilson's, 95%: how far the accuracy would differ on other images."
    )


def _curve(side: Side, scope: str) -> Curve:
    """The scores at all shares; what is done is kept if the person moves on meanwhile."""
    from core.mechanisms.pruning import SHARES

    data = data_of(side.run)
    network = _prunable(side.key, side)
    bar, scores = st.empty(), []
    for number, share in enumerate(SHARES):
        if number and number == len(scores) and not _is_known(side.key, scope):
            words = f"{side.name}: {number} of {len(SHARES)} shares"
            bar.progress(number / len(SHARES), text=words)
        scores.append(
            _score(side.key, scope, share, network, data.validation_images, data.validation_labels)
        )
    bar.empty()
    _known().add((side.key, scope))
    return scores


@st.cache_resource(show_spinner=False)
def _known() -> set[tuple[Key, str]]:
    """Of which curves all is computed, so that no bar need flash up for them."""
    return set()


def _is_known(key: Key, scope: str) -> bool:
    return (key, scope) in _known()


@st.cache_resource(show_spinner="Sorting the weights ...", max_entries=4)
def _prunable(key: Key, _side: Side) -> Any:
    from core.mechanisms.pruning import PrunableNetwork

    return PrunableNetwork(_side.network.model)


@st.cache_resource(show_spinner=False, max_entries=240)
def _score(
    key: Key, scope: str, share: float, _network: Any, _images: np.ndarray, _labels: np.ndarray
) -> PrunedScore:
    return _network.score(share, scope, _images, _labels)[0]


def _show_card(name: str, curve: Curve, at: int) -> None:
    from core.predictions.quality import share as with_interval

    score = curve[at]
    found = with_interval(score.right, score.images)
    figure_card(
        name,
        f"{score.accuracy:.1%}",
        f"{found.low:.1%} to {found.high:.1%}; whole: {curve[0].accuracy:.1%}",
        width=_CARD,
    )


def _show_chart(curves: dict[str, Curve], share: float) -> None:
    from core.figures.penalties import pruning_figure

    lines = {
        name: ([score.share for score in curve], [score.accuracy for score in curve])
        for name, curve in curves.items()
    }
    st.plotly_chart(
        pruning_figure(lines, share, "Validation images, dropout off"),
        key="pruning",
        config=PLAIN,
        alt="Accuracy by the share of weights set to 0: "
        + "; ".join(
            f"{name} {curve[0].accuracy:.1%} at none, {curve[-1].accuracy:.1%} at all"
            for name, curve in curves.items()
        ),
    )


def _show_layers(sides: Sides, curves: dict[str, Curve], at: int) -> None:
    rows = []
    for side in sides:
        score = curves[side.name][at]
        kept = zip(side.kernels, score.kept, strict=True)
        rows.append(
            {
                "Run": side.name,
                "Weights at 0": score.removed,
                "The largest of them": score.largest,
                **{f"Left of {kernel.layer}": 100 * share for kernel, share in kept},
            }
        )
    names = [name for row in rows for name in row if name.startswith("Left of")]
    st.dataframe(
        rows,
        hide_index=True,
        height="content",
        column_config={
            "Weights at 0": st.column_config.NumberColumn(format="localized"),
            "The largest of them": st.column_config.NumberColumn(format="%.3g"),
            **{name: st.column_config.NumberColumn(format="%.1f %%") for name in names},
        },
        alt=f"What {rows[0]['Weights at 0']:,} pruned weights leave of each layer.",
    )
