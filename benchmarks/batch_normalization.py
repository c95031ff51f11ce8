"""The page /batch-normalization: how long a moved slider takes, on the default run.

`python -m benchmarks.batch_normalization` from the project's folder. Trains the default network
with batch normalization once. Each slider is moved in turn, and the whole page run without a
browser; beside it, one forward pass over the same 1,000 images. The figures are medians.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from core import warmup
from tests.browser.server import ROOT

ROUNDS = 9
WANTED_MS, WANTED_RATIO = 300.0, 5.0


def trained() -> str:
    """Id of the default run with batch normalization."""
    from core.settings import from_mapping
    from pages.shared import state

    run_id = state.training_queue().submit(from_mapping({"normalization": "batch"}))
    state.training_queue().wait(run_id)
    return run_id


def opened(run_id: str, aspect: str, layer: str) -> AppTest:
    """The page with that tab and that layer, through the app, seen once."""
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    page.switch_page("pages/regularization/batch_normalization.py")
    page.query_params.clear()
    for name, value in {"run": run_id, "aspect": aspect, "layer": layer}.items():
        page.query_params[name] = value
    page.run()
    if page.exception or page.error:
        raise RuntimeError(f"The page did not come up: {page.exception or page.error}")
    return page


def seconds_of_move(page: AppTest, slider: object, value: object) -> tuple[float, float]:
    """By the clock, and of the processor."""
    slider.set_value(value)  # type: ignore[attr-defined]
    began, worked = time.perf_counter(), time.process_time()
    page.run()
    return time.perf_counter() - began, time.process_time() - worked


def seconds_of_pass(run_id: str) -> Callable[[], float]:
    """One forward pass of the network over the training images, as `predict` makes it."""
    from core.data import split_again
    from core.inside.layers import load_network
    from pages.shared import state

    run = state.library().run(run_id)
    model = load_network(state.library().file(run_id, "best.keras"))
    images = split_again(run.settings, run.fingerprint).training_images

    def timed() -> float:
        began = time.perf_counter()
        model.predict(images, batch_size=250, verbose=0)
        return time.perf_counter() - began

    timed()
    return timed


MOVES = {
    "channel": ("One channel", "select_slider", "choose channel", [str(at) for at in range(16)]),
    "batch": ("One channel", "slider", "normalized batch 32", list(range(1, 33))),
    "momentum": ("Moving statistics", "select_slider", "lag momentum 0.9", [0.5, 0.99, 0.999]),
    "images in the batch": ("Companions", "select_slider", "company size", [4, 8, 16, 32, 64]),
    "draw": ("Companions", "slider", "company draw", list(range(1, 20))),
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LEARNSCOPE_HOME"] = str(Path(folder) / "runs")
        os.environ["XDG_STATE_HOME"] = str(Path(folder) / "state")
        warmup.wait()
        run_id = trained()
        forward = seconds_of_pass(run_id)
        layer = "batch_normalization_1"
        print(f"{layer}, its input of 28 x 28 x 16 numbers an image being the largest")
        for name, (aspect, kind, key, values) in MOVES.items():
            page = opened(run_id, aspect, layer)
            moves, passes = [], []
            for at in range(1, ROUNDS + 1):
                slider = getattr(page, kind)(key=key)
                moves.append(seconds_of_move(page, slider, values[at % len(values)]))
                passes.append(forward())
            move, work = (statistics.median(column) for column in zip(*moves, strict=True))
            once = statistics.median(passes)
            print(
                f"{name:22} {1000 * move:6.0f} ms   processor {1000 * work:6.0f} ms   "
                f"one pass {1000 * once:6.0f} ms   ratio {move / once:.2f}"
            )
        print(f"(target: at most {WANTED_MS:g} ms, and a ratio of at most {WANTED_RATIO:g})")
        from pages.shared import state

        state.training_queue().close()
        state.library().close()


if __name__ == "__main__":
    main()
