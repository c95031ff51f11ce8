"""The same layer of two runs side by side, as with and without a regularizer."""

from __future__ import annotations

import streamlit as st

from core.errors import LearnscopeError
from core.mechanisms.priced_twin import names_apart
from core.runs import Run
from pages.shared.kernel_layer_view import doubled, measured, pick_least
from pages.shared.kernel_views import CHART, Layer
from pages.shared.recorded_epoch import EPOCH, history_of_run
from pages.shared.run_picker import Network, open_network
from pages.shared.weight_sides import pick_beside, short_name

_SHOWN = 24


def show_pair(layer: Layer) -> None:
    """The layer of this run, and of another one."""
    beside = pick_beside(layer.network)
    if beside is None:
        st.info(
            "Choose another run to compare with: the same settings without a regularizer, say. "
            "“Side by side” trains both from the same first weights and images.",
            icon=":material/compare:",
        )
        st.page_link(
            "pages/regularization/side_by_side.py", label="Side by side", icon=":material/compare:"
        )
        return
    other = _same_layer(layer, beside)
    if other is None:
        return
    names = [short_name(name) for name in names_apart([layer.run, beside])]
    if names[0] == names[1]:
        names = [f"{names[0]} (A)", f"{names[1]} (B)"]
    layers = dict(zip(names, (layer, other), strict=True))
    _show_grids(layers)
    _show_figures(layers)


def _same_layer(layer: Layer, beside: Run) -> Layer | None:
    """That layer of the run beside, with weights of the same kind where there are such."""
    from core.inside.layers import convolution_layers, kernels_of

    network = open_network(beside, same_weights(layer.network, beside))
    known = convolution_layers(network.model)
    if layer.name not in known:
        st.info(
            f"The other run has no layer {layer.name}, only {', '.join(known)}. Choose one of "
            "these above, or another run.",
            icon=":material/compare:",
        )
        return None
    return Layer(network, layer.name, kernels_of(network.model, layer.name)[0])


def same_weights(network: Network, beside: Run) -> str:
    """Which weights of the run beside are of the same kind."""
    if network.weights.startswith(f"{EPOCH}-"):
        try:
            history = history_of_run(beside)
        except LearnscopeError:
            history = None
        if history is not None and history.kernels and network.epoch in history.epochs:
            return network.weights
    return "last" if network.weights == "last" else "best"


def _show_grids(layers: dict[str, Layer]) -> None:
    from core.figures.kernels import kernel_grid
    from core.inside.kernels import page

    for number, (column, (name, layer)) in enumerate(
        zip(st.columns(2, gap="large"), layers.items(), strict=True)
    ):
        shown = page(layer.kernels, size=_SHOWN)
        with column:
            st.markdown(f"**{name}**, {layer.network.words}")
            st.plotly_chart(
                kernel_grid(shown, layer.name, layer.kernels.shape[2], size=72),
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
        st.dataframe(
            side_by_side(found),
            hide_index=True,
            height="content",
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
