"""One transaction tripped breakers by what the market or the pool held at the moment of a pulse."""

from __future__ import annotations

from typing import Any

import pytest

from sim.engines.base import Call
from sim.engines.opening import OWNER
from sim.engines.uniswap import Pair
from sim.mechanisms.breakers.composite_breaker import CompositeBreaker
from sim.mechanisms.breakers.flow_breaker import FlowBreaker
from sim.units import MAX_UINT, to_wad
from tests.differential.breaker_programs import BORROWER, LENDER, STRANGER, open_market
from tests.differential.rig import Act, Rig
from tests.differential.test_breakers_flow import FEE, FOREVER
from tests.regressions.scenes import PULSE, ask, install, succeed, told

OPEN = {"always": [0, 0, 0], "cash_share": to_wad("0.25"), "least_flow": 10**12}
LEVELS = {
    "level": [to_wad(part) for part in ("0.01", "0.02", "0.04")],
    "release": [to_wad(part) for part in ("0.005", "0.01", "0.02")],
}
HALF_HOUR_S = 1_800
NARROW = 2_000  # ticks on either side of the price where the pool's liquidity ends, about 20%


def by(sender: str, function: str, *args: Any) -> Act:
    return Act(sender, Call("market", function, args))


# --- flow -------------------------------------------------------------------------------------


def borrowing_for_a_moment(rig: Rig) -> list[Act]:
    """All cash out and back again, with a pulse in between."""
    weth, amount = rig.contracts.addresses["WETH"], 10**23
    return [
        by(STRANGER, "supply_collateral", weth, amount, STRANGER),
        by(STRANGER, "borrow", ask(rig, "market", "cash"), STRANGER),
        PULSE,
        by(STRANGER, "repay", MAX_UINT, STRANGER),
        by(STRANGER, "withdraw_collateral", weth, amount, STRANGER),
    ]


def lending_for_a_moment(rig: Rig) -> list[Act]:
    """Ten times the cash in and out again, with a pulse in between."""
    amount = 10 * ask(rig, "market", "cash")
    return [
        by(STRANGER, "deposit", amount, STRANGER),
        PULSE,
        by(STRANGER, "withdraw", amount - 1, STRANGER, STRANGER),
    ]


@pytest.mark.parametrize("flash", [borrowing_for_a_moment, lending_for_a_moment])
def test_flow__cash_that_comes_or_goes_within_a_block__is_no_flow(both: Rig, flash: Any) -> None:
    with both.undone():
        open_market(both)
        install(both, FlowBreaker, **OPEN)
        for _ in range(2):
            succeed(both, 12, *flash(both))
            for seconds in (12, HALF_HOUR_S, HALF_HOUR_S):
                succeed(both, seconds, PULSE)
                assert ask(both, "breaker", "tier") == 0
                assert abs(ask(both, "breaker", "cash_flow")[0]) <= 1


def test_flow__cash_that_stays_away_for_two_observations__trips(both: Rig) -> None:
    with both.undone():
        open_market(both)
        install(both, FlowBreaker, **OPEN)
        most = ask(both, "market", "cash") * 9 // 10
        succeed(both, 12, by(LENDER, "withdraw", most, LENDER, LENDER), PULSE)
        assert ask(both, "breaker", "tier") == 0
        succeed(both, 12, PULSE)
        assert ask(both, "breaker", "tier") == 3


# --- depth ------------------------------------------------------------------------------------


def open_pool(rig: Rig) -> None:
    """A pool with about 10,000 WETH on one side of 2,000 whose liquidity ends on both."""
    open_market(rig)
    pair = pair_of(rig)
    rig.add_pool(*pair.tokens, FEE)
    create = (*pair.tokens, FEE, pair.sqrt_price_x96(2_000))
    symbols = ("USD", "WETH")
    spenders = [rig.contracts.addresses[key] for key in ("positions", "router")]
    succeed(
        rig,
        12,
        Act(OWNER, Call("market", "set_liquidation", (STRANGER,))),
        *(Act(LENDER, Call(s, "approve", (to, MAX_UINT))) for s in symbols for to in spenders),
        Act(OWNER, Call("positions", "createAndInitializePoolIfNecessary", create)),
    )
    succeed(rig, 12, mint(rig, 10**22), by(BORROWER, "borrow", 10**12, BORROWER))


def pair_of(rig: Rig) -> Pair:
    at = rig.contracts.addresses
    return Pair(at["WETH"], at["USD"], 18, 6, FEE)


def mint(rig: Rig, collateral: int) -> Act:
    """Liquidity around the price: so much WETH, and what goes with it."""
    pair = pair_of(rig)
    tick = rig.view(Call("pool", "slot0")).tick // 60 * 60
    amounts = pair.ordered(collateral, collateral * 2_000 // 10**12)
    wish = (*pair.tokens, FEE, tick - NARROW // 60 * 60, tick + NARROW // 60 * 60, *amounts)
    return Act(LENDER, Call("positions", "mint", ((*wish, 0, 0, LENDER, FOREVER),)))


def swap(rig: Rig, sold: str, bought: str, amount: int) -> Act:
    at = rig.contracts.addresses
    params = (at[sold], at[bought], FEE, LENDER, FOREVER, amount, 0, 0)
    return Act(LENDER, Call("router", "exactInputSingle", (params,)))


def sell(rig: Rig, amount: int) -> None:
    """Liquidate so much debt [debt token]."""
    weth = rig.contracts.addresses["WETH"]
    sale = by(STRANGER, "assume_debt", BORROWER, amount), by(STRANGER, "settle", weth, amount, 0)
    succeed(rig, 12, *sale)


def test_composite__price_driven_out_of_the_liquidity_for_a_moment__changes_no_depth(
    both: Rig,
) -> None:
    with both.undone():
        open_pool(both)
        install(both, CompositeBreaker, **LEVELS)
        sell(both, 10**9)
        before = ask(both, "breaker", "depth")
        out = swap(both, "WETH", "USD", 3 * 10**22)
        succeed(both, 300, told(both, 1_999, 300), out, PULSE)
        assert ask(both, "pool", "liquidity") == 0
        assert ask(both, "breaker", "depth") == before
        assert ask(both, "breaker", "tier") == 0


def test_composite__liquidity_that_comes_for_the_moment__hides_no_stress(both: Rig) -> None:
    with both.undone():
        open_pool(both)
        install(both, CompositeBreaker, **LEVELS)
        sell(both, 9 * 10**11)
        before = ask(both, "breaker", "depth")
        succeed(both, 600, told(both, 500, 600), mint(both, 10**23), PULSE)
        assert ask(both, "breaker", "depth") == before
        assert ask(both, "breaker", "tier") == 3
