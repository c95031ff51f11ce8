"""Comparing runs, through app.py as a person meets it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.runs import Epoch, Library, State
from core.settings import Settings, Value, from_mapping
from pages.shared import state

Visit = Callable[..., AppTest]
PLAIN = {1: 0.970, 2: 0.972, 3: 0.968, 4: 0.971, 5: 0.969}
BETTER = {1: 0.979, 2: 0.981, 3: 0.977, 4: 0.980, 5: 0.978}
HALF: dict[str, Value] = {"dropout_dense": 0.5}
SENTENCE = (
    "**Dropout rate (dense) 0.5** lowers the validation error by **0.9 ± 0.2 points** (95 % "
    "confidence interval) against Dropout rate (dense) 0, 5 seeds each, p < 0.001 (Welch's t-test)."
)


def store(
    accuracies: dict[int, float],
    settings: dict[str, Value] | None = None,
    end: State = State.FINISHED,
    epochs: int = 2,
) -> list[str]:
    """A run a seed, of a few epochs, with this validation accuracy at the best; their ids."""
    library, ids = state.library(), []
    for seed, accuracy in accuracies.items():
        run = library.create(from_mapping({"dataset": "digits", **(settings or {}), "seed": seed}))
        library.start(run.id)
        for number in range(1, epochs + 1):
            loss = 2.0 / number + seed / 100
            figures = (loss, 0.5, loss, 0.5, loss, accuracy, 0.0, 0.001)
            library.record_epoch(run.id, Epoch(number, 4 * number, 1.0 * number, *figures), [], [])
        if end is not State.FAILED:
            library.record_best(run.id, epochs, 0.5 + seed / 100, accuracy)
        library.finish(run.id, end, f"{end}.", 0.5, accuracy - 0.01, 300)
        ids.append(run.id)
    return ids


@pytest.fixture
def two_groups(home: object) -> list[str]:
    """Five seeds of two settings; the ids."""
    return [*store(PLAIN), *store(BETTER, HALF)]


def open_comparison(visit: Visit, ids: Sequence[str], **link: str) -> AppTest:
    test = visit("learning/runs", compare=",".join(ids), **link)
    assert not test.exception
    return test


def texts(test: AppTest) -> str:
    kinds = (test.markdown, test.caption, test.info, test.warning, test.header, test.subheader)
    return "\n".join(element.value for kind in kinds for element in kind)


def charts(test: AppTest) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in test.get("plotly_chart")]


def numbers(values: object) -> np.ndarray:
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
    return np.array(values, float)


def choose(test: AppTest, label: str, value: str) -> AppTest:
    return next(box for box in test.selectbox if box.label == label).set_value(value).run()


def said(test: AppTest, name: str) -> str:
    """What the address says under this name."""
    value = test.query_params[name]
    return value if isinstance(value, str) else value[0]


def tick(test: AppTest, *rows: int) -> AppTest:
    test.session_state[test.dataframe[0].key] = {"selection": {"rows": list(rows)}}
    return test.run()


def test_ticked_runs_are_compared_and_the_address_says_so(
    visit: Visit, two_groups: list[str]
) -> None:
    test = visit("learning/runs")
    assert "Comparison" not in texts(test)
    test = tick(test, *range(10))
    assert not test.exception
    assert "Comparison: 10 runs in 2 groups" in texts(test)
    assert SENTENCE in texts(test)
    assert set(said(test, "compare").split(",")) == set(two_groups)
    # The table is still there, and the comparison leaves with its ticks.
    assert len(test.dataframe[0].value) == 10
    test = tick(test, 0)
    assert "Comparison" not in texts(test)
    assert "compare" not in test.query_params
    assert "band" not in test.query_params


def test_a_link_opens_just_the_comparison(visit: Visit, two_groups: list[str]) -> None:
    store({9: 0.5}, {"l2": 0.01})
    test = open_comparison(visit, two_groups)
    assert SENTENCE in texts(test)
    assert "Comparison: 10 runs in 2 groups" in texts(test)
    # No table of all runs, no buttons that change any.
    assert [button.label for button in test.button] == ["All runs"]
    assert "Delete" not in texts(test)
    assert all(len(table.value) == 2 for table in test.dataframe)
    test = test.button[0].click().run()
    assert len(test.dataframe[0].value) == 11
    assert SENTENCE in texts(test)


def test_the_choices_of_a_link_are_followed_and_written_back(
    visit: Visit, two_groups: list[str]
) -> None:
    test = open_comparison(
        visit, two_groups, curve="validation_accuracy", band="deviation", figure="test_error"
    )
    chart = charts(test)[0]
    assert "Validation accuracy" in chart["layout"]["title"]["text"]
    assert "band: standard deviation" in chart["layout"]["title"]["text"]
    assert "lowers the test error by **0.9" in texts(test)
    test = choose(test, "Curve", "gap")
    assert said(test, "curve") == "gap"
    assert said(test, "band") == "deviation"
    assert "Generalization gap" in charts(test)[0]["layout"]["title"]["text"]


def test_an_unknown_choice_in_a_link_is_a_sentence(visit: Visit, two_groups: list[str]) -> None:
    test = open_comparison(visit, two_groups, band="rainbow")
    assert "the link asks for “rainbow”, which there is not here" in texts(test)
    assert SENTENCE in texts(test)


def test_unknown_runs_of_a_link_are_sentences_and_the_rest_is_shown(
    visit: Visit, two_groups: list[str]
) -> None:
    test = open_comparison(visit, [*two_groups, "20261124-3f9a2c", "<b>x</b>"])
    assert len(test.warning) == 2
    assert all("stands for none" in warning.value for warning in test.warning)
    assert SENTENCE in texts(test)
    test = open_comparison(visit, ["nothing", "neither"])
    assert "A comparison takes two runs or more." in texts(test)


def test_the_mean_and_its_band_are_those_of_the_stored_curves(
    visit: Visit, two_groups: list[str]
) -> None:
    """At epoch 1 the losses are 2.01 to 2.05: mean 2.03, standard deviation sqrt(0.00025)."""
    test = open_comparison(visit, two_groups, band="deviation")
    traces = [trace for trace in charts(test)[0]["data"] if "customdata" in trace]
    mean = traces[0]
    assert mean["name"] == "A: Dropout rate (dense) 0"
    assert numbers(mean["y"]) == pytest.approx([2.03, 1.03])
    half = 0.00025**0.5
    assert numbers(mean["customdata"])[:2] == pytest.approx([2.03 - half, 2.03 + half])


def test_what_a_figure_is_of_is_said(visit: Visit, two_groups: list[str]) -> None:
    words = texts(open_comparison(visit, two_groups))
    for part in (
        "The seed draws the split of the data, the first weights, the order of the images and the "
        "dropout masks",
        "Computed on 300 validation images of Digits 8x8 (built in), drawn anew by each seed; at "
        "the best epoch, dropout off.",
        "Validation figures are compared, since the test images must not choose settings.",
        "Mean ± standard deviation over the seeds",
        "Both groups have the same seeds",
        "Permutation test",
        "Effect size (Hedges' g)",
        "80 % power",
    ):
        assert part in words


def test_one_seed_each_is_not_evidence(visit: Visit, home: object) -> None:
    ids = [*store({1: 0.9}), *store({1: 0.95}, HALF)]
    words = texts(open_comparison(visit, ids))
    assert "One seed is not evidence: train at least two more." in words
    assert "p =" not in words


def test_the_same_reason_for_several_groups_is_said_once(visit: Visit, home: object) -> None:
    ids = [
        run_id for rate in (0.0, 0.2, 0.4) for run_id in store({1: 0.9}, {"dropout_dense": rate})
    ]
    test = open_comparison(visit, ids)
    assert [info.value for info in test.info] == [
        "One seed is not evidence: train at least two more."
    ]
    assert test.dataframe[1].value["More than chance"].tolist() == ["not tested"] * 2


def test_groups_without_any_spread_are_a_sentence(visit: Visit, home: object) -> None:
    same = dict.fromkeys((1, 2, 3), 0.9)
    ids = [*store(same), *store(dict.fromkeys((1, 2, 3), 0.95), HALF)]
    assert "Without any spread there is nothing" in texts(open_comparison(visit, ids))


def test_one_group_has_nothing_to_be_compared_with(visit: Visit, home: object) -> None:
    words = texts(open_comparison(visit, store(PLAIN)))
    assert "Comparison: 5 runs in one group" in words
    assert "the same settings but for the seed" in words


def test_groups_of_other_data_are_drawn_but_not_tested(visit: Visit, home: object) -> None:
    ids = [*store(PLAIN), *store(BETTER, {"dataset": "mnist-5k"})]
    test = open_comparison(visit, ids, figure="test_error")
    assert "Expected groups of one data set." in texts(test)
    assert "lowers" not in texts(test)
    assert charts(test)


def test_failed_runs_and_repetitions_are_left_out_and_said_so(visit: Visit, home: object) -> None:
    ids = [*store(PLAIN), *store(BETTER, HALF)]
    ids += [*store({6: 0.1}, HALF, State.FAILED), *store({1: 0.5})]
    test = open_comparison(visit, ids)
    assert SENTENCE in texts(test)
    (info,) = test.info
    assert "repeats the seed 1" in info.value
    assert "failed" in info.value
    assert [table["Seeds (n)"].tolist() for table in (test.dataframe[0].value,)] == [[5, 5]]


def test_runs_of_different_lengths_are_said_to_be(visit: Visit, home: object) -> None:
    stopping: dict[str, Value] = {"early_stopping": True}
    ids = store({1: 0.9, 2: 0.91}, stopping, State.STOPPED_EARLY, epochs=2)
    ids += store({3: 0.92}, stopping, State.STOPPED_EARLY, epochs=5)
    words = texts(open_comparison(visit, ids))
    assert "A: the mean ends at epoch 2, the last that all 3 runs reached" in words


def test_several_groups_are_tested_against_one_or_each_against_each(
    visit: Visit, two_groups: list[str]
) -> None:
    ids = [*two_groups, *store(PLAIN, {"l2": 0.01})]
    test = open_comparison(visit, ids)
    assert "corrected for 2 comparisons" in texts(test)
    assert len(test.dataframe[1].value) == 2
    test = choose(test, "Compared with", "every pair")
    assert said(test, "against") == "every pair"
    assert len(test.dataframe[1].value) == 3
    # A group that is no longer there is not asked for.
    test = open_comparison(visit, two_groups, against="A")
    assert SENTENCE in texts(test)


def test_a_colour_by_a_setting_that_was_renamed_is_by_what_it_is_called_now(
    home: object, visit: Visit
) -> None:
    kinds: list[dict[str, Value]] = [{}, {"normalization": "batch"}, {"l2": 0.01}]
    ids = [run_id for kind in kinds for run_id in store({1: 0.8}, kind)]
    test = open_comparison(visit, ids, colour="batch_normalization")
    assert said(test, "colour") == "normalization"


def test_a_colour_by_a_setting_that_no_longer_differs_is_let_go(
    visit: Visit, two_groups: list[str]
) -> None:
    store(PLAIN, {"l2": 0.01})
    test = tick(visit("learning/runs"), *range(15))
    test = choose(test, "Colour", "l2")
    assert said(test, "colour") == "l2"
    test = tick(test, *range(5, 15))
    assert not test.exception
    assert "the link asks for" not in texts(test)
    assert said(test, "colour") == "group"


def test_many_groups_are_drawn_and_not_tested(visit: Visit, home: object) -> None:
    ids = [
        run_id
        for rate in range(9)
        for run_id in store({1: 0.9, 2: 0.91}, {"dropout_dense": rate / 10})
    ]
    test = open_comparison(visit, ids)
    assert "Expected at most 8 groups" in texts(test)
    assert len(test.dataframe[0].value) == 9
    parallel = charts(test)[1]["data"][0]
    assert [axis["label"] for axis in parallel["dimensions"]] == [
        "Dropout rate (dense)",
        "Validation loss",
        "Validation accuracy (%)",
        "Best epoch",
    ]


def test_a_run_under_way_is_drawn_and_does_not_count(visit: Visit, two_groups: list[str]) -> None:
    library: Library = state.library()
    run = library.create(from_mapping({"dataset": "digits", "seed": 6}))
    library.start(run.id)
    test = open_comparison(visit, [*two_groups, run.id])
    assert SENTENCE in texts(test)
    assert "has not ended yet (training)" in texts(test)


class Queue:
    """Takes runs and trains none."""

    def __init__(self) -> None:
        self.submitted: list[Settings] = []

    def submit(self, settings: Settings, name: str = "") -> str:
        self.submitted.append(settings)
        return state.library().create(settings, name).id

    def running(self) -> None: ...
    def waiting(self) -> tuple[str, ...]:
        return ()

    def busy(self) -> bool:
        return False

    def progress(self, run_id: str) -> None: ...


def test_missing_seeds_are_trained_at_a_press_and_join_the_comparison(
    visit: Visit, home: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue()
    monkeypatch.setattr(state, "training_queue", lambda: queue)
    ids = [*store({1: 0.9}), *store({1: 0.95, 2: 0.96}, HALF)]
    test = open_comparison(visit, ids)
    next(button for button in test.button if button.label == "Train 3 more runs").click().run()
    assert not test.exception
    trained = [(s.regularization.dropout_dense, s.optimisation.seed) for s in queue.submitted]
    assert trained == [(0.0, 2), (0.0, 3), (0.5, 3)]
    assert "Comparison: 6 runs in 2 groups" in texts(test)
    # They wait now, and are not asked for twice.
    assert [button.label for button in test.button] == ["All runs"]


def test_groups_of_three_seeds_ask_for_no_more(visit: Visit, two_groups: list[str]) -> None:
    assert [b.label for b in open_comparison(visit, two_groups).button] == ["All runs"]


def test_training_several_times_queues_the_next_seeds(
    open_app: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue()
    monkeypatch.setattr(state, "training_queue", lambda: queue)
    test = open_app(dataset="digits", seed="7")
    (times,) = [number for number in test.number_input if number.label == "Times"]
    assert times.value == 1
    test = times.set_value(3).run()
    assert "3 runs one after the other, with the seeds 7 to 9." in texts(test)
    next(button for button in test.button if button.label == "Train 3 times").click().run()
    assert not test.exception
    assert [settings.optimisation.seed for settings in queue.submitted] == [7, 8, 9]
    assert {settings.data.dataset for settings in queue.submitted} == {"digits"}


def test_training_once_queues_one_run_and_says_nothing_of_seeds(
    open_app: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue()
    monkeypatch.setattr(state, "training_queue", lambda: queue)
    test = open_app(dataset="digits", seed="7")
    assert "one after the other" not in texts(test)
    next(button for button in test.button if button.label == "Train").click().run()
    assert [settings.optimisation.seed for settings in queue.submitted] == [7]


def test_seeds_past_the_highest_are_refused_in_words(
    open_app: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue()
    monkeypatch.setattr(state, "training_queue", lambda: queue)
    test = open_app(dataset="digits", seed=str(2**31 - 1))
    next(number for number in test.number_input if number.label == "Times").set_value(3).run()
    next(button for button in test.button if button.label == "Train 3 times").click().run()
    assert not test.exception
    assert any("Take a smaller seed, or train fewer times" in error.value for error in test.error)
    assert queue.submitted == []
