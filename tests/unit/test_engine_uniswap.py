"""Prices, ticks and square roots of Uniswap v3 for either order of the tokens."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.engines.uniswap import SPACING, Pair
from sim.errors import InputError

LOW, HIGH = "0x" + "11" * 20, "0x" + "22" * 20
Q96 = 2**96


def pair(collateral_first: bool, fee: int = 3000) -> Pair:
    collateral, debt = (LOW, HIGH) if collateral_first else (HIGH, LOW)
    return Pair(collateral, debt, 18, 6, fee)


prices = st.floats(min_value=1e-3, max_value=1e6)
orders = pytest.mark.parametrize("collateral_first", [True, False])


@orders
def test_tokens__in_either_order__are_sorted_by_address(collateral_first: bool) -> None:
    assert pair(collateral_first).tokens == (LOW, HIGH)
    assert pair(collateral_first).ordered(1, 2) == ((1, 2) if collateral_first else (2, 1))


@orders
@given(price=prices)
def test_price__of_the_square_root_of_a_price__is_that_price(
    collateral_first: bool, price: float
) -> None:
    p = pair(collateral_first)
    assert p.price(p.sqrt_price_x96(price)) == pytest.approx(price, rel=1e-9)


def test_sqrt_price__of_a_known_pool__is_the_closed_form() -> None:
    raw = 200 * 10**6 / 10**18
    assert pair(True).sqrt_price_x96(200.0) == pytest.approx(math.sqrt(raw) * Q96, rel=1e-12)
    assert pair(False).sqrt_price_x96(200.0) == pytest.approx(math.sqrt(1 / raw) * Q96, rel=1e-12)


def test_price__of_an_empty_pool__is_zero() -> None:
    assert pair(True).price(0) == 0.0


@orders
@given(
    price=prices, width=st.floats(min_value=1.0001, max_value=100), fee=st.sampled_from([*SPACING])
)
def test_ticks__of_a_range__are_usable_and_near(
    collateral_first: bool, price: float, width: float, fee: int
) -> None:
    p = pair(collateral_first, fee)
    lower, upper = p.ticks(price, price * width)
    assert lower < upper
    assert lower % SPACING[fee] == upper % SPACING[fee] == 0
    start = price if collateral_first else 1 / (price * width)
    scale = 1e-12 if collateral_first else 1e12
    assert abs(math.log(start * scale, 1.0001) - lower) <= SPACING[fee] / 2 + 1e-3


@pytest.mark.parametrize(("lower", "upper"), [(0.0, 1.0), (2.0, 1.0), (1.0, 1.0), (-1.0, 1.0)])
def test_ticks__of_no_range__is_refused(lower: float, upper: float) -> None:
    with pytest.raises(InputError, match="prices must rise from above 0"):
        pair(True).ticks(lower, upper)
