"""The same layer of two runs side by side, as with and without a regularizer."""

from __future__ import annotations

import streamlit as st

from core.comparison.names_beside import names_beside
from pages.shared.kernel_layer_view import doubled, measured, pick_least
from pages.shared.kernel_saving import save_pair
from pages.shared.kernel_views import CHART, Layer
from pages.shared.network_beside import has_layer, network_beside
from pages.shared.plain_text import as_typed

_SHOWN = 24


def show_pair(layer: Layer) -> None:
    """The layer of this run, and of another one."""
    network = network_beside(layer.network, "without a regularizer")
    if network is None or not has_layer(network, layer.name):
        return
    from core.inside.layers import kernels_of

    other = Layer(network, layer.name, kernels_of(network.model, layer.name)[0])
    names = names_beside([layer.run, network.run])
    layers = dict(zip((name.short for name in names), (layer, other), strict=True))
    _show_grids([name.whole for name in names], (layer, other))
    _show_figures(layers)


def _show_grids(names: list[str], layers: tuple[Layer, Layer]) -> None:
    from core.figures.kernels import kernel_grid
    from core.inside.kernels import page

    for number, (column, (name, layer)) in enumerate(
        zip(st.columns(2, gap="large"), zip(names, layers, strict=True), strict=True)
    ):
        shown = page(layer.kernels, size=_SHOWN)
        with column:
            st.markdown(f"**{as_typed(name)}**, {layer.network.words}")
            st.plotly_chart(
                kernel_grid(shown, f"{layer.name} in {name}", layer.kernels.shape[2], size=72),
                key=f"kernels side by side {number}",
                config=CHART,
                alt=f"The {len(shown.filters)} kernels of {layer.name} with the longest filters in "
                f"{name}.",
            )


def _show_figures(layers: dict[str, Layer]) -> None:
    from core.figures.layer_kernels import singular_figure
    from core.inside.whole_layer import side_by_side

    least = pick_least()
    found = {name: (measured(layer), doubled(layer, least)) for name, layer in layers.items()}
    layer = next(iter(layers.values()))
    left, right = st.columns([3, 2], gap="large")
    with left:
        # A plain table, for its cells wrap where the screen is narrow.
        st.table(
            side_by_side(found),
            hide_index=True,
            alt=f"Figures of {layer.name} in both runs side by side.",
        )
    with right:
        st.plotly_chart(
            singular_figure(
                {name: whole.filters for name, (whole, _) in found.items()}, layer.name
            ),
            key="singular values side by side",
            config=CHART,
            alt="Singular values of the filters in both runs.",
        )
    st.caption(
        "Each grid has a colour scale of its own and shows the longest filters first. Random: what "
        "kernels or filters of independent weights have. One pair of runs shows what can "
        "happen; to judge a regularizer, train both several times with other seeds."
    )
    save_pair(layers, found, least)
