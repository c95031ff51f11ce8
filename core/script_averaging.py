"""The paragraph of a script that averages the weights of its epochs, each counting the same."""

from __future__ import annotations

from core.data import DataFacts
from core.settings import Settings


def averaging_lines(settings: Settings, known: DataFacts) -> list[str]:
    """A Keras callback that does as :class:`core.fitting.equal_average.EqualAverage`, or nothing.

    Keras's own averages over the steps, the newest counting most; it has none of this kind.
    """
    if settings.optimisation.averaging != "swa":
        return []
    first, anew = settings.optimisation.first_averaged_epoch, settings.regularization
    images = min(known.validation_images, settings.data.training_images)
    return [
        f"# From epoch {first} on, the equal average of the weights after each epoch is what is",
        "# validated and stored; the steps go on from the weights themselves.",
        "class EqualAverage(keras.callbacks.Callback):",
        "    def on_epoch_begin(self, epoch, logs=None):",
        f"        self.averaged = epoch - {first - 1}"
        if first > 1
        else "        self.averaged = epoch",
        "        if self.averaged > 0:",
        "            self.model.set_weights(self.moving)",
        "",
        "    def on_test_begin(self, logs=None):",
        *(["        if self.averaged < 0:", "            return"] if first > 1 else []),
        "        self.moving = self.model.get_weights()",
        "        if self.averaged == 0:",
        "            self.average = self.moving",
        "        self.average = [",
        "            average + (weights - average) / (self.averaged + 1)",
        "            for average, weights in zip(self.average, self.moving, strict=True)",
        "        ]",
        "        self.model.set_weights(self.average)",
        *(_statistics_lines(images) if anew.batch_normalization else []),
    ]


def _statistics_lines(images: int) -> list[str]:
    return [
        "        # The statistics of the average, layer by layer.",
        "        for layer in self.model.layers:",
        "            if isinstance(layer, layers.BatchNormalization):",
        "                ahead = keras.Model(self.model.inputs, layer.input)",
        f"                values = ahead.predict(x_train[:{images}], verbose=0)",
        "                axes = tuple(range(values.ndim - 1))",
        "                layer.moving_mean.assign(values.mean(axes))",
        "                layer.moving_variance.assign(values.var(axes))",
    ]
