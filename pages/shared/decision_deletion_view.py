"""Deletion and insertion: how soon the answer falls, or rises, in the order of each map."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.decision_saving import save_deletion
from pages.shared.decision_scene import CHART, Scene, maps

if TYPE_CHECKING:
    from core.attribution.records import Courses

_WORDS = {
    "deletion": ("pixels taken away", "lower is better"),
    "insertion": ("pixels put in", "higher is better"),
}


def show_deletion(scene: Scene) -> None:
    """Both curves of all maps, random orders beside them, and the areas under them."""
    from core.attribution.methods import METHODS
    from core.figures.attribution import courses_figure

    st.markdown(
        "If a map is right, the answer hangs on its pixels: taken away, most important first, "
        "the probability falls at once; put into the empty image, it rises at once "
        "(Petsiuk et al., 2018)."
    )
    found = {kind: _courses(scene.key, kind, scene) for kind in _WORDS}
    titles = {name: method.title for name, method in METHODS.items()}
    st.plotly_chart(
        courses_figure(
            list(found.values()),
            [axis for axis, _ in _WORDS.values()],
            titles,
            f"“{scene.target}” by deletion and by insertion",
        ),
        key="courses",
        config=CHART,
        alt="; ".join(
            f"Area under the probability, {kind}: "
            + ", ".join(f"{titles[n]} {one.area:.3f}" for n, one in courses.by_method.items())
            + f", random orders {courses.random_areas.mean():.3f}"
            for kind, courses in found.items()
        ),
    )
    _show_areas(found, titles)
    _say_who_beats_chance(found, titles)
    st.caption(
        f"Probability of class {scene.target}; {scene.on}. Baseline: {scene.baseline}; Petsiuk et "
        "al. insert into the blurred image. Band: lowest to highest of 10 random orders. Covered "
        "images are unlike any that the network was trained on, so part of a fall may be "
        "surprise."
    )
    save_deletion(scene, found)


def _show_areas(found: dict[str, Courses], titles: dict[str, str]) -> None:
    rows = [
        {"Area under the curve": titles[name]}
        | {_area(kind): f"{one.by_method[name].area:.3f}" for kind, one in found.items()}
        for name in titles
    ]
    by_chance = {
        _area(kind): f"{one.random_areas.mean():.3f} ({one.random_areas.min():.3f} to "
        f"{one.random_areas.max():.3f})"
        for kind, one in found.items()
    }
    st.dataframe(
        [*rows, {"Area under the curve": "Random: mean (range)"} | by_chance],
        hide_index=True,
        height="content",
        alt="The area under each curve, of the methods and of random orders.",
    )


def _area(kind: str) -> str:
    return f"{kind.capitalize()}: {_WORDS[kind][1]}"


def _say_who_beats_chance(found: dict[str, Courses], titles: dict[str, str]) -> None:
    sentences = []
    for kind, courses in found.items():
        better = [titles[name] for name in titles if courses.beats_chance(name)]
        if len(better) == len(titles):
            sentences.append(f"**{kind.capitalize()}**: every method beats all random orders.")
        else:
            sentences.append(
                f"**{kind.capitalize()}**: {' and '.join(better) or 'no method'} "
                f"{'beat' if len(better) > 1 else 'beats'} all random orders."
            )
    st.markdown(" ".join(sentences))


@st.cache_resource(show_spinner="Taking pixels away ...", max_entries=24)
def _kept(key: Hashable, kind: str, _scene: Scene, _maps: dict) -> Courses:
    from core.attribution.deletion import courses_of

    return courses_of(_scene.scored, _scene.question, _maps, kind, _scene.seed)


def _courses(key: Hashable, kind: str, scene: Scene) -> Courses:
    return _kept(key, kind, scene, maps(scene))
