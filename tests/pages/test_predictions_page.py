"""/predictions through app.py: the figures of one run, its mistakes, and the ways on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data import load, split
from core.predictions.stored import Predictions, read_predictions
from core.runs import State
from pages.shared import state
from tests.pages.conftest import SMALL

PAGE = "learning/predictions"


def sure(labels: np.ndarray, mistakes: dict[int, tuple[int, float]]) -> np.ndarray:
    """Each label with 0.75, but for the mistakes: by place, the class given and how surely."""
    probabilities = np.full((len(labels), 10), 0.25 / 9, np.float32)
    probabilities[np.arange(len(labels)), labels] = 0.75
    for place, (given, confidence) in mistakes.items():
        probabilities[place] = (1 - confidence) / 9
        probabilities[place, given] = confidence
    return probabilities


@pytest.fixture(scope="module")
def predictions() -> Predictions:
    """Of the data of SMALL: in validation three mistakes, two of one kind; in the test one."""
    data = split(load("digits"), SMALL.data, SMALL.optimisation.seed)
    fours = np.flatnonzero(data.validation_labels == 4)[:2].tolist()
    three = int(np.flatnonzero(data.validation_labels == 3)[0])
    wrong = {fours[0]: (9, 0.625), fours[1]: (9, 0.875), three: (8, 0.99)}
    six = int(np.flatnonzero(data.test_labels == 6)[0])
    return Predictions(
        1,
        sure(data.validation_labels, wrong),
        data.validation_labels,
        sure(data.test_labels, {six: (0, 0.5)}),
        data.test_labels,
    )


@pytest.fixture
def predicted(trained: Callable[..., str], predictions: Predictions) -> str:
    """Id of a run in the library that has these predictions."""
    return stored(trained(), predictions)


def stored(run_id: str, predictions: Predictions) -> str:
    """The run's id, once it has these predictions."""
    data = split(load("digits"), SMALL.data, SMALL.optimisation.seed)
    library = state.library()
    library.start(run_id, fingerprint=data.fingerprint)
    library.store_file(run_id, "predictions.npz", predictions.write)
    library.finish(run_id, State.FINISHED, "Finished.", 1.5, 0.5, 300)
    return run_id


def cards(page: AppTest) -> dict[str, tuple[str, str]]:
    return {metric.label: (metric.value, metric.delta) for metric in page.metric}


def images(page: AppTest) -> list[str]:
    return [image.caption for block in page.get("image") for image in block.proto.imgs]


def texts(page: AppTest) -> str:
    return " ".join(element.value for element in [*page.caption, *page.info, *page.markdown])


def test_the_figures_are_of_the_validation_part_and_say_so(
    visit: Callable[..., AppTest], predicted: str
) -> None:
    """297 of 300 right; by hand (297 * 0.75 + 0.625 + 0.875 + 0.99) / 300 sure on average."""
    page = visit(PAGE)
    assert not page.exception and not page.error and not page.warning
    assert cards(page) == {
        "Accuracy": ("99.0%", "97.1% to 99.7%"),
        "Mistakes": ("3", "of 300 images"),
        "Mean confidence": (f"{(297 * 0.75 + 2.49) / 300:.1%}", "less sure"),
        "Calibration error": (
            f"{(297 * 0.25 + 0.625 + 0.875 + 0.99) / 300:.1%}",
            "15 equal bins",
        ),
    }
    assert "300 validation images, epoch 1, dropout off" in texts(page)
    assert "They chose the best epoch" in texts(page)
    assert "labels were made wrong" not in texts(page)


def test_the_matrix_counts_and_names_the_most_frequent_mistake(
    visit: Callable[..., AppTest], predicted: str, predictions: Predictions
) -> None:
    page = visit(PAGE)
    matrix = json.loads(page.get("plotly_chart")[0].proto.spec)
    cells = {(mark["y"], mark["x"]): mark["text"] for mark in matrix["layout"]["annotations"]}
    assert cells[4, 9] == "2"
    assert cells[3, 8] == "1"
    ones = int((predictions.validation_labels == 1).sum())
    assert cells[1, 1] == str(ones)
    assert len(cells) == 12
    assert "The most frequent mistake: 4 taken for 9, 2 times." in texts(page)
    page.button_group(key="cells").set_value("Share of the class").run()
    matrix = json.loads(page.get("plotly_chart")[0].proto.spec)
    cells = {(mark["y"], mark["x"]): mark["text"] for mark in matrix["layout"]["annotations"]}
    assert cells[1, 1] == "100%"


@pytest.mark.parametrize(
    ("mistaken", "said"),
    [
        (2, "The most frequent mistakes: 0 taken for 9, 1 taken for 9, 1 time each."),
        (6, "No mistake stands out: 6 kinds are the most frequent, 1 time each."),
    ],
)
def test_mistakes_that_are_equally_frequent_are_told_alike(
    visit: Callable[..., AppTest],
    trained: Callable[..., str],
    predictions: Predictions,
    mistaken: int,
    said: str,
) -> None:
    labels = predictions.validation_labels
    firsts = [int(np.flatnonzero(labels == label)[0]) for label in range(mistaken)]
    tied = replace(
        predictions,
        validation_probabilities=sure(labels, dict.fromkeys(firsts, (9, 0.9))),
    )
    stored(trained(), tied)
    assert said in texts(visit(PAGE))


def test_mistakes_are_shown_surest_first(visit: Callable[..., AppTest], predicted: str) -> None:
    assert images(visit(PAGE)) == [
        "3, taken for 8: 99.0%",
        "4, taken for 9: 87.5%",
        "4, taken for 9: 62.5%",
    ]


def test_a_cell_of_the_matrix_shows_its_images(
    visit: Callable[..., AppTest], predicted: str
) -> None:
    page = visit(PAGE)
    page.selectbox(key="choose truth").set_value("4").run()
    assert images(page) == ["4, taken for 9: 87.5%", "4, taken for 9: 62.5%"]
    page.selectbox(key="choose given").set_value("8").run()
    assert images(page) == []
    assert "There is no such image" in texts(page)
    page.selectbox(key="choose truth").set_value("8").run()
    assert set(images(page)) == {"8, taken for 8: 75.0%"}
    assert "Rightly recognised, least sure first" in texts(page)


def test_a_link_opens_one_cell_of_one_part(visit: Callable[..., AppTest], predicted: str) -> None:
    page = visit(PAGE, run=predicted, part="test", truth="6", given="0")
    assert images(page) == ["6, taken for 0: 50.0%"]
    assert "300 test images, epoch 1, dropout off" in texts(page)
    assert "They chose nothing so far" in texts(page)
    assert cards(page)["Mistakes"] == ("1", "of 300 images")


def test_many_images_come_in_pages(
    visit: Callable[..., AppTest], predicted: str, predictions: Predictions
) -> None:
    page = visit(PAGE, truth="1", given="1")
    ones = int((predictions.validation_labels == 1).sum())
    assert ones > 16
    assert len(images(page)) == 16
    assert f"least sure first ({ones})" in texts(page)


def test_every_chart_and_image_has_a_text_alternative(
    visit: Callable[..., AppTest], predicted: str
) -> None:
    page = visit(PAGE)
    assert len(page.get("plotly_chart")) == 3
    for chart in page.get("plotly_chart"):
        assert "300 validation images, epoch 1" in chart.proto.alt
    (block,) = page.get("image")
    alternatives = [image.alt for image in block.proto.imgs]
    assert len(alternatives) == 3
    assert all("of the validation part: " in alternative for alternative in alternatives)


def test_images_that_are_not_the_runs_are_not_shown_but_the_figures_are(
    visit: Callable[..., AppTest], predicted: str
) -> None:
    library = state.library()
    library.start(predicted, fingerprint="0" * 64)
    library.finish(predicted, State.FINISHED, "Finished.", 1.5, 0.5, 300)
    page = visit(PAGE)
    assert images(page) == []
    assert "by their fingerprint" in page.warning[0].value
    assert "3, taken for 8: 99.0%" in texts(page)
    assert cards(page)["Accuracy"][0] == "99.0%"


def test_a_run_without_predictions_has_them_made_at_a_click(
    visit: Callable[..., AppTest], trained: Callable[..., str]
) -> None:
    run_id = trained()
    page = visit(PAGE)
    assert "The run “My run” has no predictions.npz." in page.info[0].value
    assert not page.metric
    page.button(key="predict").click().run()
    assert not page.exception and not page.error
    made = read_predictions(state.library().file(run_id, "predictions.npz"))
    right = np.mean(made.validation_probabilities.argmax(axis=1) == made.validation_labels)
    assert cards(page)["Accuracy"][0] == f"{right:.1%}"


@pytest.mark.parametrize("damage", [b"", b"something else"])
def test_damaged_predictions_are_named_and_can_be_made_anew(
    visit: Callable[..., AppTest], predicted: str, damage: bytes
) -> None:
    (state.library().folder(predicted) / "predictions.npz").write_bytes(damage)
    page = visit(PAGE)
    assert "was changed or damaged" in page.info[0].value
    assert page.button(key="predict")


def test_predictions_of_another_epoch_than_the_best_are_not_shown(
    visit: Callable[..., AppTest], predicted: str
) -> None:
    state.library().record_best(predicted, 2, 1.0, 0.5)
    state.library().flush()
    page = visit(PAGE)
    assert "The kept predictions are of epoch 1." in page.info[0].value
    assert not page.metric


def test_a_run_that_goes_on_is_followed_and_offers_nothing_yet(
    visit: Callable[..., AppTest], predicted: str
) -> None:
    state.library().start(predicted)
    page = visit(PAGE)
    assert "Its predictions are made when it has ended" in page.info[0].value
    assert not page.metric
    assert "predict" not in [button.key for button in page.button]


def test_without_any_run_there_is_one_to_train(visit: Callable[..., AppTest]) -> None:
    page = visit(PAGE)
    assert not page.exception
    assert [button.label for button in page.button] == ["Train the default network"]
