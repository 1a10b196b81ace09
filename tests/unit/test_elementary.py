"""Elementary functions of arrays: the C library's values in numpy's shapes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.elementary import exp, log, power

POSITIVE = np.array([1e-300, 0.1, 1.0, math.e, 2_000.0, 1e300])


def test_functions__of_an_array__are_those_of_the_c_library_one_by_one() -> None:
    assert log(POSITIVE).tolist() == [math.log(x) for x in POSITIVE]
    assert exp([-800.0, -1.0, 0.0, 0.5]).tolist() == [0.0, math.exp(-1), 1.0, math.exp(0.5)]
    assert power(POSITIVE, 0.37).tolist() == [x**0.37 for x in POSITIVE]


def test_functions__of_any_shape__keep_it_and_give_floats() -> None:
    for shape in ((), (0,), (3,), (2, 3)):
        ones = np.ones(shape)
        for result in (log(ones), exp(ones), power(ones, -0.5)):
            assert (result.shape, result.dtype) == (shape, np.float64)


def test_power__of_integers__is_one_of_floats() -> None:
    assert power(np.arange(1, 4), -0.5).tolist() == [1.0, 2**-0.5, 3**-0.5]


def test_exp__of_what_is_too_large__is_infinite() -> None:
    largest = math.log(np.finfo(float).max)
    assert np.isfinite(exp(largest))
    assert exp([largest + 1, math.inf]).tolist() == [math.inf, math.inf]


@pytest.mark.parametrize("x", [0.0, -1.0])
def test_log__of_nothing_and_less__is_refused(x: float) -> None:
    with pytest.raises(ValueError, match="math domain error"):
        log([1.0, x])
