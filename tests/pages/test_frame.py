"""The frame: faults become sentences, and the first paint waits for nothing heavy."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]

# In a process of its own: this one may have imported anything by now. Where the page waits to draw,
# it is stopped, to see what a person sees until then.
FIRST_PAINT = """
import sys, streamlit
from core import warmup
def refuse(timeout=None):
    raise AssertionError("the first paint waits for TensorFlow")
warmup.start, warmup.wait = lambda: None, refuse
warmup.wait_for_drawing = lambda timeout=None: streamlit.stop()
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("pages/learning/train.py", default_timeout=60).run()
assert not page.exception and not page.error, (page.exception, page.error)
print("buttons:", *[button.label for button in page.button])
heavy = ("keras", "tensorflow", "pandas", "scipy", "sklearn")
print("imported:", *[name for name in heavy if name in sys.modules])
"""


def test_train_can_be_pressed_before_anything_heavy_is_imported(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_PAINT], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    buttons, imported = done.stdout.strip().splitlines()[-2:]
    assert "Train" in buttons
    assert imported == "imported:"


def shown_when(raising: str) -> AppTest:
    page = (
        "from core.errors import LearnscopeError\n"
        "from pages.shared.faults import faults_in_words\n"
        f"with faults_in_words():\n    {raising}\n"
    )
    return AppTest.from_string(page, default_timeout=30).run()


def test_what_a_person_can_mend_is_said_as_it_stands() -> None:
    page = shown_when("raise LearnscopeError('Expected a rate in [0, 0.95]. Received: 2.')")
    assert [error.value for error in page.error] == ["Expected a rate in [0, 0.95]. Received: 2."]


def test_a_fault_of_ours_is_a_sentence_on_the_page_and_whole_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR, logger="learnscope"):
        page = shown_when("raise ValueError('a secret of the inside')")
    (sentence,) = [error.value for error in page.error]
    found = re.search(r"fault ([0-9a-f]{8})", sentence)
    assert found is not None
    assert "secret" not in sentence
    assert not page.exception
    (record,) = caplog.records
    assert found.group(1) in record.getMessage()
    assert "a secret of the inside" in caplog.text


def test_stopping_and_rerunning_are_no_faults() -> None:
    page = shown_when("import streamlit; streamlit.stop()")
    assert not page.error
    assert not page.exception
