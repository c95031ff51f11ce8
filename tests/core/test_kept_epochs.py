"""The whole network after some epochs of a run: when it is kept, and that it is the one of then."""

from __future__ import annotations

import errno
import io
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import keras
import numpy as np
import pytest

import core.fitting.epoch_ends
from core.errors import LearnscopeError
from core.export.archive import archive
from core.fitting.kept_epochs import KeptEpochs
from core.fitting.networks import network_with
from core.inside.recorded import weights_by_name
from core.library import kept_epochs as kept
from core.library.archive import bring_in
from core.library.kept_epochs import kept_file, read_network, step_between, write_network
from core.runs import Library, Run, State
from core.settings import Change, Settings, settings_after
from tests.core.small import parts, small, train
from tests.core.test_resume import resumed, same_bits, stopped

SETTINGS = small(epochs=4, normalization="batch", dropout_dense=0.4)


@pytest.fixture(scope="module")
def trained(warm: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Library, Run]]:
    library = Library(tmp_path_factory.mktemp("home"))
    yield library, train(library, SETTINGS)
    library.close()


def weights_after(library: Library, run: Run, epoch: int) -> dict[str, np.ndarray]:
    return read_network(library.file(run.id, kept_file(epoch)))


def in_file(library: Library, run: Run, name: str) -> dict[str, np.ndarray]:
    model = keras.models.load_model(library.file(run.id, name))
    return {name: np.asarray(weight) for name, weight in weights_by_name(model).items()}


def assert_same(these: Mapping[str, np.ndarray], those: Mapping[str, np.ndarray]) -> None:
    assert list(these) == list(those)
    assert same_bits(list(these.values()), list(those.values()))


# When


@pytest.mark.parametrize(
    ("epochs", "size", "step"),
    [
        (30, 830_000, 3),
        (1, 830_000, 1),
        (11, 830_000, 1),
        (12, 830_000, 2),
        (200, 830_000, 19),
        (30, 8 * 2**20, 10),
        (30, 10 * 2**20, 15),
        (30, 12 * 2**20, None),
        (30, 10**12, None),
    ],
)
def test_every_how_manieth_epoch_the_network_is_kept(
    epochs: int, size: int, step: int | None
) -> None:
    assert step_between(epochs, size) == step


def test_all_of_a_run_together_never_go_beyond_budget_and_number() -> None:
    for epochs in range(1, 300):
        for size in (1, 92_000, 830_000, 3_000_000, 5_000_000, 9_000_000, 11_184_810):
            step = step_between(epochs, size)
            assert step is not None
            count = len(range(0, epochs + 1, step))
            assert count <= kept.MOST
            assert count * size <= kept.BUDGET


def test_the_files_are_told_by_their_names() -> None:
    names = ["epoch-12.npz", "epoch-7.npz", "epoch-0.npz", "best.keras", "epoch-07.npz"]
    odd = ["epoch-x.npz", "epoch-7.keras", "../epoch-3.npz", "epoch--1.npz", "epoch-5.npz\n"]
    assert kept.kept_epochs([*names, *odd]) == [0, 7, 12]
    assert kept_file(7) in names


# What


def test_a_run_keeps_its_network_before_the_first_step_and_after_its_epochs(
    trained: tuple[Library, Run],
) -> None:
    library, run = trained
    assert kept.kept_epochs(library.files(run.id)) == [0, 1, 2, 3, 4]


def test_the_first_network_is_the_one_that_the_settings_draw(trained: tuple[Library, Run]) -> None:
    """Its dense layers too; the normalization has seen no batch."""
    library, run = trained
    weights = weights_after(library, run, 0)
    keras.utils.set_random_seed(SETTINGS.optimisation.seed)
    layer = keras.layers.Conv2D(4, 3, padding="same")
    layer.build((None, *parts(SETTINGS).training_images.shape[1:]))
    np.testing.assert_array_equal(weights["conv_1/kernel"], layer.get_weights()[0])
    moving = [name for name in weights if name.endswith("moving_mean")]
    assert moving and all(not weights[name].any() for name in moving)
    assert weights["dense/kernel"].any()


def test_best_and_last_are_those_of_their_epochs_bit_for_bit(trained: tuple[Library, Run]) -> None:
    library, run = trained
    assert run.best_epoch is not None
    assert_same(weights_after(library, run, run.best_epoch), in_file(library, run, "best.keras"))
    assert_same(weights_after(library, run, 4), in_file(library, run, "last.keras"))


@pytest.mark.parametrize("averaging", ["none", "ema"])
def test_after_an_epoch_it_is_what_a_training_of_so_many_epochs_ends_with(
    library: Library, averaging: str
) -> None:
    settings = [
        small(epochs=epochs, dropout_dense=0.4, optimizer="adamw", averaging=averaging)
        for epochs in (3, 2)
    ]
    longer, shorter = (train(library, each) for each in settings)
    assert_same(weights_after(library, longer, 2), in_file(library, shorter, "last.keras"))


def test_the_network_answers_as_the_stored_one_of_the_same_epoch(
    trained: tuple[Library, Run],
) -> None:
    library, run = trained
    images = parts(SETTINGS).validation_images[:20]
    last = keras.models.load_model(library.file(run.id, "last.keras"))
    model = network_with(run.settings, weights_after(library, run, 4))
    np.testing.assert_array_equal(model(images, training=False), last(images, training=False))
    before = network_with(run.settings, weights_after(library, run, 3))
    assert np.abs(before(images, training=False) - last(images, training=False)).max() > 1e-4


def test_it_has_the_rates_of_then_whatever_was_turned_later(trained: tuple[Library, Run]) -> None:
    library, run = trained
    change = Change("dropout_dense", 0.4, 0.1, 3, 9)
    for changes, rate in (((), 0.4), ((change,), 0.1)):
        settings = settings_after(run.settings, changes)
        model = network_with(settings, weights_after(library, run, 3))
        assert model.get_layer("dropout_dense").rate == rate


def test_weights_of_another_network_are_refused(trained: tuple[Library, Run]) -> None:
    library, run = trained
    with pytest.raises(LearnscopeError, match="Received: those of another network"):
        network_with(small(filters=8), weights_after(library, run, 1))


def test_a_network_that_is_too_large_is_not_kept_and_nothing_is_said_of_it(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "BUDGET", 1000)
    run = train(library, small(epochs=2))
    assert kept.kept_epochs(library.files(run.id)) == []
    assert run.sentence == "Finished all 2 epochs. The best checkpoint, of epoch 2, is kept."


def test_in_a_long_training_it_is_kept_evenly(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST", 3)
    run = train(library, small(epochs=5))
    assert kept.kept_epochs(library.files(run.id)) == [0, 3]


# The disk


def some() -> dict[str, np.ndarray]:
    return {"conv_1/kernel": np.ones((3, 3, 1, 2), np.float32), "conv_1/bias": np.float32([1, 2])}


def test_the_file_gives_all_of_it_back(tmp_path: Path) -> None:
    write_network(some(), tmp_path / "epoch-1.npz")
    assert_same(read_network(tmp_path / "epoch-1.npz"), some())


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "epoch-1.npz"
    write_network(some(), path)
    whole = path.read_bytes()
    middle = whole.index(np.ones(18, np.float32).tobytes()) + 5
    flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    for damaged in (whole[:-50], b"", b"not an archive", flipped):
        path.write_bytes(damaged)
        for look in (read_network, kept.check_network):
            with pytest.raises(LearnscopeError, match=r"epoch-1\.npz, which cannot be read"):
                look(path)


@pytest.mark.parametrize(
    ("layout", "weights"),
    [
        (["a 3"], np.float32([1, 2])),
        (["a -1x-2"], np.float32([1, 2])),
        (["a 999999999x999999999x999999999"], np.float32([1, 2])),
        (["a 1", "a 1"], np.float32([1, 2])),
        (["a two"], np.float32([1, 2])),
        ([], np.float32([])),
        (["a 2"], np.array([1.0, 2.0])),
        (["a 2"], np.array([{}, {}])),
        ("a 2", np.float32([1, 2])),
    ],
)
def test_a_file_whose_parts_do_not_fit_together_is_refused(
    tmp_path: Path, layout: object, weights: np.ndarray
) -> None:
    np.savez(tmp_path / "epoch-1.npz", layout=layout, weights=weights)
    with pytest.raises(LearnscopeError, match="cannot be read"):
        read_network(tmp_path / "epoch-1.npz")


def test_a_flipped_bit_in_the_library_is_named_in_a_sentence(
    trained: tuple[Library, Run], tmp_path: Path
) -> None:
    library, run = trained
    shutil.copytree(library.home, tmp_path / "copy", ignore=shutil.ignore_patterns("*.lock"))
    copy = Library(tmp_path / "copy")
    path = copy.file(run.id, "epoch-2.npz")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(LearnscopeError, match=r"epoch-2\.npz .* changed or damaged"):
        copy.file(run.id, "epoch-2.npz")
    copy.close()


Store = Callable[[str, Mapping[str, tuple[Callable[[Path], None], Callable[[Path], object]]]], None]


def refusing(store: Store, refused: Callable[[str], bool]) -> Store:
    """The disk is full in mid-write of these files."""

    def write_half(write: Callable[[Path], None], path: Path) -> None:
        write(path)
        if refused(path.name.rpartition("-epoch")[2]):
            os.truncate(path, path.stat().st_size // 2)
            raise OSError(errno.ENOSPC, "No space left on device")

    def store_together(run_id: str, files: Mapping[str, tuple]) -> None:
        store(
            run_id,
            {
                name: ((lambda path, write=write: write_half(write, path)), check)
                for name, (write, check) in files.items()
            },
        )

    return store_together


def test_a_full_disk_costs_a_sentence_and_these_epochs_and_nothing_else(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What waits is tried again with each state: the refused ones alone are lost.
    refuse = refusing(library.store_together, lambda name: name == "-2.npz")
    monkeypatch.setattr(library, "store_together", refuse)
    run = train(library, small(epochs=2))
    assert run.state is State.FINISHED
    assert run.sentence.startswith("Finished all 2 epochs. The best checkpoint, of epoch 2, is")
    assert " The whole network after these epochs is lost (" in run.sentence
    assert "The disk is full: " in run.sentence
    files = {path.name for path in library.folder(run.id).iterdir()}
    assert files == set(library.files(run.id))
    assert {"epoch-0.npz", "epoch-1.npz"} <= files and "epoch-2.npz" not in files
    assert {"best.keras", "last.keras", "kernels.npz", "predictions.npz"} <= files
    assert run.test_accuracy is not None


def test_what_was_refused_once_is_stored_later_and_no_word_is_lost_on_it(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def first_time(name: str) -> bool:
        tried.append(name)
        return tried.count(name) == 1

    monkeypatch.setattr(core.fitting.epoch_ends, "STATE_SECONDS", 0.0)
    refuse = refusing(library.store_together, first_time)
    monkeypatch.setattr(library, "store_together", refuse)
    waiting = KeptEpochs(lambda files: library.store_together(run.id, files))
    run = library.create(small())
    waiting.give(0, some())
    waiting.store()
    assert (waiting.waiting, library.files(run.id)) == ([0], {})
    assert "is lost (0): The disk is full: " in waiting.lost
    waiting.store()
    assert (waiting.waiting, waiting.lost) == ([], "")
    assert list(library.files(run.id)) == ["epoch-0.npz"]
    waiting.store()
    assert len(tried) == 2


def test_a_library_that_is_gone_is_not_made_anew_for_them(library: Library) -> None:
    run_id = library.create(small()).id
    shutil.rmtree(library.home)
    waiting = KeptEpochs(lambda files: library.store_together(run_id, files))
    waiting.give(0, some())
    waiting.store()
    assert waiting.waiting == [0] and waiting.lost
    assert not library.home.exists()


def test_an_unforeseen_fault_of_a_save_stays_a_word_and_ends_no_training(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(library, "store_together", break_down)
    run = train(library, small(epochs=1))
    assert run.state is State.FINISHED
    assert "is lost (0, 1): It could not be saved: RuntimeError." in run.sentence


# Going on after a break


def test_a_run_that_goes_on_keeps_what_one_in_a_piece_keeps(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.fitting.epoch_ends, "STATE_SECONDS", 0.0)
    whole = train(library, SETTINGS)
    run = stopped(library, SETTINGS, 10, monkeypatch)
    run = resumed(library, run.id)
    assert run.state is State.FINISHED
    for epoch in range(5):
        assert_same(weights_after(library, run, epoch), weights_after(library, whole, epoch))
    files = {path.name for path in library.folder(run.id).iterdir()}
    assert files == set(library.files(run.id))


def test_with_each_state_the_networks_up_to_it_are_on_the_disk(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.fitting.epoch_ends, "STATE_SECONDS", 0.0)
    seen: list[list[int]] = []
    place = library.place_state

    def noted(run_id: str, *functions: object) -> object:
        seen.append(kept.kept_epochs(library.files(run_id)))
        return place(run_id, *functions)

    monkeypatch.setattr(library, "place_state", noted)
    train(library, small(epochs=3))
    assert seen == [[0, 1], [0, 1, 2], [0, 1, 2, 3]]


def with_files(library: Library, settings: Settings, epochs: range) -> str:
    run = library.create(settings)
    library.start(run.id)
    for epoch in epochs:
        library.store_file(run.id, kept_file(epoch), lambda path: write_network(some(), path))
    return run.id


@pytest.mark.parametrize(("epoch", "left"), [(2, [0, 1, 2]), (0, [])])
def test_networks_of_epochs_that_are_made_anew_are_gone_from_record_and_disk(
    library: Library, epoch: int, left: list[int]
) -> None:
    run_id = with_files(library, small(epochs=4), range(5))
    write_network(some(), library.folder(run_id) / "epoch-9.npz")  # As a kill leaves it.
    library.go_on(run_id, epoch, "Resumed.")
    assert kept.kept_epochs(library.files(run_id)) == left
    on_disk = [path.name for path in library.folder(run_id).iterdir()]
    assert kept.kept_epochs(on_disk) == left


# Other libraries


def test_they_go_along_with_the_run_to_another_library_and_count_as_its_storage(
    trained: tuple[Library, Run], tmp_path: Path
) -> None:
    library, run = trained
    away = Library(tmp_path / "away")
    arrived = bring_in(away, io.BytesIO(archive(library, run.id))).run
    assert kept.kept_epochs(away.files(arrived.id)) == [0, 1, 2, 3, 4]
    assert_same(weights_after(away, arrived, 2), weights_after(library, run, 2))
    sizes = [path.stat().st_size for path in away.folder(arrived.id).iterdir()]
    assert away.storage()[arrived.id] == sum(sizes)
    away.delete(arrived.id)
    away.purge(older_than=0)
    assert not (away.home / "runs" / arrived.id).exists()
    away.close()


def test_a_file_that_is_no_array_is_refused_and_nothing_comes_in(
    library: Library, tmp_path: Path
) -> None:
    run_id = with_files(library, small(), range(1))
    harmful = np.array([{}], object)
    library.store_file(run_id, kept_file(1), lambda path: np.savez(path, weights=harmful))
    away = Library(tmp_path / "away")
    with pytest.raises(LearnscopeError, match="that is no plain array"):
        bring_in(away, io.BytesIO(archive(library, run_id)))
    assert away.runs() == []
    away.close()
