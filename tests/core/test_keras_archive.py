"""`.keras` files with other weights than those that Keras wrote: as good as Keras's own."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from core.fitting import keras_archive
from core.fitting.keras_archive import checkpoint_form, compiled
from core.fitting.networks import network_for_file
from core.library.checkpoint_file import form_of, tell, told_by
from core.model import build_network, build_optimizer
from tests.core.small import small

SETTINGS = small(
    batch_normalization=True, dropout_dense=0.5, dropout_convolution=0.2, l2=0.01, optimizer="sgd"
)
REGULARIZED = small(
    normalization="layer", noise=0.1, max_norm=3.0, label_smoothing=0.1, weight_averaging=True
)


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    keras_archive._WRITTEN.clear()


@pytest.fixture(scope="module", params=[SETTINGS, REGULARIZED], ids=["plain", "regularized"])
def both(
    request: pytest.FixtureRequest, warm: None, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path, list]:
    """The same weights in a file by Keras and in one of ours, and these weights."""
    folder = tmp_path_factory.mktemp("archive")
    model, chance = network_for_file(request.param), np.random.default_rng(1)
    weights = [chance.random(array.shape, np.float32) for array in model.get_weights()]
    model.set_weights(weights)
    model.save(folder / "theirs.keras")
    checkpoint_form(model).write(folder / "ours.keras", weights)
    return folder / "theirs.keras", folder / "ours.keras", weights


def test_keras_loads_the_weights_bit_for_bit(both: tuple[Path, Path, list]) -> None:
    loaded = keras.models.load_model(both[1]).get_weights()
    assert [a.tobytes() for a in loaded] == [a.tobytes() for a in both[2]]


def contents(path: Path) -> tuple:
    """All that a file holds, but for the time at which it was saved."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        parts = {name: archive.read(name) for name in archive.namelist()}
    found: dict[str, list[float]] = {}

    def note(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset):
            found[name] = np.ravel(item[()]).tolist()

    h5py.File(io.BytesIO(parts["model.weights.h5"]), "r").visititems(note)
    # Keras numbers objects that several layers could share, of which these networks have none.
    parts["config.json"] = re.sub(rb', "shared_object_id": \d+', b"", parts["config.json"])
    config, metadata = (json.loads(parts[name]) for name in ("config.json", "metadata.json"))
    return list(parts), config, metadata.keys(), found


def test_all_else_is_as_keras_writes_it(both: tuple[Path, Path, list]) -> None:
    assert contents(both[0]) == contents(both[1])


@pytest.mark.parametrize(
    ("other", "saves"),
    [
        ({"seed": 7, "l2": 0.5, "l1": 0.1, "label_smoothing": 0.2}, 0),
        ({"dropout_dense": 0.5}, 1),
        ({"learning_rate": 0.5}, 1),
        ({"optimizer": "sgd"}, 1),
        ({"dense_units": 8}, 1),
        ({"normalization": "batch"}, 1),
    ],
)
def test_keras_writes_again_only_what_lies_otherwise(
    other: dict, saves: int, warm: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it does or not, the file is as Keras would write it."""
    checkpoint_form(network_for_file(small()))
    model, save, saved = network_for_file(small(**other)), keras.Model.save, []

    def counted(model: keras.Model, path: Path) -> None:
        saved.append(path)
        save(model, path)

    monkeypatch.setattr(keras.Model, "save", counted)
    checkpoint_form(model).write(tmp_path / "ours.keras", model.get_weights())
    assert len(saved) == saves
    save(model, tmp_path / "theirs.keras")
    assert contents(tmp_path / "ours.keras") == contents(tmp_path / "theirs.keras")


def test_other_masks_are_written_again(warm: None, tmp_path: Path) -> None:
    """A file holds the states of the random generators, which differ by the seed."""
    for seed in (1, 2):
        model = network_for_file(small(dropout_dense=0.5, seed=seed))
        checkpoint_form(model).write(tmp_path / "ours.keras", model.get_weights())
        model.save(tmp_path / "theirs.keras")
        assert contents(tmp_path / "ours.keras") == contents(tmp_path / "theirs.keras")


def test_few_files_are_remembered(warm: None) -> None:
    for units in range(4, 12):
        checkpoint_form(network_for_file(small(dense_units=units)))
    assert len(keras_archive._WRITTEN) == keras_archive._KEPT


def test_the_network_is_compiled_once_more_with_the_configuration_that_it_has(warm: None) -> None:
    model = build_network(SETTINGS, (8, 8, 1), 10)
    again = compiled(model, build_optimizer(SETTINGS.optimisation))
    assert again.get_config() == model.get_config()
    assert again.weights[0] is model.weights[0]


def test_a_later_file_leaves_the_earlier_one_alone(tmp_path: Path, warm: None) -> None:
    model = network_for_file(SETTINGS)
    archive, shapes = checkpoint_form(model), [array.shape for array in model.get_weights()]
    for number in (1, 2):
        path = tmp_path / f"{number}.keras"
        archive.write(path, [np.full(shape, number, np.float32) for shape in shapes])
    for number in (1, 2):
        loaded = keras.models.load_model(tmp_path / f"{number}.keras").get_weights()
        assert all((array == number).all() for array in loaded)


def test_a_file_takes_other_weights_and_keeps_its_own_word(tmp_path: Path, warm: None) -> None:
    """Without a network: what is in the file is enough."""
    model, first, second = network_for_file(SETTINGS), tmp_path / "1.keras", tmp_path / "2.keras"
    shapes = [array.shape for array in model.get_weights()]
    checkpoint_form(model).write(first, [np.ones(shape, np.float32) for shape in shapes])
    tell(first, 3, 0.5, 0.75)
    form = form_of(first)
    assert form is not None
    form.write(second, [np.full(shape, 7, np.float32) for shape in shapes])
    assert (told_by(first), told_by(second)) == ((3, 0.5, 0.75), None)
    assert form_of(second) is not None
    loaded = keras.models.load_model(second).get_weights()
    assert all((array == 7).all() for array in loaded)


def test_a_file_that_keras_wrote_or_that_is_damaged_has_no_places(
    both: tuple[Path, Path, list], tmp_path: Path
) -> None:
    assert (form_of(both[0]), told_by(both[0])) == (None, None)
    (tmp_path / "cut.keras").write_bytes(both[1].read_bytes()[:-10])
    assert form_of(tmp_path / "cut.keras") is None


def test_weights_that_keras_does_not_write_are_found_out(
    warm: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if another version of Keras stored them in half precision."""
    model, save = network_for_file(SETTINGS), keras.Model.save

    def save_others(model: keras.Model, path: Path) -> None:
        model.set_weights([array * 0 for array in model.get_weights()])
        save(model, path)

    monkeypatch.setattr(keras.Model, "save", save_others)
    with pytest.raises(RuntimeError, match="Expected each weight once"):
        checkpoint_form(model)
