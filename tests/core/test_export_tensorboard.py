"""The log directory, as TensorBoard itself reads it."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageColor

from core.runs import Library
from tests.core.clock import Clock
from tests.core.exported import (
    ACCURACIES,
    BEGAN,
    EPOCHS,
    LOSSES,
    MOVEMENTS,
    PENALTIES,
    recorded,
)
from tests.core.small import small, until

pytestmark = pytest.mark.usefixtures("warm")


@pytest.fixture
def clock() -> Clock:
    return Clock(BEGAN)


@pytest.fixture
def library(tmp_path: Path, clock: Clock) -> Iterator[Library]:
    library = Library(tmp_path / "home", clock)
    yield library
    library.close()


def with_network(library: Library) -> str:
    """The recorded run with a network of 2 filters and 3 input channels in best.keras."""
    import keras

    run = recorded(library)
    layers = [keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 2, name="conv_1")]
    model = keras.Sequential([*layers, keras.layers.Flatten(), keras.layers.Dense(10)])
    model.layers[0].set_weights([kernels(), np.zeros(2)])
    library.store_file(run.id, "best.keras", model.save)
    return run.id


def kernels() -> np.ndarray:
    """Of shape (2, 2, 3, 2): all 0, but for filter 1, channel 2: 1 and -1 in its upper row."""
    made = np.zeros((2, 2, 3, 2), np.float32)
    made[0, :, 2, 1] = 1, -1
    return made


def unpacked(library: Library, run_id: str, folder: Path) -> Path:
    from core.export.event_files import tensorboard_zip

    with zipfile.ZipFile(io.BytesIO(tensorboard_zip(library, run_id))) as archive:
        archive.extractall(folder)
    return folder / f"learnscope-{run_id}"


def read(folder: Path) -> Any:
    """What TensorBoard's own reader finds, all of it."""
    from tensorboard.backend.event_processing import event_accumulator

    found = event_accumulator.EventAccumulator(str(folder), size_guidance={"tensors": 0})
    return found.Reload()


def points(events: Any, tag: str) -> list[tuple[int, float]]:
    from tensorboard.util import tensor_util

    return [
        (event.step, float(tensor_util.make_ndarray(event.tensor_proto)))
        for event in events.Tensors(tag)
    ]


def test_the_curves_of_the_epochs_stand_at_their_steps(library: Library, tmp_path: Path) -> None:
    folder = unpacked(library, recorded(library).id, tmp_path / "log")
    validation, fair = read(folder / "validation"), read(folder / "fair training")
    ends = [4, 8, 12]
    assert points(validation, "loss") == list(zip(ends, [2.0, 1.0, 1.75], strict=True))
    assert points(validation, "accuracy") == list(zip(ends, [0.375, 0.75, 0.5], strict=True))
    assert points(fair, "loss") == list(zip(ends, [2.25, 1.25, 0.375], strict=True))


def test_the_running_mean_stands_at_the_middle_of_its_epoch(
    library: Library, tmp_path: Path
) -> None:
    running = read(unpacked(library, recorded(library).id, tmp_path / "log") / "running")
    assert points(running, "loss") == [(2, 2.5), (6, 1.5), (10, 0.5)]


def test_each_batch_is_there_also_one_whose_loss_is_no_number(
    library: Library, tmp_path: Path
) -> None:
    batches = read(unpacked(library, recorded(library).id, tmp_path / "log") / "batches")
    steps, losses = zip(*points(batches, "loss"), strict=True)
    assert steps == tuple(range(1, 13))
    np.testing.assert_array_equal(np.float32(losses), np.float32(np.concatenate(LOSSES)))
    shares = [share for _, share in points(batches, "accuracy")]
    assert shares == [share for epoch in ACCURACIES for share in epoch]
    penalties = [penalty for _, penalty in points(batches, "penalty")]
    np.testing.assert_array_equal(np.float32(penalties), np.float32(np.concatenate(PENALTIES)))


def test_penalty_learning_rate_and_movements(library: Library, tmp_path: Path) -> None:
    network = read(unpacked(library, recorded(library).id, tmp_path / "log") / "network")
    assert points(network, "penalty") == [(4, 0.5), (8, 0.25), (12, 0.125)]
    rates = [rate for _, rate in points(network, "learning rate")]
    assert rates == pytest.approx([one.learning_rate for one in EPOCHS])
    norms = [moved["dense"][0] for moved in MOVEMENTS]
    assert points(network, "kernel norm/dense") == list(zip([4, 8, 12], norms, strict=True))
    assert points(network, "kernel change/conv_1")[:2] == [(4, 0.5), (8, 0.125)]


def test_an_event_has_the_time_at_which_it_happened(library: Library, tmp_path: Path) -> None:
    """The epochs ended 2, 3 and 5 seconds after the beginning."""
    folder = unpacked(library, recorded(library).id, tmp_path / "log")
    validation = read(folder / "validation").Tensors("loss")
    assert [event.wall_time - BEGAN for event in validation] == [2, 3, 5]
    batches = read(folder / "batches").Tensors("loss")
    seconds = [event.wall_time - BEGAN for event in batches]
    assert seconds == [0.5, 1, 1.5, 2, 2.25, 2.5, 2.75, 3, 3.5, 4, 4.5, 5]


def test_the_pause_of_a_resumed_run_lies_where_it_was(
    library: Library, clock: Clock, tmp_path: Path
) -> None:
    """Cut off after step 8, it went on an hour after its beginning."""
    run = recorded(library)
    clock.time = BEGAN + 3600
    library.record_event(run.id, "resumed", "It goes on.", 3, 8)
    library.flush()
    events = read(unpacked(library, run.id, tmp_path / "log") / "validation").Tensors("loss")
    assert [event.wall_time - BEGAN for event in events] == [2, 3, 3602]


def test_kernels_are_pictures_with_all_input_channels(library: Library, tmp_path: Path) -> None:
    """Three channels down, two filters across, 2x2 numbers each and one between."""
    from tensorboard.util import tensor_util

    network = read(unpacked(library, with_network(library), tmp_path / "log") / "network")
    (event,) = network.Tensors("kernels/conv_1")
    assert (event.step, event.wall_time) == (8, BEGAN + 3)
    width, height, content = tensor_util.make_ndarray(event.tensor_proto)
    picture = np.asarray(Image.open(io.BytesIO(content)))
    assert picture.shape == (int(height), int(width), 4)
    zoom = int(width) // 5
    assert (int(width), int(height)) == (5 * zoom, 8 * zoom)
    cells = picture[zoom // 2 :: zoom, zoom // 2 :: zoom]
    white, orange, blue = "#F7F7F7", "#8F3300", "#0B3C61"
    assert tuple(cells[6, 3, :3]) == ImageColor.getrgb(orange)
    assert tuple(cells[6, 4, :3]) == ImageColor.getrgb(blue)
    others = np.delete(cells.reshape(-1, 4), [6 * 5 + 3, 6 * 5 + 4], axis=0)
    seen = {tuple(cell) for cell in others.tolist()}
    assert seen == {(*ImageColor.getrgb(white), 255), (0, 0, 0, 0)}
    assert not cells[2].any()
    assert not cells[:, 2].any()


def test_the_snapshots_of_the_kernels_are_pictures_from_the_first_weights_on(
    library: Library, tmp_path: Path
) -> None:
    """One kernel of one number, -1 at first and 1 after epoch 3; best.keras is of epoch 2."""
    from core.inside.kernel_history import KERNELS_FILE, GrowingKernels

    run_id = with_network(library)
    growing = GrowingKernels()
    growing.add(0, {"conv_1": np.full((1, 1, 1, 1), -1, np.float32)})
    growing.add(3, {"conv_1": np.full((1, 1, 1, 1), 1, np.float32)})
    library.store_file(run_id, KERNELS_FILE, growing.write)
    events = pictures(unpacked(library, run_id, tmp_path / "log"))
    assert [step for step, _, _ in events] == [0, 8, 12]
    assert [time - BEGAN for _, time, _ in events] == [0, 3, 5]
    assert tuple(events[0][2][0, 0, :3]) == ImageColor.getrgb("#0B3C61")
    assert tuple(events[2][2][0, 0, :3]) == ImageColor.getrgb("#8F3300")


def test_of_very_many_snapshots_some_twenty_are_taken_evenly(
    library: Library, tmp_path: Path
) -> None:
    from core.export.stored_kernels import kernels_by_epoch
    from core.export.whole_run import whole_run
    from core.inside.kernel_history import KERNELS_FILE, GrowingKernels

    run, growing = library.create(small()), GrowingKernels()
    library.start(run.id)
    for epoch in range(61):
        if epoch:
            one = replace(EPOCHS[0], epoch=epoch, steps=4 * epoch, seconds=float(epoch))
            library.record_epoch(run.id, one, LOSSES[0], ACCURACIES[0])
        growing.add(epoch, {"conv_1": np.full((1, 1, 1, 1), epoch, np.float32)})
    library.store_file(run.id, KERNELS_FILE, growing.write)
    found = kernels_by_epoch(library, whole_run(library, run.id), most=4)
    assert [one.epoch for one in found] == [0, 20, 40, 60]
    assert [one.steps for one in found] == [0, 80, 160, 240]
    assert [float(one.layers["conv_1"].item()) for one in found] == [0, 20, 40, 60]


def pictures(folder: Path) -> list[tuple[int, float, np.ndarray]]:
    """Step, time and pixels of each picture of conv_1."""
    from tensorboard.util import tensor_util

    return [
        (
            event.step,
            event.wall_time,
            np.asarray(Image.open(io.BytesIO(tensor_util.make_ndarray(event.tensor_proto)[2]))),
        )
        for event in read(folder / "network").Tensors("kernels/conv_1")
    ]


def test_curves_and_pictures_are_marked_for_their_dashboards(
    library: Library, tmp_path: Path
) -> None:
    folder = unpacked(library, with_network(library), tmp_path / "log")
    network = read(folder / "network")
    assert network.PluginTagToContent("images").keys() == {"kernels/conv_1"}
    assert {"penalty", "learning rate"} <= network.PluginTagToContent("scalars").keys()
    about = read(folder / "validation").SummaryMetadata("loss").summary_description
    assert "dropout off" in about


def test_a_run_without_files_or_epochs_gives_what_there_is(
    library: Library, tmp_path: Path
) -> None:
    run = library.create(small())
    assert [file.name for file in unpacked(library, run.id, tmp_path / "log").iterdir()] == [
        "README.txt"
    ]


def asked(port: int, path: str, **query: str) -> bytes:
    more = f"?{urllib.parse.urlencode(query)}" if query else ""
    address = f"http://localhost:{port}/{path}{more}"
    with urllib.request.urlopen(address, timeout=10) as answer:
        return bytes(answer.read())


@pytest.mark.slow
def test_tensorboard_itself_serves_curves_and_kernels(library: Library, tmp_path: Path) -> None:
    run_id = with_network(library)
    unpacked(library, run_id, tmp_path / "log")
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(tmp_path / "log")]
    command += ["--port", str(port), "--load_fast=false"]
    log = tmp_path / "tensorboard.log"
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as board:

        def runs() -> list[str]:
            assert board.poll() is None, log.read_text()
            try:
                return list(json.loads(asked(port, "data/runs")))
            except (urllib.error.URLError, OSError):
                return []

        name = f"learnscope-{run_id}"
        try:
            until(lambda: len(runs()) == 5, 120)
            curve = asked(port, "data/plugin/scalars/scalars", run=f"{name}/validation", tag="loss")
            assert json.loads(curve) == [
                [BEGAN + 2, 4, 2.0],
                [BEGAN + 3, 8, 1.0],
                [BEGAN + 5, 12, 1.75],
            ]
            where = {"run": f"{name}/network", "tag": "kernels/conv_1", "sample": "0"}
            (image,) = json.loads(asked(port, "data/plugin/images/images", **where))
            assert image["step"] == 8
            png = asked(port, f"data/plugin/images/individualImage?{image['query']}")
            assert png.startswith(b"\x89PNG")
        finally:
            board.terminate()
