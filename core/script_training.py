"""The paragraphs of a script that train the network and take the test."""

from __future__ import annotations

from collections.abc import Sequence

from core.augmentation.plan import alterations, mixes_labels
from core.script_source import item, literal, named
from core.settings import Change, OptimisationSettings, Settings


def label_lines(settings: Settings, classes: int) -> list[str]:
    """Labels as probabilities, which smoothing and mixing ask for; nothing without them."""
    if not _labels_are_shares(settings):
        return []
    return [
        "# Labels that give a probability to each class, for they are to be smoothed or mixed.",
        *(
            f"{part} = keras.utils.to_categorical({part}, {classes})"
            for part in ("y_train", "y_validation", "y_test")
        ),
    ]


def training_lines(settings: Settings, changes: Sequence[Change] = ()) -> list[str]:
    """Compiling and fitting."""
    optimisation, smoothing = settings.optimisation, settings.regularization.label_smoothing
    data_loss = f"{'' if _labels_are_shares(settings) else 'sparse_'}categorical_crossentropy"
    why = _why_another_loss(settings, changes)
    watched = ["monitor=data_loss", 'mode="min"'] if why else []
    loss = f'"{data_loss}"'
    if smoothing:
        loss = f"keras.losses.CategoricalCrossentropy(label_smoothing={literal(smoothing)})"
    metrics = ", ".join(['"accuracy"', *([f'"{data_loss}"'] if why else [])])
    lines = [
        "model.compile(",
        *_optimizer(optimisation),
        f"    loss={loss},",
        f"    metrics=[{metrics}],",
        ")",
    ]
    if why:
        lines += [
            f"# The best epoch has the lowest loss without {why}",
            f'data_loss = "val_{data_loss}"',
        ]
    return [
        *lines,
        "model.fit(",
        *_learnt(settings),
        f"    epochs={optimisation.epochs},",
        "    validation_data=(x_validation, y_validation),",
        "    callbacks=[",
        *(["        Knobs(),"] if changes else []),
        *_callbacks(settings, watched),
        "    ],",
        ")",
    ]


def _labels_are_shares(settings: Settings) -> bool:
    return settings.regularization.label_smoothing > 0 or mixes_labels(settings.augmentation)


def _learnt(settings: Settings) -> list[str]:
    """What ``fit`` goes through."""
    if alterations(settings.augmentation):
        return ["    batches,"]
    return ["    x_train,", "    y_train,", f"    batch_size={settings.optimisation.batch_size},"]


def _why_another_loss(settings: Settings, changes: Sequence[Change]) -> str:
    """What val_loss has in it beside the loss by which the best epoch is chosen."""
    regularization = settings.regularization
    penalized = regularization.l1 > 0 or regularization.l2 > 0
    penalized |= any(change.name in ("l1", "l2") for change in changes)
    if penalized and regularization.label_smoothing > 0:
        return "penalty and smoothing, which are in val_loss."
    if penalized:
        return "the penalty, which val_loss includes."
    return "the smoothing, which is in val_loss." if regularization.label_smoothing > 0 else ""


def _optimizer(settings: OptimisationSettings) -> list[str]:
    arguments = named(learning_rate=settings.learning_rate)
    kind, more = {
        "adam": ("Adam", []),
        "adamw": ("AdamW", named(weight_decay=settings.weight_decay)),
        "sgd": ("SGD", named(momentum=settings.momentum)),
        "rmsprop": ("RMSprop", []),
    }[settings.optimizer]
    arguments += more
    if settings.gradient_clipping > 0:
        arguments += named(global_clipnorm=settings.gradient_clipping)
    if settings.averaging == "ema":
        arguments += named(use_ema=True, ema_momentum=settings.averaging_momentum)
    return item(f"optimizer=keras.optimizers.{kind}", arguments, indent=4)


def _callbacks(settings: Settings, watched: Sequence[str]) -> list[str]:
    regularization, optimisation = settings.regularization, settings.optimisation
    lines = []
    if optimisation.averaging == "swa":
        lines.append("        EqualAverage(),")
    if optimisation.averaging == "ema":
        lines += [
            "        # What is validated and stored are the averaged weights.",
            "        keras.callbacks.SwapEMAWeights(swap_on_epoch=True),",
        ]
    checkpoint = ['"best.keras"', *watched, "save_best_only=True"]
    lines += item("keras.callbacks.ModelCheckpoint", checkpoint, indent=8)
    if regularization.early_stopping:
        stopping = [*watched, *named(patience=regularization.patience)]
        lines += item("keras.callbacks.EarlyStopping", stopping, indent=8)
    return lines + _schedule(optimisation, watched)


def _schedule(settings: OptimisationSettings, watched: Sequence[str]) -> list[str]:
    """What sets the learning rate of each epoch, as :mod:`core.fitting.rates` does."""
    if settings.schedule == "plateau":
        how = named(factor=settings.schedule_factor, patience=settings.schedule_patience)
        return item("keras.callbacks.ReduceLROnPlateau", [*watched, *how], indent=8)
    rate, factor = literal(settings.learning_rate), literal(settings.schedule_factor)
    formula = {
        "constant": "",
        "step": f"{rate} * {factor} ** (epoch // {settings.schedule_epochs})",
        "cosine": f"{rate} * (1 + np.cos(np.pi * epoch / {settings.epochs})) / 2",
    }[settings.schedule]
    if not formula:
        return []
    function = f"lambda epoch, rate: {formula}"
    return item("keras.callbacks.LearningRateScheduler", [function], indent=8)


def test_lines() -> list[str]:
    """The test of the best epoch."""
    return [
        "# The best epoch, on images that had no part in choosing it.",
        'best = keras.saving.load_model("best.keras")',
        'accuracy = best.evaluate(x_test, y_test, verbose=0, return_dict=True)["accuracy"]',
        'print(f"Test accuracy: {accuracy:.1%}")',
    ]
