"""The views of a run's predictions: figures, confusion, images, classes, calibration.

The modules of core that need scikit-learn are imported once a page has waited for the warm-up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.data import facts
from core.runs import Run
from pages.shared import state
from pages.shared.chart_settings import PLAIN
from pages.shared.figure_card import figure_card
from pages.shared.link_choice import link_choice
from pages.shared.run_data import parts_at_hand

if TYPE_CHECKING:
    from core.predictions.quality import Answers, Confusion

_A_PAGE = 16
_SIDE, _GAP = 80, 4
"""Pixels of an image and of the margin around it: four stand side by side on a phone."""
_ANY = "any"
_MOST_NAMED = 5
"""Of equally frequent mistakes that are named; more are counted."""


def _class_names(run: Run) -> tuple[str, ...]:
    return facts(run.settings.data.dataset).class_names


def show_figures(answers: Answers) -> None:
    """Accuracy, mistakes, confidence and calibration in numbers."""
    from core.predictions.quality import BINS, calibration

    found = calibration(answers)
    accuracy = found.accuracy
    interval = f"{accuracy.low:.1%} to {accuracy.high:.1%}"
    with st.container(horizontal=True, gap="xsmall"):
        for label, value, below, words in (
            (
                "Accuracy",
                f"{accuracy.value:.1%}",
                interval,
                "Below: Wilson's 95% interval, in which the accuracy on all images of this kind "
                "lies, as far as so few of them can tell.",
            ),
            (
                "Mistakes",
                f"{accuracy.mistakes:,}",
                f"of {accuracy.images:,} images",
                "Images whose most probable class is not the true one.",
            ),
            (
                "Mean confidence",
                f"{found.mean_confidence:.1%}",
                _VERDICTS[found.verdict],
                "The probability that the network gives to the class that it decides for, on "
                "average. It should be the accuracy; below stands whether it is above or below "
                "the accuracy's interval.",
            ),
            (
                "Calibration error",
                f"{found.error:.1%}",
                f"{BINS} equal bins",
                "Expected calibration error: by how much confidence and accuracy differ within a "
                "bin, averaged over the images (Guo et al., 2017). 0 would be perfect; by chance "
                "alone it is a little more.",
            ),
        ):
            figure_card(
                label,
                value,
                below,
                help=words,
            )


_VERDICTS = {"too sure": "surer than right", "too unsure": "less sure", "honest": "as it should be"}


def show_confusion(run: Run, answers: Answers, sample: str) -> None:
    """The confusion matrix and what it says first."""
    from core.figures.predictions import confusion_figure
    from core.predictions.quality import confusion

    names, found = _class_names(run), confusion(answers)
    cells = st.segmented_control(
        "In the cells",
        ["Images", "Share of the class"],
        default="Images",
        required=True,
        key=state.CELLS,
        persist_state="session",
    )
    first = _most_frequent_in_words(found, names)
    st.plotly_chart(
        confusion_figure(found, names, cells != "Images", sample),
        key="confusion matrix",
        config=PLAIN,
        alt=f"Confusion matrix of {len(names)} classes on {sample}. {first}",
    )
    st.caption(
        f"{first} A row is a true class: blue on the diagonal are its right answers, orange its "
        "mistakes, the darker the larger their share of the class. Blue and orange have scales of "
        "their own."
    )


def _most_frequent_in_words(found: Confusion, names: Sequence[str]) -> str:
    """The most frequent mistake, or those that are equally frequent."""
    cells, count = found.most_frequent
    times = f"{count} time{'s' if count > 1 else ''}"
    if not cells:
        return "There is no mistake."
    if len(cells) > _MOST_NAMED:
        return f"No mistake stands out: {len(cells)} kinds are the most frequent, {times} each."
    words = [f"{names[true]} taken for {names[given]}" for true, given in cells]
    if len(words) == 1:
        return f"The most frequent mistake: {words[0]}, {times}."
    return f"The most frequent mistakes: {', '.join(words)}, {times} each."


def show_images(run: Run, answers: Answers, part: str) -> None:
    """The images of a cell of the matrix, or the mistakes that the network was surest of."""
    from core.predictions.quality import chosen_images, in_pages

    names = _class_names(run)
    options = [_ANY, *map(str, range(len(names)))]
    st.markdown("**The images**")
    with st.container(horizontal=True):
        truth, given = (
            link_choice(
                st.selectbox,
                key,
                label,
                options,
                lambda option: "Any" if option == _ANY else names[int(option)],
                width=150,
            )
            for key, label in ((state.TRUTH, "True class"), (state.GIVEN, "Taken for"))
        )
    places = chosen_images(answers, *(None if c == _ANY else int(c) for c in (truth, given)))
    if not len(places):
        st.info(
            f"There is no such image among these {len(answers.labels):,}.", icon=":material/check:"
        )
        return
    alike = truth == given != _ANY
    kind = (
        f"rightly recognised, least sure first ({len(places):,})"
        if alike
        else f"mistakes, surest first ({len(places):,})"
    )
    pages = in_pages(places, _A_PAGE)
    key = f"{state.IMAGES_PAGE} {run.id} {part} {truth} {given}"
    number = st.pagination(len(pages), key=key, max_visible_pages=5) if len(pages) > 1 else 1
    _show_some(run, answers, part, pages[number - 1])
    st.caption(
        f"{kind[0].upper()}{kind[1:]}. Under each image its true class, the class that it was "
        "taken for, and the probability that the network gave to that."
    )


def _show_some(run: Run, answers: Answers, part: str, places: np.ndarray) -> None:
    images = _images_of(run, answers, part)
    from core.predictions.quality import in_percent

    names, given, confidence = _class_names(run), answers.given, answers.confidence
    words = [
        f"{names[answers.labels[place]]}, taken for {names[given[place]]}: "
        f"{in_percent(confidence[place])}"
        for place in places
    ]
    if images is None:
        st.markdown(
            "\n".join(f"- Image {p}: {said}" for p, said in zip(places, words, strict=True))
        )
        return
    from core.figures.predictions import enlarged

    st.image(
        # Twice as many pixels as the screen of a desk shows, for one that has finer ones.
        [enlarged(images[place], 2 * _SIDE, 2 * _GAP) for place in places],
        caption=words,
        width=_SIDE + 2 * _GAP,
        alt=[
            f"Image {place} of the {part} part: {said}"
            for place, said in zip(places, words, strict=True)
        ],
    )


def _images_of(run: Run, answers: Answers, part: str) -> np.ndarray | None:
    """The images of the part, in order; without them, a sentence why, and None."""
    parts = parts_at_hand(run, "its images cannot be shown")
    if parts is None:
        return None
    images, labels = parts[part]
    if not np.array_equal(labels, answers.labels):
        st.warning(
            "The images that were found again are not those of these predictions, so they are not "
            "shown. Train the run again to see its images.",
            icon=":material/image_not_supported:",
        )
        return None
    return images


def show_classes(run: Run, answers: Answers, sample: str) -> None:
    """How well each class is recognised."""
    from core.figures.predictions import class_accuracy_figure
    from core.predictions.quality import accuracy_by_class, confusion, share

    names = _class_names(run)
    by_class = accuracy_by_class(confusion(answers))
    overall = share(int(answers.right.sum()), len(answers.labels))
    st.plotly_chart(
        class_accuracy_figure(by_class, names, overall, sample),
        key="accuracy by class",
        config=PLAIN,
        alt=f"Accuracy by class on {sample}: "
        + ", ".join(
            f"{name} {one.value:.1%} of {one.images}"
            for name, one in zip(names, by_class, strict=True)
        ),
    )
    st.caption(
        "In brackets: how many images there are of the class. The bars are Wilson's 95% "
        "intervals; classes whose bars overlap widely may well be equally hard. Dotted: all "
        "classes together, "
        f"{overall.value:.1%}."
    )


def show_calibration(run: Run, answers: Answers, sample: str) -> None:
    """Whether the network is as right as it is sure."""
    from core.figures.predictions import calibration_figure
    from core.predictions.quality import BINS, calibration

    found, wrong = calibration(answers), run.settings.data.wrong_labels
    st.plotly_chart(
        calibration_figure(found, sample),
        key="calibration curve",
        config=PLAIN,
        alt=f"Calibration curve on {sample}: expected calibration error {found.error:.1%} over "
        f"{BINS} equal bins, mean confidence {found.mean_confidence:.1%}, accuracy "
        f"{found.accuracy.value:.1%}.",
    )
    st.caption(
        f"The network is {found.mean_confidence:.1%} sure on average, and right in "
        f"{found.accuracy.value:.1%}. On the dotted line it would be as right as it is sure; below "
        f"it, it is too sure. Confidence falls into {BINS} equal bins, whose images are counted "
        "below on a logarithmic axis. Bars: Wilson's 95% intervals; a point of few images says "
        f"little. Expected calibration error: {found.error:.1%} (Guo et al., 2017)."
        + f" Wrong labels teach a network to doubt: for {wrong:.0%} of the training images, the "
        "right answer counted as a mistake." * (wrong > 0 and found.verdict == "too unsure")
    )
