"""The network as a diagram of buttons: a click, or the keyboard, chooses a layer.

Each node is a real ``<button>``, so that the focus ring, Enter, Space and screen readers come with
it; the arrow keys, Home and End move among them. Plotly's charts take clicks, but no keys.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.shared import state
from pages.shared.run_picker import Network

if TYPE_CHECKING:
    from core.figures.network import Block

TITLE = "The network, from the image to the classes"
_PLACE = Path(__file__)

_mount = st.components.v2.component(
    "learnscope.layers_diagram",
    html='<div class="diagram" role="group"></div>',
    css=_PLACE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_PLACE.with_suffix(".js").read_text(encoding="utf-8"),
)


def layers_diagram(network: Network, chosen: str) -> None:
    """Show the network; a layer that is clicked stands in the link, and is the chosen one.

    Parameters
    ----------
    network : Network
    chosen : str
        The layer that is looked at.
    """
    from core.figures.network import DRAWING, blocks
    from core.inside.layers import input_record, layer_table

    records = [input_record(network.model), *layer_table(network.model)]
    _mount(
        key=state.DIAGRAM,
        data={
            "title": TITLE,
            "size": DRAWING,
            "chosen": chosen,
            "nodes": [_node(block, place > 0) for place, block in enumerate(blocks(records))],
        },
        on_layer_change=_follow,
    )
    st.caption(
        "Click a layer, or walk with the arrow keys and press Enter. A wide block is a large map, "
        "a thick one has many channels: on its way down the image becomes smaller and deeper, "
        "less *where*, more *what*."
    )


def _node(block: Block, is_layer: bool) -> dict[str, Any]:
    layer = block.layer
    words = (
        f"{layer.name}, {layer.kind}: {layer.output}, {layer.weights:,} weights; {layer.purpose}"
    )
    return {
        "name": layer.name,
        "output": layer.output,
        "words": words if is_layer else f"The image: {layer.output}",
        "layer": is_layer,
        "colour": block.colour,
        "faces": [{"points": face.points, "opacity": face.opacity} for face in block.faces],
    }


def _follow() -> None:
    """Put the layer that was clicked into the link, where the page looks for it."""
    clicked = st.session_state[state.DIAGRAM].get("layer")
    if clicked:
        st.query_params[state.LAYER] = clicked
