"""A run taken along from the page: the report opens offline, the archive on another machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.runs import Library, Run
from core.settings import Settings
from tests.browser.server import Server
from tests.core.exported import NASTY, recorded
from tests.core.small import small

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 800}


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from core import warmup

    warmup.wait()
    from core.fitting.networks import network_for_file

    path = tmp_path_factory.mktemp("network") / "best.keras"
    network_for_file(small(l2=0.001)).save(path)
    return path


def stored(home: Path, network: Path) -> Run:
    library = Library(home)
    run = recorded(library, NASTY)
    library.tag(run.id, ["<b>tag</b>"])
    library.remark(run.id, "<img src=x onerror=document.title='caught'>")
    library.store_file(run.id, "best.keras", lambda path: path.write_bytes(network.read_bytes()))
    library.close()
    return run


def open_run(server: Server, page: Page, run_id: str) -> None:
    """Open a run's curves once TensorFlow is in.

    Until then the page is drawn again and again, and Streamlit gives each button's file a new
    address every time: a click in just that moment would ask for the address before.
    """
    page.goto(f"{server.url}/train?run={run_id}")
    # The verdict needs what TensorFlow brings along, too.
    expect(page.get_by_text("only 3 epochs have ended")).to_be_visible(timeout=120_000)
    page.reload()
    expect(page.get_by_text("only 3 epochs have ended")).to_be_visible()


def taken(page: Page, label: str, folder: Path) -> Path:
    """What the browser gets for one button of the menu."""
    button = page.get_by_role("button", name=label, exact=True)
    if not button.is_visible():
        page.get_by_role("button", name="Take it with you").click()
    with page.expect_download(timeout=120_000) as download:
        button.click()
    assert download.value.failure() is None
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


@pytest.fixture
def offline(browser: Browser) -> Iterator[Page]:
    """A tab that has no network."""
    context = browser.new_context(offline=True, viewport=PHONE)
    yield context.new_page()
    context.close()


def test_a_report_opens_offline_on_every_screen_and_runs_nothing_that_was_typed(
    serve: Callable[..., Server], page: Page, offline: Page, network: Path, tmp_path: Path
) -> None:
    run = stored(tmp_path / "home" / "runs", network)
    open_run(serve(), page, run.id)
    report = taken(page, "Report", tmp_path)
    assert report.name == f"learnscope-{run.id}-report.html"

    asked: list[str] = []
    complaints: list[str] = []
    offline.on("request", lambda request: asked.append(request.url))
    offline.on("console", lambda message: complaints.append(message.text))
    offline.on("pageerror", lambda error: complaints.append(str(error)))
    offline.on("dialog", lambda dialog: complaints.append(dialog.message))
    offline.goto(report.as_uri())
    expect(offline.get_by_role("heading", level=1)).to_have_text(NASTY)
    assert offline.title() == f"{NASTY} · Learnscope"
    assert offline.locator("script").count() == 0
    # All pictures are there: four kernels and their numbers as colours.
    widths = "[...document.images].map(image => image.naturalWidth)"
    assert offline.evaluate(widths) == [3] * 4
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert complaints == []

    fits = "document.documentElement.scrollWidth <= innerWidth"
    for size in (PHONE, {"width": 1200, "height": 800}):
        offline.set_viewport_size(size)
        assert offline.evaluate(fits)
        shown = [chart for chart in offline.locator("svg").all() if chart.is_visible()]
        # Loss, accuracy, penalty, norm and change, each once.
        assert len(shown) == 5
        letters = offline.evaluate(
            "Math.min(...[...document.querySelectorAll('svg text')]"
            ".filter(text => text.checkVisibility())"
            ".map(text => text.getBoundingClientRect().height))"
        )
        assert letters >= 11
    grounds = []
    for look in ({"color_scheme": "light"}, {"color_scheme": "dark"}, {"media": "print"}):
        offline.emulate_media(**look)
        grounds.append(offline.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert grounds == ["rgb(255, 255, 255)", "rgb(18, 24, 31)", "rgb(255, 255, 255)"]


def test_a_run_goes_from_one_machine_to_another(
    serve: Callable[..., Server], page: Page, network: Path, tmp_path: Path
) -> None:
    run = stored(tmp_path / "home" / "runs", network)
    open_run(serve(), page, run.id)
    archive = taken(page, "Whole run", tmp_path)

    other = serve(home=tmp_path / "other")
    page.goto(f"{other.url}/runs")
    page.get_by_text("Bring in a run").click()
    page.locator("input[type=file]").set_input_files(archive)
    expect(page.get_by_text("is here now, with 3 epochs")).to_be_visible(timeout=120_000)
    page.get_by_role("link", name="Open its curves").click()
    expect(page.get_by_text("Finished all 3 epochs.")).to_be_visible()
    assert page.evaluate("location.search").startswith(f"?run={run.id}")
    weights = taken(page, "Best weights", tmp_path)
    assert weights.read_bytes() == network.read_bytes()


def test_a_link_opens_that_run_first_thing_on_a_fresh_server(
    serve: Callable[..., Server], page: Page, tmp_path: Path
) -> None:
    library = Library(tmp_path / "home" / "runs")
    first = library.create(Settings(), "The first one")
    library.create(Settings(), "The second one")
    library.close()
    page.goto(f"{serve().url}/train?run={first.id}")
    main = page.get_by_test_id("stMain")
    expect(main.get_by_role("heading", name="The first one")).to_be_visible()
    expect(main.get_by_text("The second one")).to_have_count(0)
