"""What the views of the decision page look at: a network, an image, and the question about it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data import facts
from pages.shared import state
from pages.shared.chart_settings import camera
from pages.shared.link_choice import link_choice
from pages.shared.link_value import link_value, one_of, whole_number
from pages.shared.plain_text import as_typed
from pages.shared.run_picker import Network

if TYPE_CHECKING:
    from core.attribution.gradients import Integrated
    from core.attribution.maps import Question
    from core.attribution.records import Floats
    from core.attribution.scores import ScoredNetwork

CHART = camera("decision")
_PREDICTED = "predicted"
_PORTION = 128
"""Patches between two looks at whether the person has moved on."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A network, an image, and what is asked about them.

    Attributes
    ----------
    network : Network
    scored : ScoredNetwork
    title : str
        What the image is called.
    scores, probabilities : ndarray of shape (K,)
        Of the image.
    question : Question
    baseline : str
        The baseline in words.
    """

    network: Network
    scored: ScoredNetwork
    title: str
    scores: np.ndarray
    probabilities: np.ndarray
    question: Question
    baseline: str

    @property
    def class_names(self) -> tuple[str, ...]:
        """Of the run's data set."""
        return facts(self.network.run.settings.data.dataset).class_names

    @property
    def target(self) -> str:
        """The name of the class that is explained."""
        return self.class_names[self.question.target]

    @property
    def seed(self) -> int:
        """From which all chance on the page is drawn: the run's own."""
        return self.network.run.settings.optimisation.seed

    @property
    def on(self) -> str:
        """On what a figure was taken, for Markdown: image, weights, mode."""
        return f"{as_typed(self.title)}; weights of {self.network.when}, dropout off"

    @property
    def key(self) -> tuple[Hashable, ...]:
        """Tells this network and question from all others, for what is kept of them."""
        return self.network.file, self.question.key


def ask(network: Network, image: np.ndarray, title: str) -> Scene:
    """Let the person choose the class that is explained, and how.

    Parameters
    ----------
    network : Network
    image : ndarray of shape (H, W, C), values in [0, 1]
    title : str
        What the image is called.
    """
    from core.attribution.baselines import BASELINES, baseline_image
    from core.attribution.maps import Question

    scored = _scored(network.file, network)
    scores, probabilities = scored.scores(image[None])[0], scored.probabilities(image[None])[0]
    told_in = st.container()  # In a popover nobody would read it.
    with st.container(horizontal=True, vertical_alignment="bottom"):
        target = _pick_class(network, int(probabilities.argmax()))
        baseline = link_choice(
            st.selectbox,
            state.BASELINE,
            "Baseline: nothing there",
            list(BASELINES),
            BASELINES.__getitem__,
            help="What integrated gradients, occlusion and deletion hold the image against. Where "
            "the image is just like it, integrated gradients see nothing: on black, black pixels "
            "cannot count. Try another one.",
        )
        layer, side, steps = _pick_how(network, image, told_in)
    question = Question(image, baseline_image(baseline, image), target, layer, side, steps)
    words = BASELINES[baseline].lower()
    return Scene(network, scored, title, scores, probabilities, question, words)


@st.cache_resource(show_spinner="Looking into the network ...", max_entries=6)
def _scored(file: tuple[str, int, int], _network: Network) -> ScoredNetwork:
    from core.attribution.scores import ScoredNetwork

    return ScoredNetwork(_network.model)


def _pick_class(network: Network, predicted: int) -> int:
    names = facts(network.run.settings.data.dataset).class_names
    words = {_PREDICTED: f"{names[predicted]} (predicted)"}
    words |= {str(number): name for number, name in enumerate(names)}
    chosen = link_choice(
        st.selectbox, state.EXPLAINED, "Explain the class", list(words), words.__getitem__
    )
    return predicted if chosen == _PREDICTED else int(chosen)


def _pick_how(network: Network, image: np.ndarray, told_in: DeltaGenerator) -> tuple[str, int, int]:
    """Grad-CAM's layer, the side of a patch, and the steps of integrated gradients."""
    from core.attribution.gradients import STEPS
    from core.attribution.occlusion import usual_side
    from core.inside.layers import convolution_layers

    rows, columns = image.shape[:2]
    with st.popover("Methods", icon=":material/tune:"):
        # The deepest first: it is the usual one.
        layers = convolution_layers(network.model)[::-1]
        layer = link_choice(
            st.selectbox,
            state.CAM_LAYER,
            "Layer of Grad-CAM",
            layers,
            told_in=told_in,
            help="A deep layer knows more and sees less sharply.",
        )
        largest = max(2, min(rows, columns) // 2)
        side = link_value(
            st.slider,
            state.PATCH_SIDE,
            "Side of occlusion's patch (pixels)",
            whole_number(1, largest),
            usual_side(rows, columns),
            1,
            largest,
            key=f"{state.PATCH_SIDE} {rows}",
            told_in=told_in,
        )
        steps = link_value(
            st.select_slider,
            state.INTEGRATION_STEPS,
            "Steps of integrated gradients",
            one_of(STEPS),
            128,
            STEPS,
            told_in=told_in,
            help="The more, the closer the sum comes to the integral.",
        )
    return layer, side, steps


def maps(scene: Scene) -> dict[str, Floats]:
    """The map of each method; what is done is kept if the person moves on meanwhile."""
    from core.attribution.methods import METHODS
    from core.attribution.occlusion import drop_map

    patches = scene.question.patches
    count = len(patches.corners)
    portions = [range(at, min(at + _PORTION, count)) for at in range(0, count, _PORTION)]
    drops = in_portions(
        ("occlusion", scene.key),
        portions,
        lambda portion: _drops(scene.key, portion, scene),
        lambda done: f"Occlusion: {done} of {len(portions)} portions of the patches",
    )
    found = _quick_maps(scene.key, scene) | {"occlusion": drop_map(np.concatenate(drops), patches)}
    return {name: found[name] for name in METHODS}


def in_portions(
    key: Hashable,
    portions: Sequence[Any],
    compute: Callable[[Any], Any],
    words: Callable[[int], str],
) -> list[Any]:
    """Compute one portion after another under a bar; whoever moves on meanwhile ends it there.

    Parameters
    ----------
    key : hashable
        Tells this work from all other, so that no bar flashes up where all is computed.
    portions : sequence
    compute : callable
        From a portion to what it gives; to be cached.
    words : callable
        From the number of portions that are done to a line under the bar.
    """
    known = key in done()
    bar, found = st.empty(), []
    for number, portion in enumerate(portions):
        if not known:
            bar.progress(number / len(portions), text=words(number))
        found.append(compute(portion))
    bar.empty()
    done().add(key)
    return found


@st.cache_resource(show_spinner=False)
def done() -> set[Hashable]:
    """The keys of the work that is done."""
    return set()


@st.cache_resource(show_spinner=False, max_entries=120)
def _drops(key: Hashable, portion: range, _scene: Scene) -> Floats:
    from core.attribution.occlusion import score_drops

    asked = _scene.question
    return score_drops(
        _scene.scored, asked.image, asked.baseline, asked.target, asked.patches, portion
    )


@st.cache_resource(show_spinner="Following the gradients ...", max_entries=24)
def _quick_maps(key: Hashable, _scene: Scene) -> dict[str, Floats]:
    from core.attribution.maps import quick_maps

    return quick_maps(_scene.scored, _scene.question)


@st.cache_resource(show_spinner=False, max_entries=24)
def integrated(key: Hashable, _scene: Scene) -> Integrated:
    """Integrated gradients whole, for their completeness."""
    from core.attribution.gradients import integrated_gradients

    asked = _scene.question
    return integrated_gradients(
        _scene.scored, asked.image, asked.baseline, asked.target, asked.steps
    )
