"""The notebook: valid, in words that read as they were typed, and its cells train the network."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import markdown
import nbformat
import pytest

from core.export.notebook import as_it_is, notebook
from core.export.whole_run import whole_run
from core.runs import Library
from core.script import keras_script
from core.settings import from_mapping
from tests.core.exported import NASTY, recorded
from tests.core.script_variants import VARIANTS, settings_of
from tests.core.small import small


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "home")
    yield library
    library.close()


def read(text: str) -> Any:
    return nbformat.reads(text, as_version=4)


def code_of(text: str) -> list[str]:
    return [cell["source"] for cell in read(text).cells if cell["cell_type"] == "code"]


def words_of(text: str) -> str:
    return "\n".join(c["source"] for c in read(text).cells if c["cell_type"] == "markdown")


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_notebook_is_valid_and_holds_the_script(library: Library, variant: str) -> None:
    settings = settings_of(variant)
    text = notebook(whole_run(library, library.create(settings).id))
    nbformat.validate(read(text))
    *script, _ = code_of(text)
    # Around a class, a script has one more empty line than there is between two cells.
    assert "\n\n".join(script) + "\n" == re.sub(r"\n{3,}", "\n\n", keras_script(settings))


def test_it_says_what_the_run_reached_and_on_what(library: Library) -> None:
    words = words_of(notebook(whole_run(library, recorded(library).id)))
    assert "Validation loss 1.000 (300 images)" in words
    assert "Test accuracy 62.5% (300 images)" in words
    assert "Finished all 3 epochs" in words
    assert "ab" * 32 in words
    assert "keras 3.15.1" in words


def test_a_run_that_has_not_begun_is_a_notebook_too(library: Library) -> None:
    words = words_of(notebook(whole_run(library, library.create(small()).id)))
    assert "So far waiting for its turn" in words


def test_what_a_person_typed_is_no_markup(library: Library) -> None:
    name = f"{NASTY} [link](there) ![picture](there) `code` $x$"
    words = words_of(notebook(whole_run(library, recorded(library, name).id)))
    shown = markdown.markdown(as_it_is(name))
    assert as_it_is(name) in words
    assert not re.findall(r"<(?!/?p>)", shown)
    assert "&lt;script&gt;" in shown
    assert "[link](there)" in shown


def test_the_same_run_gives_the_same_file(library: Library) -> None:
    whole = whole_run(library, recorded(library).id)
    assert notebook(whole) == notebook(whole)


@pytest.mark.slow
def test_its_cells_train_the_network_from_top_to_bottom(library: Library, tmp_path: Path) -> None:
    settings = from_mapping({"dataset": "digits", "training_images": 100, "epochs": 2, "l2": 0.001})
    text = notebook(whole_run(library, library.create(settings).id))
    alone = tmp_path / "alone"
    alone.mkdir()
    # As a kernel does it: one cell after the other, in one namespace.
    runner = "import json, sys; space = {}\nfor cell in json.load(sys.stdin): exec(cell, space)\n"
    runner += "print(len(space['plt'].gca().lines[0].get_xdata()))"
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", runner],
        input=json.dumps(code_of(text)).replace("plt.show()", "pass"),
        cwd=alone,
        env=clean | {"MPLBACKEND": "agg", "CUDA_VISIBLE_DEVICES": "-1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"Test accuracy: \d+\.\d%", done.stdout)
    assert done.stdout.splitlines()[-1] == "2"
    assert (alone / "best.keras").exists()
