"""Paper to draw on, by mouse, finger or pen."""

from __future__ import annotations

import base64
from pathlib import Path

import streamlit as st

_HTML = """
<div class="paper">
  <canvas width="280" height="280" role="img"
    aria-label="Paper to draw on with the mouse or a finger"></canvas>
  <div class="paper-bar">
    <button type="button" class="undo">Undo stroke</button>
    <button type="button" class="clear">Clear</button>
  </div>
</div>
"""
_CSS = """
.paper { font-family: var(--st-font); width: 240px; }
.paper canvas { width: 240px; height: 240px; display: block; background: #fff; cursor: crosshair;
  border: 1px solid var(--st-border-color); border-radius: .5rem; touch-action: none; }
.paper-bar { display: flex; gap: .5rem; margin-top: .5rem; }
.paper-bar button { flex: 1; font: inherit; font-size: .875rem; padding: .3rem .6rem;
  color: var(--st-text-color); background: var(--st-secondary-background-color); cursor: pointer;
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius, .5rem); }
.paper-bar button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
"""
_BEGINS = "data:image/png;base64,"

_mount = st.components.v2.component(
    "learnscope.drawing_paper",
    html=_HTML,
    css=_CSS,
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)


def draw(before: bytes | None, *, key: str) -> bytes | None:
    """Let the person draw.

    Parameters
    ----------
    before : bytes or None
        The PNG file of an earlier drawing, which new paper shows.
    key : str

    Returns
    -------
    bytes or None
        The drawing as a PNG file, dark ink on white; empty if it was cleared, None before the
        first stroke.
    """
    shown = _BEGINS + base64.b64encode(before).decode() if before else ""
    answer = _mount(key=key, data={"before": shown}, on_drawing_change=lambda: None)
    return decoded(answer.drawing)


def decoded(drawing: object) -> bytes | None:
    """What the browser sent as a PNG file: empty if it is no such thing, None if nothing came."""
    if drawing is None:
        return None
    if not isinstance(drawing, str) or not drawing.startswith(_BEGINS):
        return b""
    try:
        return base64.b64decode(drawing.removeprefix(_BEGINS), validate=True)
    except ValueError:
        return b""
