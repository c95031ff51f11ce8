"""What there is to save on the decision page, view by view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pages.shared.decision_scene import Scene
from pages.shared.save import about, offer_bundle, stem

if TYPE_CHECKING:
    from core.attribution.records import Courses, Likeness, Maps

_FILES = {
    "saliency": "saliency",
    "integrated": "integrated-gradients",
    "grad_cam": "grad-cam",
    "occlusion": "occlusion",
}


def _about(scene: Scene, *words: str) -> str:
    asked = scene.question
    return about(
        scene.network,
        f"image: {scene.title}",
        f"class {scene.target} (number {asked.target})",
        f"baseline: {scene.baseline}",
        f"layer of Grad-CAM: {asked.layer}",
        f"patch of occlusion: {asked.side} x {asked.side} pixels",
        f"steps of integrated gradients: {asked.steps}",
        *words,
    )


def save_maps(scene: Scene, found: Maps) -> None:
    """The map of each method, the image, and what the network says of it."""
    from core.attribution.methods import METHODS
    from core.export.array_files import NamedArray
    from core.export.bundle import Bundle, NamedTable

    asked = scene.question
    maps = [NamedArray(_FILES[name], METHODS[name].title, one) for name, one in found.items()]
    classes = {
        "class": scene.class_names,
        "score": scene.scores,
        "probability": scene.probabilities,
    }
    pieces = (
        *maps,
        NamedArray("image", "The image as the network gets it", asked.image, brightness=True),
        NamedTable("classes", "Score and probability by class", classes),
    )
    further = {"baseline": asked.baseline}
    bundle = Bundle(stem(scene.network, "decision"), _about(scene), pieces, further)
    offer_bundle(bundle, "decision")


def save_sanity(
    scene: Scene,
    original: Maps,
    by_draw: Sequence[Sequence[Maps]],
    stages: Sequence[str],
    found: Mapping[str, Sequence[Likeness]],
) -> None:
    """How like its original each map stays, and all maps of all draws."""
    from core.export.bundle import Bundle, NamedTable
    from core.export.columns import likeness_courses, randomised_maps

    words = _about(
        scene,
        f"{len(by_draw)} draws of random weights from seed {scene.seed}; randomised from the top "
        f"down: {', '.join(stages)}; Spearman's rank correlation with the trained network's map; "
        "maps by draw, depth, row and column, depth 0 as trained",
    )
    table = NamedTable(
        "likeness", "How like its original each map stays", likeness_courses(found, stages)
    )

    further = {f"maps_{name}": randomised_maps(original, by_draw, name) for name in found}
    offer_bundle(Bundle(stem(scene.network, "sanity"), words, (table,), further), "sanity")


def save_deletion(scene: Scene, found: Mapping[str, Courses]) -> None:
    """The curves of all methods and of the random orders, and the areas under them."""
    from core.export.bundle import Bundle, NamedTable
    from core.export.columns import areas_under_courses, courses_by_share

    words = _about(
        scene,
        f"probability of the class by the share of pixels taken away or put in; random orders from "
        f"seed {scene.seed}",
    )
    tables = [
        NamedTable(kind, f"The curves of {kind}", courses_by_share(courses))
        for kind, courses in found.items()
    ]
    tables.append(NamedTable("areas", "The areas under them", areas_under_courses(found)))
    offer_bundle(Bundle(stem(scene.network, "deletion"), words, tuple(tables)), "deletion")
