"""Runs that stand side by side: their curves as they grow, what they reach, what they share."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import warmup
from core.comparison.begun_alike import WHAT_IS_IN_THEM, begun_alike
from core.comparison.named_groups import name_of_group
from core.comparison.overlay import (
    OVERLAYS,
    SEEN_ELSEWHERE,
    WITH_TRAINING,
    WITHOUT_TRAINING,
    as_in_the_experiment,
    overlay,
    preset_of,
    shades_of,
    table_side_by_side,
)
from core.comparison.seeds import over_seeds
from core.comparison.side_by_side import variants_of
from core.errors import LearnscopeError
from core.runs import Epoch, Run
from pages.shared import state
from pages.shared.faults import faults_in_words
from pages.shared.live_chart import live_chart
from pages.shared.plain_text import as_typed
from pages.shared.side_by_side_setup import train_together
from pages.shared.variant_cards import put_into_cards

RUNS = "pages/learning/runs.py"
_TICK = 0.5
_HEIGHT = 400
_MOST = 6


def results_side_by_side(ids: Sequence[str]) -> None:
    """Show the runs of these ids, again and again as long as one of them goes on."""
    for name in (state.BASE, state.VARIANTS):
        # A choice of the set-up may come with the click that trains, after the address is written.
        st.query_params.pop(name, None)
    runs = _found(ids)
    if not runs:
        st.button("Set up another", icon=":material/arrow_back:", on_click=_leave)
        return
    going = any(not run.state.ended for run in runs)
    _head(runs)
    st.fragment(_show, run_every=_TICK if going else None)([run.id for run in runs], going)


def _found(ids: Sequence[str]) -> list[Run]:
    runs = []
    for run_id in list(dict.fromkeys(ids))[:_MOST]:
        try:
            runs.append(state.library().run(run_id))
        except LearnscopeError as error:
            st.warning(str(error), icon=":material/link_off:")
    return runs


def _head(runs: Sequence[Run]) -> None:
    name = name_of_group(runs)
    seed = runs[0].settings.optimisation.seed
    st.markdown(f"#### Group {as_typed(name)}" if name else f"#### {len(runs)} runs")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Change the settings",
            icon=":material/arrow_back:",
            on_click=_change,
            args=(runs,),
            help="Puts these settings into the cards, to change one and train anew.",
        )
        st.button(
            "Rewind",
            icon=":material/replay:",
            on_click=_again,
            args=(runs, name, 0),
            help=f"Trains the same settings again from the same first weights (seed {seed}): the "
            "curves come out the same, for nothing is left to chance.",
        )
        st.button(
            f"The same with seed {seed + 1}",
            icon=":material/casino:",
            on_click=_again,
            args=(runs, name, 1),
            help="Other images in each part, other first weights, another order of batches. What "
            "holds here too is not chance.",
        )
        st.page_link(
            RUNS,
            label="Is it real? Compare on the page Runs",
            icon=":material/compare_arrows:",
            query_params={state.COMPARE: ",".join(run.id for run in runs)},
        )


@faults_in_words()
def _show(ids: Sequence[str], going: bool) -> None:
    library = state.library()
    runs = [library.run(run_id) for run_id in ids]
    if going and all(run.state.ended for run in runs):
        # What stands outside of here has something new to say, too.
        st.rerun()
    if trouble := library.trouble():
        st.error(trouble, icon=":material/error:")
    if going:
        _progress(runs)
    many = [library.epochs(run.id) for run in runs]
    _charts(runs, many)
    _table(runs, many)
    _same(runs)


def _progress(runs: Sequence[Run]) -> None:
    """How far all of them are together, and the way to end them."""
    queue = state.training_queue()
    ended = sum(run.state.ended for run in runs)
    running = next((run for run in runs if queue.place(run.id) == 0), None)
    known = None if running is None else queue.progress(running.id)
    part = 0.0 if known is None else min(known.fraction, 1.0)
    words = f"{ended} of {len(runs)} trained"
    if running is not None and known is not None:
        words += f" · {as_typed(running.name)}: {known.words}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min((ended + part) / len(runs), 1.0), text=words)
        st.button(
            "Stop all",
            key=state.STOP_ALL,
            icon=":material/stop:",
            on_click=_stop,
            args=([run.id for run in runs],),
            help="Ends the one that is trained within a batch, and takes the others out of the "
            "queue. What was learnt so far is kept.",
        )


def _charts(runs: Sequence[Run], many: Sequence[Sequence[Epoch]]) -> None:
    training = st.toggle(
        "Curves on the training images too",
        key=state.TRAINING_TOO,
        help="Where the thin dashed curve leaves the thick one of its colour, the network learns "
        "by heart. Both are taken at each epoch's end, dropout off.",
    )
    warmup.wait_for_drawing()
    from core.figures.side_by_side import growing_curves

    epochs = max(run.settings.optimisation.epochs for run in runs)
    shades = shades_of(runs)
    for column, what in zip(st.columns(2), OVERLAYS, strict=True):
        curves, measure = overlay(many, what, training)
        subtitle = WITH_TRAINING if training else WITHOUT_TRAINING
        figure = growing_curves(curves, shades, measure, subtitle, epochs, _HEIGHT)
        with column:
            live_chart(
                figure.to_dict(),
                key=f"side by side {what}",
                height=_HEIGHT,
                alt=f"{measure.title} on the validation images by epoch, a curve for each of: "
                + "; ".join(shade.name for shade in shades),
            )


def _table(runs: Sequence[Run], many: Sequence[Sequence[Epoch]]) -> None:
    st.dataframe(
        table_side_by_side(runs, many),
        hide_index=True,
        alt="A row a setting: its state, the figures at its best epoch and at the last one.",
    )
    st.caption(
        "Validation loss (nats) and accuracy: at the best epoch, that of the lowest validation "
        "loss, → at the last. Training accuracy: at the last epoch, on a fixed sample of the "
        f"training images{_with_labels(runs)}. Test accuracy: of the best epoch. All with dropout "
        "off. One run a setting: whether a small difference is chance, more seeds tell."
    )
    found = [(run, preset) for run in runs if (preset := preset_of(run))]
    if found:
        with st.expander("What to look for", icon=":material/visibility:", expanded=True):
            if not all(as_in_the_experiment(run.settings, preset) for run, preset in found):
                st.caption(SEEN_ELSEWHERE)
            for title, sentence in {one.title: one.look_for for _, one in found}.items():
                st.markdown(f"**{title}.** {sentence}")


def _with_labels(runs: Sequence[Run]) -> str:
    share = runs[0].settings.data.wrong_labels
    return f", of which {share:.0%} have a wrong label to learn" if share else ""


def _same(runs: Sequence[Run]) -> None:
    alike = begun_alike(runs, {run.id: state.library().events(run.id) for run in runs})
    st.subheader("What is the same")
    show = st.success if alike.proved else st.warning if alike.different else st.info
    icon = "verified" if alike.proved else "warning" if alike.different else "hourglass_top"
    show(alike.sentence, icon=f":material/{icon}:")
    st.dataframe(
        alike.rows,
        hide_index=True,
        alt="A row a run: fingerprints of its images, first weights and batches.",
    )
    st.caption(WHAT_IS_IN_THEM)


@faults_in_words()
def _again(runs: Sequence[Run], group: str, later: int) -> None:
    """Train the same settings once more, with a seed that many later."""
    many = [over_seeds(run.settings, later + 1)[-1] for run in runs]
    train_together(many, [run.name for run in runs], group)


@faults_in_words()
def _stop(ids: Sequence[str]) -> None:
    # From the last on, so that none of them begins when the one before it ends.
    for run_id in reversed(ids):
        state.training_queue().stop(run_id)


def _change(runs: Sequence[Run]) -> None:
    put_into_cards(variants_of(runs[0].settings, [run.settings for run in runs]))
    st.query_params.from_dict({state.BASE: runs[0].id})


def _leave() -> None:
    st.query_params.clear()
