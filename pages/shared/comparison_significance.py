"""Is it real? What the tests say of the differences between groups."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.comparison.groups import Group, missing_seeds
from core.comparison.results import RESULTS, Result, computed_on
from core.comparison.seeds import MOST_REPEATS
from core.comparison.significance_words import (
    EVERY_PAIR,
    Verdict,
    pairing_in_words,
    permutation_in_words,
    seeds_needed_in_words,
    sentence,
    summary,
    table_of_verdicts,
    verdicts,
)
from core.errors import LearnscopeError
from pages.shared import state
from pages.shared.comparison_choice import choice
from pages.shared.comparison_link import join_comparison

_SPELLED_OUT = 3
"""Comparisons that are told one by one; more of them stand in a table."""


def significance_of_groups(groups: Sequence[Group]) -> None:
    """Choose a figure, and read whether the groups differ in it by more than chance."""
    st.subheader("Is it real?")
    if len(groups) < 2:
        st.caption(
            "All of these runs have the same settings but for the seed. Tick runs of another "
            "setting too, and the difference is tested here."
        )
        return
    with st.container(border=True):
        with st.container(horizontal=True):
            key = choice(
                state.FIGURE,
                "Figure",
                list(RESULTS),
                lambda key: RESULTS[key].label.capitalize(),
                "Settings are chosen by validation figures, so these are tested unless you choose "
                "otherwise. Whoever chooses settings by the test images has no images left that "
                "chose nothing.",
            )
            against = _against(groups)
        result = RESULTS[key]
        try:
            found = verdicts(groups, result, against)
        except LearnscopeError as error:
            st.warning(str(error), icon=":material/block:")
            return
        _say(found, result)
        _offer_more_seeds(groups)
        _fine_print(groups, found, result)


def _against(groups: Sequence[Group]) -> str:
    if len(groups) == 2:
        return groups[0].letter
    labels = {group.letter: group.named for group in groups}
    return choice(
        state.AGAINST,
        "Compared with",
        [*labels, EVERY_PAIR],
        lambda letter: labels.get(letter, "Every pair of groups"),
        "The fewer comparisons are made, the less each p-value has to be corrected.",
        width=330,
    )


def _say(found: Sequence[Verdict], result: Result) -> None:
    tested = [verdict for verdict in found if verdict.found is not None]
    if not tested:
        # The reason once, not once a pair; the table says it of each.
        words = sentence(found[0], result) if len(found) == 1 else found[0].refusal
        st.info(words, icon=":material/help:")
    elif len(tested) > _SPELLED_OUT:
        st.markdown(summary(found, result))
    else:
        for verdict in tested:
            st.markdown(sentence(verdict, result))
    if len(found) > 1:
        st.dataframe(
            table_of_verdicts(found, result),
            hide_index=True,
            placeholder="",
            alt="Table of the comparisons: difference, confidence interval, p-values, effect size "
            "and the number of seeds that would be needed.",
        )


def _offer_more_seeds(groups: Sequence[Group]) -> None:
    """Train what is missing to a test, and let it take part in this comparison."""
    missing = missing_seeds(groups)
    if not missing or len(missing) > MOST_REPEATS:
        return
    runs = "1 more run" if len(missing) == 1 else f"{len(missing)} more runs"
    if st.button(
        f"Train {runs}",
        icon=":material/play_arrow:",
        help="Then each group has three seeds, the fewest with which a test makes sense. They "
        "train one after the other and join this comparison.",
    ):
        join_comparison([state.training_queue().submit(settings) for settings in missing])
        st.rerun()


def _fine_print(groups: Sequence[Group], found: Sequence[Verdict], result: Result) -> None:
    lines = []
    if len(found) == 1 and found[0].found is not None:
        (verdict,) = found
        lines += [
            f"Effect size (Hedges' g): {verdict.found.effect:.2f} standard deviations.",
            permutation_in_words(verdict.found),
            seeds_needed_in_words(verdict.found),
            pairing_in_words(verdict),
        ]
    elif any(verdict.found is not None for verdict in found):
        lines.append(
            "The p-values are corrected by Holm's method for the "
            f"{found[0].comparisons} comparisons that are made here; any that you looked at before "
            "are not counted."
        )
    lines.append(f"Computed on {computed_on(groups[0], result)}; at the best epoch, dropout off.")
    if result.part == "test":
        lines.append("Look at test figures once, when the settings are chosen, not to choose them.")
    else:
        lines.append(
            "Validation figures are compared, since the test images must not choose settings."
        )
    st.caption("  \n".join(line for line in lines if line))
