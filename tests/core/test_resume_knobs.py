"""A run whose settings were changed goes on, after a break, as if there had been none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import core.fitting.epoch_ends
import core.fitting.fit
import core.fitting.networks
from core.fitting.one_run import train_run
from core.runs import Library, Run, State
from core.settings import Settings
from tests.core.small import small
from tests.core.test_resume import same_bits, weights_in, without_seconds
from tests.core.turning import At, TurnAt

SETTINGS = small(dropout_dense=0.2, noise=0.1, optimizer="adamw", epochs=5)
# Of every kind; two at once, one at an epoch's end, one from 0, some in an epoch that is lost.
AT: At = {
    2: {"dropout_dense": 0.5, "l2": 0.01},
    6: {"dropout_convolution": 0.3},
    8: {"noise": 0.3, "weight_decay": 0.1},
    13: {"learning_rate": 0.003},
    14: {"dropout_dense": 0.0, "l1": 0.001, "l2": 0.0},
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, warm: None) -> Iterator[tuple[Library, Run]]:
    """The run without a break, in a library of its own."""
    library = Library(tmp_path_factory.mktemp("whole") / "home")
    yield library, begun(library, AT)
    library.close()


def begun(library: Library, at: At, last: int | None = None, settings: Settings = SETTINGS) -> Run:
    """A run in which knobs are turned at these steps, one step a call; stopped after `last`."""
    return gone_on(library, library.create(settings).id, at, last, before=None)


def gone_on(library: Library, run_id: str, at: At, last: int | None, before: Run | None) -> Run:
    board = TurnAt(at, last)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core.fitting.fit, "_CALL_SECONDS", 0.0)
        train_run(library, run_id, board, board.stop, before, board.turns)
    library.flush()
    return library.run(run_id)


def resumed(library: Library, run_id: str) -> Run:
    """To the end, in calls of as many steps as go."""
    board = TurnAt()
    train_run(library, run_id, board, board.stop, library.wait_again(run_id), board.turns)
    library.flush()
    return library.run(run_id)


def assert_the_same(library: Library, run: Run, reference: Library, whole: Run) -> None:
    assert run.state is whole.state is State.FINISHED
    assert run.changes == whole.changes
    epochs, others = library.epochs(run.id), reference.epochs(whole.id)
    assert without_seconds(epochs) == without_seconds(others)
    batches, theirs = library.batches(run.id), reference.batches(whole.id)
    for name in ("losses", "accuracies", "penalties"):
        assert same_bits([getattr(batches, name)], [getattr(theirs, name)])
    for filename in ("best.keras", "last.keras"):
        mine = weights_in(library, run, filename)
        assert same_bits(mine, weights_in(reference, whole, filename))


@pytest.mark.parametrize("pause", [0.0, 1000.0], ids=["a state an epoch", "one state"])
def test_resumed_it_is_bit_for_bit_the_one_that_was_never_stopped(
    library: Library, whole: tuple[Library, Run], monkeypatch: pytest.MonkeyPatch, pause: float
) -> None:
    """Stopped after 15 steps: the changes of steps 13 and 14 are in an epoch that is lost.

    With one state, after the first epoch, the epochs 2 and 3 are made again with theirs.
    """
    monkeypatch.setattr(core.fitting.epoch_ends, "STATE_SECONDS", pause)
    assert [change.step for change in whole[1].changes] == [2, 2, 6, 8, 8, 13, 14, 14, 14]
    run = begun(library, AT, last=15)
    assert (run.state, run.epochs_done) == (State.STOPPED, 4)
    assert run.resume_epoch == (3 if pause == 0 else 1)
    assert run.changes == whole[1].changes
    run = resumed(library, run.id)
    assert_the_same(library, run, *whole)
    assert run.sentence.endswith("it is the same run as one without a break.")
    # Once each, though some were made twice.
    told = [event.words for event in library.events(run.id) if event.kind == "turned"]
    assert told == [f"{change.words}." for change in run.changes]


def test_a_state_of_a_network_without_silent_layers_is_gone_on_from(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As earlier versions stored it: the run comes to its end as it would have then."""
    settings = small(dropout_dense=0.2, epochs=5)
    whole = begun(library, {}, settings=settings)
    with monkeypatch.context() as earlier:
        earlier.setattr(core.fitting.networks, "NOISES", ())
        run = begun(library, {}, last=15, settings=settings)
    assert_the_same(library, resumed(library, run.id), library, whole)


def test_changes_that_are_on_record_beforehand_are_made_at_their_steps(
    library: Library, whole: tuple[Library, Run]
) -> None:
    """As after a kill in the first epoch: nothing is left of the run but its record."""
    run_id = library.create(SETTINGS).id
    for change in whole[1].changes:
        library.record_change(run_id, change)
    library.start(run_id)
    library._alive.discard(run_id)
    library._change(run_id, "heartbeat = 0")
    library.reconcile()
    assert_the_same(library, resumed(library, run_id), *whole)


def test_what_is_asked_for_meanwhile_waits_until_all_on_record_is_made_again(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the epochs on record would come out otherwise, or a later change be lost."""
    monkeypatch.setattr(core.fitting.epoch_ends, "STATE_SECONDS", 1000.0)
    run = begun(library, {2: {"l2": 0.01}, 14: {"l2": 0.02}}, last=15)
    assert (run.resume_epoch, run.epochs_done) == (1, 4)
    kept = library.epochs(run.id)[:3]
    run = gone_on(library, run.id, {5: {"l2": 0.5}}, None, before=library.wait_again(run.id))
    assert [(change.new, change.step) for change in run.changes] == [
        (0.01, 2),
        (0.02, 14),
        (0.5, 14),
    ]
    assert without_seconds(library.epochs(run.id)[:3]) == without_seconds(kept)
    assert "Resumed after epoch 3, it is the same run" in run.sentence
