"""A network from elsewhere is data only: whatever could be code in it is refused, unopened."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.settings import Settings
from tests.core.small import small

pytestmark = pytest.mark.usefixtures("warm")

SETTINGS = small(dropout_dense=0.5, l1=0.001, optimizer="adamw")
Config = dict[str, Any]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network as Learnscope stores it."""
    from core import warmup

    warmup.wait()
    from core.fitting.networks import network_for_file

    path = tmp_path_factory.mktemp("network") / "best.keras"
    network_for_file(SETTINGS).save(path)
    return path


def check(path: Path, settings: Settings = SETTINGS) -> None:
    from core.library.foreign_files import check_network

    check_network(path, settings)


def refused(path: Path, words: str, settings: Settings = SETTINGS) -> None:
    from core.library.foreign_files import ForeignFileError

    with pytest.raises(ForeignFileError, match=words):
        check(path, settings)


def changed(network: Path, folder: Path, change: Callable[[Config], object]) -> Path:
    """The network with another configuration."""
    return rebuilt(network, folder, "config.json", lambda content: _edited(content, change))


def _edited(content: bytes, change: Callable[[Config], object]) -> bytes:
    config = json.loads(content)
    change(config)
    return json.dumps(config).encode()


def rebuilt(
    network: Path, folder: Path, part: str, change: Callable[[bytes], bytes], **more: bytes
) -> Path:
    path = folder / "changed.keras"
    with zipfile.ZipFile(network) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
        for name, content in more.items():
            new.writestr(name, content)
    return path


def test_a_network_of_the_settings_is_taken(network: Path) -> None:
    check(network)


def test_the_number_that_keras_gives_a_second_optimizer_does_not_matter(
    network: Path, tmp_path: Path
) -> None:
    def change(config: Config) -> None:
        config["compile_config"]["optimizer"]["config"]["name"] = "adam_w_17"

    check(changed(network, tmp_path, change))


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "rmsprop"])
def test_networks_of_each_optimizer_are_taken_however_many_there_were(
    tmp_path: Path, optimizer: str
) -> None:
    from core.fitting.networks import network_for_file

    settings = small(optimizer=optimizer)
    network_for_file(settings)
    network_for_file(settings).save(tmp_path / "best.keras")
    check(tmp_path / "best.keras", settings)


def test_networks_of_other_settings_are_refused(network: Path) -> None:
    refused(network, "not the network that the run's settings describe", small(filters=8))


LAMBDA: Config = {
    "module": "keras.layers",
    "class_name": "Lambda",
    "config": {"name": "relu_1", "function": {"class_name": "__lambda__", "config": {"code": ""}}},
    "registered_name": None,
}


@pytest.mark.parametrize(
    "change",
    [
        lambda config: config["config"]["layers"].insert(1, LAMBDA),
        lambda config: config["config"]["layers"].__setitem__(2, LAMBDA),
        lambda config: config.update(module="os", class_name="system"),
        lambda config: config.update(registered_name="other>Functional"),
        lambda config: config.pop("module"),
        lambda config: config["config"]["layers"][1]["config"].update(filters=10**6),
        lambda config: config["config"]["layers"][1]["config"].update(
            kernel_initializer={"module": "builtins", "class_name": "eval", "config": {}}
        ),
        lambda config: config["config"]["layers"][1]["config"].update(extra={"class_name": "x"}),
        lambda config: config["config"]["layers"][1].update(module="keras.src.utils"),
        lambda config: config["config"]["layers"][0]["config"].update(batch_shape=[None, 9, 9, 1]),
        lambda config: config["compile_config"].update(loss={"class_name": "function"}),
        lambda config: config["compile_config"]["optimizer"].update(class_name="Evil"),
        lambda config: config.clear(),
    ],
)
def test_a_configuration_that_says_anything_else_is_refused(
    network: Path, tmp_path: Path, change: Callable[[Config], object]
) -> None:
    refused(changed(network, tmp_path, change), "not the network")


def test_a_lambda_with_code_is_refused_and_its_code_not_run(tmp_path: Path) -> None:
    """A real one, as Keras stores it; Keras's own safe mode refuses it, too."""
    import keras

    from core.errors import LearnscopeError
    from core.inside.layers import load_network

    sign = tmp_path / "executed"
    image = keras.Input((8, 8, 1))
    touch = keras.layers.Lambda(
        lambda x, path=str(sign): (__import__("pathlib").Path(path).touch(), x)[1],
        output_shape=(8, 8, 1),
    )
    keras.Model(image, touch(image)).save(tmp_path / "evil.keras")
    sign.unlink(missing_ok=True)
    refused(tmp_path / "evil.keras", "not the network")
    with pytest.raises(LearnscopeError, match="needs code of its own"):
        load_network(tmp_path / "evil.keras")
    assert not sign.exists()


def test_other_parts_than_a_network_s_are_refused(network: Path, tmp_path: Path) -> None:
    path = rebuilt(network, tmp_path, "", bytes, **{"assets/layer/code.py": b"1"})
    refused(path, "other parts")


def test_weights_that_point_to_another_file_are_refused(network: Path, tmp_path: Path) -> None:
    import h5py

    outside = tmp_path / "outside.bin"
    outside.write_bytes(bytes(1000))

    def external_link(file: h5py.File) -> None:
        file["elsewhere"] = h5py.ExternalLink("/etc/passwd", "/")

    def soft_link(file: h5py.File) -> None:
        file["elsewhere"] = h5py.SoftLink("/layers")

    def external_storage(file: h5py.File) -> None:
        file.create_dataset("elsewhere", (10,), "f4", external=[(str(outside), 0, 40)])

    def virtual(file: h5py.File) -> None:
        layout = h5py.VirtualLayout((10,), "f4")
        layout[:] = h5py.VirtualSource(str(outside), "x", (10,))
        file.create_virtual_dataset("elsewhere", layout)

    def packed(file: h5py.File) -> None:
        file.create_dataset("large", (10_000_000,), "f4", compression="gzip")

    def words(file: h5py.File) -> None:
        file.create_dataset("words", data="text")

    for put_in in (external_link, soft_link, external_storage, virtual, packed, words):

        def change(content: bytes, put_in: Callable[[h5py.File], None] = put_in) -> bytes:
            buffer = io.BytesIO(content)
            with h5py.File(buffer, "r+") as file:
                put_in(file)
            return buffer.getvalue()

        path = rebuilt(network, tmp_path, "model.weights.h5", change)
        refused(path, "do not lie in the file itself")


@pytest.mark.parametrize("part", ["config.json", "model.weights.h5"])
def test_parts_that_cannot_be_read_are_refused(network: Path, tmp_path: Path, part: str) -> None:
    refused(rebuilt(network, tmp_path, part, lambda content: content[:50]), "cannot be read")


def test_a_damaged_file_is_refused(network: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.keras"
    shutil.copy(network, copy)
    content = bytearray(copy.read_bytes())
    content[len(content) // 2] ^= 1
    copy.write_bytes(content)
    refused(copy, "is damaged")
    copy.write_bytes(b"no archive")
    refused(copy, "is damaged")


def test_arrays_of_numbers_and_words_are_taken(tmp_path: Path) -> None:
    from core.library.foreign_files import check_arrays

    path = tmp_path / "arrays.npz"
    np.savez(path, a=np.ones((2, 3), np.float32), b=np.int64(3), c=np.array(["conv_1"]))
    check_arrays(path)
    np.savez_compressed(path, a=np.ones((2, 3), np.float32), empty=np.empty(0))
    check_arrays(path)


@pytest.mark.parametrize("content", [b"", b"text", b"\x93NUMPY\x01\x00\x10\x00{'descr': '<f4'}"])
def test_what_is_no_array_is_refused(tmp_path: Path, content: bytes) -> None:
    from core.library.foreign_files import ForeignFileError, check_arrays

    path = tmp_path / "arrays.npz"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.npy", content)
    with pytest.raises(ForeignFileError, match="array"):
        check_arrays(path)


def test_an_array_that_claims_to_be_larger_than_it_is_is_refused(tmp_path: Path) -> None:
    from core.library.foreign_files import ForeignFileError, check_arrays

    header = io.BytesIO()
    shape = {"descr": "<f4", "fortran_order": False, "shape": (10**9,)}
    np.lib.format.write_array_header_1_0(header, shape)
    path = tmp_path / "arrays.npz"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.npy", header.getvalue())
    with pytest.raises(ForeignFileError, match="no plain array"):
        check_arrays(path)
