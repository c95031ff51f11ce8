"""What is said when a run ends."""

from __future__ import annotations

from dataclasses import replace

from core.fitting.endings import Outcome, ending
from core.fitting.progress import Progress
from core.learning.curves import GrowingCurves
from core.library.records import Epoch, State
from core.settings import OptimisationSettings, RegularizationSettings, Settings

SETTINGS = Settings(
    regularization=RegularizationSettings(early_stopping=True, patience=5),
    optimisation=OptimisationSettings(learning_rate=1000.0),
)
PROGRESS = Progress("Training", epoch=14, epochs=30, step=3, steps=32)
FINISHED = Outcome(SETTINGS, PROGRESS, best_epoch=9, kept_epoch=9)
FULL = "The disk is full. The one before it is kept. Free some space."


def test_a_whole_run() -> None:
    assert ending(FINISHED) == (
        State.FINISHED,
        "Finished all 30 epochs. The best checkpoint, of epoch 9, is kept.",
    )


def test_a_run_of_one_epoch() -> None:
    outcome = Outcome(SETTINGS, Progress("Training", epochs=1), best_epoch=1, kept_epoch=1)
    assert ending(outcome)[1].startswith("Finished its one epoch. ")


def test_stopped_by_a_person() -> None:
    assert ending(replace(FINISHED, asked=True)) == (
        State.STOPPED,
        "Stopped by you in epoch 14 of 30, after step 3 of 32. The best checkpoint, of epoch 9, "
        "is kept.",
    )


def test_stopped_early_names_the_epoch_and_the_patience() -> None:
    curves = GrowingCurves(steps_per_epoch=1)
    for epoch in range(1, 15):
        curves.add_epoch(Epoch(epoch, epoch, 1.0, 2.0, 0.2, 2.0, 0.2, 2.0, 0.2, 0.0, 0.001))
    with_curves = replace(PROGRESS, curves=curves.snapshot())
    state, sentence = ending(replace(FINISHED, progress=with_curves, out_of_patience=True))
    assert state is State.STOPPED_EARLY
    assert sentence == (
        "Stopped early at epoch 14 by patience 5: the validation loss did not improve in the 5 "
        "epochs after epoch 9. The best checkpoint, of epoch 9, is kept."
    )


def test_a_loss_that_is_no_number_is_blamed_on_the_learning_rate() -> None:
    outcome = replace(FINISHED, not_a_number_at=(10, 7), asked=True)
    assert ending(outcome) == (
        State.FAILED,
        "Failed because the loss was no longer a number at step 7 of epoch 10: the steps became "
        "too large. Lower the learning rate of 1000. The best checkpoint, of epoch 9, is kept.",
    )


def test_without_a_single_number_there_is_no_checkpoint() -> None:
    outcome = replace(FINISHED, best_epoch=None, kept_epoch=None, not_a_number_at=(1, 2))
    state, sentence = ending(outcome)
    assert state is State.FAILED
    assert sentence.endswith(" There is no checkpoint: no validation loss was a number.")


def test_a_best_checkpoint_that_could_not_be_stored_is_a_failure() -> None:
    outcome = replace(FINISHED, kept_epoch=7, trouble=FULL)
    assert ending(outcome) == (
        State.FAILED,
        "Failed because the best checkpoint, of epoch 9, could not be stored. The disk is full. "
        "The one before it is kept. Free some space. The checkpoint of epoch 7 is kept.",
    )
    state, sentence = ending(replace(outcome, kept_epoch=None))
    assert state is State.FAILED
    assert sentence.endswith(" There is no checkpoint.")
