"""The filter that is looked at, and what its layer answers to the run's images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.data import facts
from pages.shared.chart_settings import camera
from pages.shared.run_data import Sample, sample_at_hand
from pages.shared.run_picker import Network

if TYPE_CHECKING:
    import keras

    from core.inside.peak_records import Peaks
    from core.inside.tuning import Tuning

CHART = camera("excites")
MOST_IMAGES = 2000
File = tuple[str, int, int]


@dataclass(frozen=True, eq=False)
class Scene:
    """A filter of a layer of a network.

    Attributes
    ----------
    network : Network
    layer : str
    number : int
        Of the filter.
    kernels : ndarray of shape (R, C, I, O)
        Of the layer.
    """

    network: Network
    layer: str
    number: int
    kernels: np.ndarray

    @property
    def model(self) -> keras.Model:
        """The network itself."""
        return self.network.model

    @property
    def name(self) -> str:
        """What the filter is called."""
        return f"{self.layer}, filter {self.number}"

    @property
    def title(self) -> str:
        """What it is called, with its weights, for the line under a chart's title."""
        return f"{self.name}, {self.network.words}"

    @property
    def class_names(self) -> tuple[str, ...]:
        """Of the run's data set."""
        return facts(self.network.run.settings.data.dataset).class_names


@dataclass(frozen=True, eq=False)
class AnsweredSample(Sample):
    """Validation images, and what the layer answers to them at most and at least."""

    peaks: Peaks


def sample_of(scene: Scene) -> AnsweredSample | None:
    """The run's validation images; without its data, a sentence why and None."""
    run = scene.network.run
    found = sample_at_hand(run, MOST_IMAGES, "its images cannot be shown to the kernel")
    if found is None:
        return None
    peaks = _peaks(scene.network.file, scene.layer, scene.model, found.images)
    return AnsweredSample(found.images, found.labels, found.words, peaks)


@st.cache_resource(show_spinner="The layer looks at the images ...", max_entries=8)
def _peaks(file: File, layer: str, _model: keras.Model, _images: np.ndarray) -> Peaks:
    from core.inside.strongest import filter_peaks

    return filter_peaks(_model, layer, _images)


@st.cache_resource(show_spinner="Gratings of all orientations ...", max_entries=8)
def tuning_of(file: File, layer: str, _model: keras.Model) -> Tuning:
    """Tuning of all filters of a layer; the file stands for the network."""
    from core.inside.tuned_layer import tune_layer

    return tune_layer(_model, layer)
