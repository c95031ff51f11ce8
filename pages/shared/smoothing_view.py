"""Label smoothing: the labels, the logits they ask for, and what came of it in two runs."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.augmentation.smoothing import curve_of_gaps, logit_gap, smoothed_label
from core.augmentation.smoothing_pair import (
    SmoothingPair,
    is_alike,
    missing,
    pair_of,
    smoothing_of,
)
from core.data import facts
from core.learning.what_is_measured import least_smoothed_loss
from core.runs import Run
from pages.shared import state
from pages.shared.chart_settings import PLAIN
from pages.shared.faults import faults_in_words
from pages.shared.mixing_view import data_of
from pages.shared.run_picker import Network

if TYPE_CHECKING:
    from core.augmentation.records import Logits

USUAL = 0.1


def show_smoothing(network: Network) -> None:
    """The closed form by slider, then the pair of runs."""
    st.markdown(
        "Label smoothing takes a little from the right class and gives it to all classes alike "
        "(Szegedy et al., 2016). The network need not become ever surer: its logits have an end to "
        "grow to. A network that was too sure comes out better calibrated (Müller et al., 2019), "
        "an honest one less sure than it is right."
    )
    st.fragment(_show_all)(network)


@faults_in_words()
def _show_all(network: Network) -> None:
    own = smoothing_of(network.run)
    st.session_state.setdefault(state.SMOOTH, own or USUAL)
    smoothing = st.slider(
        "Label smoothing",
        0.0,
        0.5,
        step=0.01,
        key=state.SMOOTH,
        persist_state="session",
        width=420,
        help="The share e of the label that is spread evenly over all classes.",
    )
    _show_closed_form(network.run, smoothing)
    st.divider()
    _show_pair(network, smoothing or USUAL)


def _show_closed_form(run: Run, smoothing: float) -> None:
    from core.figures.labels import gap_curve, label_bars

    names = facts(run.settings.data.dataset).class_names
    label = smoothed_label(0, len(names), smoothing)
    gap, least = logit_gap(smoothing, len(names)), least_smoothed_loss(smoothing, len(names))
    left, right = st.columns(2, gap="large")
    with left:
        st.plotly_chart(
            label_bars(label.tolist(), None, names, f"The label of “{names[0]}”", "Sums to 100 %"),
            key="smoothed label",
            config=PLAIN,
            alt=f"The right class has {label[0]:.1%} of the label, each other {label[1]:.2%}.",
        )
    with right:
        st.plotly_chart(
            gap_curve(*curve_of_gaps(len(names)), smoothing, gap, len(names)),
            key="gap curve",
            config=PLAIN,
            alt=f"The gap that is asked for falls as smoothing grows; here it is {gap:.2f}.",
        )
    if smoothing == 0:
        st.markdown(
            "Without smoothing the loss falls for as long as the right class's logit grows away "
            "from the others: the gap that is asked for has no end, and the least loss is 0."
        )
        return
    st.markdown(
        f"The right class keeps $1 - e + e/K$ = **{label[0]:.1%}**, each of the other "
        f"{len(names) - 1} gets $e/K$ = **{label[1]:.2%}**. The loss is least, {least:.3f} nats, "
        "where the right class's logit stands above every other by "
        f"$\\log\\frac{{1 - e + e/K}}{{e/K}}$ = **{gap:.2f}**: beyond that, being surer costs."
    )


def _show_pair(network: Network, smoothing: float) -> None:
    run = network.run
    runs = state.library().runs()
    st.markdown("##### What it did in two runs that differ in nothing else")
    queue = state.training_queue()
    under_way = [
        one.id
        for one in runs
        if is_alike(one.settings, run.settings) and queue.progress(one.id) is not None
    ]
    if under_way:
        _follow(under_way)
    pair = pair_of(run.settings, runs, smoothing)
    if not under_way:
        _offer_to_train(run, pair, smoothing)
    if pair.plain is not None and pair.smoothed is not None:
        # Of other weights there are seldom two runs.
        weights = "last" if network.weights == "last" else "best"
        _compare(pair.plain, pair.smoothed, weights)


def _offer_to_train(run: Run, pair: SmoothingPair, smoothing: float) -> None:
    wanted = missing(run.settings, pair, smoothing)
    if not wanted:
        return
    amounts = " and ".join(
        f"{one.regularization.label_smoothing:g}" if one.regularization.label_smoothing else "none"
        for one in wanted
    )
    if pair.plain is None or pair.smoothed is None:
        st.info(
            "To compare, there have to be two runs with the settings of this one, with and without "
            f"label smoothing. Still to be trained: smoothing {amounts}.",
            icon=":material/info:",
        )
    st.button(
        "Train the pair" if len(wanted) > 1 else f"Train it with smoothing {amounts}",
        type="primary" if pair.plain is None or pair.smoothed is None else "secondary",
        icon=":material/play_arrow:",
        key=state.TRAIN_PAIR,
        on_click=_train,
        args=(wanted,),
        help="Same data, same first weights, same order of batches: the seed is that of this run.",
    )


@faults_in_words()
def _train(wanted: Sequence) -> None:
    for settings in wanted:
        state.training_queue().submit(settings)


def _follow(run_ids: Sequence[str]) -> None:
    """How far the runs are, until they have ended."""

    @st.fragment(run_every=1.0)
    @faults_in_words()
    def look_again() -> None:
        queue = state.training_queue()
        now = {run_id: queue.progress(run_id) for run_id in run_ids}
        if not all(now.values()):
            st.rerun()
        for run_id, progress in now.items():
            if progress is None:
                continue
            smoothing = smoothing_of(state.library().run(run_id))
            with st.container(horizontal=True, vertical_alignment="center"):
                words = f"Smoothing {smoothing:g} · {progress.words}"
                st.progress(min(progress.fraction, 1.0), text=words)
                st.button(
                    "Stop",
                    key=f"{state.STOP} {run_id}",
                    icon=":material/stop:",
                    on_click=queue.stop,
                    args=(run_id,),
                )

    look_again()


def _compare(plain: Run, smoothed: Run, weights: str) -> None:
    from core.augmentation.smoothed_runs import gap_counts
    from core.figures.labels import gap_histogram
    from core.figures.predictions import calibration_figure

    runs = (plain, smoothed)
    found = [_logits(run, weights) for run in runs]
    names = ["Without smoothing", f"Smoothing {smoothing_of(smoothed):g}"]
    classes = len(facts(plain.settings.data.dataset).class_names)
    asked = logit_gap(smoothing_of(smoothed), classes)
    sample = f"{found[0].calibration.accuracy.images:,} validation images"
    _show_figures(runs, weights, names, found)
    columns = st.columns(3, gap="medium")
    with columns[0]:
        st.plotly_chart(
            gap_histogram(gap_counts(found), names, asked, sample),
            key="gap histogram",
            config=PLAIN,
            alt="Gap between the logits: "
            + "; ".join(
                f"{name} {one.mean:.1f} ± {one.spread:.1f}"
                for name, one in zip(names, found, strict=True)
            ),
        )
    for column, name, one in zip(columns[1:], names, found, strict=True):
        with column:
            st.plotly_chart(
                calibration_figure(one.calibration, f"{name}, {sample}"),
                key=f"calibration {name}",
                config=PLAIN,
                alt=f"Calibration curve, {name}: expected calibration error "
                f"{one.calibration.error:.1%}.",
            )
    st.caption(
        f"Both on the same {sample}, {weights} weights, dropout off. Dotted in the first chart: "
        "the gap that the smoothed labels ask for, which images have that are fitted exactly. The "
        "expected calibration error is the mean difference of confidence and accuracy over 15 "
        "equal bins (Guo et al., 2017). One run each: what differs by little may be chance, and "
        "other seeds tell."
    )


def _show_figures(
    runs: Sequence[Run],
    weights: str,
    names: Sequence[str],
    found: Sequence[Logits],
) -> None:
    rows = [
        {
            "Run": name,
            "Epoch": run.best_epoch if weights == "best" else run.epochs_done,
            "Accuracy": f"{one.calibration.accuracy.value:.1%}",
            "Mean confidence": f"{one.calibration.mean_confidence:.1%}",
            "Expected calibration error": f"{one.calibration.error:.1%}",
            "So it is": one.calibration.verdict,
            "Gap between logits (mean ± standard deviation)": f"{one.mean:.2f} ± {one.spread:.2f}",
        }
        for run, name, one in zip(runs, names, found, strict=True)
    ]
    st.dataframe(
        rows,
        hide_index=True,
        height="content",
        alt="Accuracy, calibration and logits of the two runs.",
    )


def _logits(run: Run, weights: str) -> Logits:
    path = state.library().file(run.id, f"{weights}.keras")
    about = path.stat()
    return _measured(str(path), about.st_mtime_ns, about.st_size, functools.partial(data_of, run))


@st.cache_resource(show_spinner="The network looks at the validation images ...", max_entries=8)
def _measured(path: str, changed: int, size: int, _data: functools.partial) -> Logits:
    """Of a saved network; the file's time and size tell a replaced file from the one before."""
    from core.augmentation.smoothed_runs import judged, logits_of
    from core.inside.layers import load_network

    data = _data()
    logits = logits_of(load_network(Path(path)), data.validation_images)
    return judged(logits, data.validation_labels)
