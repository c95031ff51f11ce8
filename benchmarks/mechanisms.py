"""How soon the pages of mechanisms answer a moved slider, against one pass through the network.

`python -m benchmarks.mechanisms [words]` from the project's folder; only entries in which the words
occur. The default network is trained once, and once with batch normalization. Each slider is moved
to values that it has not had before, so that nothing is kept of them; the clock runs over the app's
whole script, from the move until the page's last element stands there, run by Streamlit's AppTest:
what the browser takes to draw is not in it. In turns with that, the whole network looks once at the
run's validation images, in batches of 250.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.testing.v1 import AppTest

from core import warmup
from core.data import split_again
from core.mechanisms.pruning import SHARES
from core.mechanisms.small_weights import THRESHOLDS
from core.settings import CONTROLS, from_mapping
from pages.shared import state
from tests.browser.server import ROOT

WANTED, MOST_PASSES = 0.3, 5.0
ROUNDS = 15
RATES = tuple(0.05 * number for number in range(1, 19))
FACTORS = (0.0625, 0.125, 0.25, 0.5, 1.0, 4.0, 8.0, 16.0)


@dataclass(frozen=True)
class Entry:
    """A slider of a page.

    Attributes
    ----------
    page : str
        Its script, within the folder of regularization and without its ending.
    view : str
        Which of its views is open.
    slider : str
        The beginning of the slider's key.
    values : sequence
        The values that it is moved to, at most :data:`ROUNDS` of them, each but once.
    more : mapping of str to str
        What else the link to the page says.
    """

    page: str
    view: str
    slider: str
    values: Sequence[Any] = RATES
    more: Mapping[str, str] = field(default_factory=dict)


WHICH_VIEW = {
    "dropout": state.DROPOUT_VIEW,
    "batch_normalization": state.ASPECT,
    "weight_penalties": state.PENALTY_VIEW,
    "augmentation": state.ALTERED,
}
LAYER = {state.LAYER: "batch_normalization_1"}
ENTRIES = (
    Entry("dropout", "One training step", "choose rate"),
    Entry("dropout", "Mean and spread", "choose rate"),
    Entry("dropout", "One network or many", "choose rate"),
    Entry("dropout", "How unsure it is", "choose rate"),
    Entry("dropout", "As ridge regression", "choose rate"),
    Entry("dropout", "One training step", "training step", range(2, 50)),
    Entry("batch_normalization", "One channel", "choose channel", [*map(str, range(1, 16))], LAYER),
    Entry("batch_normalization", "One channel", state.NORMALIZED_BATCH, range(2, 33), LAYER),
    Entry(
        "batch_normalization", "Moving statistics", state.LAG_MOMENTUM, (0.5, 0.99, 0.999), LAYER
    ),
    Entry("batch_normalization", "Moving statistics", state.LAG_STEPS, range(50, 800, 50), LAYER),
    Entry("batch_normalization", "Companions", state.COMPANY_SIZE, (4, 8, 16, 32, 64), LAYER),
    Entry("batch_normalization", "Companions", state.COMPANY_DRAW, range(2, 20), LAYER),
    Entry("weight_penalties", "All weights", state.WEIGHTS_EPOCH, range(29, 0, -1)),
    Entry("weight_penalties", "Small weights", state.THRESHOLD, THRESHOLDS),
    Entry(
        "weight_penalties",
        "Share of the loss",
        state.PRICE,
        [value for value in CONTROLS["l2"].choices if value],
    ),
    Entry("weight_penalties", "Dead kernels", state.DEAD_BELOW, range(11, 50)),
    Entry("weight_penalties", "Pruning", state.PRUNED, SHARES[:-1]),
    Entry("weight_penalties", "L2 or weight decay", state.DECAY_STEPS, range(600, 2100, 100)),
    Entry("weight_penalties", "Before normalization", state.FACTOR, FACTORS),
    Entry("augmentation", "Altered images", state.TRY, RATES[:8]),
    Entry("augmentation", "Mixup and CutMix", state.MIX_SHARE, RATES[:13]),
    Entry("augmentation", "Label smoothing", state.SMOOTH, [0.01 * at for at in range(11, 40)]),
)


def opened(entry: Entry, run_id: str) -> AppTest:
    """The page of an entry, as a link to this run opens it."""
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=240).run()
    page.switch_page(f"pages/regularization/{entry.page}.py")
    page.query_params.clear()
    link = {state.RUN: run_id, WHICH_VIEW[entry.page]: entry.view, **entry.more}
    for name, value in link.items():
        page.query_params[name] = value
    page.run()
    _refuse_faults(page)
    return page


def _refuse_faults(page: AppTest) -> None:
    if page.exception or page.error:
        raise RuntimeError(f"The page did not come up: {[*page.exception, *page.error]}")


def seconds_of_move(page: AppTest, beginning: str, value: object) -> tuple[float, float]:
    """From the move until the page's script has ended: on the clock, and of the processor."""
    sliders = [*page.slider, *page.select_slider]
    slider: Any = next(one for one in sliders if str(one.key).startswith(beginning))
    slider.set_value(value)
    began, worked = time.perf_counter(), time.process_time()
    page.run()
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


def measure(entry: Entry, run_id: str, once: Callable[[], float]) -> tuple[float, float]:
    """Print the medians of an entry; return that of its moves, and how many passes it is."""
    page = opened(entry, run_id)
    moves, works, passes = [], [], []
    for value in entry.values[:ROUNDS]:
        seconds, work = seconds_of_move(page, entry.slider, value)
        moves.append(seconds)
        works.append(work)
        passes.append(once())
    move, work, single = map(statistics.median, (moves, works, passes))
    print(
        f"{entry.page:20} {entry.view:21} {entry.slider:17} {1000 * move:5.0f} ms (processor "
        f"{1000 * work:4.0f})   one pass {1000 * single:5.0f} ms   ratio {move / single:.2f}",
        flush=True,
    )
    return move, move / single


def main() -> None:
    wanted = " ".join(sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LEARNSCOPE_HOME"] = str(Path(folder) / "runs")
        os.environ["XDG_STATE_HOME"] = str(Path(folder) / "state")
        warmup.wait()
        queue, runs, passes = state.training_queue(), {}, {}
        for normalization in ("batch", "none"):
            run_id = queue.submit(from_mapping({"normalization": normalization}))
            queue.wait(run_id, 600)
            runs[normalization], passes[normalization] = run_id, pass_through(run_id)
            passes[normalization]()
        loads, found = [os.getloadavg()[0]], []
        for entry in ENTRIES:
            if wanted in f"{entry.page} {entry.view} {entry.slider}":
                which = "batch" if entry.page == "batch_normalization" else "none"
                found.append(measure(entry, runs[which], passes[which]))
                loads.append(os.getloadavg()[0])
        st.cache_resource.clear()
    move, ratio = (max(column) for column in zip(*found, strict=True))
    print(
        f"(medians of up to {ROUNDS} moves, load {min(loads):.1f} to {max(loads):.1f}; the slowest "
        f"{1000 * move:.0f} ms, targets: {1000 * WANTED:.0f} ms; the highest ratio {ratio:.2f}, at "
        f"most {MOST_PASSES:g})"
    )


if __name__ == "__main__":
    main()
