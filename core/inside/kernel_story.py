"""One filter on one image, told panel by panel: input, kernel, response, sum, activation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.inside.kernels import symmetric_limit
from core.inside.responses import Preview, channel_responses, preview
from core.inside.stages import LayerStages

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Panel:
    """One picture of the story.

    Attributes
    ----------
    title, unit : str
        What it is, and what its numbers are.
    values : ndarray of shape (h, w)
        At screen size.
    step : int
        How many rows and columns of the whole map one number stands for.
    limit : float
        End of the colour scale that suits this panel alone.
    """

    title: str
    unit: str
    values: Floats
    step: int
    limit: float


@dataclass(frozen=True, eq=False)
class KernelStory:
    """What one filter does to one image.

    Attributes
    ----------
    one_channel : tuple of Panel
        Input channel, kernel, and the response of this channel by itself.
    whole_filter : tuple of Panel
        The sum over all channels with the bias; after the normalization, where one follows; after
        the activation, where there is one.
    channels : Preview
        The responses of all channels, each by itself.
    channels_limit : float
        End of their common colour scale.
    bias : float
    """

    one_channel: tuple[Panel, ...]
    whole_filter: tuple[Panel, ...]
    channels: Preview
    channels_limit: float
    bias: float


def tell(
    kernels: NDArray[np.floating],
    bias: NDArray[np.floating] | None,
    stages: LayerStages,
    filter_number: int,
    channel: int,
    longest: int = 280,
) -> KernelStory:
    """Tell what a filter does to the image that went through `stages`.

    Parameters
    ----------
    kernels : ndarray of shape (R, C, I, O)
    bias : ndarray of shape (O,) or None
    stages : LayerStages
        Of the same layer.
    filter_number, channel : int
        Which filter, and which of its input channels is shown by itself.
    longest : int
        The longer side of each panel at most, in numbers.
    """
    kernel = np.asarray(kernels[:, :, :, filter_number], dtype=np.float32)
    seen = stages.channels_of(filter_number, kernels.shape[3])
    image = stages.input[:, :, seen.start : seen.stop]
    each = channel_responses(kernel, image, stages.padding, stages.strides, stages.dilation)
    added = 0.0 if bias is None else float(bias[filter_number])
    several = kernel.shape[2] > 1
    which = f", channel {seen[channel]}" if stages.input.shape[2] > 1 else ""
    one_channel = (
        _panel(f"Input{which}", "input value", image[:, :, channel], longest),
        _panel(f"Kernel{which}", "weight", kernel[:, :, channel], longest),
        _panel(f"Response{which}", "response", each[:, :, channel], longest),
    )
    summed = "Sum of channels + bias" if several else "Response + bias"
    whole = [_panel(summed, "response", stages.convolved[:, :, filter_number], longest)]
    if stages.normalization:
        after = stages.before_activation[:, :, filter_number]
        whole.append(_panel("After batch normalization", "response", after, longest))
    if stages.function != "linear":
        after = stages.activation[:, :, filter_number]
        title = f"After the activation ({stages.function})"
        whole.append(_panel(title, "activation", after, longest))
    channels = preview(each, max(24, longest // 5))
    return KernelStory(one_channel, tuple(whole), channels, symmetric_limit(channels.maps), added)


def _panel(title: str, unit: str, values: Floats, longest: int) -> Panel:
    small = preview(values[:, :, np.newaxis], longest)
    plane = small.maps[:, :, 0]
    return Panel(title, unit, plane, small.step, symmetric_limit(plane))


def common_limit(panels: tuple[Panel, ...]) -> float:
    """End of one colour scale for all the panels."""
    return max(panel.limit for panel in panels)
