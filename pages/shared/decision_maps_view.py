"""The maps of all methods beside the image, what each asks, and whether the shares add up."""

from __future__ import annotations

import streamlit as st

from pages.shared.decision_saving import save_maps
from pages.shared.decision_scene import CHART, Scene, integrated, maps


def show_answer(scene: Scene) -> None:
    """What the network says, and which score is explained."""
    from core.figures.attribution import answer_bars

    names, said = scene.class_names, scene.probabilities
    best, target = int(said.argmax()), scene.question.target
    st.plotly_chart(
        answer_bars(said, scene.scores, names, target, "orange: the class that is explained"),
        key="answer",
        config=CHART,
        alt=f"The network says {names[best]} with {said[best]:.1%}. Explained is {scene.target}, "
        f"with {said[target]:.1%}.",
    )
    kind = (
        "before the softmax (a logit), which is the class's own: a probability also rises when "
        "another class falls"
        if scene.scored.before_softmax
        else "that the network gives, which has no softmax at its end"
    )
    st.caption(
        f"With the weights of {scene.network.when}, dropout off. Explained is the score of "
        f"class **{scene.target}**, {scene.scores[target]:.2f}: the one {kind}."
    )


def show_maps(scene: Scene) -> None:
    """Four maps in one figure, each on its own scale around 0."""
    from core.attribution.maps import outline
    from core.attribution.methods import METHODS
    from core.figures.attribution import MapTile, map_board
    from core.inside.kernels import symmetric_limit

    found = maps(scene)
    tiles = [
        MapTile(values, symmetric_limit(values), METHODS[name].title, METHODS[name].title)
        for name, values in found.items()
    ]
    st.plotly_chart(
        map_board(
            tiles,
            2,
            250,
            f"Which pixels speak for “{scene.target}”",
            "gray line: the image; white: no matter",
            outline(scene.question.image),
        ),
        key="maps",
        config=CHART,
        alt="; ".join(
            f"{METHODS[name].title}: from {values.min():.3g} to {values.max():.3g}"
            for name, values in found.items()
        ),
    )
    st.caption(
        "Every map has a scale of its own: full colour is its largest absolute value, for only "
        "within a map can pixels be compared. Saliency and Grad-CAM have no sign: there orange is "
        "how much a pixel matters." + " Grad-CAM is blank: none of the layer's maps speaks for "
        "this class." * (not found["grad_cam"].any())
    )
    _show_completeness(scene)
    st.markdown(
        "\n".join(
            f"- **{method.title}** ({method.paper}): {method.teaching}" + _how(scene).get(name, "")
            for name, method in METHODS.items()
        )
    )
    save_maps(scene, found)


def _how(scene: Scene) -> dict[str, str]:
    """With what a method was set, behind its sentence."""
    side = scene.question.patches.side
    return {
        "grad_cam": f" Layer: {scene.question.layer}.",
        "occlusion": f" Patch: {side} x {side} pixels.",
    }


def _show_completeness(scene: Scene) -> None:
    found = integrated(scene.key, scene)
    if not found.difference:
        st.markdown(
            "**Integrated gradients have nothing to share out**: the score of the image is that "
            f"of the baseline ({scene.baseline}), {found.image_score:.3f}. Choose another baseline "
            "or another image."
        )
        return
    closer = ", and more steps come closer" if found.is_coarse else ""
    st.markdown(
        f":material/check_circle: **Completeness** of integrated gradients ({found.steps} steps, "
        f"baseline: {scene.baseline}): the shares of all pixels add up to **{found.total:.3f}**; "
        f"the score is {found.image_score:.3f} of the image and {found.baseline_score:.3f} of the "
        f"baseline, so they should add up to **{found.difference:.3f}**. They miss it by "
        f"{abs(found.gap):.2g} ({found.relative_gap:.2%}){closer}."
    )
