"""The menu by which a run is taken along, and the field by which one is brought in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import warmup
from core.export.archive import archive
from core.runs import Library, State
from core.settings import Settings
from pages.shared import state
from pages.shared.take_out import FORMS

Visit = Callable[..., AppTest]
Trained = Callable[..., str]
LABELS = [form.label for forms in FORMS.values() for form in forms]


def offered(test: AppTest) -> list[str]:
    return [b.label for b in test.download_button if b.label != "Best checkpoint"]


def packed_elsewhere(folder: Path, name: str = "From elsewhere") -> tuple[str, bytes]:
    """Id and archive of a run in another library."""
    library = Library(folder / "elsewhere")
    run = library.create(Settings(), name)
    library.start(run.id)
    library.finish(run.id, State.STOPPED, "Stopped by you.")
    content = archive(library, run.id)
    library.close()
    return run.id, content


def upload(test: AppTest, content: bytes) -> AppTest:
    return test.file_uploader[0].set_value(("run.zip", content, "application/zip")).run()


def test_a_run_is_offered_in_all_forms_where_its_curves_are(visit: Visit, trained: Trained) -> None:
    test = visit("learning/train", run=trained())
    assert not test.exception
    assert offered(test) == LABELS


def test_a_link_to_a_run_opens_that_run_and_no_other(visit: Visit, trained: Trained) -> None:
    first = trained("First")
    trained("Second")
    test = visit("learning/train", run=first)
    headings = [text.value for text in test.markdown if text.value.startswith("#### ")]
    assert headings == ["#### First"]


def test_one_ticked_run_is_offered_and_two_are_not(visit: Visit, trained: Trained) -> None:
    first = trained("First")
    trained("Second")
    test = visit("learning/runs", run=first)
    assert offered(test) == LABELS
    test.session_state[test.dataframe[0].key] = {"selection": {"rows": [0, 1]}}
    assert offered(test.run()) == []


def test_files_that_a_run_has_not_are_not_offered(visit: Visit, home: Path) -> None:
    run = state.library().create(Settings())
    state.library().finish(run.id, State.FAILED, "Failed.")
    test = visit("learning/train", run=run.id)
    assert offered(test) == [label for label in LABELS if not label.endswith("weights")]


@pytest.mark.parametrize("form", [form for forms in FORMS.values() for form in forms])
def test_each_form_is_made_of_the_run(home: Path, trained: Trained, form: object) -> None:
    warmup.wait()
    run_id = trained("My own run")
    made = form.make(state.library(), run_id)
    content = made.encode() if isinstance(made, str) else made
    begins = {
        "text/html": b"<!DOCTYPE html>",
        "text/csv": {"-epochs.csv": b"epoch [number]"}.get(form.ending, b"step [number]"),
        "application/zip": b"PK",
        "application/octet-stream": b"PK",
        "application/x-ipynb+json": b"{",
        "text/x-python": b"# pip install keras",
    }
    assert content.startswith(begins[form.mime])
    if form.label in ("Report", "Notebook"):
        assert b"My own run" in content


def test_nothing_is_made_before_it_is_asked_for(
    visit: Visit, trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("made too soon")

    monkeypatch.setattr("core.export.archive.archive", fail)
    monkeypatch.setattr("core.export.report.report", fail)
    assert not visit("learning/train", run=trained()).exception


def test_a_run_is_brought_in_and_can_be_opened(visit: Visit, home: Path, tmp_path: Path) -> None:
    run_id, content = packed_elsewhere(tmp_path)
    test = upload(visit("learning/runs"), content)
    assert not test.exception
    assert [box.value for box in test.success] == ["“From elsewhere” is here now, with 0 epochs."]
    assert [run.id for run in state.library().runs()] == [run_id]
    assert test.dataframe[0].value["name"].tolist() == ["From elsewhere"]
    (link,) = [one for one in test.get("page_link") if one.label == "Open its curves"]
    assert link.proto.query_string == f"run={run_id}"


def test_the_same_run_again_is_recognised(visit: Visit, home: Path, tmp_path: Path) -> None:
    _, content = packed_elsewhere(tmp_path)
    test = upload(upload(visit("learning/runs"), content), content)
    assert [box.value for box in test.success] == [
        "This run is here already, as “From elsewhere”. Nothing was changed."
    ]
    assert len(state.library().runs()) == 1


def test_what_is_no_archive_is_refused_in_a_sentence(visit: Visit, home: Path) -> None:
    test = upload(visit("learning/runs"), b"no archive")
    assert not test.exception
    (box,) = test.error
    assert "Expected the archive of a run" in box.value
    assert not test.success
    assert state.library().runs() == []


def test_the_field_is_empty_again_after_each_archive(
    visit: Visit, home: Path, tmp_path: Path
) -> None:
    """Else it would be taken for a new one when the page is drawn again."""
    _, content = packed_elsewhere(tmp_path)
    test = upload(visit("learning/runs"), content)
    assert test.file_uploader[0].value is None


def test_an_archive_from_the_menu_is_one_that_the_field_takes(
    visit: Visit, home: Path, trained: Trained, tmp_path: Path
) -> None:
    run_id = trained("There and back")
    state.library().store_file(run_id, "kernels.npz", lambda path: np.savez(path, a=np.ones(3)))
    content = archive(state.library(), run_id)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert "files/kernels.npz" in parts.namelist()
    state.library().delete(run_id)
    state.library().purge(older_than=-1)
    assert [e.value for e in upload(visit("learning/runs"), content).error] == []
    (run,) = state.library().runs()
    assert (run.id, run.name) == (run_id, "There and back")
    assert state.library().files(run_id).keys() == {"best.keras", "kernels.npz", "last.keras"}
