"""The plan of a network as a table."""

from __future__ import annotations

from core.network import plan_network
from core.network_table import network_table
from core.settings import NetworkSettings, RegularizationSettings, Settings

SETTINGS = Settings(
    network=NetworkSettings(blocks=1, filters=4, kernel_size=3, dense_units=8),
    regularization=RegularizationSettings(normalization="batch", dropout_dense=0.5),
)


def test_each_layer_has_a_row_and_the_last_row_sums_up() -> None:
    """By hand, for digits: 1 * 9 * 4 + 4 = 40; 4 numbers for each of 4 channels and of 8 units;
    4 maps of 4x4 are 64 numbers; 64 * 8 + 8 = 520; 8 * 10 + 10 = 90."""
    table = network_table(plan_network(SETTINGS, (8, 8, 1), 10), SETTINGS)
    rows = {row["Layer"]: (row["Type"], row["Output shape"], row["Weights"]) for row in table}
    assert rows["conv_1"] == ("Conv2D", "8 x 8 x 4", "40")
    assert rows["batch_normalization_1"] == ("BatchNormalization", "8 x 8 x 4", "16")
    assert rows["pool_1"] == ("MaxPooling2D", "4 x 4 x 4", "")
    assert rows["flatten"] == ("Flatten", "64", "")
    assert rows["dense"] == ("Dense", "8", "520")
    assert rows["batch_normalization_dense"] == ("BatchNormalization", "8", "32")
    assert rows["classes"] == ("Dense", "10", "90")
    assert list(rows)[-1] == "All layers"
    assert rows["All layers"] == ("", "", "698")
    assert all(row["Memory"] for row in table)
