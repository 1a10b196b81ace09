"""Laws of the twin of Uniswap v3 that hold whatever the numbers are."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.mechanisms.kernel import Revert
from sim.mechanisms.uniswap.curve import amount0_between, amount1_between, step
from sim.mechanisms.uniswap.oracle import EMPTY, Ring, later
from sim.mechanisms.uniswap.positions import liquidity_for
from sim.mechanisms.uniswap.ticks import (
    MAX_SQRT_PRICE,
    MAX_TICK,
    MIN_SQRT_PRICE,
    MIN_TICK,
    Q96,
    next_tick,
    sqrt_price_at,
    tick_at,
)

ticks = st.integers(MIN_TICK, MAX_TICK)
roots = st.one_of(
    st.integers(MIN_SQRT_PRICE, MAX_SQRT_PRICE - 1),
    st.builds(
        lambda tick, more: min(sqrt_price_at(tick) + more, MAX_SQRT_PRICE - 1),
        st.integers(MIN_TICK, MAX_TICK - 1),
        st.integers(0, 2**64),
    ),
)
liquidities = st.integers(1, 2**100)
amounts = st.integers(1, 2**100)
fees = st.sampled_from([500, 3000, 10000])


@given(tick=ticks)
def test_root__of_a_tick__is_within_a_unit_and_its_precision_of_the_power(tick: int) -> None:
    """s**2 is 1.0001**tick up to the cut of every product: 20 of them at 2**-128 of the least."""
    power = 1.0001**tick
    assert (sqrt_price_at(tick) / Q96) ** 2 == pytest.approx(power, rel=1e-9)


@given(tick=st.integers(MIN_TICK, MAX_TICK - 1))
def test_tick__of_its_own_root_and_of_the_one_below__tell_them_apart(tick: int) -> None:
    s = sqrt_price_at(tick)
    assert s < sqrt_price_at(tick + 1)
    assert tick_at(s) == tick
    if tick > MIN_TICK:
        assert tick_at(s - 1) == tick - 1


@given(s=roots)
def test_tick__of_any_root__is_the_greatest_below_it(s: int) -> None:
    tick = tick_at(s)
    assert sqrt_price_at(tick) <= s < sqrt_price_at(tick + 1)


@given(a=roots, b=roots, liquidity=liquidities)
def test_amounts__between_two_roots__are_the_closed_form_rounded(
    a: int, b: int, liquidity: int
) -> None:
    low, high = sorted((a, b))
    exact0 = liquidity * (Fraction(Q96, low) - Fraction(Q96, high))
    exact1 = liquidity * Fraction(high - low, Q96)
    for between, exact in ((amount0_between, exact0), (amount1_between, exact1)):
        down, up = between(a, b, liquidity, False), between(b, a, liquidity, True)
        assert down <= exact <= up
        assert up - down == (exact.denominator != 1)


@given(s=roots, target=roots, liquidity=liquidities, rest=amounts, fee=fees, exact=st.booleans())
def test_step__of_a_swap__never_passes_its_target_or_its_amount_and_favours_the_pool(
    s: int, target: int, liquidity: int, rest: int, fee: int, exact: bool
) -> None:
    end, taken, given_out, charge = step(s, target, liquidity, rest if exact else -rest, fee)
    assert min(s, target) <= end <= max(s, target)
    if exact:
        assert taken + charge <= rest
        assert end == target or taken + charge == rest
    else:
        assert given_out <= rest
        assert end == target or given_out == rest
    assert charge * (10**6 - fee) >= taken * fee
    into, out = (0, 1) if s >= target else (1, 0)
    exact_amounts = (
        liquidity * abs(Fraction(Q96, s) - Fraction(Q96, end)),
        liquidity * Fraction(abs(end - s), Q96),
    )
    assert taken >= exact_amounts[into]
    assert given_out <= exact_amounts[out]


@given(s=roots, parts=st.lists(st.integers(1, 2**80), min_size=2, max_size=6))
def test_price_after_selling__in_any_slices_without_fee__is_the_closed_form(
    s: int, parts: list[int]
) -> None:
    """dx into a range moves 1/s by dx / L; every slice rounds up by less than a unit of s."""
    assume(2**60 < s < 2**130)
    liquidity, end = 2**90, s
    for part in parts:
        end, *_ = step(end, MIN_SQRT_PRICE, liquidity, part, 0)
    exact = 1 / (Fraction(1, s) + Fraction(sum(parts), liquidity << 96))
    assume(exact > MIN_SQRT_PRICE)
    assert exact <= end <= exact + len(parts)


@given(s=roots, a=ticks, b=ticks, amount0=amounts, amount1=amounts)
def test_liquidity__for_two_amounts__never_costs_more_than_them(
    s: int, a: int, b: int, amount0: int, amount1: int
) -> None:
    assume(a != b)
    low, high = sorted((sqrt_price_at(a), sqrt_price_at(b)))
    at = min(max(s, low), high)
    try:
        liquidity = liquidity_for(s, high, low, amount0, amount1)
    except Revert:  # one of the amounts alone would buy 128 bits or more
        of0 = (amount0 * at * high >> 96) // (high - at) if at < high else 0
        assert max(of0, (amount1 << 96) // (at - low) if at > low else 0) >= 2**128
        return
    assert amount0_between(at, high, liquidity, True) <= amount0
    assert amount1_between(low, at, liquidity, True) <= amount1


@given(
    places=st.sets(st.integers(-900, 900), max_size=12),
    tick=st.integers(-900 * 60, 900 * 60),
    down=st.booleans(),
)
def test_search_in_the_bitmap__word_by_word__meets_every_initialised_tick_in_order(
    places: set[int], tick: int, down: bool
) -> None:
    words = dict.fromkeys(range(-10, 10), 0)
    for place in places:
        words[place >> 8] |= 1 << (place & 255)
    at, met = tick, []
    while -1_000 * 60 < at < 1_000 * 60:
        found, initialised = next_tick(words, at, 60, down)
        assert found <= at if down else found > at
        met += [found // 60] if initialised else []
        at = found - 1 if down else found
    expected = {p for p in places if (p * 60 <= tick if down else p * 60 > tick)}
    assert met == sorted(expected, reverse=down)


blocks = st.lists(
    st.tuples(st.integers(1, 5_000), st.integers(-MAX_TICK, MAX_TICK), liquidities),
    min_size=1,
    max_size=20,
)


@given(history=blocks, size=st.integers(1, 8), ago=st.integers(0, 30_000))
def test_observation__of_any_moment_in_the_ring__lies_on_the_true_sum(
    history: list[tuple[int, int, int]], size: int, ago: int
) -> None:
    """Between two observations nothing changes, so the line between them is the truth."""
    slots = dict.fromkeys(range(size), EMPTY) | {0: (0, 0, 0, True)}
    ring, now = Ring(slots, 0, size, size), 0
    for seconds, tick, liquidity in history:
        now += seconds
        ring.write(now, tick, liquidity)
    tick, liquidity = history[-1][1:]
    oldest = min(o[0] for o in slots.values() if o[3])
    if ago > now - oldest:
        with pytest.raises(Revert, match=r"^OLD$"):
            ring.observe_single(now, ago, tick, liquidity)
        return
    truth = (0, 0, 0, True)
    for seconds, tick, liquidity in history:
        if truth[0] + seconds > now - ago:
            truth = later(truth, now - ago, tick, liquidity)
            break
        truth = later(truth, truth[0] + seconds, tick, liquidity)
    seen = ring.observe_single(now, ago, tick, liquidity)
    assert seen[:2] == truth[:2]
    assert abs(seen[2] - truth[2]) <= 1
