"""What a run's best checkpoint says of images that it did not learn from."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.errors import LearnscopeError
from core.predictions.stored import PREDICTIONS_FILE, Predictions, read_predictions
from core.runs import Run
from pages.shared import state
from pages.shared.faults import faults_in_words
from pages.shared.link_choice import link_choice
from pages.shared.prediction_views import (
    show_calibration,
    show_classes,
    show_confusion,
    show_figures,
    show_images,
)
from pages.shared.run_picker import pick_run
from pages.shared.runs_with_weights import runs_with_weights

PARTS = {"validation": "Validation", "test": "Test"}
USES = {
    "validation": "They chose the best epoch, and you may choose settings by them as often as you "
    "like; so the figures come out a little too good.",
    "test": "They chose nothing so far. Take them last, for the figure that you report: once you "
    "choose settings by them, they are no test any more.",
}


def predictions_of(run: Run) -> Predictions:
    """The predictions that are kept; without any, say why, offer to make them, and stop."""
    if not run.state.ended:
        follow(run.id)
        st.stop()
    try:
        path = state.library().file(run.id, PREDICTIONS_FILE)
        about = path.stat()
        predictions = read(str(path), about.st_mtime_ns, about.st_size)
    except LearnscopeError as error:
        offer_to_make(run, str(error))
        st.stop()
    if predictions.epoch != run.best_epoch:
        offer_to_make(run, f"The kept predictions are of epoch {predictions.epoch}.")
        st.stop()
    return predictions


@st.cache_resource(show_spinner=False, max_entries=12)
def read(path: str, changed: int, size: int) -> Predictions:
    """Kept predictions; the file's time and size tell a replaced file from the one before."""
    return read_predictions(Path(path))


def follow(run_id: str) -> None:
    """Say that a run is on its way, and go on by itself once it has ended."""

    @st.fragment(run_every=1.0)
    @faults_in_words()
    def look_again() -> None:
        run = state.library().run(run_id)
        if run.state.ended:
            st.rerun()
        st.info(
            f"This run is {run.state.words}. Its predictions are made when it has ended; this "
            "page then goes on by itself.",
            icon=":material/hourglass_top:",
        )

    look_again()
    link = {state.RUN: run_id}
    page = "pages/learning/train.py"
    st.page_link(page, label="Watch it train", icon=":material/show_chart:", query_params=link)


def offer_to_make(run: Run, why: str) -> None:
    """Say what is missing, and make it from the best checkpoint if that is wanted."""
    st.info(
        f"{why} The predictions can be made now from the best checkpoint, of epoch "
        f"{run.best_epoch}, in a few seconds.",
        icon=":material/info:",
    )
    if st.button("Make them now", type="primary", icon=":material/play_arrow:", key=state.PREDICT):
        state.wait_until_warm()
        from core.predictions.predicting import predict_best

        with st.spinner("The network looks at the images ..."):
            predict_best(state.library(), run.id)
        st.rerun()


def show_page() -> None:
    """From the run to its mistakes, and to how sure it may be."""
    st.title("Predictions")
    st.markdown(
        "What the best weights of a run say of images that they did not learn from: which they "
        "confuse, and whether they are as right as they are sure."
    )
    runs = runs_with_weights()
    with st.container(horizontal=True, vertical_alignment="top"):
        run = pick_run(runs)
        part = link_choice(
            st.segmented_control,
            state.PART,
            "Images",
            list(PARTS),
            PARTS.__getitem__,
            required=True,
            help="Validation images chose the best epoch. Test images chose nothing.",
        )
    predictions = predictions_of(run)
    state.wait_until_warm()
    from core.predictions.quality import answers_of

    answers = answers_of(predictions, part)
    sample = f"{len(answers.labels):,} {part} images, epoch {predictions.epoch}, dropout off"
    wrong = run.settings.data.wrong_labels
    st.caption(
        f"**{sample}.** {USES[part]}"
        + f" {wrong:.0%} of the training labels were made wrong; none of these is." * bool(wrong)
    )
    show_figures(answers)
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_confusion(run, answers, sample)
    with right:
        show_images(run, answers, part)
    left, right = st.columns(2, gap="large")
    with left:
        show_classes(run, answers, sample)
    with right:
        show_calibration(run, answers, sample)


show_page()
