"""The plan of a network -> the Keras model."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from typing import Any

import keras
import numpy as np

from core.inside.layer_kinds import IDLE_LAYERS
from core.keras_state import KERAS_LOCK
from core.network import LayerPlan, Penalty, plan_network
from core.settings import OptimisationSettings, Settings


def build_network(
    settings: Settings,
    image_shape: tuple[int, int, int],
    classes: int,
    silent: Collection[str] = (),
) -> keras.Model:
    """Build the network that the settings describe, with its first weights.

    Its chance comes from the run's own seed alone, and no seed that other threads share is touched.
    Every kernel has a seed of its own, drawn in the order in which Keras itself draws them after
    ``keras.utils.set_random_seed(seed)``, so that the generated script starts from the same
    weights. Noise and dropout have seeds by their places: whatever stands between the kernels, and
    whatever is done to them, networks of one shape and seed start from the same weights.

    Parameters
    ----------
    settings : Settings
    image_shape : tuple of int
        (H, W, C) of one image.
    classes : int
    silent : collection of str
        Settings of noise and dropout whose layers are there also where they are off, with a rate
        of 0.

    Returns
    -------
    keras.Model
        From images of shape (N, H, W, C), values in [0, 1], to probabilities of shape (N, K).
        Not compiled.

    Raises
    ------
    LearnscopeError
        If the maps would shrink to nothing.
    """
    plan = plan_network(settings, image_shape, classes, silent)
    chance = random.Random(settings.optimisation.seed)
    noise_seeds = seeds_of_noise(settings.optimisation.seed, plan.noise_places)
    with KERAS_LOCK:
        image = keras.Input(image_shape, name="image")
        output = image
        for layer in plan.layers:
            output = _layer(layer, chance, noise_seeds)(output)
        return keras.Model(image, output, name="network")


def seeds_of_noise(seed: int, places: int) -> list[int]:
    """A seed for each place at which noise or dropout can stand, drawn from the run's seed."""
    drawn: list[int] = np.random.SeedSequence(seed).generate_state(places).tolist()
    return drawn


def _layer(
    plan: LayerPlan, chance: random.Random, noise_seeds: Sequence[int]
) -> keras.layers.Layer:
    options = dict(plan.options)
    if plan.penalty is not None:
        # The seed that Keras would draw for an initialiser that is given none.
        seed = chance.randint(1, int(1e9))
        options["kernel_initializer"] = keras.initializers.GlorotUniform(seed=seed)
        options["kernel_regularizer"] = regularizer(plan.penalty)
    if plan.max_norm > 0:
        options["kernel_constraint"] = keras.constraints.MaxNorm(
            plan.max_norm, axis=[0, 1, 2] if plan.kind == "Conv2D" else 0
        )
    if plan.noise_place is not None:
        options["seed"] = noise_seeds[plan.noise_place]
    layer: keras.layers.Layer = getattr(keras.layers, plan.kind)(
        *plan.positional, **options, name=plan.name
    )
    if plan.silent:
        setattr(layer, str(rate_of(layer)), 0.0)
    return layer


def rate_of(layer: keras.layers.Layer) -> str | None:
    """The attribute in which a layer of noise or dropout has its rate; None of any other layer."""
    if isinstance(layer, keras.layers.GaussianNoise):
        return "stddev"
    return "rate" if isinstance(layer, IDLE_LAYERS) else None


def without_silent(model: keras.Model) -> keras.Model:
    """The network of the same layers, but for those of noise and dropout whose rate is 0."""
    with KERAS_LOCK:
        output = model.input
        for layer in model.layers[1:]:
            rate = rate_of(layer)
            if rate is None or getattr(layer, rate) > 0:
                output = layer(output)
        return keras.Model(model.input, output, name=model.name)


def regularizer(penalty: Penalty) -> keras.regularizers.Regularizer | None:
    """The price on a kernel as Keras takes it; None if there is none."""
    if penalty.l1 > 0 and penalty.l2 > 0:
        return keras.regularizers.L1L2(l1=penalty.l1, l2=penalty.l2)
    if penalty.l1 > 0:
        return keras.regularizers.L1(penalty.l1)
    return keras.regularizers.L2(penalty.l2) if penalty.l2 > 0 else None


def build_optimizer(settings: OptimisationSettings) -> keras.optimizers.Optimizer:
    """The optimizer that the settings describe; what they leave open is Keras's own default.

    Its learning rate is that of the first epoch; :mod:`core.fitting.rates` changes it from there.
    """
    rate, more = settings.learning_rate, _clipping_and_averaging(settings)
    if settings.optimizer == "adamw":
        return keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay, **more)
    if settings.optimizer == "sgd":
        return keras.optimizers.SGD(rate, momentum=settings.momentum, **more)
    if settings.optimizer == "rmsprop":
        return keras.optimizers.RMSprop(rate, **more)
    return keras.optimizers.Adam(rate, **more)


def _clipping_and_averaging(settings: OptimisationSettings) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if settings.gradient_clipping > 0:
        more["global_clipnorm"] = settings.gradient_clipping
    if settings.averaging == "ema":
        more |= {"use_ema": True, "ema_momentum": settings.averaging_momentum}
    return more
