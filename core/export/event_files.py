"""A run -> event files, as TensorBoard reads them.

An event file is a file of TFRecords, each an ``Event`` message; both are part of TensorFlow's
public interface. ``tf.summary``'s own writers give every event the time at which it is written,
while these are to have the time at which they happened.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.export.kernel_pictures import kernel_sheet, png
from core.export.stored_kernels import StoredKernels, kernels_by_epoch
from core.export.whole_run import WholeRun, wall_times, whole_run
from core.runs import Library

_SCALAR, _BLOBS = 1, 3
"""What TensorBoard calls the kind of data: DATA_CLASS_SCALAR and DATA_CLASS_BLOB_SEQUENCE."""
_READING = """\
Unpack this folder, then

    pip install tensorboard
    tensorboard --logdir .

and open the address that it prints. Steps are optimizer steps.
"""


@dataclass(frozen=True, eq=False)
class _Series:
    """One curve: its tag, what it is, and its values by step."""

    tag: str
    about: str
    steps: npt.NDArray[np.int64]
    values: Sequence[float] | npt.NDArray[np.float32]


def tensorboard_zip(library: Library, run_id: str) -> bytes:
    """A run as a log directory for TensorBoard, zipped.

    Each way of taking the loss and the accuracy is a TensorBoard run of its own, so that they are
    drawn into one chart: ``running``, ``fair training``, ``validation`` and ``batches``. In
    ``network`` stand the penalty, the learning rate, the norm of each kernel and its change, and
    pictures of all kernels, with all input channels: of the snapshots that were kept of them, some
    twenty at most, and of the best and the last checkpoint.

    Returns
    -------
    bytes
        A ZIP archive whose files lie in a folder named after the run.

    Raises
    ------
    LearnscopeError
        If there is no such run, or the disk does not take the files.
    """
    whole = whole_run(library, run_id)
    kernels = kernels_by_epoch(library, whole)
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        write_event_files(Path(folder), whole, kernels)
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"learnscope-{run_id}/README.txt", _READING)
            for file in sorted(Path(folder).rglob("*")):
                if file.is_file():
                    name = file.relative_to(folder).as_posix()
                    archive.write(file, f"learnscope-{run_id}/{name}")
    return packed.getvalue()


def write_event_files(folder: Path, whole: WholeRun, kernels: Iterable[StoredKernels]) -> None:
    """Write a log directory for TensorBoard: in each folder one event file.

    Parameters
    ----------
    folder : Path
        Which is there.
    whole : WholeRun
    kernels : iterable of StoredKernels
        To be shown as pictures, at the step at which they were.
    """
    pictures = [event for stored in kernels for event in _pictures(stored, whole)]
    for name, series in _all_series(whole).items():
        events = [event for one in series for event in _scalars(one, whole)]
        if name == "network":
            events += pictures
        if events:
            (folder / name).mkdir()
            _write(folder / name, events)


def _all_series(whole: WholeRun) -> dict[str, list[_Series]]:
    epochs, batches = whole.epochs, whole.curves.batches
    ends = np.array([epoch.steps for epoch in epochs], np.int64)
    # A mean over an epoch belongs to its middle; the other figures are taken at its end.
    middles = (np.concatenate([[0], ends[:-1]]).astype(np.int64) + ends) // 2
    every = np.arange(1, len(batches.losses) + 1)

    def of_epochs(tag: str, about: str, name: str, at: npt.NDArray[np.int64] = ends) -> _Series:
        return _Series(tag, about, at, [getattr(epoch, name) for epoch in epochs])

    def pair(kind: str, about: str, at: npt.NDArray[np.int64] = ends) -> list[_Series]:
        return [
            of_epochs("loss", f"{_LOSS} {about}", f"{kind}_loss", at),
            of_epochs("accuracy", f"{_ACCURACY} {about}", f"{kind}_accuracy", at),
        ]

    known = ~np.isnan(batches.penalties)
    about = "Sum of the L1 and L2 terms before the step of this batch."
    penalties = [_Series("penalty", about, every[known], batches.penalties[known])]
    network = [
        of_epochs("penalty", "Sum of the L1 and L2 terms at the epoch's end.", "penalty"),
        of_epochs("learning rate", "Of the epoch's last step.", "learning_rate"),
    ]
    return {
        "running": pair("running", _RUNNING, middles),
        "fair training": pair("fair", _FAIR),
        "validation": pair("validation", _VALIDATION),
        "batches": [
            _Series("loss", f"{_LOSS} {_BATCH}", every, batches.losses),
            _Series("accuracy", f"{_ACCURACY} {_BATCH}", every, batches.accuracies),
            *penalties,
        ],
        "network": network + _movements(whole),
    }


_LOSS = "Cross-entropy in nats, without the L1 and L2 penalty."
_ACCURACY = "Share of right answers, 0 to 1."
_RUNNING = (
    "Mean over the epoch's batches, dropout on, while the weights moved; it stands at the epoch's "
    "middle."
)
_FAIR = "On a fixed sample of the training images at the epoch's end, dropout off."
_VALIDATION = "On the validation images at the epoch's end, dropout off."
_BATCH = "Of this one batch, dropout on, before its step."


def _movements(whole: WholeRun) -> list[_Series]:
    steps = {epoch.epoch: epoch.steps for epoch in whole.epochs}
    found = []
    for layer in whole.layers:
        ours = [one for one in whole.movements if one.layer == layer]
        at = np.array([steps[one.epoch] for one in ours], np.int64)
        norm = "Euclidean norm of the kernel at the epoch's end."
        change = "Norm of the kernel's change over the epoch, as a share of the kernel's norm."
        found += [
            _Series(f"kernel norm/{layer}", norm, at, [one.norm for one in ours]),
            _Series(f"kernel change/{layer}", change, at, [one.change for one in ours]),
        ]
    return found


def _scalars(series: _Series, whole: WholeRun) -> list[tf.compat.v1.Event]:
    # TensorBoard takes the description from a curve's first event.
    first, other = _metadata("scalars", _SCALAR, series.about), _metadata("scalars", _SCALAR)
    times = wall_times(whole, series.steps)
    return [
        _event(time, step, series.tag, np.float32(value), other if number else first)
        for number, (time, step, value) in enumerate(
            zip(times, series.steps, series.values, strict=True)
        )
    ]


def _pictures(stored: StoredKernels, whole: WholeRun) -> list[tf.compat.v1.Event]:
    (time,) = wall_times(whole, [stored.steps])
    events = []
    for layer, kernels in stored.layers.items():
        about = (
            f"All kernels of {layer}: a row for each of the {kernels.shape[2]} input channels, a "
            f"column for each of the {kernels.shape[3]} filters. Blue is negative, orange positive."
        )
        sheet = kernel_sheet(kernels)
        height, width = sheet.shape[:2]
        # The form in which tf.summary.image writes: width, height, then each picture.
        texts = [str(width).encode(), str(height).encode(), png(sheet)]
        metadata = _metadata("images", _BLOBS, about)
        events.append(_event(time, stored.steps, f"kernels/{layer}", texts, metadata))
    return events


def _metadata(plugin: str, data_class: int, about: str = "") -> tf.compat.v1.SummaryMetadata:
    metadata = tf.compat.v1.SummaryMetadata(summary_description=about, data_class=data_class)
    metadata.plugin_data.plugin_name = plugin
    return metadata


def _event(
    time: float, step: int, tag: str, value: object, metadata: tf.compat.v1.SummaryMetadata
) -> tf.compat.v1.Event:
    tensor = tf.make_tensor_proto(value)
    one = tf.compat.v1.Summary.Value(tag=tag, tensor=tensor, metadata=metadata)
    summary = tf.compat.v1.Summary(value=[one])
    return tf.compat.v1.Event(wall_time=float(time), step=int(step), summary=summary)


def _write(folder: Path, events: list[tf.compat.v1.Event]) -> None:
    # TensorBoard takes a step that is lower than the one before for a run that began anew.
    events.sort(key=lambda event: event.step)
    first = events[0].wall_time
    path = folder / f"events.out.tfevents.{int(first)}.learnscope"
    with tf.io.TFRecordWriter(str(path)) as writer:
        writer.write(
            tf.compat.v1.Event(wall_time=first, file_version="brain.Event:2").SerializeToString()
        )
        for event in events:
            writer.write(event.SerializeToString())
