"""Weight scaling against averages of 1, 5, 10 and 50 thinned networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.chart_settings import PLAIN
from pages.shared.dropout_scene import Scene
from pages.shared.thinned_answers import answers_on, sample_of

if TYPE_CHECKING:
    from core.mechanisms.averaging import Average


def show_averages(scene: Scene) -> None:
    """Error and disagreement by the number of masks, on the same images."""
    st.markdown(
        "After training all units play: **one** network stands for all the thinned ones "
        "(*weight scaling*). Honest, but slow, would be to ask many thinned networks and average. "
        "Is the short cut as good?"
    )
    sample = sample_of(scene)
    if sample is None:
        return
    from core.mechanisms.averaging import averages

    answers = answers_on(scene, sample)
    found = averages(answers.thinned, answers.whole, sample.labels)
    _show_charts(found, f"{sample.words}, {scene.epoch}")
    _show_table(found)
    st.caption(
        f"**{sample.words[0].upper()}{sample.words[1:]}, {scene.epoch}; {scene.under}** for the "
        "thinned networks, off for the whole one. 50 masks were drawn for each image and shared "
        "out: fifty averages of 1, ten of 5, five of 10, one of 50; ± is the standard deviation "
        "of such averages. Disagreement: the most probable class is not that of the whole network. "
        "Srivastava et al. (2014, section 7.5) needed about 50 networks to catch up with weight "
        "scaling; Gal & Ghahramani (2016) read the average as a Bayesian answer."
    )


def _show_charts(found: Sequence[Average], on: str) -> None:
    from core.figures.monte_carlo import averages_figure
    from core.mechanisms.averaging import in_words

    left, right = st.columns(2)
    for column, title, unit, values in (
        (left, "Error", "Images mistaken", lambda one: one.errors),
        (right, "Disagreement", "Images answered otherwise", lambda one: one.disagreements),
    ):
        column.plotly_chart(
            averages_figure(found, values, title, unit, on),
            key=title,
            config=PLAIN,
            alt=f"{title} by masks averaged over, on {on}: "
            + ", ".join(
                f"{one.masks or 'whole network'}: {in_words(values(one))}" for one in found
            ),
        )


def _show_table(found: Sequence[Average]) -> None:
    from core.mechanisms.averaging import in_words

    st.dataframe(
        [
            {
                "Asked": _asked(one.masks),
                "Averages": one.count,
                "Error": in_words(one.errors),
                "Disagreement": in_words(one.disagreements),
                "Loss (nats)": in_words(one.losses, ".3f"),
            }
            for one in found
        ],
        hide_index=True,
        height="content",
        alt="Table of error, disagreement and loss by the number of masks.",
    )


def _asked(masks: int) -> str:
    if not masks:
        return "The whole network, dropout off"
    return "1 thinned network" if masks == 1 else f"The average of {masks}"
