"""Two live charts that grow three times a second, and a page without any.

The axes of the first chart are fixed, those of the second follow the data.
"""

import streamlit as st

from pages.shared.live_chart import live_chart

FIXED = {"xaxis": {"range": [0, 50]}, "yaxis": {"range": [0, 1]}}


def figure(points: int, layout: dict) -> dict:
    data = [
        {"type": "scatter", "name": "training", "y": [1 / (i + 1) for i in range(points)]},
        {"type": "scatter", "name": "validation", "y": [2 / (i + 2) for i in range(points)]},
    ]
    if points % 2:  # A trace that comes and goes ahead of the others must not shift them.
        data.insert(0, {"type": "scatter", "name": "best", "x": [1], "y": [0.5]})
    return {"data": data, "layout": layout}


@st.fragment(run_every=0.3)
def charts() -> None:
    st.session_state.points = st.session_state.get("points", 1) + 1
    points = st.session_state.points
    live_chart(figure(points, FIXED), key="loss", height=300, alt="Loss by step")
    live_chart(figure(points, {}), key="accuracy", height=200, alt="Accuracy by step")


st.set_page_config(layout="wide")
st.navigation(
    [
        st.Page(charts, title="Charts", url_path="charts", default=True),
        st.Page(lambda: st.write("Nothing here"), title="Empty", url_path="empty"),
    ]
).run()
