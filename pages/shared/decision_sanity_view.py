"""One click: the layers are randomised from the top down. Do the maps change?"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.shared import state
from pages.shared.decision_saving import save_sanity
from pages.shared.decision_scene import CHART, Scene, done, in_portions, maps

if TYPE_CHECKING:
    from core.attribution.records import Likeness, Maps

_DRAWS = 5


def show_sanity(scene: Scene) -> None:
    """Offer the check; once made, what it says of each method, and the maps of the first draw."""
    st.markdown(
        "A map that explains the network must change when the network does. So its layers lose "
        "what they have learnt, one after another from the top down, and get random first weights "
        "again (Adebayo et al., 2018): on a copy, your run stays as it is."
    )
    key = "sanity", scene.key
    if key not in done() and not _is_asked_for():
        st.caption(f"{_DRAWS} draws of random weights; takes some seconds.")
        return
    original = maps(scene)
    copy = _copy(scene.network.file, scene)
    depths = range(1, len(copy.stages) + 1)
    steps = [(draw, depth) for draw in range(_DRAWS) for depth in depths]
    found = in_portions(
        key,
        steps,
        lambda step: _randomised(scene.key, step, copy, scene),
        lambda count: f"{count} of {len(steps)} randomised networks asked",
    )
    by_draw = [found[at : at + len(depths)] for at in range(0, len(found), len(depths))]
    courses = _show_likeness(scene, original, by_draw, copy.stages)
    _show_first_draw(scene, original, by_draw[0], copy.stages)
    save_sanity(scene, original, by_draw, copy.stages, courses)


def _is_asked_for() -> bool:
    """The button, which goes as soon as it is pressed."""
    place = st.empty()
    pressed = place.button(
        "Randomise the layers", type="primary", icon=":material/shuffle:", key=state.RANDOMISE
    )
    if pressed:
        place.empty()
    return pressed


def _show_likeness(
    scene: Scene, original: Maps, by_draw: list[list[Maps]], stages: tuple[str, ...]
) -> dict[str, list[Likeness]]:
    from core.attribution.methods import METHODS
    from core.attribution.sanity import CHANGES, STAYS, in_words, likeness
    from core.figures.attribution import likeness_figure

    found = {name: likeness(original, by_draw, name) for name in METHODS}
    words = {METHODS[name].title: in_words(course) for name, course in found.items()}
    st.plotly_chart(
        likeness_figure(
            {METHODS[name].title: course for name, course in found.items()},
            stages,
            f"mean and range of {_DRAWS} draws; 1: the same order of pixels",
        ),
        key="likeness",
        config=CHART,
        alt="; ".join(f"{title} {said}" for title, said in words.items()),
    )
    st.markdown("\n".join(f"- **{title}** {said}" for title, said in words.items()))
    st.caption(
        f"{scene.on}; class {scene.target}. In brackets: Spearman's rank correlation of the map's "
        "pixels with those of the trained network's map, once all layers are random: mean and "
        f"range of {_DRAWS} draws. From {STAYS} on a map is said to stay the same, up to {CHANGES} "
        "to change. One image is one image: look at some more before you judge a method."
    )
    return found


def _show_first_draw(
    scene: Scene, original: Maps, draw: list[Maps], stages: tuple[str, ...]
) -> None:
    from core.attribution.maps import outline
    from core.attribution.methods import METHODS
    from core.figures.attribution import MapTile, map_board
    from core.inside.kernels import symmetric_limit

    tiles = []
    for name, method in METHODS.items():
        for stage, one in zip(("", *stages), (original, *draw), strict=True):
            caption = f"+ {stage}" if stage else f"<b>{method.short}</b>"
            hover = f"{method.title}, random down to {stage}" if stage else method.title
            tiles.append(MapTile(one[name], symmetric_limit(one[name]), caption, hover))
    st.plotly_chart(
        map_board(
            tiles,
            len(stages) + 1,
            112,
            "The maps as the layers are randomised",
            "first draw; left: as trained; above: the layer that was added",
            outline(scene.question.image),
        ),
        key="randomised maps",
        config=CHART,
        alt=f"The four maps with random weights in {', '.join(stages)}, one after another.",
    )


@st.cache_resource(show_spinner="Copying the network ...", max_entries=3)
def _copy(file: tuple[str, int, int], _scene: Scene) -> Any:
    from core.attribution.randomising import RandomisedCopy

    return RandomisedCopy(_scene.network.model)


@st.cache_resource(show_spinner=False, max_entries=400)
def _randomised(key: Hashable, step: tuple[int, int], _copy: Any, _scene: Scene) -> Maps:
    draw, depth = step
    return _copy.maps(_scene.question, depth, [_scene.seed, draw])
