"""The files that a page had to download, read back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import numpy as np
from streamlit.testing.v1 import AppTest

from pages.shared import state

Files = dict[str, Callable[[], bytes]]


def arrays(saved: Files, view: str) -> dict[str, np.ndarray]:
    """The one file with all numbers; its name is the run's id and what the view is."""
    run = state.library().runs()[0]
    made = saved[f"{run.id}-{view}.npz"]()
    found = dict(np.load(io.BytesIO(made), allow_pickle=False))
    assert run.id in str(found["about"]) or view == "by-hand"
    return found


def table(saved: Files, name: str) -> list[dict[str, str]]:
    """A table by its name without the run's id; it says of which run it is."""
    about, *rest = saved[f"{state.library().runs()[0].id}-{name}.csv"]().decode().splitlines()
    assert about.startswith("# Run 'My run'") and "dropout off" in about
    return list(csv.DictReader(rest))


def charts_to_save(page: AppTest) -> dict[str, str]:
    """What the menu tells the browser of the files of the page's charts."""
    components = [one.proto for one in page.get("bidi_component")]
    (sent,) = (one for one in components if one.component_name == "learnscope.save_charts")
    return json.loads(sent.json)
