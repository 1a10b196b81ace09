"""The twin of Uniswap v3: locks, callbacks that do not pay, and the published constants.

What bytecode can be asked for is compared in tests/differential.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from sim.mechanisms.kernel import NOBODY, Address, Chain, Contract, Revert
from sim.mechanisms.token import Token
from sim.mechanisms.uniswap import ticks
from sim.mechanisms.uniswap.oracle import Ring, later
from sim.mechanisms.uniswap.pool import UniswapV3Pool
from sim.mechanisms.uniswap.state import Position, add_liquidity
from tests.helpers.source import ROOT

LIBRARY = ROOT / "node_modules/@uniswap/v3-core/contracts/libraries/TickMath.sol"
OWNER, POOL, TRADER, LOW, HIGH = ("0x" + digit * 40 for digit in "12345")
ONE = 10**18


class Trader(Contract):
    """Calls the pool, and in its callback pays, pays too little, or calls it again."""

    def __init__(self, chain: Chain, address: Address) -> None:
        super().__init__(chain, address)
        self.short, self.again = 0, None

    def behave(self, short: int, again: str | None) -> None:
        self.short, self.again = short, again

    def do(self, function: str, *args: Any) -> Any:
        return self._call(POOL, function, *args)

    def uniswapV3MintCallback(self, *answer: Any) -> None:
        self._answer(*answer)

    def uniswapV3SwapCallback(self, *answer: Any) -> None:
        self._answer(*answer)

    def _answer(self, amount0: int, amount1: int, data: Any) -> None:
        if self.again:
            self._call(POOL, self.again, *data)
        for token, amount in ((LOW, amount0), (HIGH, amount1)):
            if amount > 0:
                self._call(token, "transfer", POOL, amount - self.short)


@pytest.fixture
def chain() -> Chain:
    """A pool at a price of 1 with liquidity from tick -600 to 600, and a rich trader."""
    chain = Chain(timestamp=1_000)
    for token in (LOW, HIGH):
        chain.deploy(OWNER, Token, token, "T", "T", 18)
        assert chain.transact(OWNER, token, "mint", TRADER, 10**6 * ONE).ok
    chain.deploy(OWNER, UniswapV3Pool, POOL, LOW, HIGH, 3000, 60)
    chain.deploy(OWNER, Trader, TRADER)
    assert chain.transact(OWNER, POOL, "initialize", ticks.Q96).ok
    assert do(chain, "mint", TRADER, -600, 600, 1_000 * ONE, ()).ok
    return chain


def do(chain: Chain, function: str, *args: Any) -> Any:
    return chain.transact(TRADER, TRADER, "do", function, *args)


MINT = ("mint", TRADER, -600, 600, ONE)
SELL = ("swap", TRADER, True, ONE, ticks.MIN_SQRT_PRICE + 1)
BUY = ("swap", TRADER, False, ONE, ticks.MAX_SQRT_PRICE - 1)


@pytest.mark.parametrize(("act", "reason"), [(MINT, "M0"), (SELL, "IIA"), (BUY, "IIA")])
def test_callback__that_pays_too_little__reverts_the_whole_and_changes_nothing(
    chain: Chain, act: tuple[Any, ...], reason: str
) -> None:
    before = [chain.view(NOBODY, POOL, name) for name in ("slot0", "liquidity")]
    chain.transact(OWNER, TRADER, "behave", 1, None)
    assert do(chain, *act, ()).reason == reason
    assert [chain.view(NOBODY, POOL, name) for name in ("slot0", "liquidity")] == before
    assert chain.view(NOBODY, LOW, "balanceOf", TRADER) == chain.view(
        NOBODY, HIGH, "balanceOf", TRADER
    )


@pytest.mark.parametrize(
    ("inner", "args"),
    [
        ("mint", (TRADER, -60, 60, 1, ())),
        ("burn", (-600, 600, 0)),
        ("collect", (TRADER, -600, 600, 1, 1)),
        ("swap", (TRADER, True, 1, ticks.MIN_SQRT_PRICE + 1, ())),
        ("increaseObservationCardinalityNext", (9,)),
    ],
)
@pytest.mark.parametrize("outer", [MINT, SELL])
def test_callback__that_calls_the_pool_again__is_locked_out(
    chain: Chain, outer: tuple[Any, ...], inner: str, args: tuple[Any, ...]
) -> None:
    chain.transact(OWNER, TRADER, "behave", 0, inner)
    assert do(chain, *outer, args).reason == "LOK"
    chain.transact(OWNER, TRADER, "behave", 0, None)
    assert do(chain, *outer, ()).ok  # and the lock is open again


def test_collect__of_a_token_that_does_not_move__is_refused(chain: Chain) -> None:
    do(chain, "burn", -600, 600, ONE)
    chain.transact(POOL, LOW, "transfer", TRADER, chain.view(NOBODY, LOW, "balanceOf", POOL))
    assert do(chain, "collect", TRADER, -600, 600, ONE, 0).reason == "TF"
    assert do(chain, "collect", TRADER, -600, 600, 0, ONE).ok


def test_powers_and_bounds__by_their_formula__are_the_published_ones() -> None:
    published = re.findall(r"0x[0-9a-f]{9,33}(?=(?:\)| :))", LIBRARY.read_text())
    assert {int(p, 16) for p in published} >= set(ticks.POWERS)
    assert ticks.sqrt_price_at(ticks.MIN_TICK) == ticks.MIN_SQRT_PRICE
    assert ticks.sqrt_price_at(ticks.MAX_TICK) == ticks.MAX_SQRT_PRICE


@pytest.mark.parametrize("s", [0, ticks.MIN_SQRT_PRICE - 1, ticks.MAX_SQRT_PRICE])
def test_tick__of_a_price_off_the_line__is_refused(s: int) -> None:
    with pytest.raises(Revert, match=r"^R$"):
        ticks.tick_at(s)


def test_liquidity__beyond_128_bits__is_refused() -> None:
    assert add_liquidity(2**128 - 2, 1) == 2**128 - 1
    with pytest.raises(Revert, match=r"^LA$"):
        add_liquidity(2**128 - 1, 1)
    with pytest.raises(Revert, match=r"^LS$"):
        add_liquidity(1, -2)


def test_position__whose_dues_pass_128_bits__begins_again_from_zero() -> None:
    assert Position(owed0=2**128 - 1).owing(1, 2)[3:] == (0, 2)


def test_observations__around_the_clock_s_end__go_on() -> None:
    """Timestamps are modulo 2**32, which they pass in 2106."""
    chain = Chain()
    slots = Contract(chain, POOL)._table((0, 0, 0, False))
    slots[0] = (2**32 - 10, 0, 0, True)
    ring = Ring(slots, 0, 2, 2)
    ring.write(5, tick=-7, liquidity=4)
    assert slots[1] == (5, -7 * 15, 15 * 2**128 // 4, True)
    assert ring.observe_single(20, 0, 100, 0) == later(slots[1], 20, 100, 0)
    assert ring.observe_single(20, 20, 100, 0) == (0, -70, 10 * 2**128 // 4, True)
    assert ring.observe_single(20, 30, 100, 0) == slots[0]
    with pytest.raises(Revert, match=r"^OLD$"):
        ring.observe_single(20, 31, 100, 0)
