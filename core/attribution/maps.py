"""One question about a decision, and the map by which each method answers it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.attribution.grad_cam import grad_cam
from core.attribution.gradients import integrated_gradients, saliency
from core.attribution.occlusion import Patches, drop_map, score_drops
from core.attribution.records import Floats
from core.attribution.scores import ScoredNetwork


@dataclass(frozen=True, eq=False)
class Question:
    """Why does a network give this image this score for this class?

    Attributes
    ----------
    image, baseline : ndarray of shape (H, W, C), values in [0, 1]
    target : int
        Number of the class.
    layer : str
        The convolution layer that Grad-CAM looks at.
    side : int
        Of the patches of occlusion, in pixels.
    steps : int
        Of integrated gradients.
    """

    image: NDArray[np.floating]
    baseline: NDArray[np.floating]
    target: int
    layer: str
    side: int
    steps: int

    @property
    def key(self) -> tuple[str, int, str, int, int]:
        """Tells this question from all others."""
        pixels = np.ascontiguousarray([self.image, self.baseline], np.float32)
        digest = hashlib.sha256(pixels.tobytes()).hexdigest()
        return digest, self.target, self.layer, self.side, self.steps

    @property
    def patches(self) -> Patches:
        """Those of occlusion."""
        rows, columns, _ = self.image.shape
        return Patches(rows, columns, min(self.side, rows, columns))


def maps_of(network: ScoredNetwork, question: Question) -> dict[str, Floats]:
    """The map of every method, by its name in :data:`core.attribution.methods.METHODS`.

    Returns
    -------
    dict of ndarray of shape (H, W)
    """
    return quick_maps(network, question) | {"occlusion": occlusion_map(network, question)}


def quick_maps(network: ScoredNetwork, question: Question) -> dict[str, Floats]:
    """The maps of the methods that take no time to speak of: all but occlusion."""
    image, target = question.image, question.target
    return {
        "saliency": saliency(network, image, target),
        "integrated": integrated_gradients(
            network, image, question.baseline, target, question.steps
        ).map,
        "grad_cam": grad_cam(network, image, target, question.layer),
    }


def occlusion_map(network: ScoredNetwork, question: Question) -> Floats:
    """The map of occlusion, all patches at once."""
    patches = question.patches
    everything = range(len(patches.corners))
    drops = score_drops(
        network, question.image, question.baseline, question.target, patches, everything
    )
    return drop_map(drops, patches)


def outline(image: NDArray[np.floating]) -> tuple[Floats, float]:
    """The image in gray, and the level between its darkest and its brightest pixel.

    Where the gray crosses that level, a line shows on a map where the image's shapes are.

    Parameters
    ----------
    image : ndarray of shape (H, W, C)

    Returns
    -------
    gray : ndarray of shape (H, W)
        The mean of the channels.
    level : float
    """
    gray: Floats = image.mean(axis=2)
    return gray, float(gray.min() + gray.max()) / 2
