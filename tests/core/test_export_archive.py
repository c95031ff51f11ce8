"""A run as an archive: all of it comes to another machine, and nothing else ever does."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import settings
from core.errors import LearnscopeError
from core.export.archive import archive
from core.runs import Library, Run, State
from tests.core.exported import ACCURACIES, EPOCHS, LOSSES, NASTY, PENALTIES, recorded
from tests.core.small import small, train

pytestmark = pytest.mark.usefixtures("warm")

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "home")
    yield library
    library.close()


@pytest.fixture
def away(tmp_path: Path) -> Iterator[Library]:
    """The library of another machine, which is empty."""
    library = Library(tmp_path / "away")
    yield library
    library.close()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Library, Run]:
    """A run that was really trained, and its library; closed, so only to be read."""
    from core import warmup

    warmup.wait()
    library = Library(tmp_path_factory.mktemp("trained"))
    run = train(library, small(dropout_dense=0.5, l2=0.001, batch_normalization=True))
    library.close()
    return library, run


@pytest.fixture(scope="module")
def packed(trained: tuple[Library, Run]) -> bytes:
    library, run = trained
    return archive(library, run.id)


def bring_in(library: Library, content: bytes) -> Any:
    from core.library.archive import bring_in

    return bring_in(library, io.BytesIO(content))


def unchanged(library: Library) -> bool:
    """Whether neither a record nor a file is in it."""
    folder = library.home / "runs"
    files = list(folder.rglob("*")) if folder.exists() else []
    return not library.runs() and not files


def altered(content: bytes, change: Change, **parts: bytes | None) -> bytes:
    """The archive with its record changed, and parts replaced, added, or left out for None."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w") as new:
        record = json.loads(old.read("run.json"))
        change(record)
        kept = {name: old.read(name) for name in old.namelist()} | parts
        kept["run.json"] = json.dumps(record).encode()
        for name, part in kept.items():
            if part is not None:
                new.writestr(name, part)
    return result.getvalue()


def with_file(content: bytes, name: str, part: bytes) -> bytes:
    """The archive with a file that is just as its record says."""

    def change(record: dict[str, Any]) -> None:
        digest = hashlib.sha256(part).hexdigest()
        others = [one for one in record["files"] if one["name"] != name]
        record["files"] = [*others, {"name": name, "sha256": digest, "bytes": len(part)}]

    return altered(content, change, **{f"files/{name}": part})


def test_all_records_of_a_run_come_back(home: Library, away: Library) -> None:
    run = recorded(home, NASTY)
    home.tag(run.id, ["first", "best of all"])
    home.remark(run.id, "Two\nlines")
    home.record_event(run.id, "resumed", "It went on.", 2, 4)
    home.flush()
    arrival = bring_in(away, archive(home, run.id))
    assert not arrival.known
    assert away.runs() == [home.run(run.id)]
    assert away.epochs(run.id) == list(EPOCHS)
    assert away.events(run.id) == home.events(run.id)
    ours, theirs = home.movements(run.id), away.movements(run.id)
    assert repr(ours) == repr(theirs)  # NaN is not equal to itself.
    batches = away.batches(run.id)
    np.testing.assert_array_equal(batches.losses, np.float32(np.concatenate(LOSSES)))
    assert batches.epoch_ends == (4, 8, 12)
    np.testing.assert_array_equal(batches.penalties, np.float32(np.concatenate(PENALTIES)))


def test_penalties_that_were_not_recorded_stay_unknown(home: Library, away: Library) -> None:
    run = home.create(small())
    home.start(run.id)
    home.record_epoch(run.id, EPOCHS[0], LOSSES[0], ACCURACIES[0])
    home.finish(run.id, State.STOPPED, "Stopped by you.")
    bring_in(away, archive(home, run.id))
    assert np.isnan(away.batches(run.id).penalties).tolist() == [True] * 4


def test_files_come_back_as_they_were_and_load(
    trained: tuple[Library, Run], packed: bytes, away: Library
) -> None:
    from core.inside.layers import load_network

    library, run = trained
    bring_in(away, packed)
    assert away.run(run.id) == run
    assert away.files(run.id) == library.files(run.id)
    assert {"best.keras", "last.keras"} <= away.files(run.id).keys()
    assert away.storage() == library.storage()
    assert load_network(away.file(run.id, "best.keras")).count_params() == run.weights


def test_arrays_travel_too(home: Library, away: Library) -> None:
    run = recorded(home)
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    home.store_file(run.id, "predictions.npz", lambda path: np.savez(path, values=values, epoch=3))
    bring_in(away, archive(home, run.id))
    with np.load(away.file(run.id, "predictions.npz")) as found:
        np.testing.assert_array_equal(found["values"], values)


def test_losses_that_are_no_numbers_or_without_end_come_back(home: Library, away: Library) -> None:
    run = home.create(small())
    home.start(run.id)
    broken = replace(EPOCHS[0], running_loss=float("inf"), validation_loss=float("nan"))
    home.record_epoch(run.id, broken, [1.0, float("inf")], [0.5, 0.5])
    home.finish(run.id, State.FAILED, "Diverged.")
    bring_in(away, archive(home, run.id))
    assert repr(away.epochs(run.id)) == repr([broken])
    assert away.batches(run.id).losses.tolist() == [1.0, float("inf")]


def test_a_damaged_or_missing_file_is_left_out_and_named(
    trained: tuple[Library, Run], tmp_path: Path, away: Library
) -> None:
    import shutil

    library, run = trained
    copied = shutil.copytree(library.home, tmp_path / "copy")
    (copied / "runs" / run.id / "last.keras").unlink()
    (copied / "runs" / run.id / "best.keras").write_bytes(b"flipped")
    copy = Library(copied)
    arrival = bring_in(away, archive(copy, run.id))
    copy.close()
    assert set(arrival.left_out) >= {"best.keras", "last.keras"}
    assert away.epochs(run.id) == library.epochs(run.id)
    with pytest.raises(LearnscopeError, match=r"has no best\.keras"):
        away.file(run.id, "best.keras")


def test_a_run_that_had_not_ended_arrives_as_interrupted(home: Library, away: Library) -> None:
    run = home.create(small())
    home.start(run.id)
    home.record_epoch(run.id, EPOCHS[0], LOSSES[0], LOSSES[0])
    home.flush()
    arrived = bring_in(away, archive(home, run.id)).run
    assert arrived.state is State.INTERRUPTED
    assert arrived.sentence.startswith("Interrupted after epoch 1")


def test_the_same_run_twice_is_recognised_and_changes_nothing(home: Library, away: Library) -> None:
    content = archive(home, recorded(home).id)
    run = bring_in(away, content).run
    away.rename(run.id, "Renamed here")
    arrival = bring_in(away, content)
    assert arrival.known
    assert [run.name for run in away.runs()] == ["Renamed here"]


def test_a_run_that_was_deleted_here_comes_back_under_another_id(
    home: Library, away: Library
) -> None:
    content = archive(home, recorded(home).id)
    first = bring_in(away, content).run
    away.delete(first.id)
    second = bring_in(away, content).run
    assert [run.id for run in away.runs()] == [second.id]
    away.undelete(first.id)
    assert len({run.id for run in away.runs()}) == 2
    assert away.epochs(second.id) == away.epochs(first.id) == list(EPOCHS)


def test_another_run_of_the_same_id_stays_as_it_is(home: Library, away: Library) -> None:
    content = archive(home, recorded(home).id)
    first = bring_in(away, content).run
    other = altered(content, lambda record: record["run"].update(created=1.0, name="Other"))
    second = bring_in(away, other).run
    assert second.id != first.id
    assert {run.name for run in away.runs()} == {"By hand", "Other"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "another file, or a damaged one"),
        (b"PK\x05\x06" + bytes(18), r"run\.json cannot be read"),
        (b"\x89PNG and so on" * 100, "another file, or a damaged one"),
    ],
)
def test_what_is_no_archive_is_refused_in_a_sentence(
    away: Library, content: bytes, sentence: str
) -> None:
    with pytest.raises(LearnscopeError, match=sentence):
        bring_in(away, content)
    assert unchanged(away)


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.update(format="something else"),
        lambda record: record["run"].update(id="../../../etc/passwd"),
        lambda record: record["run"].update(id="20270101-abcdef/.."),
        lambda record: record["run"].update(id=7),
        lambda record: record["run"].update(created="1"),
        lambda record: record["run"].update(created=-1),
        lambda record: record["run"].update(name=["a"]),
        lambda record: record["run"].update(name="a" * 10_000),
        lambda record: record["run"].update(state="winning"),
        lambda record: record["run"].update(settings={"epochs": [1]}),
        lambda record: record["run"].update(settings=[]),
        lambda record: record["run"].update(best_epoch=99),
        lambda record: record["run"].update(best_epoch=True),
        lambda record: record["run"].update(epochs_done=2),
        lambda record: record["run"].update(weights=-1),
        lambda record: record["run"].update(weights=10**400),
        lambda record: record["run"].update(test_accuracy="good"),
        lambda record: record["run"].update(fingerprint="zz"),
        lambda record: record["run"].update(versions={"keras": 3}),
        lambda record: record["run"].update(tags="one"),
        lambda record: record["epochs"].reverse(),
        lambda record: record["epochs"][0].update(epoch=0),
        lambda record: record["epochs"][0].update(batch_losses="no base 64"),
        lambda record: record["epochs"][0].update(batch_losses="AAAA"),
        lambda record: record["epochs"][0].update(batch_penalties="AAAA"),
        lambda record: record["epochs"][0].update(movements={"conv_1": [1]}),
        lambda record: record["epochs"].extend([record["epochs"][-1]] * 20_000),
        lambda record: record["events"].append({"at": None}),
        lambda record: record.update(events={}),
        lambda record: record["files"].append(7),
        lambda record: record["files"][0].update(name="../outside.keras"),
        lambda record: record["files"][0].update(name="/tmp/outside.keras"),
        lambda record: record["files"][0].update(name="code.py"),
        lambda record: record["files"][0].update(name=".writing-best.keras"),
        lambda record: record["files"][0].update(sha256="0" * 64),
        lambda record: record["files"][0].update(bytes=1),
        lambda record: record["files"][0].update(bytes=10**12),
        lambda record: record["files"].extend([dict(record["files"][0])]),
        lambda record: record["files"].append({"name": "a.npz", "sha256": "0" * 64, "bytes": 0}),
    ],
)
def test_a_record_that_is_not_as_it_should_be_is_refused_whole(
    packed: bytes, away: Library, change: Change
) -> None:
    with pytest.raises(LearnscopeError, match="Nothing was brought in"):
        bring_in(away, altered(packed, change))
    assert unchanged(away)


def test_a_newer_version_is_named(packed: bytes, away: Library) -> None:
    newer = altered(packed, lambda record: record.update(version=3))
    with pytest.raises(LearnscopeError, match=r"Received: version 3\. .*update this one"):
        bring_in(away, newer)
    assert unchanged(away)


def test_no_name_in_an_archive_becomes_a_path(packed: bytes, away: Library) -> None:
    """Members that nobody asked for are left alone, wherever they would like to go."""
    evil = {"../../outside.txt": b"out", "/tmp/learnscope-outside.txt": b"out", "files/x.py": b"1"}
    bring_in(away, altered(packed, lambda record: None, **evil))
    written = {path.name for path in away.home.parent.rglob("*") if path.is_file()}
    assert not written & {"outside.txt", "learnscope-outside.txt", "x.py"}
    assert not Path("/tmp/learnscope-outside.txt").exists()


def test_a_part_that_unpacks_to_more_than_it_says_is_not_unpacked(
    packed: bytes, away: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record of a gigabyte of spaces, which takes a megabyte in the archive."""
    from core.library import archive as run_archive

    monkeypatch.setattr(run_archive, "_LONGEST_RECORD", 3_000_000)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("run.json", b" " * 10_000_000 + b"{}")
    with pytest.raises(LearnscopeError, match=r"run\.json cannot be read"):
        bring_in(away, bomb.getvalue())


def test_too_many_parts_are_refused(packed: bytes, away: Library) -> None:
    many = altered(packed, lambda record: None, **{f"part {n}": b"" for n in range(100)})
    with pytest.raises(LearnscopeError, match="list of its parts"):
        bring_in(away, many)
    assert unchanged(away)


def test_words_from_elsewhere_cannot_make_a_page_fetch_a_picture(
    home: Library, away: Library
) -> None:
    """Markdown shows ``![x](address)`` as a picture, which would tell that address who looks."""
    picture = "![x](https://example.org/p.png)"
    run = recorded(home, picture)
    home.tag(run.id, [picture[:40]])
    home.remark(run.id, f"![x][y]\n\n[y]: https://example.org/p.png {picture}")
    arrived = bring_in(away, archive(home, run.id)).run
    words = f"{arrived.name} {arrived.tags} {arrived.remark}"
    assert not any(sign in words for sign in ("](", "][", "]:"))


def test_python_objects_in_an_array_file_are_refused(packed: bytes, away: Library) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (away.home / "executed",)

    file = io.BytesIO()
    np.savez(file, values=np.array([Evil()], dtype=object))
    with pytest.raises(LearnscopeError, match="no plain array"):
        bring_in(away, with_file(packed, "predictions.npz", file.getvalue()))
    assert not (away.home / "executed").exists()
    assert unchanged(away)


@pytest.mark.slow
def test_whatever_is_flipped_or_cut_off_the_run_arrives_whole_or_not_at_all(
    trained: tuple[Library, Run], packed: bytes, away: Library
) -> None:
    library, run = trained
    chance = random.Random(4)
    refused = 0
    for number in range(150):
        content = bytearray(packed)
        if number % 3 == 0:
            del content[chance.randrange(len(content)) :]
        else:
            # Half of them among the lists at the end, which say where everything is.
            place = len(content) - 1 - chance.randrange((600, len(content))[number % 2])
            content[place] ^= 1 << chance.randrange(8)
        try:
            arrived = bring_in(away, bytes(content)).run
        except LearnscopeError:
            refused += 1
            assert unchanged(away)
        else:
            assert (arrived, away.files(arrived.id)) == (run, library.files(run.id))
            away.delete(arrived.id)
            away.purge(older_than=-1)
    assert refused > 75


def test_batches_are_little_endian_single_precision(home: Library) -> None:
    """What the archive's own README says of it."""
    with zipfile.ZipFile(io.BytesIO(archive(home, recorded(home).id))) as content:
        record = json.loads(content.read("run.json"))
    first = base64.b64decode(record["epochs"][0]["batch_losses"])
    assert np.frombuffer(first, "<f4").tolist() == LOSSES[0]


TURNED = settings.Change("l2", 0.001, 0.01, 2, 5)


def test_what_was_turned_in_mid_run_comes_along(home: Library, away: Library) -> None:
    run = recorded(home)
    home.record_change(run.id, TURNED)
    there = bring_in(away, archive(home, run.id)).run
    assert there.changes == home.run(run.id).changes == (TURNED,)
    told = [event.words for event in away.events(there.id) if event.kind == "turned"]
    assert told == ["L2 strength 0.001 → 0.01 after step 5, in epoch 2."]


def test_an_archive_of_the_first_version_has_no_changes(packed: bytes, away: Library) -> None:
    def of_the_first(record: dict[str, Any]) -> None:
        record.update(version=1)
        del record["run"]["changes"]

    assert bring_in(away, altered(packed, of_the_first)).run.changes == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "epochs"},
        {"name": "weight_decay"},
        {"new": 7.0},
        {"new": None},
        {"old": "0"},
        {"epoch": 0},
        {"step": -1},
    ],
)
def test_a_change_that_cannot_have_been_is_refused(
    packed: bytes, away: Library, wrong: dict[str, Any]
) -> None:
    change = {"name": "l2", "old": 0.001, "new": 0.01, "epoch": 2, "step": 5} | wrong
    content = altered(packed, lambda record: record["run"].update(changes=[change]))
    with pytest.raises(LearnscopeError, match="Nothing was brought in"):
        bring_in(away, content)
    assert unchanged(away)
