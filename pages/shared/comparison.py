"""Runs side by side: on the page of runs for those that are ticked, or alone for a link."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import warmup
from core.comparison.groups import Group, groups_of, left_out_in_words
from core.comparison.results import table_of_groups
from core.comparison.seeds import DRAWN_BY_SEED
from core.errors import LearnscopeError
from core.runs import Run
from pages.shared import state
from pages.shared.comparison_curves import curves_of_groups
from pages.shared.comparison_link import forget_link, go_to_table, linked_ids, write_link
from pages.shared.comparison_significance import significance_of_groups
from pages.shared.faults import faults_in_words
from pages.shared.parallel_view import parallel_view

MOST_RUNS = 200
"""Runs that are compared at once, so that the page stays quick and a link to it short."""


def comparison(ticked: Sequence[str]) -> None:
    """Compare the runs that are ticked, and let the address bar say which; nothing below two."""
    if len(ticked) < 2:
        forget_link()
        return
    link = ",".join(ticked[:MOST_RUNS])
    write_link(link)
    with st.container():
        _compare(ticked)


def linked_comparison() -> bool:
    """Show the comparison that the link asks for, and nothing else, if it asks for one.

    Returns
    -------
    bool
        Whether it did. What this session wrote into the address bar itself is no such link.
    """
    ids = linked_ids()
    if not ids:
        return False
    st.button("All runs", icon=":material/arrow_back:", on_click=go_to_table, args=(ids,))
    goes_on = any(not run.state.ended for run in _found(ids)[0])
    st.fragment(_linked, run_every=1.0 if goes_on else None)(ids, goes_on)
    return True


@faults_in_words()
def _linked(ids: Sequence[str], goes_on: bool) -> None:
    if goes_on and all(run.state.ended for run in _found(ids)[0]):
        st.rerun()
    _compare(ids)


def _found(ids: Sequence[str]) -> tuple[list[Run], list[str]]:
    """The runs of these ids, and a sentence for each id that stands for none."""
    runs, unknown = [], []
    for run_id in ids[:MOST_RUNS]:
        try:
            runs.append(state.library().run(run_id))
        except LearnscopeError as error:
            unknown.append(str(error))
    return runs, unknown


def _compare(ids: Sequence[str]) -> None:
    runs, unknown = _found(ids)
    for sentence in unknown:
        st.warning(sentence, icon=":material/link_off:")
    if len(ids) > MOST_RUNS:
        st.info(
            f"{len(ids):,} runs are ticked; the first {MOST_RUNS} of them are compared.",
            icon=":material/info:",
        )
    if len(runs) < 2:
        st.info(
            "A comparison takes two runs or more. Tick them in the table of all runs.",
            icon=":material/compare_arrows:",
        )
        return
    groups = groups_of(runs)
    _head(runs, groups)
    state.wait_until_warm()
    curves_of_groups(groups)
    _table(groups)
    significance_of_groups(groups)
    parallel_view(runs)


def _head(runs: Sequence[Run], groups: Sequence[Group]) -> None:
    many = f"{len(groups)} groups" if len(groups) > 1 else "one group"
    st.header(f"Comparison: {len(runs)} runs in {many}")
    st.caption(
        "Runs that differ only by their seed are one group. The seed draws "
        f"{DRAWN_BY_SEED}: what differs within a group is due to all of these. "
        "The address of this page is a link to this comparison."
    )


def _table(groups: Sequence[Group]) -> None:
    warmup.wait_for_drawing()
    st.markdown("**What the best checkpoints reach**")
    st.dataframe(
        table_of_groups(groups),
        hide_index=True,
        alt=f"Table of {len(groups)} groups with the settings in which they differ, the number of "
        "seeds, and mean and standard deviation of their figures.",
    )
    st.caption(
        "Mean ± standard deviation over the seeds; n is their number. Each figure is of the run's "
        "best epoch, with dropout off. The validation images chose that epoch; the test images "
        "chose nothing, and should not choose the settings either."
    )
    sentences = left_out_in_words(groups)
    if sentences:
        st.info(
            "Left out of means and tests: "
            + "; ".join(sentences)
            + ". If runs of a group fail because of its settings, the group looks better here than "
            "it is.",
            icon=":material/playlist_remove:",
        )
