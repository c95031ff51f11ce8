"""Kernels as numbers: norms, order, scale, pages."""

import numpy as np
import pytest

from core.errors import LearnscopeError
from core.inside import kernels


def three_filters() -> np.ndarray:
    """Three filters of 3x3 over two channels, of norms 3, 5 and 4."""
    array = np.zeros((3, 3, 2, 3), np.float32)
    array[0, 0, 0, 0] = 3
    array[1, 1, 0, 1], array[2, 2, 1, 1] = 3, -4
    array[0, 2, 1, 2] = 4
    return array


def test_norm_is_the_root_of_the_sum_of_squares_over_all_channels():
    assert kernels.norms(three_filters()).tolist() == [3, 5, 4]


def test_order_by_norm_puts_the_largest_first():
    assert kernels.order(three_filters(), "norm").tolist() == [1, 2, 0]


def test_equal_norms_stay_in_order_of_number():
    assert kernels.order(np.ones((3, 3, 1, 5)), "norm").tolist() == [0, 1, 2, 3, 4]


def test_order_by_index_is_the_filters_own():
    assert kernels.order(three_filters(), "index").tolist() == [0, 1, 2]


def test_an_unknown_order_is_refused_in_words():
    with pytest.raises(LearnscopeError, match="norm or index"):
        kernels.order(three_filters(), "beauty")


@pytest.mark.parametrize(
    ("arrays", "limit"),
    [
        ([np.array([-3.0, 2.0])], 3.0),
        ([np.array([1.0]), np.array([-0.5, 4.0])], 4.0),
        ([np.zeros(4)], 1.0),
        ([np.array([])], 1.0),
        ([np.array([np.nan, np.inf, -2.0])], 2.0),
    ],
)
def test_the_common_scale_is_symmetric_and_never_empty(arrays, limit):
    assert kernels.symmetric_limit(*arrays) == limit


def test_a_page_keeps_the_channels_of_a_filter_together():
    page = kernels.page(three_filters(), "norm", number=0, size=4)
    assert page.filters == (1, 1, 2, 2)
    assert page.channels == (0, 1, 0, 1)
    assert page.values[1][2, 2] == -4  # filter 1, channel 1
    assert (page.number, page.count, page.limit) == (0, 2, 4.0)


def test_the_last_page_holds_what_is_left_and_pages_beyond_it_do_not_exist():
    page = kernels.page(three_filters(), "norm", number=99, size=4)
    assert (page.filters, page.channels, page.number) == ((0, 0), (0, 1), 1)


def test_every_kernel_is_on_exactly_one_page():
    array = np.arange(3 * 3 * 5 * 7, dtype=float).reshape(3, 3, 5, 7)
    pages = [kernels.page(array, "norm", number, size=8) for number in range(5)]
    pairs = [pair for page in pages for pair in zip(page.filters, page.channels, strict=True)]
    assert sorted(pairs) == [(f, c) for f in range(7) for c in range(5)]


def test_a_dense_layers_weights_are_refused_in_words():
    with pytest.raises(LearnscopeError, match=r"Received: an array of shape \(784, 10\)"):
        kernels.norms(np.ones((784, 10)))


def test_the_table_has_a_row_for_each_row_of_the_kernel():
    table = kernels.numbers_table(np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert table == [{"column 0": 1.0, "column 1": 2.0}, {"column 0": 3.0, "column 1": 4.0}]


def test_the_text_to_copy_is_the_kernel_in_python():
    kernel = np.array([[0.125, -2.0], [3e-7, 4.0]])
    np.testing.assert_allclose(eval(kernels.as_python(kernel), {"np": np}), kernel, rtol=1e-5)
