"""A run to take along: as weights, curves, log, script, notebook, report, or whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import streamlit as st

from core import warmup
from core.library.recalibrated import recalibrated_epochs, recalibrated_name
from core.runs import Library, Run
from pages.shared import state

Content = str | bytes


@dataclass(frozen=True)
class Form:
    """One form in which a run can be had.

    Attributes
    ----------
    label, help : str
        On the button, and when pointing at it.
    ending : str
        Of the file's name, after the run's id.
    mime : str
    icon : str
    make : callable
        From the library and the run's id to the file's content. It is called in a thread of the
        server's when the button is pressed, never before.
    file : str
        The stored file that it needs; empty if it needs none.
    """

    label: str
    help: str
    ending: str
    mime: str
    icon: str
    make: Callable[[Library, str], Content]
    file: str = ""


def offer_export(run: Run) -> None:
    """A menu of all forms that this run can be had in; nothing is made before it is asked for."""
    library = state.library()
    stored = library.files(run.id)
    offered = FORMS | {_TO_GO_ON: (*FORMS[_TO_GO_ON], *_recalibrated(stored))}
    menu = st.popover(
        "Take it with you", icon=":material/download:", key=f"{state.TAKE_OUT} {run.id}"
    )
    with menu, st.container(gap=None):
        for heading, forms in offered.items():
            st.caption(heading)
            for form in forms:
                if form.file and form.file not in stored:
                    continue
                st.download_button(
                    form.label,
                    partial(form.make, library, run.id),
                    f"learnscope-{run.id}{form.ending}",
                    form.mime,
                    key=f"{state.TAKE_OUT} {run.id}{form.ending}",
                    icon=f":material/{form.icon}:",
                    on_click="ignore",
                    help=form.help,
                    type="tertiary",
                )


def _weights(which: str, library: Library, run_id: str) -> bytes:
    return library.file(run_id, f"{which}.keras").read_bytes()


def _epochs(library: Library, run_id: str) -> str:
    from core.export.curves_csv import epochs_csv
    from core.export.whole_run import whole_run

    return epochs_csv(whole_run(library, run_id))


def _batches(library: Library, run_id: str) -> str:
    from core.export.curves_csv import batches_csv
    from core.export.whole_run import whole_run

    return batches_csv(whole_run(library, run_id))


def _tensorboard(library: Library, run_id: str) -> bytes:
    warmup.wait()
    from core.export.event_files import tensorboard_zip

    return tensorboard_zip(library, run_id)


def _script(library: Library, run_id: str) -> str:
    from core.script import keras_script

    run = library.run(run_id)
    return keras_script(run.settings, run.changes)


def _notebook(library: Library, run_id: str) -> str:
    from core.export.notebook import notebook
    from core.export.whole_run import whole_run

    return notebook(whole_run(library, run_id))


def _report(library: Library, run_id: str) -> str:
    warmup.wait()
    from core.export.report import report

    return report(library, run_id, datetime.now().astimezone())


def _archive(library: Library, run_id: str) -> bytes:
    from core.export.archive import archive

    return archive(library, run_id)


def _recalibrated(stored: Iterable[str]) -> tuple[Form, ...]:
    """The recalibrated networks that a person has kept with the run."""
    return tuple(
        Form(
            f"Recalibrated weights (epoch {epoch})",
            "Those of that epoch, with the statistics of batch normalization taken anew.",
            f"-{recalibrated_name(epoch)}.keras",
            _BYTES,
            "tune",
            partial(_weights, recalibrated_name(epoch)),
        )
        for epoch in recalibrated_epochs(stored)
    )


_TO_GO_ON = "To go on with"
_ZIP = "application/zip"
_BYTES = "application/octet-stream"
FORMS = {
    "To read and show": (
        Form(
            "Report",
            "One HTML page with curves, verdict, kernels, settings and versions. It opens without "
            "a network, and prints well.",
            "-report.html",
            "text/html",
            "description",
            _report,
        ),
        Form(
            "Curves by epoch",
            "CSV: a row an epoch, a column a figure, with units.",
            "-epochs.csv",
            "text/csv",
            "table",
            _epochs,
        ),
        Form(
            "Curves by batch",
            "CSV: the true loss and accuracy of each batch, dropout on.",
            "-batches.csv",
            "text/csv",
            "table_rows",
            _batches,
        ),
        Form(
            "TensorBoard log",
            "A folder, zipped, that tensorboard --logdir reads: all curves, and the kernels as "
            "pictures with all input channels.",
            "-tensorboard.zip",
            _ZIP,
            "monitoring",
            _tensorboard,
        ),
    ),
    _TO_GO_ON: (
        Form(
            "Notebook",
            "A Jupyter notebook that trains the same network on the same images.",
            ".ipynb",
            "application/x-ipynb+json",
            "menu_book",
            _notebook,
        ),
        Form(
            "Keras script",
            "The same as a Python script, as a person would write it.",
            ".py",
            "text/x-python",
            "code",
            _script,
        ),
        Form(
            "Best weights",
            "The weights of the best epoch, which keras.models.load_model reads.",
            "-best.keras",
            _BYTES,
            "star",
            partial(_weights, "best"),
            file="best.keras",
        ),
        Form(
            "Last weights",
            "The weights as training left them.",
            "-last.keras",
            _BYTES,
            "last_page",
            partial(_weights, "last"),
            file="last.keras",
        ),
    ),
    "For another machine": (
        Form(
            "Whole run",
            "All records and files in one archive. On another machine, “Bring in a run” on the "
            "page Runs takes it in.",
            ".zip",
            _ZIP,
            "folder_zip",
            _archive,
        ),
    ),
}
