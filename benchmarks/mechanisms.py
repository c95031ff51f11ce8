"""How soon the pages of mechanisms answer a moved slider, against one pass through the network.

`python -m benchmarks.mechanisms` from the project's folder. The default network is trained once.
Each slider is moved to values that it has not had before, so that nothing is kept of them; the
clock runs over the app's whole script, from the move until the page's last element stands there,
run by Streamlit's AppTest: what the browser takes to draw is not in it. In turns with that, the
whole network looks once at the page's sample, the run's validation images, in batches of 250.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st
from streamlit.testing.v1 import AppTest

from core import warmup
from core.data import split_again
from core.settings import Settings
from pages.shared import state
from tests.browser.server import ROOT

WANTED, MOST_PASSES = 0.3, 5.0
ROUNDS = 15
RATES = tuple(0.05 * number for number in range(1, 19))


@dataclass(frozen=True)
class Entry:
    """A slider of a page.

    Attributes
    ----------
    page : str
        Its script, within the folder of pages and without its ending.
    slider : str
        The key of the slider.
    values : sequence of float
        The values that it is moved to, at least :data:`ROUNDS` of them, each but once.
    link : mapping of str to str
        What else the link to the page says: which of its views is open.
    """

    page: str
    slider: str
    values: Sequence[float] = RATES
    link: Mapping[str, str] = field(default_factory=dict)


DROPOUT = "regularization/dropout"
ENTRIES = (
    Entry(DROPOUT, "choose rate", link={"dropout-view": "One training step"}),
    Entry(DROPOUT, "choose rate", link={"dropout-view": "Mean and spread"}),
    Entry(DROPOUT, "choose rate", link={"dropout-view": "One network or many"}),
    Entry(DROPOUT, "choose rate", link={"dropout-view": "How unsure it is"}),
    Entry(DROPOUT, "choose rate", link={"dropout-view": "As ridge regression"}),
    Entry(DROPOUT, "training step", range(2, 50), {"dropout-view": "One training step"}),
)


def opened(entry: Entry, run_id: str) -> AppTest:
    """The page of an entry, as a link to this run opens it."""
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    page.switch_page(f"pages/{entry.page}.py")
    page.query_params.clear()
    for name, value in {state.RUN: run_id, **entry.link}.items():
        page.query_params[name] = value
    page.run()
    _refuse_faults(page)
    return page


def _refuse_faults(page: AppTest) -> None:
    if page.exception or page.error:
        raise RuntimeError(f"The page did not come up: {[*page.exception, *page.error]}")


def seconds_of_move(page: AppTest, slider: str, value: float) -> tuple[float, float]:
    """From the move until the page's script has ended: on the clock, and of the processor."""
    moved = page.slider(key=slider).set_value(value)
    began, worked = time.perf_counter(), time.process_time()
    moved.run()
    seconds = time.perf_counter() - began, time.process_time() - worked
    _refuse_faults(page)
    return seconds


def pass_through(run_id: str) -> Callable[[], float]:
    """What takes the time of one pass of the run's validation images through its network."""
    import tensorflow as tf

    from core.inside.layers import load_network

    run = state.library().run(run_id)
    images = tf.constant(split_again(run.settings, run.fingerprint).validation_images)
    model = load_network(state.library().file(run_id, "best.keras"))

    def once() -> float:
        began = time.perf_counter()
        for begin in range(0, len(images), 250):
            model(images[begin : begin + 250], training=False).numpy()
        return time.perf_counter() - began

    return once


def measure(entry: Entry, run_id: str, once: Callable[[], float]) -> None:
    page = opened(entry, run_id)
    moves, works, passes = [], [], []
    for value in entry.values[:ROUNDS]:
        seconds, work = seconds_of_move(page, entry.slider, value)
        moves.append(seconds)
        works.append(work)
        passes.append(once())
    move, work, single = map(statistics.median, (moves, works, passes))
    view = ", ".join(entry.link.values())
    print(
        f"{entry.page:24} {entry.slider:14} {view:22} {1000 * move:5.0f} ms (processor "
        f"{1000 * work:4.0f})   one pass {1000 * single:5.0f} ms   ratio {move / single:.2f}",
        flush=True,
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LEARNSCOPE_HOME"] = str(Path(folder) / "runs")
        os.environ["XDG_STATE_HOME"] = str(Path(folder) / "state")
        warmup.wait()
        run_id = state.training_queue().submit(Settings())
        state.training_queue().wait(run_id, 600)
        once = pass_through(run_id)
        once()
        loads = [os.getloadavg()[0]]
        for entry in ENTRIES:
            measure(entry, run_id, once)
            loads.append(os.getloadavg()[0])
        st.cache_resource.clear()
    print(
        f"(medians of {ROUNDS} moves, load {min(loads):.1f} to {max(loads):.1f}; targets: "
        f"{1000 * WANTED:.0f} ms, and a ratio of at most {MOST_PASSES:g})"
    )


if __name__ == "__main__":
    main()
