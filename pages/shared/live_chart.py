"""A Plotly chart that keeps its node, and with it the user's zoom, over any number of updates.

``st.plotly_chart`` hashes the whole figure into the element's identity and builds the chart anew
for each change: zoom, hover and hidden legend entries are lost at each tick. The component below
calls ``Plotly.react`` on one node instead. Figures that do not stream stay with
``st.plotly_chart``.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from streamlit.components.v1 import declare_component

PLOTLY_IN_PAGE = Path(__file__).with_name("plotly_in_page.js").read_text(encoding="utf-8")
"""Goes before the JavaScript of a component that draws with plotly.js."""

_mount = st.components.v2.component(
    "learnscope.live_chart",
    html='<div class="live-chart" role="img"></div>',
    css=".live-chart { width: 100%; }",
    js=PLOTLY_IN_PAGE + Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
    isolate_styles=False,  # plotly.js puts its style sheet into the document's head.
)


def _folder_of_plotly() -> Path:
    # Found, not imported: the page may run while the warm-up imports plotly (core/warmup.py).
    found = importlib.util.find_spec("plotly")
    if found is None or found.origin is None:  # pragma: no cover
        raise ModuleNotFoundError("plotly is not installed")
    return Path(found.origin).parent / "package_data"


# The JavaScript of a version 2 component travels in every message, so plotly.js (4.8 MB) cannot be
# part of it. A version 1 component has its folder served by Streamlit at a fixed address, which is
# all that is wanted of this one: the browser fetches the file once a page load, no copy is made,
# and only public names of Streamlit are used. Of the other ways, an asset of a version 2 component
# needs Learnscope to be installed as a package; the static folder needs a copy of the file; the
# media store forgets files that no element of Streamlit's own refers to.
_files = declare_component("plotly", path=_folder_of_plotly())


def live_chart(figure: Mapping[str, Any], *, key: str, height: int, alt: str) -> None:
    """Show a figure, and later the newer figures of the same key, in one and the same node.

    Zoom, pan, hidden legend entries and the hover label stay with the user as long as the layout's
    ``uirevision`` stays what it is (without one, as long as the chart is on the page), and never
    pass to a chart of another key that takes its place. An axis may have one of its own. Colours
    and fonts that the figure leaves open follow Streamlit's theme, in place of the figure's
    template.

    Parameters
    ----------
    figure : Mapping
        ``data`` and ``layout`` as ``Figure.to_dict()`` gives them; NumPy arrays may stand in it.
    key : str
        Names the chart on its page.
    height : int
        In pixels; the width follows the container.
    alt : str
        What the chart shows, in words, for those who do not see it.
    """
    _mount(key=key, data=chart_message(figure, key, height, alt), height=height)


def chart_message(figure: Mapping[str, Any], key: str, height: int, alt: str) -> bytes:
    """What goes to the browser for an update of a chart; as :func:`live_chart`."""
    message = {
        "figure": _prepared(figure, key),
        "height": height,
        "alt": alt,
        "url": address_of_plotly(),
    }
    return encoded(message)


def address_of_plotly() -> str:
    """Where the browser finds plotly.js on this server."""
    path = st.get_option("server.baseUrlPath").strip("/")
    return f"{f'/{path}' if path else ''}/component/{_files.name}/plotly.min.js"


def _prepared(figure: Mapping[str, Any], key: str) -> dict[str, Any]:
    layout = dict(figure.get("layout", {}))
    layout.pop("template", None)
    # The browser may use the node of a chart that has gone for one that comes in its place.
    layout["uirevision"] = f"{key}: {layout.get('uirevision')}"
    for name, part in layout.items():
        if isinstance(part, Mapping) and "uirevision" in part:
            layout[name] = {**part, "uirevision": f"{key}: {part['uirevision']}"}
    # By its id a hidden trace stays hidden when another appears before it. plotly.js makes a class
    # of CSS out of the id, which may hold few characters.
    names = [re.sub(r"[^0-9a-z]+", "-", trace.get("name", "").lower()) for trace in figure["data"]]
    ids = [f"{name}-{names[:i].count(name)}" for i, name in enumerate(names)]
    data = [{"uid": uid, **trace} for uid, trace in zip(ids, figure["data"], strict=True)]
    return {"data": data, "layout": layout}


def encoded(message: dict[str, Any]) -> bytes:
    """A message as JSON, NumPy's arrays in the short form that plotly.js knows."""
    try:
        text = json.dumps(message, default=_plain, allow_nan=False, separators=(",", ":"))
    except ValueError:
        # JSON has no NaN; plotly.js takes null for a gap in a line.
        text = json.dumps(_without_nan(message), default=_plain, separators=(",", ":"))
    return text.encode()


def _plain(value: object) -> object:
    """NumPy's numbers, and its arrays in the short form that plotly.js knows."""
    if isinstance(value, np.generic):
        number = value.item()
        return None if isinstance(number, float) and not math.isfinite(number) else number
    if not isinstance(value, np.ndarray):
        raise TypeError(f"Expected plain values in a figure. Received: {type(value).__name__}.")
    if value.dtype.kind not in "fiu" or value.dtype.itemsize > 8 or value.dtype == np.float16:
        return _without_nan(value.tolist())
    if value.dtype.kind in "iu" and value.dtype.itemsize == 8:
        value = value.astype(np.float64)  # JavaScript has no arrays of 64-bit integers.
    little = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
    short: dict[str, str] = {
        "dtype": f"{little.dtype.kind}{little.dtype.itemsize}",
        "bdata": base64.b64encode(little.tobytes()).decode(),
    }
    if little.ndim > 1:
        short["shape"] = ", ".join(map(str, little.shape))
    return short


def _without_nan(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {name: _without_nan(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(inner) for inner in value]
    return value
