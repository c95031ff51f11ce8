"""The page of runs with 2,000 runs and 200,000 metric rows, against 20 runs and 2,000 rows.

`python -m benchmarks.run_list` from the project's folder. Both take turns in one run; the figures
are medians. The page is opened three ways: in a browser on a server that has shown it before, in a
browser on a cold server, and without a browser, where nothing but the page's own work counts.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from core import warmup
from core.runs import Library
from core.settings import from_mapping, to_mapping
from tests.browser.chromium import SWITCHES, installed
from tests.browser.server import ROOT, Server, serving

FEW, MANY = 20, 2000
EPOCHS = 100
ROUNDS, COLD_ROUNDS = 9, 5
WANTED = 3.0


def fill(home: Path, count: int) -> None:
    """A library of so many finished runs, each with its own settings, 100 epochs and two files."""
    Library(home).close()
    chance = random.Random(count)
    batches = np.linspace(2, 0.1, 32, dtype="<f4").tobytes()
    with closing(sqlite3.connect(home / "library.sqlite", isolation_level=None)) as connection:
        connection.execute("BEGIN")
        for number in range(count):
            run_id, created = f"20260101-{number:06x}", 1.76e9 + 60 * number
            settings = from_mapping(
                {"dropout_dense": round(0.9 * chance.random(), 3), "seed": number, "epochs": EPOCHS}
            )
            connection.execute(
                "INSERT INTO runs (id, name, created, state, settings, sentence, epochs_done, "
                "best_epoch, best_validation_loss, best_validation_accuracy, test_loss, "
                "test_accuracy, test_images, weights, seconds, started, heartbeat, tags) "
                "VALUES (?, ?, ?, 'finished', ?, 'Finished all 100 epochs.', 100, 50, ?, ?, ?, ?, "
                "1000, 56714, 30, ?, ?, ?)",
                (
                    run_id,
                    f"Run {number}",
                    created,
                    json.dumps(to_mapping(settings)),
                    *(chance.random() for _ in range(4)),
                    created,
                    created,
                    json.dumps([f"lecture {number % 7}"]),
                ),
            )
            connection.executemany(
                "INSERT INTO files (run, name, sha256, recorded, bytes) "
                "VALUES (?, ?, ?, ?, 700000)",
                [(run_id, name, "0" * 64, created) for name in ("best.keras", "last.keras")],
            )
            connection.executemany(
                "INSERT INTO epochs (run, epoch, steps, seconds, running_loss, running_accuracy, "
                "fair_loss, fair_accuracy, validation_loss, validation_accuracy, penalty, "
                "learning_rate, batch_losses, batch_accuracies) "
                "VALUES (?, ?, ?, ?, 1, 0.5, 1, 0.5, 1, 0.5, 0, 0.001, ?, ?)",
                [(run_id, n, 32 * n, 0.3 * n, batches, batches) for n in range(1, EPOCHS + 1)],
            )
        connection.execute("COMMIT")


def in_turns(rounds: int, ways: Sequence[Callable[[], float]]) -> list[float]:
    """The median of each way, all of them taking turns."""
    times = [[way() for way in ways] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*times, strict=True)]


def seconds_in_browser(browser: Browser, server: Server, count: int) -> float:
    """From the request until the table stands there; a browser profile of its own each time."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        began = time.perf_counter()
        page.goto(f"{server.url}/runs", wait_until="commit")
        page.get_by_text(f"{count:,} runs.").wait_for(timeout=120_000)
        page.get_by_test_id("stDataFrame").locator("canvas").first.wait_for(timeout=120_000)
        return time.perf_counter() - began


def seconds_on_cold_server(browser: Browser, home: Path, count: int) -> float:
    with serving(ROOT / "app.py", home) as server:
        return seconds_in_browser(browser, server, count)


def seconds_of_page(home: Path) -> float:
    """One run of the page, with its library open, as each visit and each click takes it."""
    import streamlit as st
    from streamlit.testing.v1 import AppTest

    from pages.shared import state

    os.environ["LEARNSCOPE_HOME"] = str(home / "runs")
    os.environ["XDG_STATE_HOME"] = str(home / "state")
    st.cache_resource.clear()
    state.library()
    page = AppTest.from_file(str(ROOT / "pages" / "learning" / "runs.py"), default_timeout=120)
    began = time.perf_counter()
    page.run()
    seconds = time.perf_counter() - began
    if page.exception or not page.dataframe:
        raise RuntimeError("The page did not come up.")
    return seconds


def report(what: str, few: float, many: float) -> None:
    print(
        f"{what:34} {FEW} runs {1000 * few:7.0f} ms   {MANY:,} runs {1000 * many:7.0f} ms   "
        f"ratio {many / few:.2f}"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        homes = {count: Path(folder) / str(count) for count in (FEW, MANY)}
        for count, home in homes.items():
            fill(home / "runs", count)
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=installed(), args=list(SWITCHES))
        stack.callback(browser.close)
        cold = in_turns(
            COLD_ROUNDS,
            [
                lambda count=count, home=home: seconds_on_cold_server(browser, home, count)
                for count, home in homes.items()
            ],
        )
        report("in a browser, server cold", *cold)
        with ExitStack() as servers:
            ways = []
            for count, home in homes.items():
                server = servers.enter_context(serving(ROOT / "app.py", home))
                seconds_in_browser(browser, server, count)
                ways.append(
                    lambda count=count, server=server: seconds_in_browser(browser, server, count)
                )
            report("in a browser, server warm", *in_turns(ROUNDS, ways))
        warmup.wait()
        for home in homes.values():
            seconds_of_page(home)
        alone = in_turns(
            ROUNDS, [lambda home=home: seconds_of_page(home) for home in homes.values()]
        )
        report("the page's own work", *alone)
    print(f"(target: a ratio of at most {WANTED:g})")


if __name__ == "__main__":
    main()
