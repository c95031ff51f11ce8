"""The charts that stand on a page, to take along as PNG and SVG.

They are drawn in the browser only, so that it makes the files too: with plotly.js, which is fetched
at the first press. Nothing is asked of the server.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.shared.live_chart import PLOTLY_IN_PAGE, address_of_plotly

_HTML = """
<div class="save-charts-here"></div>
<div class="save-charts" hidden>
  <p>Charts, as they stand on the page</p>
  <div class="save-charts-rows"></div>
  <output class="save-charts-said"></output>
</div>
"""
_CSS = """
.save-charts { font-family: var(--st-font); color: var(--st-text-color); font-size: 1rem; }
.save-charts[hidden] { display: none; }
.save-charts-here { height: 1px; }
.save-charts p { margin: 0 0 .5rem; font-size: .875rem; color: var(--st-gray-text-color); }
.save-charts-rows > div { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center;
  margin-bottom: .5rem; }
.save-charts span { flex: 0 0 auto; width: 280px; max-width: 100%; font-weight: 600; }
.save-charts button { font: inherit; color: inherit; cursor: pointer; min-height: 2.5rem;
  padding: .25rem .75rem; background: var(--st-background-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius, .5rem); }
.save-charts button:hover, .save-charts button:focus-visible {
  color: var(--st-primary-color); border-color: var(--st-primary-color); }
.save-charts button:disabled { opacity: .5; cursor: progress; }
.save-charts-said { color: var(--st-red-color); }
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
