"""A run -> the Jupyter notebook that reproduces it."""

from __future__ import annotations

import nbformat
from nbformat import v4

from core.export.whole_run import WholeRun
from core.learning.knob_marks import changes_in_words
from core.learning.run_curves import figures_of_run
from core.learning.what_is_measured import what_is_measured
from core.script import script_parts
from core.settings import describe

_ABOUT = (
    "The cells train the same network, from the same first weights, on the same images. What it "
    "reaches may differ a little, since `Model.fit` goes through the images in another order."
)
_CURVES = """\
import matplotlib.pyplot as plt

history = model.history.history
for name, label in (("loss", "training"), ("val_loss", "validation")):
    plt.plot(range(1, len(history[name]) + 1), history[name], label=label)
plt.xlabel("epoch")
plt.ylabel("loss as Keras records it (nats)")
plt.legend()
plt.show()"""
_READING_CURVES = (
    "As Keras records them, penalty and smoothed labels included: the training loss is the mean "
    "over the epoch, taken with dropout on while the weights move, and the validation loss is "
    "taken at its end with dropout off. So the two cannot be compared directly."
)


def notebook(whole: WholeRun) -> str:
    """Write a run as a notebook whose code is that of :func:`core.script.keras_script`.

    Beside it stand what the run was and what it reached, and at the end a cell that draws the
    curves with matplotlib.

    Returns
    -------
    str
        JSON of nbformat 4, valid by its schema.

    Raises
    ------
    LearnscopeError
        If the settings make no network.
    """
    cells = [v4.new_markdown_cell(_heading(whole))]
    for title, code in script_parts(whole.run.settings, whole.run.changes).items():
        cells += [v4.new_markdown_cell(f"## {title}"), v4.new_code_cell(code)]
    cells += [v4.new_markdown_cell(f"## Curves\n\n{_READING_CURVES}"), v4.new_code_cell(_CURVES)]
    for number, cell in enumerate(cells):
        # Not by chance: the same run gives the same file.
        cell["id"] = f"cell-{number}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made = v4.new_notebook(
        cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}}
    )
    nbformat.validate(made)
    return str(nbformat.writes(made))


def _heading(whole: WholeRun) -> str:
    run = whole.run
    lines = [f"# Learnscope run {run.id}", "", as_it_is(run.name), "", f"- {_words(whole)}"]
    lines += [
        f"- {figure.label} {figure.value} ({figure.sample}). {figure.help}"
        for figure in figures_of_run(run)
    ]
    if run.versions:
        versions = ", ".join(f"{package} {version}" for package, version in run.versions.items())
        lines.append(f"- Trained with {as_it_is(versions)}")
    if run.fingerprint:
        lines.append(f"- SHA-256 of its data: `{as_it_is(run.fingerprint)}`")
    if whole.run.changes:
        lines.append(f"- {as_it_is(changes_in_words(whole.run.changes))}")
    if measured := what_is_measured(run.settings):
        lines.append(f"- {measured}")
    return "\n".join([*lines, "", _ABOUT])


def _words(whole: WholeRun) -> str:
    run = whole.run
    return f"{describe(run.settings)}. {as_it_is(run.sentence) or f'So far {run.state.words}.'}"


def as_it_is(text: str) -> str:
    """A text in Markdown that reads just as it was typed, on one line: no markup, no HTML."""
    entities = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
    line = " ".join(text.split())
    return "".join(
        entities.get(sign) or (f"\\{sign}" if sign in "\\`*_{}[]()#+!|~$^=-" else sign)
        for sign in line
    )
