"""Settings side by side, through app.py as a person meets them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pytest
from streamlit.testing.v1 import AppTest

from core.comparison.overlay import SEEN_ELSEWHERE
from core.fitting.begun_with import KIND, BegunWith
from core.runs import Epoch, State
from core.settings import Settings, from_mapping
from core.settings.presets import PRESETS
from core.training import TrainingQueue
from pages.shared import state

Visit = Callable[..., AppTest]
PAGE = "regularization/side_by_side"
LOSSES = {"No regularization": (0.75, 0.5, 1.0), "Dropout": (1.0, 0.625, 0.5)}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Settings, str]]:
    """What is queued, instead of training it: the runs only wait in the library."""
    queued: list[tuple[Settings, str]] = []

    def submit(_: TrainingQueue, settings: Settings, name: str = "") -> str:
        queued.append((settings, name))
        return state.library().create(settings, name).id

    monkeypatch.setattr(TrainingQueue, "submit", submit)
    return queued


def store(weights: Sequence[str] = "aa", tag: str = "Side by side: Trial") -> list[str]:
    """A group of two runs of three epochs each that have ended; their ids."""
    library, ids = state.library(), []
    for (name, losses), letter in zip(LOSSES.items(), weights, strict=True):
        values = {"dataset": "digits", "epochs": 3, "dropout_dense": 0.5 * (name == "Dropout")}
        run = library.create(from_mapping(values), name)
        library.tag(run.id, [tag])
        library.start(run.id, fingerprint="f" * 64)
        library.record_event(run.id, KIND, BegunWith(letter * 16, "b" * 16).words, 1, 0)
        for number, loss in enumerate(losses, 1):
            figures = (loss, 0.5, loss - 0.25, 0.625, loss, 0.75, 0.0, 0.001)
            library.record_epoch(run.id, Epoch(number, 4 * number, 1.0 * number, *figures), [], [])
        best = losses.index(min(losses))
        library.record_best(run.id, best + 1, losses[best], 0.875)
        library.finish(run.id, State.FINISHED, "Finished.", 0.5, 0.8, 300)
        ids.append(run.id)
    library.flush()
    return ids


def opened(visit: Visit, **link: str) -> AppTest:
    page = visit(PAGE, **link)
    assert not page.exception
    return page


def press(page: AppTest, label: str) -> AppTest:
    after = next(button for button in page.button if button.label == label).click().run()
    assert not after.exception
    return after


def starts(page: AppTest) -> list[str]:
    return [box.value for box in page.selectbox if box.label == "Regularizers"]


def charts(page: AppTest) -> dict[str, dict]:
    """The growing charts, by their titles."""
    parts = [json.loads(p.proto.bytes) for p in page.get("bidi_component") if p.proto.bytes]
    return {part["figure"]["layout"]["title"]["text"].partition("<")[0]: part for part in parts}


def texts(page: AppTest) -> str:
    kinds = (page.markdown, page.caption, page.info, page.success, page.warning, page.error)
    return "\n".join(element.value for kind in kinds for element in kind)


def link_of(page: AppTest, name: str) -> str:
    return "".join(page.query_params.get(name, ""))


# Setting up


def test_at_first_sight_three_settings_of_a_small_experiment_can_be_trained_in_one_click(
    visit: Visit, asked: list
) -> None:
    page = opened(visit)
    assert starts(page) == ["none", "dropout", "weight-decay"]
    assert "What the cards say" not in texts(page)
    assert "1,000 training images, 30% of their labels wrong on purpose" in texts(page)
    page = press(page, "Train side by side")
    assert [name for _, name in asked] == ["No regularization", "Dropout", "Weight decay"]
    assert [settings for settings, _ in asked] == [
        from_mapping(PRESETS[key].values) for key in ("none", "dropout", "weight-decay")
    ]
    runs = state.library().runs()
    assert {run.tags for run in runs} == {("Side by side: 1",)}
    assert link_of(page, "together").split(",") == [run.id for run in reversed(runs)]
    assert link_of(page, "base") == link_of(page, "variants") == ""


def test_a_setting_is_added_changed_and_taken_away(visit: Visit, asked: list) -> None:
    page = press(opened(visit), "Add a setting")
    assert starts(page) == ["none", "dropout", "weight-decay", "batch-normalization"]
    remove = [button for button in page.button if button.help == "Take this setting away"]
    page = remove[2].click().run()
    assert starts(page) == ["none", "dropout", "batch-normalization"]
    which = page.multiselect[1]
    assert which.label == "Regularizers to change"
    page = which.set_value(["dropout_dense"]).run()
    slider = next(slider for slider in page.slider if slider.label == "Dropout rate (dense)")
    assert slider.value == 0.5
    page = slider.set_value(0.25).run()
    assert "Changed: Dropout rate (dense) **0.25**" in texts(page)
    assert link_of(page, "variants") == "none,dropout;dropout_dense:0.25,batch-normalization"
    press(page, "Train side by side")
    assert [s.regularization.dropout_dense for s, _ in asked] == [0, 0.25, 0]
    assert asked[1][1] == "Dropout, Dropout rate (dense) 0.25"


def test_two_settings_cannot_become_fewer_and_six_not_more(visit: Visit) -> None:
    page = opened(visit, variants="none,dropout")
    assert not [button for button in page.button if button.help == "Take this setting away"]
    page = opened(visit, variants="none,dropout,weight-decay,everything,augmentation,right-order")
    assert next(b for b in page.button if b.label == "Add a setting").disabled


def test_a_link_holds_what_is_set_up(visit: Visit) -> None:
    page = opened(visit, base="overfit", variants="none,dropout;dropout_dense:0.25")
    assert starts(page) == ["none", "dropout"]
    assert "200 training images" in texts(page)
    assert "Changed: Dropout rate (dense) **0.25**" in texts(page)


def test_a_link_that_cannot_be_is_told_and_the_first_sight_shown(visit: Visit) -> None:
    page = opened(visit, variants="none,nonsense")
    assert "In the link: Expected one of" in texts(page)
    assert starts(page) == ["none", "dropout", "weight-decay"]


def test_twins_are_refused_in_words_before_they_are_trained(visit: Visit) -> None:
    page = opened(visit, variants="none,none")
    assert "which would be the same run twice" in texts(page)
    assert next(b for b in page.button if b.label == "Train side by side").disabled


def test_the_base_can_be_a_run_or_what_the_page_train_says(visit: Visit, asked: list) -> None:
    ids = store()
    page = opened(visit, base=ids[1], variants="base,none")
    assert "Digits 8x8 (built in): 1,000 training images, 0% of their labels" in texts(page)
    assert "What the cards say: seen in the small experiments themselves" in texts(page)
    press(page, "Train side by side")
    assert [settings.regularization.dropout_dense for settings, _ in asked] == [0.5, 0]
    assert {settings.data.dataset for settings, _ in asked} == {"digits"}


def test_the_controls_of_the_page_train_can_be_the_base(open_app: Visit) -> None:
    page = open_app(epochs="4")
    page.switch_page(f"pages/{PAGE}.py")
    page.query_params.clear()
    page.query_params["base"] = "controls"
    assert "; 4 epochs with Adam" in texts(page.run())


# The runs


def test_a_link_opens_just_this_comparison(visit: Visit) -> None:
    ids = store()
    page = opened(visit, together=",".join(ids))
    assert not starts(page)
    assert "Group Trial" in texts(page)
    assert list(charts(page)) == ["Loss (nats)", "Accuracy"]
    loss = charts(page)["Loss (nats)"]
    drawn = {trace["name"]: trace["y"] for trace in loss["figure"]["data"]}
    assert list(drawn) == ["A: No regularization", "B: Dropout"]
    assert loss["figure"]["layout"]["xaxis"]["range"] == [0, 3]
    assert "A: No regularization; B: Dropout" in loss["alt"]
    table = page.dataframe[0].value
    assert list(table["Setting"]) == ["No regularization", "Dropout"]
    assert list(table["Best epoch"]) == ["2", "3"]
    assert list(table["Validation loss"]) == ["0.500 → 1.000", "0.500 → 0.500"]


@pytest.mark.parametrize(("values", "elsewhere"), [({"wrong_labels": 0.3}, False), ({}, True)])
def test_what_to_look_for_is_told_to_be_of_other_images_where_it_is(
    visit: Visit, values: dict[str, float], elsewhere: bool
) -> None:
    ids = [
        state.library().create(from_mapping({**values, "dropout_dense": rate, "seed": 3}), "One").id
        for rate in (0, PRESETS["dropout"].values["dropout_dense"])
    ]
    page = opened(visit, together=",".join(ids))
    assert (SEEN_ELSEWHERE in [one.value for one in page.caption]) is elsewhere
    assert any(PRESETS["dropout"].look_for in one.value for one in page.markdown)


def test_the_curves_on_the_training_images_come_at_a_switch(visit: Visit) -> None:
    page = opened(visit, together=",".join(store()))
    before = len(charts(page)["Loss (nats)"]["figure"]["data"])
    page = page.toggle[0].set_value(True).run()
    after = charts(page)["Loss (nats)"]["figure"]["data"]
    assert (before, len(after)) == (2, 4)
    assert sum(trace["line"]["dash"] == "dash" for trace in after) == 2


def test_it_is_proved_that_the_runs_began_alike(visit: Visit) -> None:
    page = opened(visit, together=",".join(store()))
    assert "The same in all 2 runs, by the fingerprints" in page.success[0].value
    proof = page.dataframe[1].value
    assert list(proof["First weights"]) == ["a" * 12] * 2
    assert list(proof["Images and labels"]) == ["f" * 12] * 2


def test_it_is_told_where_they_did_not(visit: Visit) -> None:
    page = opened(visit, together=",".join(store("ac")))
    assert not page.success
    assert "Not the same in all of these runs: first weights." in texts(page)


def test_rewind_trains_the_same_again_and_the_next_seed_another_chance(
    visit: Visit, asked: list
) -> None:
    ids = store()
    before = [state.library().run(run_id).settings for run_id in ids]
    page = press(opened(visit, together=",".join(ids)), "Rewind")
    assert [settings for settings, _ in asked] == before
    assert [name for _, name in asked] == list(LOSSES)
    assert "Group Trial 1" in texts(page)
    assert not set(link_of(page, "together").split(",")) & set(ids)
    asked.clear()
    press(page, "The same with seed 2")
    assert [settings.optimisation.seed for settings, _ in asked] == [2, 2]


def test_stop_all_takes_every_run_out_of_the_queue(
    visit: Visit, asked: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[str] = []
    monkeypatch.setattr(TrainingQueue, "stop", lambda _, run_id: stopped.append(run_id))
    page = press(opened(visit), "Train side by side")
    ids = link_of(page, "together").split(",")
    press(page, "Stop all")
    assert stopped == ids[::-1]


def test_the_settings_of_a_group_come_back_into_the_cards(visit: Visit) -> None:
    ids = store()
    page = press(opened(visit, together=",".join(ids)), "Change the settings")
    assert starts(page) == ["none", "dropout"]
    assert link_of(page, "base") == ids[0]
    assert link_of(page, "together") == ""


def test_earlier_groups_are_found_on_the_page(visit: Visit) -> None:
    ids = store()
    page = opened(visit)
    links = [link.proto.label for link in page.get("page_link")]
    assert "**Group Trial** · No regularization | Dropout" in links
    assert "Trained before" in [header.value for header in page.subheader]
    assert len(ids) == 2


def test_a_link_to_runs_that_are_not_there_leads_back(visit: Visit) -> None:
    page = opened(visit, together="20200101-aaaaaa")
    assert "20200101-aaaaaa" in texts(page)
    assert starts(press(page, "Set up another")) == ["none", "dropout", "weight-decay"]


# Presets on the page Train


@pytest.mark.parametrize("key", PRESETS)
def test_an_experiment_is_in_the_controls_at_one_click_and_says_what_to_look_for(
    open_app: Visit, key: str
) -> None:
    page = open_app(seed="3")
    box = next(box for box in page.selectbox if box.label == "Small experiment")
    assert box.value is None
    page = box.set_value(key).run()
    assert not page.exception
    held = {name: link_of(page, name) for name in PRESETS[key].values}
    assert all(held.values())
    assert link_of(page, "seed") == "3"
    assert page.session_state[state.setting_key("wrong_labels")] == 0.3
    assert f"**What to look for:** {PRESETS[key].look_for}" in [one.value for one in page.info]


def test_what_to_look_for_goes_once_the_settings_are_others(open_app: Visit) -> None:
    page = open_app(wrong_labels="0.3", dropout_dense="0.5")
    box = next(box for box in page.selectbox if box.label == "Small experiment")
    assert box.value == "dropout"
    page.session_state[state.setting_key("dropout_dense")] = 0.45
    page.run()
    assert next(b for b in page.selectbox if b.label == "Small experiment").value is None
    assert not any("What to look for" in one.value for one in page.info)
