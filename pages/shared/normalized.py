"""The batch normalization that a page looks at, and what reaches it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from core.settings import AugmentationSettings
from pages.shared import state
from pages.shared.link_choice import link_choice
from pages.shared.run_data import data_of
from pages.shared.run_picker import Network

if TYPE_CHECKING:
    from core.mechanisms.normalization_records import LayerBatches


@dataclass(frozen=True, eq=False)
class Normalized:
    """A network, and the normalization in it that is looked at."""

    network: Network
    layer: str

    def batches(self) -> LayerBatches:
        """What reaches the normalization in one epoch's batches, as in training."""
        images = data_of(self.network.run).training_images
        optimisation = self.network.run.settings.optimisation
        return _observed(
            self.network.file,
            self._order,
            optimisation.batch_size,
            optimisation.seed,
            self.network.model,
            images,
        )[self.layer]

    @property
    def _order(self) -> int:
        """The epoch whose order the batches have: with the first weights, that of the first."""
        return max(1, self.network.epoch)

    @property
    def _weights(self) -> str:
        return "weights of its end" if self.network.epoch else "first weights"

    def sample(self, found: LayerBatches) -> str:
        """What the statistics of the batches were taken on, in words."""
        from core.mechanisms.normalization_passes import has_noise, steps_of

        settings = self.network.run.settings
        noisy, size = has_noise(steps_of(self.network.model)), settings.optimisation.batch_size
        return (
            f"{found.images:,} training images in {len(found.inputs)} batches of {size}, in the "
            f"order of epoch {self._order}, with the {self._weights}; training mode, "
            + ("dropout and noise on" if noisy else "no dropout")
            + (", images as stored" if settings.augmentation != AugmentationSettings() else "")
        )


# Streamlit does not hash what begins with an underscore: the file stands for the network.
@st.cache_resource(show_spinner="Sending an epoch's batches through ...", max_entries=2)
def _observed(
    file: tuple[str, int, int], epoch: int, size: int, seed: int, _model: Any, _images: np.ndarray
) -> Mapping[str, LayerBatches]:
    from core.mechanisms.batches import observe_batches
    from core.mechanisms.normalization_passes import images_within

    return observe_batches(_model, images_within(_model, _images), size, seed, epoch)


def pick_channel(channels: int) -> int:
    """Let the person pick one of so many channels."""
    options = [str(number) for number in range(channels)]
    if st.query_params.get(state.NORMALIZED_CHANNEL) not in options:
        # Another layer may have fewer.
        st.query_params.pop(state.NORMALIZED_CHANNEL, None)
    return int(link_choice(st.select_slider, state.NORMALIZED_CHANNEL, "Channel", options))
