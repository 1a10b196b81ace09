"""Products that are divided, in the twins: rounded as told, or reverted."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sim.mechanisms.kernel import Revert
from sim.mechanisms.maths import mul_div_down, mul_div_up
from sim.units import MAX_UINT

words = st.one_of(st.integers(0, 2**130), st.integers(0, MAX_UINT))


@given(x=words, y=words, divisor=words)
@example(x=MAX_UINT, y=1, divisor=2)
@example(x=MAX_UINT, y=2, divisor=2)
@example(x=1, y=1, divisor=0)
def test_mul_div__of_any_words__is_the_rounded_quotient_or_reverts(
    x: int, y: int, divisor: int
) -> None:
    if not divisor or x * y > MAX_UINT:
        for function in (mul_div_down, mul_div_up):
            with pytest.raises(Revert, match=r"^reverted without a reason$"):
                function(x, y, divisor)
        return
    quotient = Fraction(x * y, divisor)
    assert mul_div_down(x, y, divisor) == floor(quotient)
    assert mul_div_up(x, y, divisor) == ceil(quotient)
