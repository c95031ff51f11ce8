"""The README's table of regularizers, row by row against the controls, the pages and the script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.script import keras_script
from core.settings import CONTROLS, Control, Settings, Value, from_mapping, from_text

ROOT = Path(__file__).resolve().parents[2]
OF_OPTIMISATION = ("weight_decay", "schedule", "gradient_clipping", "averaging")
"""Regularizers among the settings of the optimisation."""


def table() -> dict[str, list[str]]:
    """The cells of each row behind its name."""
    text = (ROOT / "README.md").read_text()
    section = text.split("## Regularizers\n")[1].split("\n## ")[0]
    rows = [re.split(r" *\| *", line)[1:-1] for line in section.splitlines() if line[:1] == "|"]
    return {name: cells for name, *cells in rows[2:]}


def code_in(cell: str) -> list[str]:
    return re.findall("`([^`]+)`", cell)


def settings_in(cell: str) -> dict[str, Value]:
    """What a row sets, written as in a link."""
    (link,) = code_in(cell)
    pairs = (pair.split("=") for pair in link.split("&"))
    return {name: from_text(name, text) for name, text in pairs}


def written(settings: Settings) -> str:
    """The script with each call on one line, however long."""
    return re.sub(r"(?<=\() | (?=\))", "", " ".join(keras_script(settings).split()))


TABLE = table()


def test_there_are_rows_to_read() -> None:
    assert len(TABLE) >= 20
    assert {len(cells) for cells in TABLE.values()} == {3}


@pytest.mark.parametrize("name", TABLE)
def test_it_is_set_by_the_controls_of_these_labels(name: str) -> None:
    set_by, *_ = TABLE[name]
    labels = set_by.split(":")[0].split(" and ")
    assert set(labels) <= {CONTROLS[setting].label for setting in settings_in(set_by)}


@pytest.mark.parametrize("name", TABLE)
def test_its_control_names_a_paper(name: str) -> None:
    set_by, *_ = TABLE[name]
    helps = " ".join(CONTROLS[setting].help for setting in settings_in(set_by))
    assert re.search(r"(19|20)\d\d\)", helps)


@pytest.mark.parametrize("name", TABLE)
def test_it_is_shown_on_pages_that_there_are(name: str) -> None:
    app = (ROOT / "app.py").read_text()
    pages = set(re.findall(r"pages/\w+/(\w+)\.py", app)) | set(
        re.findall(r'url_path="([\w-]+)"', app)
    )
    shown = code_in(TABLE[name][1])
    assert shown
    assert set(shown) <= {f"/{page}" for page in pages}


@pytest.mark.parametrize("name", TABLE)
def test_its_line_stands_in_the_script_and_only_if_it_is_set(name: str) -> None:
    set_by, _, exported = TABLE[name]
    (line,) = code_in(exported)
    assert line in written(from_mapping(settings_in(set_by)))
    assert line not in written(Settings())


def another_value(control: Control) -> Value:
    if control.choices:
        return next(value for value in reversed(control.choices) if value != control.default)
    if isinstance(control.default, bool):
        return not control.default
    return (
        float(control.high or 0) if isinstance(control.default, float) else int(control.high or 0)
    )


def test_every_setting_that_regularizes_by_itself_is_in_a_row() -> None:
    told = {setting for cells in TABLE.values() for setting in settings_in(cells[0])}
    plain, missing = keras_script(Settings()), []
    for name, control in CONTROLS.items():
        if control.section in ("data", "network") or name in told:
            continue
        if control.section == "optimisation" and name not in OF_OPTIMISATION:
            continue
        if keras_script(from_mapping({name: another_value(control)})) != plain:
            missing.append(name)
    assert missing == []
