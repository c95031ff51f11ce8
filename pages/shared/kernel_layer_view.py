"""The layer as a whole: what its kernels are, doubles among its filters, and what they span."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.shared import state
from pages.shared.kernel_saving import save_layer
from pages.shared.kernel_views import CHART, Layer

if TYPE_CHECKING:
    from core.inside.filter_set import Duplicates
    from core.inside.layer_kernels import LayerKernels
    from core.inside.whole_layer import WholeLayer

_ROWS = 2000


def show_layer(layer: Layer) -> None:
    """All kernels of a layer together."""
    whole = measured(layer)
    if whole.kernels is not None:
        _show_kinds(layer, whole.kernels)
    least = pick_least()
    doubles = doubled(layer, least)
    left, right = st.columns(2, gap="large")
    with left:
        _show_doubles(layer, doubles, least)
    with right:
        _show_filters(layer, whole)
    if whole.kernels is not None:
        _show_table(layer, whole.kernels)
    save_layer(layer, whole, doubles, least)


# Streamlit does not hash what begins with an underscore: the network's file and the layer stand
# for the kernels.
@st.cache_resource(show_spinner="Measuring the kernels ...", max_entries=16)
def _measured(file: tuple[str, int, int], name: str, _kernels: Any) -> WholeLayer:
    from core.inside.whole_layer import whole_layer

    return whole_layer(_kernels)


@st.cache_resource(show_spinner="Comparing the filters ...", max_entries=16)
def _doubled(file: tuple[str, int, int], name: str, least: float, _kernels: Any) -> Duplicates:
    from core.inside.filter_set import duplicates

    return duplicates(_kernels, least)


def measured(layer: Layer) -> WholeLayer:
    """What there is to say of a layer, measured once."""
    return _measured(layer.network.file, layer.name, layer.kernels)


def doubled(layer: Layer, least: float) -> Duplicates:
    """Which filters of a layer are nearly the same."""
    return _doubled(layer.network.file, layer.name, least, layer.kernels)


def pick_least() -> float:
    """From which cosine on two filters are nearly the same."""
    return st.slider(
        "Filters are nearly the same from a cosine of",
        0.5,
        0.99,
        0.9,
        0.01,
        key=state.NEARLY_THE_SAME,
        persist_state="session",
        width=360,
        help="The cosine of two filters, all their input channels as one vector: 1 if they differ "
        "in length only.",
    )


def _show_kinds(layer: Layer, found: LayerKernels) -> None:
    from core.figures.layer_kernels import kinds_figure

    patterned, oriented = int(found.patterned.sum()), int(found.oriented.sum())
    count = len(found.filters)
    some = "" if count == found.total else f" (of {found.total:,}, evenly spread)"
    st.markdown(
        f"Of **{count:,} kernels**{some}, **{patterned:,}** are more like a classic kernel than "
        f"chance explains, and **{oriented:,}** prefer a direction more than chance explains."
    )
    kinds = found.kinds()
    st.plotly_chart(
        kinds_figure(kinds, layer.title),
        key="kinds",
        config=CHART,
        alt="Kernels by the nearest classic kernel: "
        + "; ".join(
            f"{name} {all_} ({marked} significant)" for name, (all_, marked) in kinds.items()
        ),
    )
    st.caption(
        f"Each kernel is held against {found.random.draws:,} random ones of its size. Significant "
        "are those that stay so among all of them at a false discovery rate of 5% (Benjamini & "
        "Hochberg, 1995). What one kernel answers to is the work of all its channels together, so "
        "that single kernels of a deep layer often look like noise. Compare the first weights: "
        "choose “After an epoch” and 0 above."
    )


def _show_doubles(layer: Layer, found: Duplicates, least: float) -> None:
    from core.figures.layer_kernels import cosine_figure

    st.plotly_chart(
        cosine_figure(found, layer.title),
        key="cosines",
        config=CHART,
        alt=f"Cosines between {len(found.filters)} filters: {found.pairs} pairs from {least} on.",
    )
    groups = "; ".join(
        f"{', '.join(map(str, group[:-1]))} and {group[-1]}" for group in found.groups[:8]
    )
    more = f" and {len(found.groups) - 8} groups more" if len(found.groups) > 8 else ""
    st.markdown(
        found.in_words(least)
        + (f" Groups of nearly the same filters: {groups}{more}." if groups else "")
    )


def _show_filters(layer: Layer, whole: WholeLayer) -> None:
    from core.figures.layer_kernels import norms_figure, singular_figure

    found = whole.filters
    st.plotly_chart(
        singular_figure({layer.network.words: found}, layer.name),
        key="singular values",
        config=CHART,
        alt=f"Singular values: effective rank {found.effective_rank:.1f}, random "
        f"{found.random_rank:.1f}.",
    )
    dead = int(found.dead.sum())
    st.markdown(
        f"The filters span **{found.effective_rank:.1f} directions** of {len(found.singular)} "
        f"(effective rank); random filters of the same norm {found.random_rank:.1f}."
    )
    st.plotly_chart(
        norms_figure(found, layer.name),
        key="norms",
        config=CHART,
        alt=f"Norms of {len(found.norms)} filters, {dead} of them dead.",
    )
    named = f"{dead or 'No'} dead filter{'' if dead == 1 else 's'}"
    st.markdown(
        f"**{named}** (with a norm below a tenth of the layer's median). Filters that "
        "are silent on all images are counted on the page Weight penalties."
    )


def _show_table(layer: Layer, found: LayerKernels) -> None:
    from core.inside.layer_kernels import kernel_rows

    rows = kernel_rows(found, _ROWS)
    number = {"format": "%.3g"}
    with st.expander("What every kernel is", icon=":material/table:"):
        st.dataframe(
            rows,
            hide_index=True,
            column_config={
                name: st.column_config.NumberColumn(**number)
                for name, value in rows[0].items()
                if isinstance(value, float)
            },
            alt=f"Table of {len(rows)} kernels of {layer.name}, the longest first.",
        )
        if len(rows) < found.total:
            st.caption(f"The {len(rows):,} longest of {len(found.filters):,} measured kernels.")
