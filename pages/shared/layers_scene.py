"""What the views of the layers page look at: a network, one of its layers, its images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.data import Splits, facts
from pages.shared import state
from pages.shared.chart_settings import camera
from pages.shared.run_data import data_of
from pages.shared.run_picker import Network

if TYPE_CHECKING:
    from core.inside.activity_records import LayerActivity
    from core.inside.reach_records import EffectiveField, LayerTime

File = tuple[str, int, int]
BATCH = 64
"""How many validation images the gradients and the times are taken on."""
CHART = camera("layers")


@dataclass(frozen=True, eq=False)
class Scene:
    """A network and the layer that is chosen in the diagram.

    Attributes
    ----------
    network : Network
    layer : str
    """

    network: Network
    layer: str

    @property
    def class_names(self) -> tuple[str, ...]:
        """Of the run's data set."""
        return facts(self.network.run.settings.data.dataset).class_names

    @property
    def weights_in_words(self) -> str:
        """Which weights these are: ``"epoch 12 (best)"``."""
        return self.network.when

    def data(self) -> Splits:
        """The run's own images; if they are not here, offer to fetch them and stop."""
        return data_of(self.network.run)

    def activity(self, images: np.ndarray) -> tuple[LayerActivity, ...]:
        """What all layers do on the validation images, kept."""
        return _activity(self.network.file, self.network, images)

    def peaks(self, images: np.ndarray, ahead: bool) -> np.ndarray:
        """What the chosen layer's units answer at most to each validation image, kept."""
        return _peaks(self.network.file, self.layer, ahead, self.network, images)

    def effective_field(self, layer: str, images: np.ndarray) -> EffectiveField:
        """The effective field of a layer on the first validation images, kept."""
        return _effective_field(self.network.file, layer, self.network, images)

    def times(self, turn: int, images: np.ndarray) -> tuple[LayerTime, ...]:
        """How long each layer took, measured once a turn."""
        return _times(self.network.file, turn, self.network, images)


def say_what_on(scene: Scene, images: int, which: str = "validation images") -> str:
    """On what figures were taken: ``"1,000 validation images, epoch 3 (best), dropout off"``."""
    return f"{images:,} {which}, {scene.weights_in_words}, dropout off"


@st.cache_resource(show_spinner="The network looks at the validation images ...", max_entries=6)
def _activity(file: File, _network: Network, _images: np.ndarray) -> tuple[LayerActivity, ...]:
    from core.inside.activity import activity

    return activity(_network.model, _images)


@st.cache_resource(show_spinner="Looking for the images that it answers to ...", max_entries=8)
def _peaks(
    file: File, layer: str, ahead: bool, _network: Network, _images: np.ndarray
) -> np.ndarray:
    from core.inside.activity import unit_peaks

    return unit_peaks(_network.model, layer, _images, ahead)


@st.cache_resource(show_spinner="Taking gradients ...", max_entries=60)
def _effective_field(
    file: File, layer: str, _network: Network, _images: np.ndarray
) -> EffectiveField:
    from core.inside.effective_field import effective_field

    return effective_field(_network.model, layer, _images)


@st.cache_resource(show_spinner="Taking the time of each layer ...", max_entries=6)
def _times(file: File, turn: int, _network: Network, _images: np.ndarray) -> tuple[LayerTime, ...]:
    from core.inside.layer_cost import measured_times

    return measured_times(_network.model, _images)


def layer_is(scene: Scene, kind: str) -> bool:
    """Whether the chosen layer is of that kind of Keras: ``"Flatten"``."""
    from core.inside.layers import layer_called

    return type(layer_called(scene.network.model, scene.layer)).__name__ == kind


def turn_of(name: str) -> int:
    """How often a measurement was asked for anew in this session."""
    return int(st.session_state.get(f"{state.MEASURED} {name}", 0))
