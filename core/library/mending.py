"""After a kill: the best checkpoint of a run, which lags behind, is made anew from its state."""

from __future__ import annotations

import contextlib
import functools
import logging
import sqlite3
from pathlib import Path

from core.errors import LearnscopeError
from core.learning.curves import best_epoch
from core.library.checkpoint_file import CheckpointForm, check_archive, form_of, tell, told_by
from core.library.database import reading
from core.library.epoch_log import EPOCHS_FILE, logged
from core.library.files import sha256_of, write_and_place
from core.library.reader import Reader
from core.library.records import Epoch
from core.library.state_file import Arrays, read_state
from core.library.statements import BEST_COLUMNS, change_run, insert_logged, record_file
from core.library.writer import Onlooker, Writer

_log = logging.getLogger("learnscope.runs")


class Mending(Reader):
    """What is put right in runs that were cut off, before they are shown as such."""

    _writer: Writer | Onlooker

    def take_in_log(self, run_id: str) -> None:
        """Have the database hold the epochs that a kill left in the run's log alone."""
        try:
            epochs = logged(self._folder(run_id) / EPOCHS_FILE)
        except OSError as error:
            _log.warning("The newest epochs of run %s cannot be read: %s", run_id, error)
            return
        if epochs:
            self._writer.write(lambda connection: insert_logged(connection, run_id, epochs))

    def mend_best(self, run_id: str) -> None:
        """Have ``best.keras`` hold the best epoch that is on record, if the run's state has it.

        Checkpoints are written now and then, states at every epoch: a kill may find the best
        epoch only in the state. Raises nothing: what cannot be mended stays as it is.
        """
        with contextlib.suppress(LearnscopeError):
            self._mend_best(run_id)

    def _mend_best(self, run_id: str) -> None:
        with reading(self._database) as connection:
            row = connection.execute(
                "SELECT resume_file FROM runs WHERE id = ?", (run_id,)
            ).fetchone()
        if row is None or row["resume_file"] is None:
            return
        state = read_state(self.file(run_id, row["resume_file"]))
        best = best_epoch(self.epochs(run_id)[: state.epoch])
        path = self.file(run_id, "best.keras")
        told, form = told_by(path), form_of(path)
        if best is None or told is None or form is None or told[1] <= best.validation_loss:
            return
        weights = state.best_weights
        if [array.shape for array in weights] != [place.shape for place in form.places]:
            return
        _log.info("The best checkpoint of run %s is made anew: epoch %d", run_id, best.epoch)
        figures = best.epoch, best.validation_loss, best.validation_accuracy
        now, present = self._clock(), sha256_of(path)

        def record(digest: str, size: int) -> None:
            values = (run_id, path.name, digest, present, now, size)
            self._writer.write(lambda connection: record_file(connection, values))

        write_and_place(path, functools.partial(_write, form, weights, best), check_archive, record)

        def note(connection: sqlite3.Connection) -> None:
            change_run(connection, run_id, BEST_COLUMNS, figures)

        self._writer.write(note)


def _write(form: CheckpointForm, weights: Arrays, best: Epoch, path: Path) -> None:
    form.write(path, weights)
    tell(path, best.epoch, best.validation_loss, best.validation_accuracy)
