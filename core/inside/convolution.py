"""True convolution, and how it differs from what a convolution layer computes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import convolve2d

from core.inside.responses import channel_responses, checked_image

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Comparison:
    """The same kernel as cross-correlation and as true convolution.

    Attributes
    ----------
    correlation, convolution : ndarray of shape (H, W, I)
        Each input channel by itself, before the sum; "same" mode, zeros outside the image.
    difference : float
        Largest absolute difference between the two.
    difference_when_turned : float
        The same after the kernel of the convolution has been turned by 180 degrees: zero but for
        rounding.
    likeness_when_turned : float
        Cosine between the kernel and itself turned by 180 degrees: 1 for a kernel that does not
        change, -1 for one that changes its sign, and then so does the response.
    """

    correlation: Floats
    convolution: Floats
    difference: float
    difference_when_turned: float
    likeness_when_turned: float

    @property
    def summed_correlation(self) -> Floats:
        """(H, W): what the layer computes, without its bias."""
        return np.asarray(self.correlation.sum(axis=2), dtype=np.float32)

    @property
    def summed_convolution(self) -> Floats:
        """(H, W): the same as true convolution."""
        return np.asarray(self.convolution.sum(axis=2), dtype=np.float32)


def true_convolution(kernel: NDArray[np.floating], image: NDArray[np.floating]) -> Floats:
    """True convolution of each channel: the kernel is turned by 180 degrees, then laid on.

    Parameters
    ----------
    kernel : ndarray of shape (R, C, I)
    image : ndarray of shape (H, W, I)

    Returns
    -------
    ndarray of shape (H, W, I)
        `scipy.signal.convolve2d` with ``mode="same"`` and zeros outside the image.
    """
    pixels = checked_image(image, kernel.shape[2])
    kernel = np.asarray(kernel, dtype=np.float32)
    each = [
        convolve2d(pixels[:, :, channel], kernel[:, :, channel], mode="same")
        for channel in range(kernel.shape[2])
    ]
    return np.stack(each, axis=2).astype(np.float32)


def compare(kernel: NDArray[np.floating], image: NDArray[np.floating]) -> Comparison:
    """Cross-correlation and true convolution of one filter with an image, and how they differ.

    Parameters
    ----------
    kernel : ndarray of shape (R, C, I)
        With an odd number of rows and columns, so that it has a middle.
    image : ndarray of shape (H, W, I)
    """
    turned = kernel[::-1, ::-1]
    correlation = channel_responses(kernel, image)
    convolution = true_convolution(kernel, image)
    from_turned = true_convolution(turned, image)
    energy = float(np.square(kernel).sum())
    return Comparison(
        correlation=correlation,
        convolution=convolution,
        difference=float(np.abs(correlation - convolution).max()),
        difference_when_turned=float(np.abs(correlation - from_turned).max()),
        likeness_when_turned=float((kernel * turned).sum()) / energy if energy else 1.0,
    )


def in_words(comparison: Comparison) -> str:
    """What the comparison says about this kernel, in a sentence."""
    likeness = comparison.likeness_when_turned
    if likeness > 0.98:
        kind = "This kernel looks (nearly) the same when turned, so both give (nearly) the same"
    elif likeness < -0.98:
        kind = (
            "This kernel (nearly) changes its sign when turned, as edge detectors do, so both "
            "find the same edges with opposite sign"
        )
    else:
        kind = "This kernel becomes another one when turned, so the two differ"
    return (
        f"{kind}: the largest difference is {comparison.difference:.3g}. With the kernel turned "
        f"by 180 degrees first, convolution gives what the layer computes: the largest "
        f"difference is then {comparison.difference_when_turned:.1g}, which is rounding."
    )
