"""The report: all that is known of a run, on one page that asks nobody for anything."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.diagnosis import diagnose
from core.export.line_chart import WIDE, Line, line_chart, ticks
from core.export.report import render, report
from core.export.stored_kernels import StoredKernels
from core.export.whole_run import WholeRun, whole_run
from core.runs import Library, State
from tests.core.clock import Clock
from tests.core.exported import BEGAN, EPOCHS, NASTY, recorded
from tests.core.small import small

pytestmark = pytest.mark.usefixtures("warm")

NOW = datetime(2027, 1, 15, 9, 30, tzinfo=timezone(timedelta(hours=1)))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "home", Clock(BEGAN))
    yield library
    library.close()


@pytest.fixture
def whole(library: Library) -> WholeRun:
    return whole_run(library, recorded(library).id)


def two_layers() -> StoredKernels:
    """Two filters of one channel, and three filters of two."""
    first = np.array([[[[-0.5, 0.25]]]], np.float32)
    return StoredKernels("best", 2, 8, {"conv_1": first, "conv_2": np.ones((2, 2, 2, 3))})


class Page(HTMLParser):
    """Collects what a page says, and what it refers to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._words: list[str] = []
        self.feed(text)
        self.words = " ".join(" ".join(self._words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_it_says_what_was_reached_on_what_and_how(whole: WholeRun) -> None:
    words = Page(render(whole, None, NOW)).words
    assert "Validation loss 1.000 On 300 images. Cross-entropy in nats." in words
    assert "Test accuracy 62.5% On 300 images." in words
    assert "Best, 2 1.2500 1.0000 62.5 % 75.0 %" in words
    assert "Last, 3 0.3750 1.7500 100.0 % 50.0 %" in words
    assert "a fixed sample of 100 training images" in words


def test_the_verdict_is_that_of_the_diagnosis_with_evidence_and_advice(library: Library) -> None:
    """A validation loss that rises without noise."""
    run = library.create(small(epochs=30))
    library.start(run.id)
    for number in range(1, 31):
        loss = 0.5 + abs(number - 10) / 10
        one = replace(EPOCHS[0], epoch=number, steps=4 * number, seconds=float(number))
        one = replace(one, running_loss=2 / number, fair_loss=2 / number, validation_loss=loss)
        library.record_epoch(run.id, one, [1.0] * 4, [0.5] * 4)
    library.finish(run.id, State.FINISHED, "Finished.")
    found = whole_run(library, run.id)
    verdict = diagnose(
        found.epochs, validation_images=300, wrong_labels=0, classes=10, settings=run.settings
    )
    page = Page(render(found, None, NOW))
    assert verdict.kind == "overfitting"
    assert verdict.sentence in page.words
    assert all(evidence.words in page.words for evidence in verdict.evidence)
    assert all(advice.sentence in page.words for advice in verdict.advice)
    assert f"Verdict holds since epoch {verdict.onset}" in page.words


def test_settings_versions_hash_and_dates(whole: WholeRun) -> None:
    words = Page(render(whole, None, NOW)).words
    assert "Filters in the first block 4" in words
    assert "keras 3.15.1" in words
    assert "ab" * 32 in words
    assert "1,234 numbers" in words
    assert "Report made 2027-01-15 09:30 (UTC+0100)" in words
    assert "2027-01-15" in words  # The day on which it began: 1,800,000,000 s since 1970.


def test_what_a_person_typed_is_shown_as_typed_and_never_as_html(library: Library) -> None:
    run = recorded(library, NASTY)
    library.tag(run.id, [f"tag {NASTY}"[:40]])
    library.remark(run.id, f"remark {NASTY} <img src=x onerror=alert(1)>")
    text = render(whole_run(library, run.id), two_layers(), NOW)
    page = Page(text)
    assert not page.all("script")
    assert not [a for _, a in page.tags if any(name.startswith("on") for name in a)]
    assert text.count("<script") == 0
    assert page.words.count(NASTY) >= 2
    assert all(str(image["src"]).startswith("data:image/png;base64,") for image in page.all("img"))


def test_nothing_in_it_refers_to_another_place(whole: WholeRun) -> None:
    text = render(whole, two_layers(), NOW)
    page = Page(text)
    assert "http" not in text.replace("http-equiv", "")
    assert not re.search(r"url\(|@import|//[a-z]", text)
    references = [a[name] for _, a in page.tags for name in ("src", "href", "action") if name in a]
    assert references
    assert all(str(reference).startswith("data:") for reference in references)
    (policy,) = (meta["content"] for meta in page.all("meta") if "http-equiv" in meta)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def test_every_picture_and_chart_has_words_for_who_cannot_see_it(whole: WholeRun) -> None:
    page = Page(render(whole, two_layers(), NOW))
    assert all(image["alt"] for image in page.all("img"))
    charts = page.all("svg")
    assert all(chart["role"] == "img" and chart["aria-label"] for chart in charts)
    loss = str(charts[0]["aria-label"])
    assert "Validation: from 2 to 1.75, lowest 1, highest 2." in loss
    assert "Best epoch: 2." in loss


def test_all_kernels_of_the_first_layer_and_a_sheet_of_the_others(whole: WholeRun) -> None:
    images = Page(render(whole, two_layers(), NOW)).all("img")
    assert [image["alt"] for image in images[:2]] == [
        "Kernel of filter 0: numbers from -0.5 to -0.5",
        "Kernel of filter 1: numbers from 0.25 to 0.25",
    ]
    assert "Kernels of conv_2: 3 filters with 2 input channels each" in str(images[2]["alt"])
    content = base64.b64decode(str(images[0]["src"]).partition(",")[2])
    pixel = Image.open(io.BytesIO(content)).convert("RGB").getpixel((0, 0))
    assert pixel == (0x0B, 0x3C, 0x61)  # The lowest number there is has the darkest blue.


def test_of_a_layer_with_very_many_kernels_the_filters_of_the_largest_norm_are_shown(
    whole: WholeRun,
) -> None:
    """1,024 input channels leave room for 4 of 6 filters: 5, 4, 3 and 2, each of its number."""
    many = np.ones((1, 1, 1024, 6), np.float32) * np.arange(6, dtype=np.float32)
    stored = StoredKernels("best", 2, 8, {"conv_1": many[:, :, :1], "conv_2": many})
    page = Page(render(whole, stored, NOW))
    (sheet,) = (image for image in page.all("img") if "conv_2" in str(image["alt"]))
    assert "shown are the 4 filters of the largest norm" in page.words
    picture = Image.open(io.BytesIO(base64.b64decode(str(sheet["src"]).partition(",")[2])))
    assert picture.size == (2047, 7)
    pixels = np.asarray(picture.convert("RGBA"))[::2, 0]
    # Orange all the way at the layer's largest number, and paler with each one below.
    assert tuple(pixels[0]) == (0x8F, 0x33, 0x00, 255)
    assert np.all(np.diff(pixels[:, 2].astype(int)) > 0)


def test_the_best_checkpoint_of_a_run_is_what_is_shown(library: Library) -> None:
    import keras

    run = recorded(library)
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(3, 3, name="conv_1")])
    library.store_file(run.id, "best.keras", model.save)
    page = Page(report(library, run.id, NOW))
    assert len(page.all("img")) == 3
    assert "Of the best checkpoint, epoch 2." in page.words


def test_a_run_without_epochs_or_files_has_a_report_too(library: Library) -> None:
    run = library.create(small())
    library.finish(run.id, State.FAILED, "Failed. The disk is full.")
    words = Page(report(library, run.id, NOW)).words
    assert "Failed. The disk is full." in words
    assert "No epoch had ended" in words
    assert "no checkpoint that could be read" in words
    assert "SHA-256 of the data not recorded" in words


def test_the_penalty_has_a_chart_only_where_there_is_one(library: Library, whole: WholeRun) -> None:
    assert "Penalty (L1 and L2" in render(whole, None, NOW)
    run = library.create(small())
    library.start(run.id)
    library.record_epoch(run.id, replace(EPOCHS[0], penalty=0.0), [1.0] * 4, [0.5] * 4)
    library.flush()
    assert "Penalty (L1 and L2" not in render(whole_run(library, run.id), None, NOW)


def test_a_line_lies_where_its_numbers_say() -> None:
    """From the lower left corner, (56, 280), to the right end, 748, at 1 / 1.04 of the height."""
    drawn = str(line_chart([Line("a", "one", [0, 10], [0, 2])], WIDE, "words"))
    (path,) = re.findall(r'd="([^"]*)"', drawn)
    assert path == "M56.0 280.0L748.0 20.4"


def test_a_number_that_is_none_breaks_the_line() -> None:
    values = [1.0, 1.0, float("nan"), 1.0, float("inf")]
    drawn = str(line_chart([Line("a", "one", range(5), values)], WIDE, "words"))
    (path,) = re.findall(r'd="([^"]*)"', drawn)
    assert re.sub(r"[\d. ]+", "", path) == "MLM"


def test_words_of_a_chart_cannot_leave_it() -> None:
    assert "&#34;&gt;&lt;script&gt;" in str(line_chart([], WIDE, '"><script>'))


@pytest.mark.parametrize(
    ("highest", "expected"),
    [
        (1.04, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (30, [0, 5, 10, 15, 20, 25, 30]),
        (0.007, [0, 0.002, 0.004, 0.006]),
    ],
)
def test_the_axis_has_round_numbers(highest: float, expected: list[float]) -> None:
    assert ticks(highest, 6) == pytest.approx(expected)
