"""The convolution step by step, in the browser: moved by mouse, keys or a play button.

The server sends a scene once; moving the kernel asks it for nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.figures.theme import BRIGHTNESS, SIGNED
from pages.shared.live_chart import encoded

if TYPE_CHECKING:
    from core.inside.one_step import Scene

_HERE = Path(__file__)
_mount = st.components.v2.component(
    "learnscope.one_step",
    html=_HERE.with_suffix(".html").read_text(encoding="utf-8"),
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
)


def show_scene(scene: Scene, name: str, gray: bool, *, key: str) -> None:
    """Show a scene of :mod:`core.inside.one_step`, from its strongest position on.

    Parameters
    ----------
    scene : Scene
    name : str
        What the kernel is called.
    gray : bool
        Whether the input is brightness in [0, 1], black to white, rather than signed numbers.
    key : str
    """
    _mount(key=key, data=encoded(scene_message(scene, name, gray)))


def scene_message(scene: Scene, name: str, gray: bool) -> dict[str, Any]:
    """What goes to the browser; as :func:`show_scene`."""
    return {
        "name": name,
        "input": scene.input,
        "outside": scene.outside.astype("u1"),
        "kernel": scene.kernel,
        "bias": scene.bias,
        "byChannel": scene.by_channel,
        "total": scene.total,
        "convolved": scene.convolved,
        "before": scene.before_activation,
        "activation": scene.activation,
        "strides": scene.strides,
        "dilation": scene.dilation,
        "corner": [scene.top, scene.left],
        "start": scene.strongest,
        "channel": scene.leading_channel,
        "channels": scene.channels,
        "limits": scene.limits,
        "normalization": scene.normalization,
        "function": scene.function,
        "gray": gray,
        "colours": {"signed": SIGNED, "brightness": BRIGHTNESS},
    }
