"""A replay that runs in the browser: a picture that changes, and charts whose cursor follows.

The server sends all moments at once; moving the slider or playing asks it for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.shared.chart_settings import camera
from pages.shared.live_chart import PLOTLY_IN_PAGE, chart_message, encoded

_HTML = """
<div class="replay">
  <div class="replay-bar">
    <button type="button" class="replay-play" aria-label="Play">&#9654; Play</button>
    <input type="range" class="replay-slider" min="0" step="1" aria-label="Epoch">
    <output class="replay-now"></output>
  </div>
  <div class="replay-charts">
    <div class="replay-picture"></div>
    <div class="replay-side"></div>
  </div>
</div>
"""
_CSS = """
.replay { font-family: var(--st-font); color: var(--st-text-color); width: 100%; }
.replay-bar { display: flex; flex-wrap: wrap; align-items: center; gap: 1rem;
  margin-bottom: .75rem; }
.replay-play { min-width: 6.5rem; padding: .4rem .9rem; cursor: pointer; font: inherit; border: 0;
  border-radius: var(--st-button-radius, .5rem); color: #fff; background: var(--st-primary-color); }
.replay-play:focus-visible, .replay-slider:focus-visible { outline-offset: 2px;
  outline: 2px solid var(--st-primary-color); }
.replay-slider { flex: 1 1 12rem; accent-color: var(--st-primary-color); }
.replay-now { flex: 0 0 11rem; font-variant-numeric: tabular-nums; font-weight: 600; }
.replay-charts { display: flex; flex-wrap: wrap; gap: 1.5rem; }
.replay-picture { flex: 3 1 22rem; min-width: 0; }
.replay-side { flex: 2 1 20rem; min-width: 0; }
"""

_mount = st.components.v2.component(
    "learnscope.replay",
    html=_HTML,
    css=_CSS,
    js=PLOTLY_IN_PAGE + Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
    isolate_styles=False,  # plotly.js puts its style sheet into the document's head.
)
Chart = tuple[Mapping[str, Any], str]
"""A figure, and what it shows in words."""


def show_replay(
    picture: Chart,
    frames: NDArray[np.float32],
    beside: Sequence[Chart],
    moments: Sequence[tuple[float, str]],
    at: int,
    *,
    key: str,
    name: str,
) -> None:
    """Show a picture that changes over some moments, with a slider and a button to play them.

    Parameters
    ----------
    picture : Chart
        Its first trace is the heat map that changes.
    frames : ndarray of shape (E, H, W), float32
        The values of the heat map at each moment.
    beside : sequence of Chart
        The first shape of each is the cursor, an upright line.
    moments : sequence of (float, str)
        Where the cursor stands at each moment, and what the moment is called.
    at : int
        The moment that is shown first.
    key : str
    name : str
        Of the file as which a chart is saved.
    """
    charts = [
        chart_message(figure, f"{key} {number}", int(figure["layout"]["height"]), alt)
        for number, (figure, alt) in enumerate([picture, *beside])
    ]
    rest = encoded(
        {
            "frames": frames.reshape(len(frames), -1),
            "width": frames.shape[2],
            "places": [place for place, _ in moments],
            "names": [name for _, name in moments],
            "at": at,
            "camera": camera(name),
        }
    )
    _mount(key=key, data=b'{"charts":[' + b",".join(charts) + b"]," + rest[1:])
