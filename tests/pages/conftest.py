"""Page tests: each has a run library of its own and waits for TensorFlow rather than give up."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.runs import Epoch, State
from core.settings import DataSettings, NetworkSettings, Settings
from pages.shared import state

ROOT = Path(__file__).resolve().parents[2]
SMALL = Settings(data=DataSettings(dataset="digits"), network=NetworkSettings(filters=4))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty LEARNSCOPE_HOME; what the process shares is made anew in it, and closed after."""
    folder = tmp_path / "home"
    monkeypatch.setenv("LEARNSCOPE_HOME", str(folder))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    st.cache_resource.clear()
    yield folder
    st.cache_resource.clear()


@pytest.fixture
def open_page(home: Path) -> Callable[..., AppTest]:
    """Open a page by its path, as ``open_page("learning/train", dropout="0.5")``: already run once.

    AppTest's own limit of 3 s is too short for the run in which TensorFlow is imported.
    """

    def open_page(page: str, **link: str) -> AppTest:
        test = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=120)
        for name, value in link.items():
            test.query_params[name] = value
        return test.run()

    return open_page


@pytest.fixture
def visit(home: Path) -> Callable[..., AppTest]:
    """Go to a page through app.py, as ``visit("interpretation/layers", layer="conv_1")``."""

    def visit(page: str, **link: str) -> AppTest:
        test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
        test.switch_page(f"pages/{page}.py")
        test.query_params.clear()
        for name, value in link.items():
            test.query_params[name] = value
        return test.run()

    return visit


@pytest.fixture(scope="session")
def network_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with best.keras and last.keras: a network for Digits 8x8, fresh from its seed.

    In the last weights every kernel is 1 everywhere, so that the two can be told apart.
    """
    import numpy as np

    from core.model import build_network

    folder = tmp_path_factory.mktemp("network")
    model = build_network(SMALL, (8, 8, 1), 10)
    model.save(folder / "best.keras")
    model.set_weights([np.ones_like(weight) for weight in model.get_weights()])
    model.save(folder / "last.keras")
    return folder


@pytest.fixture
def trained(home: Path, network_files: Path) -> Callable[..., str]:
    """Put a finished run into the library, as ``trained("My run")``; gives its id."""
    epoch = Epoch(1, 3, 1.5, 2.0, 0.25, 1.75, 0.5, 1.875, 0.375, 0.0, 0.001)

    def trained(name: str = "My run", settings: Settings = SMALL) -> str:
        library = state.library()
        run = library.create(settings, name)
        library.start(run.id)
        library.record_epoch(run.id, epoch, [1, 2, 3], [0, 0, 1])
        library.record_best(run.id, 1, 1.875, 0.375)
        for file in ("best.keras", "last.keras"):
            write = functools.partial(shutil.copy, network_files / file)
            library.store_file(run.id, file, write)
        library.finish(run.id, State.FINISHED, "Finished all 1 epochs.", 1.5, 0.5, 300)
        return run.id

    return trained


@pytest.fixture
def open_app(home: Path) -> Callable[..., AppTest]:
    """Open the app with a link to its first page, as ``open_app(epochs="3")``."""

    def open_app(**link: str) -> AppTest:
        test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        for name, text in link.items():
            test.query_params[name] = text
        return test.run()

    return open_app


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], bytes]]:
    """By name, how each file is made that the page had to download when it last ran."""
    from streamlit.runtime.media_file_manager import MediaFileManager

    found: dict[str, Callable[[], bytes]] = {}
    add = MediaFileManager.add_deferred

    def noted(
        manager: MediaFileManager,
        make: Callable[[], bytes],
        *rest: object,
        file_name: str,
        **how: object,
    ) -> str:
        found[file_name] = make
        return add(manager, make, *rest, file_name=file_name, **how)

    monkeypatch.setattr(MediaFileManager, "add_deferred", noted)
    return found
