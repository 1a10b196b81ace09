"""What a take leaves has the health that it was to restore, however interest rounds (TARGET-2 and
DISCOUNT-2; the twin, which the differential tests hold to the bytecode)."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from sim.mechanisms.liquidation.restoring import payment_up
from sim.mechanisms.maths import mul_div_down, mul_div_up
from sim.units import RAY, WAD, to_wad

SCALE = 10**30  # of 18 decimals against 6


@given(
    scaled=st.integers(10**6, 10**13),
    index=st.integers(RAY, 6 * RAY),
    health=st.fractions(Fraction(1, 2), Fraction(999_999, 1_000_000)),
    target=st.sampled_from([to_wad("1"), to_wad("1.05"), to_wad("1.24")]),
    bonus=st.sampled_from([0, to_wad("0.05"), to_wad("0.15")]),
    threshold=st.integers(to_wad("0.5"), to_wad("0.86")),
    price=st.integers(to_wad(1), to_wad(5_000)),
)
def test_payment__any_debt_index_and_price__restores_the_target(
    scaled: int,
    index: int,
    health: Fraction,
    target: int,
    bonus: int,
    threshold: int,
    price: int,
) -> None:
    debt = mul_div_up(scaled, index, RAY)
    held = int(health * debt * WAD * SCALE / (threshold * price))

    def limit_of(amount: int) -> int:
        return mul_div_down(mul_div_down(amount, price, SCALE), threshold, WAD)

    asked = mul_div_up(price, WAD, WAD + bonus)
    pay = payment_up(debt, index, limit_of(held), threshold, target, price, asked)
    received = mul_div_down(pay, SCALE, asked)
    assume(received <= held and pay < debt)
    debt_left = mul_div_up(scaled - mul_div_down(pay, RAY, index), index, RAY)
    assert limit_of(held - received) * WAD >= target * debt_left
