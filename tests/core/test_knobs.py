"""Settings that are changed while a run trains: in force at the very next batch, and on record."""

from __future__ import annotations

import json
import threading

import keras
import numpy as np
import pytest

import core.fitting.fit
import core.fitting.networks
from core.errors import LearnscopeError
from core.fitting.fit import Fit
from core.fitting.knobs import Knobs, put_in_force
from core.fitting.one_run import train_run
from core.fitting.steps import StopFlag
from core.fitting.turn_requests import TurnRequests
from core.model import build_network, build_optimizer
from core.runs import Library, Run, State
from core.settings import NOISES, Change, Settings
from core.training import TrainingQueue
from tests.core.made_runs import made_run
from tests.core.small import SMALL, parts, small, train, until
from tests.core.turning import At, TurnAt


@pytest.fixture(autouse=True)
def one_step_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.fitting.fit, "_CALL_SECONDS", 0.0)


def turned_run(library: Library, settings: Settings, at: At) -> Run:
    """A run in which somebody asked for these values after so many steps."""
    run_id, board = library.create(settings).id, TurnAt(at)
    train_run(library, run_id, board, board.stop, turns=board.turns)
    library.flush()
    assert board.turns.trouble == ""
    return library.run(run_id)


class Spied:
    """A fit whose network can be looked at before each step."""

    def __init__(self, settings: Settings, at: At) -> None:
        data = parts(settings)
        self.model = build_network(settings, (8, 8, 1), 10, NOISES)
        self.optimizer = build_optimizer(settings.optimisation)
        self.flag, self.requests = StopFlag(), TurnRequests()
        self.recorded: list[Change] = []
        self.requests.listen(self.flag.pause)
        knobs = Knobs(
            self.model, self.optimizer, settings, self.requests, record=self.recorded.append
        )
        self.fit = Fit(
            self.model,
            self.optimizer,
            data,
            settings.optimisation,
            self.flag,
            settings.regularization.label_smoothing,
            knobs=knobs,
        )
        self.at, self.batches, self.epochs = dict(at), [], []
        self.kernels = [self.kernels_now()]

    def kernels_now(self) -> list[np.ndarray]:
        return [np.asarray(layer.kernel) for layer in self.model.layers if hasattr(layer, "kernel")]

    def made(self) -> None:
        self.kernels.append(self.kernels_now())
        if (values := self.at.pop(len(self.batches), None)) is not None:
            self.requests.ask(values)

    def run(self) -> Spied:
        note = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: self.batches.append(dict(logs)),
            on_epoch_end=lambda epoch, logs: self.epochs.append(dict(logs)),
        )
        self.fit.run([note], self.made)
        return self


def squares(kernels: list[np.ndarray]) -> float:
    return float(sum((kernel.astype(np.float64) ** 2).sum() for kernel in kernels))


def sizes(kernels: list[np.ndarray]) -> float:
    return float(sum(np.abs(kernel.astype(np.float64)).sum() for kernel in kernels))


@pytest.mark.usefixtures("warm")
def test_from_the_next_batch_on_the_penalty_is_that_of_the_new_strengths() -> None:
    """L2 from nothing after 3 steps, L1 beside it after 6: the elastic net from there."""
    spied = Spied(small(), {3: {"l2": 0.02}, 6: {"l1": 0.003}, 9: {"l2": 0.0}}).run()
    strengths = [(0.0, 0.0)] * 3 + [(0.0, 0.02)] * 3 + [(0.003, 0.02)] * 3 + [(0.003, 0.0)] * 3
    expected = [
        l1 * sizes(kernels) + l2 * squares(kernels)
        for (l1, l2), kernels in zip(strengths, spied.kernels, strict=False)
    ]
    assert [logs["penalty"] for logs in spied.batches] == pytest.approx(expected, rel=1e-5)
    # At the epochs' ends too, after 4, 8 and 12 steps.
    ends = [spied.kernels[4], spied.kernels[8], spied.kernels[12]]
    (one, two, three) = (logs["penalty"] for logs in spied.epochs)
    assert one == pytest.approx(0.02 * squares(ends[0]), rel=1e-5)
    assert two == pytest.approx(0.003 * sizes(ends[1]) + 0.02 * squares(ends[1]), rel=1e-5)
    assert three == pytest.approx(0.003 * sizes(ends[2]), rel=1e-5)


@pytest.mark.usefixtures("warm")
def test_with_plain_descent_the_next_step_is_as_long_as_the_new_rate_says() -> None:
    """Without momentum a step is the rate times the gradient, which the rate does not touch."""
    settings = small(optimizer="sgd", momentum=0.0, learning_rate=0.1, epochs=1)
    before, after = (Spied(settings, at).run() for at in ({}, {2: {"learning_rate": 0.3}}))
    for kernels, theirs in zip(before.kernels[:3], after.kernels[:3], strict=True):
        assert all(map(np.array_equal, kernels, theirs))
    for name in range(3):
        step = before.kernels[3][name] - before.kernels[2][name]
        longer = after.kernels[3][name] - after.kernels[2][name]
        np.testing.assert_allclose(longer, 3 * step, rtol=1e-3, atol=1e-6)
    assert after.epochs[0]["learning_rate"] == pytest.approx(0.3)


@pytest.mark.usefixtures("warm")
def test_weight_decay_shrinks_the_next_step_s_weights_by_rate_times_decay() -> None:
    """AdamW: w - w r d, then Adam's step, which the decay does not touch (Loshchilov & Hutter)."""
    settings = small(optimizer="adamw", weight_decay=0.0, learning_rate=0.01, epochs=1)
    before, after = (Spied(settings, at).run() for at in ({}, {2: {"weight_decay": 0.5}}))
    for name in range(3):
        weights = before.kernels[2][name]
        shrunk = before.kernels[3][name] - weights * 0.01 * 0.5
        np.testing.assert_allclose(after.kernels[3][name], shrunk, atol=1e-6)


KINDS = pytest.mark.parametrize(
    ("changes", "turn"),
    [
        ({"dropout_dense": 0.5}, "dropout_dense"),
        ({"dropout_convolution": 0.5}, "dropout_convolution"),
        ({"dropout_convolution": 0.5, "dropout_kind": "spatial"}, "dropout_convolution"),
        ({"dropout_dense": 0.5, "dropout_kind": "gaussian"}, "dropout_dense"),
        ({"noise": 0.5}, "noise"),
        ({"noise": 0.5, "noise_place": "blocks"}, "noise"),
    ],
)


@pytest.mark.usefixtures("warm")
@KINDS
def test_turned_to_0_before_the_first_step_a_run_is_one_without(
    changes: dict[str, float], turn: str
) -> None:
    without, spied = Spied(small(), {}).run(), Spied(small(**changes), {})
    spied.requests.ask({turn: 0.0})
    spied.run()
    losses = [[logs["loss"] for logs in one.batches] for one in (spied, without)]
    assert losses[0] == losses[1]
    assert [change.step for change in spied.recorded] == [0]


@pytest.mark.usefixtures("warm")
@KINDS
def test_turned_on_before_the_first_step_a_run_is_one_that_began_with_it(
    changes: dict[str, float], turn: str
) -> None:
    """Bit for bit: the layer was there, and its chance belongs to its place."""
    began, spied = Spied(small(**changes), {}).run(), Spied(small(**changes | {turn: 0.0}), {})
    spied.requests.ask({turn: changes[turn]})
    spied.run()
    losses = [[logs["loss"] for logs in one.batches] for one in (spied, began)]
    assert losses[0] == losses[1]
    assert [(change.old, change.new) for change in spied.recorded] == [(0.0, 0.5)]


@pytest.mark.parametrize("at", [0, 5])
def test_a_checkpoint_says_how_the_network_is_set_by_then(library: Library, at: int) -> None:
    """What is off is not in the file; what was turned on is, with its rate."""
    run = turned_run(library, small(l2=0.01), {at: {"dropout_dense": 0.4, "l2": 0.1}})
    last = keras.models.load_model(library.file(run.id, "last.keras"))
    names = [layer.name for layer in last.layers]
    assert "dropout_dense" in names
    assert not {"noise", "dropout_1"} & {*names}
    assert last.get_layer("dropout_dense").rate == 0.4
    assert last.get_layer("dense").kernel_regularizer.l2 == pytest.approx(0.1)
    assert last.optimizer.iterations == 0


def test_a_checkpoint_of_a_run_in_which_nothing_is_turned_is_of_its_plan(library: Library) -> None:
    run, planned = train(library, small()), build_network(small(), (8, 8, 1), 10)
    for filename in ("best.keras", "last.keras"):
        model = keras.models.load_model(library.file(run.id, filename))
        described = (json.loads(one.to_json()) for one in (model, planned))
        assert next(described)["config"] == next(described)["config"]


@pytest.mark.usefixtures("warm")
def test_what_a_run_of_an_earlier_version_has_no_layer_for_is_refused() -> None:
    model, requests = build_network(small(), (8, 8, 1), 10), TurnRequests()
    knobs = Knobs(model, build_optimizer(small().optimisation), small(), requests)
    requests.ask({"dropout_dense": 0.5})
    assert not knobs.turn(3, 1)
    assert "begun by an earlier version" in requests.trouble
    assert knobs.made == []


@pytest.mark.usefixtures("warm")
def test_the_rate_of_dropout_is_another_at_the_next_batch_and_not_before() -> None:
    """Share of silenced units, counted in the layer's own output while the steps are made."""
    spied = Spied(small(dropout_dense=0.2, dense_units=1024), {3: {"dropout_dense": 0.8}})
    layer, shares = spied.model.get_layer("dropout_dense"), []
    plain = layer.call

    def noted(inputs: object, training: bool = False) -> object:
        outputs = plain(keras.ops.ones_like(inputs), training=training)
        if training:
            keras.src.backend.tensorflow.core.tf.py_function(
                lambda values: shares.append(float((values.numpy() == 0).mean())), [outputs], []
            )
        return inputs * outputs

    layer.call = noted
    spied.run()
    assert len(shares) == 12
    # The last batch of an epoch has 4 images, so 4,096 units: four standard errors are 0.025.
    assert shares[:3] == pytest.approx([0.2] * 3, abs=0.025)
    assert shares[3:] == pytest.approx([0.8] * 9, abs=0.025)


@pytest.mark.usefixtures("warm")
def test_only_the_dropout_that_is_meant_gets_another_rate() -> None:
    spied = Spied(
        small(dropout_dense=0.2, dropout_convolution=0.3, noise=0.1),
        {1: {"dropout_dense": 0.4}, 2: {"noise": 0.2}},
    ).run()
    rates = [spied.model.get_layer(name).rate for name in ("dropout_dense", "dropout_1")]
    assert rates == [0.4, 0.3]
    assert spied.model.get_layer("noise").stddev == 0.2


@pytest.mark.usefixtures("warm")
def test_a_stored_network_gets_what_was_in_force_when_its_epoch_ended() -> None:
    """Dropout is turned in epochs 2 and 4, L2 in epoch 3; what nobody turned stays as it is."""
    changes = (
        Change("dropout_dense", 0.2, 0.5, 2, 5),
        Change("l2", 0.0, 0.01, 3, 8),
        Change("dropout_dense", 0.5, 0.7, 4, 13),
    )
    settings = small(dropout_dense=0.2, dropout_convolution=0.3)
    found = []
    for epoch in (1, 2, 3, 4):
        model = build_network(settings, (8, 8, 1), 10)
        put_in_force(model, settings, changes, epoch)
        price = model.get_layer("dense").kernel_regularizer
        found.append((model.get_layer("dropout_dense").rate, price and float(price.l2)))
        assert model.get_layer("dropout_1").rate == 0.3
    assert found == [(0.2, None), (0.5, None), (0.5, pytest.approx(0.01)), (0.7, found[2][1])]


def test_a_change_is_on_record_with_its_step_its_epoch_and_both_values(library: Library) -> None:
    settings = small(dropout_dense=0.2)
    run = turned_run(library, settings, {5: {"dropout_dense": 0.5}, 8: {"learning_rate": 0.003}})
    assert run.changes == (
        Change("dropout_dense", 0.2, 0.5, epoch=2, step=5),
        # Step 8 ends an epoch: the next step is one of the third.
        Change("learning_rate", 0.01, 0.003, epoch=3, step=8),
    )
    told = [event for event in library.events(run.id) if event.kind == "turned"]
    assert [(event.epoch, event.step, event.words) for event in told] == [
        (2, 5, "Dropout rate (dense) 0.2 → 0.5 after step 5, in epoch 2."),
        (3, 8, "Learning rate 0.01 → 0.003 after step 8, in epoch 3."),
    ]
    rates = [epoch.learning_rate for epoch in library.epochs(run.id)]
    assert rates == pytest.approx([0.01, 0.01, 0.003])


def test_what_is_asked_for_twice_or_is_so_already_is_no_change(library: Library) -> None:
    run = turned_run(library, small(l2=0.01), {2: {"l2": 0.01}, 3: {"l2": 0.1}, 5: {"l2": 0.1}})
    assert [(change.old, change.new, change.step) for change in run.changes] == [(0.01, 0.1, 3)]


def test_a_change_is_on_record_before_it_is_in_force(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the moment of the record, the layer has its old rate still."""
    rates, record = [], Library.record_change
    models: list[keras.Model] = []
    build = core.fitting.networks.build_network

    def kept(*arguments: object) -> keras.Model:
        models.append(build(*arguments))
        return models[-1]

    def noted(self: Library, run_id: str, change: Change) -> None:
        record(self, run_id, change)
        rates.append(models[0].get_layer("dropout_dense").rate)

    monkeypatch.setattr(core.fitting.networks, "build_network", kept)
    monkeypatch.setattr(Library, "record_change", noted)
    turned_run(library, small(dropout_dense=0.2), {5: {"dropout_dense": 0.5}})
    assert rates == [0.2]
    assert models[0].get_layer("dropout_dense").rate == 0.5


def test_what_the_disk_refuses_is_not_changed_and_the_run_goes_on(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise LearnscopeError("The disk is full.")

    settings, board = small(dropout_dense=0.2), TurnAt({5: {"dropout_dense": 0.5}})
    whole = train(library, settings)
    monkeypatch.setattr(Library, "record_change", refuse)
    run_id = library.create(settings).id
    train_run(library, run_id, board, board.stop, turns=board.turns)
    assert board.turns.trouble == "The disk is full. The setting stays as it was."
    assert library.run(run_id).state is State.FINISHED
    assert library.run(run_id).changes == ()
    losses = [library.batches(one).losses.tolist() for one in (run_id, whole.id)]
    assert losses[0] == losses[1]


def test_a_wish_ends_the_running_call_within_one_batch(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call of thousands of steps would otherwise keep it waiting for seconds."""
    monkeypatch.setattr(core.fitting.fit, "_CALL_SECONDS", 1e9)
    settings = small(epochs=100, batch_size=1)
    spied = Spied(settings, {})
    thread = threading.Thread(target=spied.run)
    thread.start()
    until(lambda: len(spied.batches) > 3)
    spied.requests.ask({"l2": 0.01})
    until(lambda: spied.recorded)
    spied.flag.raise_it()
    thread.join()
    step = spied.recorded[0].step
    assert 3 < step < 10_000
    assert [logs["penalty"] > 0 for logs in spied.batches] == [
        at >= step for at in range(len(spied.batches))
    ]


def test_the_queue_turns_the_run_that_it_trains_and_no_other(library: Library) -> None:
    queue = TrainingQueue(library)
    running = queue.submit(small(epochs=1000, dropout_dense=0.2))
    waiting = queue.submit(small(dropout_dense=0.2))
    until(lambda: (moment := queue.progress(running)) and moment.done > 1)
    queue.turn(running, {"dropout_dense": 0.5})
    until(lambda: library.run(running).changes)
    with pytest.raises(LearnscopeError, match="being trained here"):
        queue.turn(waiting, {"dropout_dense": 0.5})
    with pytest.raises(LearnscopeError, match=r"expected a number in \[0, 0.95\]"):
        queue.turn(running, {"dropout_dense": 2.0})
    with pytest.raises(LearnscopeError, match="Only AdamW has weight decay"):
        queue.turn(running, {"weight_decay": 0.5})
    queue.stop(waiting)
    queue.stop(running)
    queue.wait(running, 60)
    queue.close()
    assert [change.new for change in library.run(running).changes] == [0.5]


def test_a_rate_that_is_turned_too_high_is_the_one_that_is_named(library: Library) -> None:
    # The penalty alone multiplies the weights by 1 - 2 * 0.1 * 1000 then, in every step.
    settings = small(optimizer="sgd", l2=0.1, epochs=30)
    run = turned_run(library, settings, {5: {"learning_rate": 1000.0}})
    assert run.state is State.FAILED
    assert "Lower the learning rate of 1000." in run.sentence


def test_the_latest_settings_are_those_after_all_changes() -> None:
    changes = (Change("l2", 0.0, 0.5, 1, 2), Change("noise", 0.0, 0.1, 1, 2))
    run = made_run(settings=SMALL, changes=(*changes, Change("l2", 0.5, 0.1, 2, 5)))
    assert run.latest_settings == small(l2=0.1, noise=0.1)
    assert made_run(settings=SMALL).latest_settings == small()
