"""On the page of runs: find, sort, tag, note, keep, archive, undo, and what it all takes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.library.search import Order
from core.runs import Library, State
from core.settings import RegularizationSettings, Settings
from pages.shared import state

Visit = Callable[..., AppTest]


@pytest.fixture
def library(home: object) -> Library:
    return state.library()


def add(library: Library, name: str, state: State = State.FINISHED, size: int = 0) -> str:
    settings = Settings(regularization=RegularizationSettings(dropout_dense=0.5))
    run_id = library.create(settings, name).id
    library.start(run_id)
    if size:
        library.store_file(
            run_id, "best.keras", lambda path: path.write_bytes(b"x" * size) and None
        )
    library.finish(run_id, state, "Done.")
    return run_id


def names(test: AppTest) -> list[str]:
    return [] if not test.dataframe else test.dataframe[0].value["name"].tolist()


def tick(test: AppTest, *rows: int) -> AppTest:
    test.session_state[test.dataframe[0].key] = {"selection": {"rows": list(rows)}}
    return test.run()


def press(test: AppTest, label: str) -> AppTest:
    return next(button for button in test.button if button.label == label).click().run()


def texts(test: AppTest) -> str:
    return "\n".join(one.value for one in [*test.markdown, *test.caption, *test.text])


def test_runs_are_found_by_words_and_all_shown_again(library: Library, visit: Visit) -> None:
    add(library, "Zebra")
    add(library, "Lion")
    test = visit("learning/runs")
    assert names(test.text_input(key=state.FIND).set_value("zeb").run()) == ["Zebra"]
    assert "1 run." in texts(test)
    test.text_input(key=state.FIND).set_value("giraffe").run()
    assert names(test) == []
    assert [one.value for one in test.info] == ["None of the 2 runs is like that."]
    assert names(press(test, "Show all, the archived ones too")) == ["Lion", "Zebra"]


def test_states_and_tags_filter_and_the_button_says_how_many_filters_are_at_work(
    library: Library, visit: Visit
) -> None:
    tagged = add(library, "Tagged")
    add(library, "Failed", State.FAILED)
    library.tag(tagged, ["lecture 3"])
    test = visit("learning/runs")
    test.multiselect(key=state.FIND_STATES).set_value([State.FAILED]).run()
    assert names(test) == ["Failed"]
    test.multiselect(key=state.FIND_STATES).set_value([])
    test.multiselect(key=state.FIND_TAGS).set_value(["lecture 3"]).run()
    assert names(test) == ["Tagged"]
    library.tag(tagged, [])
    test.run()
    assert not test.exception
    assert names(test) == []


def test_runs_are_sorted(library: Library, visit: Visit) -> None:
    for name, size in (("b", 3), ("a", 1), ("c", 2)):
        add(library, name, size=size)
    test = visit("learning/runs")
    assert names(test) == ["c", "a", "b"]
    assert names(test.selectbox(key=state.FIND_ORDER).set_value(Order.NAME).run()) == list("abc")
    assert names(test.selectbox(key=state.FIND_ORDER).set_value(Order.STORAGE).run()) == list("bca")


def test_a_run_gets_a_name_tags_and_a_note_in_one_go(library: Library, visit: Visit) -> None:
    run_id = add(library, "First")
    test = visit("learning/runs", run=run_id)
    test.text_input(key=f"{state.NEW_NAME} {run_id}").set_value("Second")
    test.multiselect(key=f"{state.NEW_TAGS} {run_id}").set_value(["lecture 3"])
    test.text_area(key=f"{state.NEW_REMARK} {run_id}").set_value("Look at *epoch* 7.")
    press(test, "Save")
    run = library.run(run_id)
    assert (run.name, run.tags, run.remark) == ("Second", ("lecture 3",), "Look at *epoch* 7.")
    table = test.dataframe[0].value
    assert table["tags"].tolist() == ["lecture 3"]
    assert table["remark"].tolist() == ["Look at *epoch* 7."]
    assert "Tags: lecture 3." in texts(test)
    assert "Look at *epoch* 7." in [one.value for one in test.text]


def test_several_runs_are_tagged_and_untagged_together(library: Library, visit: Visit) -> None:
    a, b = add(library, "a"), add(library, "b")
    library.tag(a, ["old"])
    test = tick(visit("learning/runs"), 0, 1)
    test.multiselect(key=state.NEW_TAGS).set_value(["new"])
    press(test, "Give these tags")
    assert (library.run(a).tags, library.run(b).tags) == (("old", "new"), ("new",))
    test.multiselect(key=state.NEW_TAGS).set_value(["new", "old"])
    press(test, "Take these tags away")
    assert (library.run(a).tags, library.run(b).tags) == ((), ())


def test_what_is_kept_cannot_be_deleted_until_it_is_let_go_of(
    library: Library, visit: Visit
) -> None:
    run_id = add(library, "Mine")
    test = press(visit("learning/runs", run=run_id), "Keep")
    assert library.run(run_id).kept
    assert test.dataframe[0].value["marks"].tolist() == ["kept"]
    assert next(button for button in test.button if button.label == "Delete").disabled
    test = press(test, "Let go")
    assert not next(button for button in test.button if button.label == "Delete").disabled


def test_archived_runs_are_hidden_until_asked_for_and_that_can_be_undone(
    library: Library, visit: Visit
) -> None:
    old = add(library, "Old")
    add(library, "New")
    test = press(visit("learning/runs", run=old), "Archive")
    assert names(test) == ["New"]
    assert "Archived: “Old”" in texts(test)
    assert names(press(test, "Undo")) == ["New", "Old"]
    press(tick(test, 1), "Archive")
    (toggle,) = test.toggle
    assert toggle.label == "Show archived runs too (1)"
    assert names(toggle.set_value(True).run()) == ["New", "Old"]
    assert test.dataframe[0].value["marks"].tolist() == ["", "archived"]
    press(tick(test, 1), "Bring back from the archive")
    assert not library.run(old).archived


def test_a_deletion_that_is_refused_half_way_can_be_undone_as_far_as_it_came(
    library: Library, visit: Visit
) -> None:
    """Somebody keeps one of the ticked runs in another tab just then."""
    a, b = add(library, "a"), add(library, "b")
    test = tick(visit("learning/runs"), 0, 1)
    library.keep(a)
    press(test, "Delete these 2 runs")
    assert any("which you keep" in error.value for error in test.error)
    assert names(test) == ["a"]
    assert names(press(test, "Undo")) == ["b", "a"]
    assert not library.run(b).kept


def test_ticks_stay_while_other_runs_are_looked_for_and_go_with_one_button(
    library: Library, visit: Visit
) -> None:
    for name in ("Lion", "Zebra"):
        add(library, name)
    test = tick(visit("learning/runs"), 0)
    test.text_input(key=state.FIND).set_value("lion").run()
    assert names(test) == ["Lion"]
    tick(test, 0)
    assert "**Zebra**" in texts(test)
    assert "**Lion**" in texts(test)
    test.text_input(key=state.FIND).set_value("").run()
    assert any(button.label == "Delete these 2 runs" for button in test.button)
    press(test, "Untick")
    assert "**Zebra**" not in texts(test)
    assert test.session_state[state.TICKED_RUNS] == []


def test_a_hundred_runs_stand_on_a_page_and_the_linked_one_is_told_wherever_it_is(
    library: Library, visit: Visit
) -> None:
    first = library.create(Settings(), "first").id
    for number in range(100):
        library.create(Settings(), str(number))
    test = visit("learning/runs", run=first)
    assert len(names(test)) == 100
    assert "first" not in names(test)
    assert "101 runs." in texts(test)
    assert "**first**" in texts(test)


def test_a_second_link_ticks_its_run_beside_the_first(library: Library, visit: Visit) -> None:
    a, b = add(library, "a"), add(library, "b")
    test = visit("learning/runs", run=a)
    test.query_params["run"] = b
    test.run()
    assert test.session_state[state.TICKED_RUNS] == [a, b]
    press(test, "Untick")
    assert test.session_state[state.TICKED_RUNS] == []


def test_storage_is_shown_by_run_and_in_all_with_the_database(
    library: Library, visit: Visit
) -> None:
    add(library, "Small", size=20_000)
    add(library, "Large", size=3_000_000)
    test = visit("learning/runs")
    assert test.dataframe[0].value["storage"].tolist() == [3.0, 0.02]
    database = (library.home / "library.sqlite").stat().st_size
    (storage,) = [one for one in test.expander if one.label.startswith("Storage")]
    assert storage.label == f"Storage: {(3_020_000 + database) / 1e6:.1f} MB"
    assert "- 3.0 MB for the files of runs" in texts(test)
    assert f"- {database / 1e3:.1f} kB for the database" in texts(test)


def test_deleted_runs_are_brought_back_or_removed_for_good(library: Library, visit: Visit) -> None:
    a, b = add(library, "a", size=5000), add(library, "b", size=7000)
    library.delete(a)
    library.delete(b)
    test = visit("learning/runs")
    assert "12.0 kB belong to 2 deleted runs" in texts(test)
    test.multiselect(key=state.DELETED).set_value([a]).run()
    assert names(press(test, "Bring back")) == ["a"]
    press(test, "Remove them for good")
    assert library.deleted() == []
    assert not (library.home / "runs" / b).exists()
    assert (library.home / "runs" / a).exists()
    assert "deleted run" not in texts(test)
