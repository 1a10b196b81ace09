"""Breakers that watch a price, on their twins, which the differential tests hold to the bytecode:
what no sequence of prices and pulses can do."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, isqrt, sqrt
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.mechanisms.breakers.ladder import IDLE, LATCHED, NEVER
from sim.mechanisms.breakers.price_breaker import PriceBreaker
from sim.mechanisms.breakers.response import HALT, OPEN, THROTTLE
from sim.mechanisms.breakers.volatility_breaker import VolatilityBreaker
from sim.mechanisms.kernel import Address, Chain, Contract
from sim.units import FEED, LIQUIDATE, MAX_UINT, WAD, to_wad
from tests.helpers.mechanisms import BREAKER, RESPONSE, VOLATILITY

MARKET, BREAKER_AT, WETH, GUARD = ("0x" + digit * 40 for digit in "1234")
START = 1_700_000_000  # [unix s]
DURATION, REST, CALM = RESPONSE["duration"], RESPONSE["rest"], RESPONSE["calm"]
SHARED = tuple(RESPONSE)
PRICE_ARGS = ("half_life", "clip", "deviation", "release", "anchor_half_life", "anchor_deviation")
GAPS = ("usual_gap", "least_gap", "largest_gap")
VOLATILITY_ARGS = ("half_life", "clip", "variance_half_life", "multiple", "release", *GAPS)
KINDS: dict[type[Contract], tuple[dict[str, Any], tuple[str, ...]]] = {
    PriceBreaker: (BREAKER, PRICE_ARGS),
    VolatilityBreaker: (VOLATILITY, VOLATILITY_ARGS),
}


class Terms(NamedTuple):
    feed: Address
    liquidation_threshold: int


class Market(Contract):
    """A market of one collateral, its own feed, as far as a breaker knows one."""

    def __init__(self, chain: Chain, address: Address) -> None:
        super().__init__(chain, address)
        self.answer, self.updated_at, self.confidence = 2_000 * FEED, chain.timestamp, 0
        self.min_debt, self.borrow_cap = 0, 10**15
        self.total_debt = self.debt_in_sale = 0
        self.guardian = self.owner = GUARD

    def collaterals(self) -> tuple[Address, ...]:
        return (WETH,)

    def config(self, collateral: Address) -> Terms:
        return Terms(self.address, to_wad("0.8"))

    def price(self, collateral: Address) -> int:
        return self.answer * 10**10

    def latestRoundData(self) -> tuple[int, int, int, int, int]:
        return 1, self.answer, self.updated_at, self.updated_at, 1

    def pulse(self) -> None:
        self._call(BREAKER_AT, "pulse")


@dataclass
class Watch:
    """A breaker and its market, and what is done to them."""

    chain: Chain
    market: Market
    breaker: Any

    @classmethod
    def of(cls, kind: type[Contract], **changes: Any) -> Watch:
        defaults, own = KINDS[kind]
        values = defaults | changes
        chain = Chain(START)
        market = Market(chain, MARKET)
        args = [values[name] for name in (*own, *SHARED)]
        return cls(chain, market, kind(chain, BREAKER_AT, MARKET, WETH, *args))

    def observe(self, seconds: int, left: float) -> None:
        """A new round after so many seconds, a factor of the one before, and a pulse."""
        self.chain.timestamp += seconds
        self.market.answer = max(1, min(int(self.market.answer * left), 10**14))
        self.market.updated_at = self.chain.timestamp
        self.pulse()

    def pulse(self) -> None:
        self.chain.call(GUARD, MARKET, "pulse")

    def mode(self) -> int:
        """Of liquidation now."""
        return self.breaker._mode(LIQUIDATE, WETH)


rounds = st.lists(
    st.tuples(
        st.integers(1, 30_000),
        st.one_of(st.floats(0.95, 1.05), st.sampled_from([0.6, 0.75, 0.89, 1.1, 1.6])),
    ),
    min_size=1,
    max_size=60,
)
kinds = st.sampled_from(list(KINDS))
slow = settings(max_examples=150, deadline=None)


@slow
@given(kind=kinds, path=rounds)
def test_latch__any_prices__ends_as_stated_within_the_sum_and_is_followed_by_a_rest(
    kind: type[Contract], path: list[tuple[int, float]]
) -> None:
    """BREAKER-1 and BREAKER-2."""
    watch = Watch.of(kind)
    latched_at = end = tier = 0
    for seconds, left in path:
        watch.observe(seconds, left)
        breaker, now = watch.breaker, watch.chain.timestamp
        if breaker.ends_at == end:
            continue
        assert breaker.ends_at == now + DURATION[breaker.tier - 1]
        if now < end:
            assert breaker.tier > tier
        else:
            assert now >= end + REST or not end
            latched_at = now
        assert breaker.ends_at - latched_at <= sum(DURATION)
        end, tier = breaker.ends_at, breaker.tier
        if breaker.locked:
            assert (breaker.top_trips, breaker._end()) == (3, NEVER)
            break


@slow
@given(kind=kinds, path=rounds, seed=st.integers(0, 2**32 - 1))
def test_pulse__however_often_between_two_rounds__changes_nothing(
    kind: type[Contract], path: list[tuple[int, float]], seed: int
) -> None:
    """BREAKER-3."""
    seldom, often, random = Watch.of(kind), Watch.of(kind), Random(seed)
    for seconds, left in path:
        until = often.chain.timestamp + seconds
        for _ in range(random.randrange(4)):
            often.chain.timestamp = random.randint(often.chain.timestamp, until - 1)
            often.pulse()
        often.observe(until - often.chain.timestamp, left)
        seldom.observe(seconds, left)
        assert state(seldom) == state(often)


def state(watch: Watch) -> dict[str, Any]:
    """All that the breaker stores."""
    known = {"address", "_chain", "_spendings"}
    return {name: value for name, value in vars(watch.breaker).items() if name not in known}


@slow
@given(kind=kinds, path=rounds)
def test_everything__after_the_calm__is_as_at_first_unless_locked(
    kind: type[Contract], path: list[tuple[int, float]]
) -> None:
    """BREAKER-6 and BREAKER-7."""
    watch = Watch.of(kind)
    for seconds, left in path:
        watch.observe(seconds, left)
    breaker = watch.breaker
    watch.chain.timestamp = max(breaker.ends_at, breaker.breached_at, watch.chain.timestamp) + CALM
    if breaker.locked:
        assert (breaker.phase(), watch.mode()) == (LATCHED, HALT)
        watch.chain.call(GUARD, BREAKER_AT, "clear")
        assert watch.mode() == THROTTLE
        watch.chain.timestamp += CALM
    assert (breaker.phase(), watch.mode()) == (IDLE, OPEN)
    assert watch.chain.view(MARKET, BREAKER_AT, "gate", LIQUIDATE, WETH, MAX_UINT) == MAX_UINT


@given(path=rounds, per_second=st.integers(10**20, 10**28), half_life=st.integers(60, 10**6))
@settings(max_examples=60, deadline=None)
def test_variance__returns_of_one_variance_at_any_times__stays(
    path: list[tuple[int, float]], per_second: int, half_life: int
) -> None:
    """The weights of the intervals sum to 1 however irregular they are."""
    watch = Watch.of(VolatilityBreaker, variance_half_life=half_life)
    breaker = watch.breaker
    breaker.variance = per_second
    for seconds, _ in path:
        breaker.last_price = 10**30  # so that a return is not rounded away
        change = isqrt(per_second * seconds)
        breaker._learn(10**30 + change * 10**12, seconds)
    assert breaker.variance == pytest.approx(per_second, rel=1e-4)


def test_gap__of_a_random_walk_about_its_average__is_its_standard_deviation() -> None:
    """The algebra in the contract: sqrt(v * H / (2 ln 2)), here with 1% a minute for H = 1 h."""
    random, step, keep = Random(1), 0.01, 0.5 ** (60 / 3_600)
    price = average = squares = 0.0
    for _ in range(200_000):
        average = price + (average - price) * keep  # the older price stood until now
        price += random.gauss(0, step)
        squares += (price - average) ** 2
    watch = Watch.of(VolatilityBreaker, largest_gap=to_wad("0.08"))
    watch.breaker.variance = int((step * WAD) ** 2) // 60
    assert watch.breaker.gap() / WAD == pytest.approx(sqrt(squares / 200_000), rel=0.05)


@given(
    speed=st.integers(0, 10**15),
    response=st.integers(0, 10**6),
    cap=st.integers(1, 10**20),
    owed=st.fractions(Fraction(1, 10), 10),
)
@settings(max_examples=100, deadline=None)
def test_worst_bad_debt__any_configuration__bounds_what_a_halt_uncovers_of_any_account(
    speed: int, response: int, cap: int, owed: Fraction
) -> None:
    """BREAKER-10: of an account that owes so many times its collateral's value, most where that is
    once."""
    watch = Watch.of(PriceBreaker, price_speed=speed, guardian_response=response, budget=MAX_UINT)
    watch.market.borrow_cap = cap
    fall = min(speed * (sum(DURATION) + response), WAD)

    def uncovered(times: Fraction) -> Fraction:
        before, after = cap / times, cap / times * (WAD - fall) / WAD
        return max(Fraction(0), cap - after) - max(Fraction(0), cap - before)

    assert watch.breaker.worst_bad_debt() == ceil(uncovered(Fraction(1)))
    assert watch.breaker.worst_bad_debt() >= uncovered(owed)
