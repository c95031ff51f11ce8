"""The picture that excites a filter most, found step by step while one looks on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from pages.shared import state
from pages.shared.excites_saving import save_climb
from pages.shared.excites_scene import CHART, AnsweredSample, File, Scene, sample_of
from pages.shared.figure_card import figure_card
from pages.shared.link_value import Widget, link_value, one_of, whole_number

if TYPE_CHECKING:
    from core.inside.maximization import KnownBest, Moment, Recipe
    from core.inside.peak_records import Patch

_PRIORS = {
    "frequency": "Coarse before fine",
    "blur": "Blur",
    "none": "None",
}
_PRIORS_IN_WORDS = {
    "frequency": "made of waves of which coarse ones are changed more, by 1/f (Olah et al., 2017)",
    "blur": "blurred after each step, less and less (Yosinski et al., 2015)",
    "none": "with nothing that keeps it from being noise (Erhan et al., 2009)",
}
_KEPT = {"range": "Black to white", "length": "One length"}
_DIRECTIONS = {"for": "For", "against": "Against"}
_WIDTH = 118
"""Pixels of the screen for a picture."""
_ALIKE = 0.03
"""Below this share of it, a difference is none to speak of."""


@dataclass(eq=False)
class Climb:
    """What an ascent has found; empty until it is through.

    Attributes
    ----------
    answers : list of float
        Before the first step, and after each.
    shown : list of Moment
        Those whose pictures are kept.
    """

    answers: list[float]
    shown: list[Moment]


def show_climb(scene: Scene) -> None:
    """The controls, the ascent, and what it found beside the strongest real image."""
    from core.inside.before_activation import is_first
    from core.inside.maximization import known_best

    st.markdown(
        "Begin with faint noise and change every pixel, step by step, so that this filter's answer "
        "grows (**activation maximization**): what comes out is what the filter looks for."
    )
    first = is_first(scene.model, scene.layer)
    recipe = _pick_recipe(scene, first)
    climb = _climb(scene.network.file, scene.layer, scene.number, recipe)
    if not climb.answers:
        _run(scene, recipe, climb)
    sample = sample_of(scene) if recipe.kept == "range" else None
    best = known_best(scene.model, scene.layer, scene.number) if first else None
    real = None if sample is None else _strongest(scene, sample, recipe)
    if real is not None:
        st.markdown(_verdict(recipe, climb, real))
    _show_pictures(scene, recipe, climb, real)
    _show_figures(scene, recipe, climb, real, best)
    st.caption(_words(scene, recipe, sample))
    save_climb(scene, recipe, climb.answers, climb.shown)


def _pick_recipe(scene: Scene, first: bool) -> Recipe:
    from core.inside.maximization import Recipe, default_jitter

    with st.container(horizontal=True, vertical_alignment="bottom"):
        direction = _choice("Direction", "direction", _DIRECTIONS)
        prior = _choice(
            "What keeps it from being noise",
            "prior",
            _PRIORS,
            "Coarse before fine: the picture is made of waves, and coarse ones are changed more "
            "(1/f; Olah et al., 2017). Blur: it is blurred after each step, less and less "
            "(Yosinski et al., 2015). None: pixels change freely; what excites is often noise.",
        )
        kept = "range"
        if first:
            kept = _choice(
                "Bounds",
                "kept",
                _KEPT,
                "Black to white: every pixel between 0 and 1, as in an image. One length: the "
                "root of the sum of all squared pixels is 1, and pixels may be negative. Then the "
                "best picture is the kernel itself, so that one can check the ascent.",
            )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        steps = _number(st.slider, "Steps", "steps", 256, 32, 512, 32, width=240)
        jitter = _number(
            st.slider,
            "Jitter (pixels)",
            "jitter",
            min(default_jitter(scene.model, scene.layer), 4),
            0,
            4,
            1,
            width=200,
            help="By how much the picture is shifted at random at each step, so that it may not "
            "lean on single pixels.",
        )
        ways = {"width": 130, "help": "Of noise and shifts."}
        seed = _number(st.number_input, "Seed", "seed", 0, 0, 9999, 1, **ways)
    return Recipe(prior, steps, jitter, seed, direction == "against", kept)


def _choice(label: str, name: str, options: dict[str, str], help: str | None = None) -> Any:
    return link_value(
        st.segmented_control,
        state.CLIMB_IN_LINK[name],
        label,
        one_of(list(options)),
        next(iter(options)),
        list(options),
        key=f"{state.CLIMB} {name}",
        format_func=options.__getitem__,
        required=True,
        help=help,
    )


def _number(
    widget: Widget, label: str, name: str, start: int, low: int, high: int, step: int, **look: Any
) -> int:
    key, kind = f"{state.CLIMB} {name}", whole_number(low, high, step)
    look |= {"key": f"{key} {start}" if name == "jitter" else key, "step": step}
    return int(link_value(widget, state.CLIMB_IN_LINK[name], label, kind, start, low, high, **look))


@st.cache_resource(show_spinner=False, max_entries=32)
def _climb(file: File, layer: str, number: int, recipe: Recipe) -> Climb:
    """Where an ascent is kept once it is through."""
    return Climb([], [])


def _run(scene: Scene, recipe: Recipe, climb: Climb) -> None:
    """Climb, and show the picture as it comes; whoever moves on ends it."""
    from core.figures.predictions import enlarged
    from core.inside.maximization import ascend, moments_to_show, to_see

    answers: list[float] = []
    shown: list[Moment] = []
    bar, live = st.progress(0.0, text="Beginning ..."), st.empty()
    keep = moments_to_show(recipe.steps)
    for moment in ascend(scene.model, scene.layer, scene.number, recipe):
        answers.append(moment.answer)
        if moment.step in keep:
            shown.append(moment)
        if moment.step % 16 == 0:
            bar.progress(
                moment.step / recipe.steps,
                text=f"Step {moment.step} of {recipe.steps}: answer {moment.answer:.3g}. Moving "
                "any control, or leaving, ends it.",
            )
            live.image(
                enlarged(to_see(moment.picture, recipe.kept), 160, 0),
                width=160,
                alt=f"The picture after step {moment.step}.",
            )
    bar.empty()
    live.empty()
    climb.shown, climb.answers = shown, answers


def _strongest(scene: Scene, sample: AnsweredSample, recipe: Recipe) -> Patch:
    from core.inside.strongest import strongest

    (found,) = strongest(sample.peaks, sample.images, scene.number, 1, recipe.against)
    return found


def _show_pictures(scene: Scene, recipe: Recipe, climb: Climb, real: Patch | None) -> None:
    """What the unit sees of the picture on its way, and of the strongest real image."""
    from core.figures.patches import Row, sheet
    from core.inside.maximization import middle_place, to_see
    from core.inside.receptive_field import reaches
    from core.inside.strongest import cut

    reach = next(one for one in reaches(scene.model) if one.layer == scene.layer)
    place = np.array(middle_place(scene.model, scene.layer))
    pictures = [
        cut(to_see(one.picture, recipe.kept), reach, place, 0, one.answer).pixels
        for one in climb.shown
    ]
    words = [f"step {one.step}\n{one.answer:.2f}" for one in climb.shown]
    if real is not None:
        pictures, words = [*pictures, real.pixels], [*words, f"real image\n{real.answer:.2f}"]
    st.image(
        [sheet([Row("", [picture])]) for picture in pictures],
        caption=[one.replace("\n", ": ") for one in words],
        width=_WIDTH,
        alt=[
            f"What the unit sees of the picture: {one.replace(chr(10), ', answer ')}."
            for one in words
        ],
    )


def _show_figures(
    scene: Scene, recipe: Recipe, climb: Climb, real: Patch | None, best: KnownBest | None
) -> None:
    from core.figures.maximization import climb_figure
    from core.inside.maximization import known_answer

    left, right = st.columns([3, 2], gap="large")
    marks = {} if real is None else {"strongest real image": real.answer}
    if best is not None:
        marks["best possible"] = known_answer(best, recipe)
    left.plotly_chart(
        climb_figure(climb.answers, marks, scene.title),
        key="climb",
        config=CHART,
        alt=f"Line of the answer by step, from {climb.answers[0]:.3g} to {climb.answers[-1]:.3g}; "
        + ", ".join(f"{words}: {value:.3g}" for words, value in marks.items()),
    )
    with right, st.container(horizontal=True, gap="xsmall"):
        _show_cards(recipe, climb, real, best)


def _show_cards(recipe: Recipe, climb: Climb, real: Patch | None, best: KnownBest | None) -> None:
    from core.inside.maximization import cosine, known_answer

    figure_card("Answer", _figure(climb.answers[-1]), f"began at {climb.answers[0]:.2g}")
    if real is not None:
        figure_card("Strongest real image", _figure(real.answer), "before the activation")
    if best is not None:
        figure_card(
            "Best possible",
            _figure(known_answer(best, recipe)),
            "known for a first layer",
            help="The answer of a first layer is a weighted sum of the pixels. Black to white: "
            "white where a weight is positive, black where it is negative. One length: the kernel "
            "itself.",
        )
        if recipe.kept == "length":
            likeness = cosine(climb.shown[-1].picture, best.pattern)
            figure_card("Cosine with the kernel", f"{likeness:.3f}", "1: the same pattern")


def _words(scene: Scene, recipe: Recipe, sample: AnsweredSample | None) -> str:
    on = "" if sample is None else f" The real image is the strongest among {sample.words}."
    words = (
        f"Shown is the part that the unit sees, with its answer. {scene.title}, dropout off; "
        "before the activation, of the unit in the middle of the map. Gradient ascent by Adam, "
        f"{recipe.steps} steps, jitter {recipe.jitter}, seed {recipe.seed}, the picture "
        f"{_PRIORS_IN_WORDS[recipe.prior]}; other seeds find other pictures.{on}"
    )
    if recipe.kept == "length":
        return f"{words} Gray is 0 here, brighter positive, darker negative."
    return words


def _verdict(recipe: Recipe, climb: Climb, real: Patch) -> str:
    """How the made picture compares with the strongest real one."""
    further = climb.answers[-1] - real.answer
    if recipe.against:
        further = -further
    if abs(further) < _ALIKE * abs(real.answer):
        return (
            "**The strongest real image gets as strong an answer as the made picture**: what the "
            "filter looks for does occur in the data, nearly as pure."
        )
    if further > 0:
        return (
            "**The made picture gets a stronger answer than any real image of the sample**: it "
            "holds the pattern more purely than they do."
        )
    return (
        "**A real image still gets a stronger answer than the made picture**: give it more steps, "
        "less jitter or no prior."
    )


def _figure(value: float) -> str:
    """Three digits, also where the last is 0."""
    return f"{value:#.3g}".rstrip(".")
