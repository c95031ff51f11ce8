"""The table of runs, in which rows are ticked and opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from core import warmup
from core.library import table as run_table
from core.runs import Run
from pages.shared import state


def run_list(
    runs: Sequence[Run], ticked: Sequence[str], storage: Mapping[str, int]
) -> tuple[list[str], str | None]:
    """Show a table of runs.

    Parameters
    ----------
    runs : sequence of Run
        One a row, at least one.
    ticked : sequence of str
        Ids of the runs that are ticked when the table is shown for the first time; others than
        these runs may be among them.
    storage : Mapping
        Bytes of the files of each run, by id.

    Returns
    -------
    ticked : list of str
        Ids of the runs that are ticked now, in the order in which they were ticked; those that are
        not shown stay.
    opened : str or None
        Id of the run whose button was pressed just now.
    """
    ids = [run.id for run in runs]
    columns = run_table.columns(runs)
    # Streamlit knows the rows by their numbers. So a table of other runs is to be another table,
    # which begins with the same runs ticked; else a tick, or a click, would pass to a neighbour.
    table = hash((*ids, st.session_state.get(state.TABLE_TURN, 0)))
    warmup.wait_for_drawing()
    event = st.dataframe(
        [{"open": ":material/show_chart: Open", **row} for row in run_table.rows(runs, storage)],
        key=f"{state.RUN_LIST} {table}",
        hide_index=True,
        placeholder="",
        # The button first: beside a long name it would be out of sight on a phone.
        column_order=["open", *columns],
        column_config={
            "open": st.column_config.ButtonColumn(
                "Curves", type="tertiary", key=f"{state.OPENED} {table}"
            ),
            **{name: _configured(column) for name, column in columns.items()},
        },
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [n for n, id in enumerate(ids) if id in ticked]}},
        alt=f"Table of {len(runs)} runs with their state, settings, best epoch and figures.",
    )
    click = st.session_state.get(f"{state.OPENED} {table}")
    now = {ids[row] for row in event.selection.rows}
    stay = [id for id in ticked if id in now or id not in ids]
    return stay + [id for id in ids if id in now - set(stay)], ids[click.row] if click else None


def _configured(column: run_table.Column) -> ColumnConfig:
    """The column in Streamlit's terms."""
    if column.kind == "number":
        return st.column_config.NumberColumn(column.label, help=column.help, format=column.form)
    if column.kind == "time":
        return st.column_config.DatetimeColumn(column.label, help=column.help, format=column.form)
    return st.column_config.TextColumn(column.label, help=column.help, width=column.width)
