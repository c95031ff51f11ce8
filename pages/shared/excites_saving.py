"""What there is to save on the page of what excites a kernel, view by view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pages.shared.excites_scene import AnsweredSample, Scene
from pages.shared.save import about, offer_bundle, stem

if TYPE_CHECKING:
    import numpy as np

    from core.inside.maximization import Moment, Recipe
    from core.inside.peak_records import Patch
    from core.inside.tuning import Tuning

_ANSWER = "answers before the activation"


def save_tuning(scene: Scene, tuning: Tuning) -> None:
    """The answers of all filters to all gratings, and those of the chosen one."""
    from core.export.array_files import NamedArray
    from core.export.bundle import Bundle, NamedTable
    from core.export.columns import tuning_preferences

    chosen = tuning.amplitudes[scene.number]
    words = f"Answers of filter {scene.number}: a row a frequency, a column an orientation"
    how = "in closed form from the kernels" if tuning.exact else "measured through the network"
    sentence = about(
        scene.network,
        f"layer {scene.layer}",
        f"filter {scene.number}",
        f"answers to gratings from black to white, {how}; amplitudes by filter, frequency (cycles "
        "per pixel) and angle (degrees, in which brightness changes)",
    )
    pieces = (
        NamedArray("filter", words, chosen),
        NamedTable("preferences", "What each filter prefers", tuning_preferences(tuning)),
    )

    further = {
        "amplitudes": tuning.amplitudes,
        "frequencies": tuning.frequencies,
        "angles": tuning.angles,
    }
    offer_bundle(Bundle(stem(scene.network, "tuning"), sentence, pieces, further), "tuning")


def save_patches(
    scene: Scene, sample: AnsweredSample, sheet: np.ndarray, by_sign: Mapping[str, Sequence[Patch]]
) -> None:
    """The strongest images, for and against, and the patches that were seen."""
    import numpy as np

    from core.export.bundle import Bundle, Drawing, NamedTable
    from core.export.columns import strongest_patches

    table = strongest_patches(by_sign, sample.labels)
    sentence = about(
        scene.network,
        f"layer {scene.layer}",
        f"filter {scene.number}",
        f"{_ANSWER}, strongest among {sample.words}, each image once; image: its number in the "
        "validation set; top and left: the patch's first row and column, negative beyond the image",
    )
    pieces = (
        Drawing("patches", "The images and patches, as shown", sheet),
        NamedTable("strongest", "The images, their answers and places", table),
    )

    further = {"images": sample.images[table["image"]]} | {
        f"patches_{name}": np.stack([patch.pixels for patch in patches])
        for name, patches in by_sign.items()
    }
    offer_bundle(Bundle(stem(scene.network, "patches"), sentence, pieces, further), "patches")


def save_climb(
    scene: Scene, recipe: Recipe, answers: Sequence[float], shown: Sequence[Moment]
) -> None:
    """The picture that was found, those on the way, and the answer at each step."""
    import numpy as np

    from core.export.array_files import NamedArray
    from core.export.bundle import Bundle, NamedTable

    last = shown[-1].picture
    sentence = about(
        scene.network,
        f"layer {scene.layer}",
        f"filter {scene.number}",
        f"activation maximization {'against' if recipe.against else 'for'} it, prior: "
        f"{recipe.prior}, bounds: {recipe.kept}, {recipe.steps} steps of Adam at rate "
        f"{recipe.rate}, jitter {recipe.jitter}, seed {recipe.seed}, {_ANSWER}, of the unit in the "
        "middle of the map",
    )
    pieces = (
        NamedArray(
            "picture",
            "The whole picture after the last step",
            last,
            kind="channel",
            brightness=recipe.kept == "range",
        ),
        NamedTable("answers", "The answer at each step", {"answer": answers}),
    )

    further = {
        "steps": np.array([one.step for one in shown]),
        "pictures": np.stack([one.picture for one in shown]),
    }
    offer_bundle(Bundle(stem(scene.network, "climb"), sentence, pieces, further), "climb")
