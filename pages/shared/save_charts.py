"""The charts that stand on a page, to take along as PNG and SVG.

They are drawn in the browser only, so that it makes the files too: with plotly.js, which is fetched
at the first press. Nothing is asked of the server.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.shared.live_chart import PLOTLY_IN_PAGE, address_of_plotly

_HTML = """
<div class="save-charts" hidden>
  <label for="save-charts-title">One of the charts, as it stands on the page</label>
  <div>
    <select id="save-charts-title"></select>
    <button type="button" value="png" title="The chart, in pixels">PNG</button>
    <button type="button" value="svg" title="The chart as a drawing, sharp at any size">SVG</button>
  </div>
  <output></output>
</div>
"""
_CSS = """
.save-charts { font: .875rem var(--st-font); color: var(--st-text-color); }
.save-charts[hidden] { display: none; }
.save-charts label { display: block; margin-bottom: .4rem; }
.save-charts div { display: flex; flex-wrap: wrap; gap: 1rem; }
.save-charts button, .save-charts select { box-sizing: border-box; font: inherit; color: inherit;
  min-height: 2.5rem; padding: .25rem .75rem; border: 1px solid var(--st-border-color);
  border-radius: var(--st-button-radius, .5rem); }
.save-charts select { width: 280px; max-width: 100%; padding: .25rem; cursor: pointer;
  background: var(--st-secondary-background-color); }
.save-charts button { cursor: pointer; background: var(--st-background-color); }
.save-charts button:hover, .save-charts :focus-visible { outline: none;
  color: var(--st-primary-color); border-color: var(--st-primary-color); }
.save-charts button:disabled { opacity: .5; cursor: progress; }
.save-charts output { color: var(--st-red-color); }
"""

_mount = st.components.v2.component(
    "learnscope.save_charts",
    html=_HTML,
    css=_CSS,
    js=PLOTLY_IN_PAGE + Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)


def offer_charts(stem: str, about: str, key: str) -> None:
    """Buttons that save each chart of the page, by its title; nothing where there is none.

    Parameters
    ----------
    stem : str
        How the names of the files begin; the chart's title follows.
    about : str
        A sentence inside each file.
    key : str
    """
    _mount(key=key, data={"url": address_of_plotly(), "stem": stem, "about": about})
