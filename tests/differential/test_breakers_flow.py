"""The bytecode of the breakers that watch flows, depth, or two feeds at once, and their twins."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sim.engines.base import Call
from sim.engines.opening import OWNER
from sim.mechanisms.breakers.composite_breaker import CompositeBreaker
from sim.mechanisms.breakers.deviation_breaker import DeviationBreaker
from sim.mechanisms.breakers.flow_breaker import FlowBreaker
from sim.mechanisms.kernel import NOBODY, Contract
from sim.mechanisms.oracles.delayed_feed import DelayedFeed
from sim.units import FEED, MAX_UINT, WAD, to_wad
from tests.differential.breaker_programs import (
    BORROWER,
    LENDER,
    MAX_AGE,
    STRANGER,
    ScriptedFeed,
    Watch,
    arguments,
    open_market,
)
from tests.differential.rig import Act, Rig

DAY_S = 86_400
FEE = 3_000
WIDEST = 887_220  # the last tick that the fee's grid can use
FOREVER = 2**63
HOP = 600  # [s]
KINDS = (FlowBreaker, CompositeBreaker, DeviationBreaker)
EVENTS = {
    *("Observed", "Spent", "TierLatched", "TierEnded", "TierReleased", "LadderReset"),
    *("", "breaker: not locked", "breaker: not the market", "market: halted", "market: throttled"),
}
REFUSED: list[tuple[type[Contract], dict[str, Any], str]] = [
    (FlowBreaker, {"always": (0, 2, 1)}, "breaker: unknown mode"),
    (FlowBreaker, {"always": (0, 0, 1)}, "breaker: lenders leave first"),
    (FlowBreaker, {"cash_share": WAD + 1}, "breaker: share above 1"),
    (FlowBreaker, {"sold_share": WAD + 1}, "breaker: share above 1"),
    (FlowBreaker, {"least_flow": 2**128}, "breaker: least flow too large"),
    (FlowBreaker, {"half_life": 0}, "breaker: zero half-life"),
    (FlowBreaker, {"level": (0, 1, 2)}, "breaker: zero level"),
    (FlowBreaker, {"rest": 0}, "breaker: zero rest"),
    (FlowBreaker, {"budget": 0}, "breaker: budget exceeded"),
    (CompositeBreaker, {"collateral": NOBODY}, "breaker: unknown collateral"),
    (CompositeBreaker, {"window": 7 * DAY_S + 1}, "pool: window not between 0 and a week"),
    (CompositeBreaker, {"cardinality": 1}, "pool: cardinality below 2"),
    (CompositeBreaker, {"band": 0}, "breaker: band not between 0 and 1"),
    (CompositeBreaker, {"band": WAD}, "breaker: band not between 0 and 1"),
    (CompositeBreaker, {"flow_half_life": 366 * DAY_S}, "breaker: half-life above a year"),
    (CompositeBreaker, {"clip": 0}, "breaker: clip not between 0 and 1"),
    (CompositeBreaker, {"release": (WAD, 1, 2)}, "breaker: release not inside its level"),
    (DeviationBreaker, {"collateral": NOBODY}, "breaker: unknown collateral"),
    (DeviationBreaker, {"level": (WAD // 2, WAD - 1, WAD)}, "breaker: deviation of 1 or more"),
    (DeviationBreaker, {"level": (2, 2, 3)}, "breaker: levels don't rise"),
    (DeviationBreaker, {"pace": 0}, "breaker: pace not between 0 and 1"),
]


def open_everything(rig: Rig) -> None:
    """A market whose liquidations a user settles, a delayed feed, another one, and a pool of about
    two million on either side."""
    open_market(rig)
    at = rig.contracts.addresses
    rig.deploy("other", ScriptedFeed, 2_000 * FEED)
    rig.deploy("delayed", DelayedFeed, at["feed"], HOP)
    pair = sorted((at["USD"], at["WETH"]))
    rig.add_pool(*pair, FEE)
    collateral_is_token0 = pair[0] == at["WETH"]
    start = 2**96 * 45 // 10**6 if collateral_is_token0 else 2**96 * 10**6 // 45
    both = (*pair, FEE)
    wish = (*both, -WIDEST, WIDEST, 10**21, 10**21, 0, 0, LENDER, FOREVER)
    create = "createAndInitializePoolIfNecessary"
    acts = [
        Act(OWNER, Call("market", "set_liquidation", (STRANGER,))),
        *(Act(LENDER, Call(s, "approve", (at["positions"], MAX_UINT))) for s in ("USD", "WETH")),
        *(Act(LENDER, Call(s, "approve", (at["router"], MAX_UINT))) for s in ("USD", "WETH")),
        Act(OWNER, Call("positions", create, (*both, start))),
        Act(LENDER, Call("positions", "mint", (wish,))),
        Act(BORROWER, Call("market", "borrow", (10**12, BORROWER))),
    ]
    assert {fate.reason for fate in rig.run(12, acts)} == {""}


def open_delayed(rig: Rig) -> None:
    """The same, but the market reads the delayed feed."""
    open_everything(rig)
    at = rig.contracts.addresses
    terms = (at["WETH"], at["delayed"], to_wad("0.75"), to_wad("0.8"), 10**30, MAX_AGE)
    assert not rig.run(12, [Act(OWNER, Call("market", "set_collateral", terms))])[0].reason


OPENINGS = {DeviationBreaker: open_delayed}


class Rush(Watch):
    """A breaker in a market with a pool, where a lot happens."""

    seconds = (1, 12, *[60, 300, 900, 1_800, 2_400, 3_600] * 3, 21_600)

    def _act(self) -> Act:
        flows = [self._sale, self._exit, self._swap]
        usual = super()._act
        return self._random.choice([usual, usual, *flows, self._doubt, self._poke, self._pulse])()

    def _pulse(self) -> Act:
        return Act(STRANGER, Call("market", "pulse"))

    def _sale(self) -> Act:
        """The liquidation module takes debt into its book, or settles some of it."""
        draw, at = self._random, self._rig.contracts.addresses
        in_sale = self._rig.view(Call("market", "debt_in_sale"))
        if not in_sale or draw.random() < 0.2:
            amount = 10 ** draw.randrange(9, 12)
            return Act(STRANGER, Call("market", "assume_debt", (BORROWER, amount)))
        part = in_sale // draw.choice([1, 2, 5])
        return Act(STRANGER, Call("market", "settle", (at["WETH"], part, part // 10)))

    def _exit(self) -> Act:
        """Lenders come and go, and so do gifts."""
        amount, at = 10**9 * self._random.randrange(1, 9), self._rig.contracts.addresses
        return self._random.choice(
            [
                Act(LENDER, Call("market", "withdraw", (amount, LENDER, LENDER))),
                Act(LENDER, Call("market", "deposit", (amount, LENDER))),
                Act(STRANGER, Call("USD", "transfer", (at["market"], amount))),
            ]
        )

    def _swap(self) -> Act:
        at = self._rig.contracts.addresses
        pair, unit = self._random.choice([(("USD", "WETH"), 10**6), (("WETH", "USD"), 10**15)])
        amount = unit * 10 ** self._random.randrange(6)
        params = (at[pair[0]], at[pair[1]], FEE, LENDER, FOREVER, amount, 0, 0)
        return Act(LENDER, Call("router", "exactInputSingle", (params,)))

    def _doubt(self) -> Act:
        """The other feed agrees, as a rule."""
        draw = self._random
        price = self._rig.view(Call("delayed", "latestRoundData"))[1]
        answer = int(price * draw.choice([*[1] * 6, 1.02, 0.95, 0.9, 0.5, 0, -1]))
        time = self._rig.time - draw.choice([0, 0, 100, MAX_AGE, -10_000_000])
        return Act(STRANGER, Call("other", "set_round", (answer, time)))

    def _poke(self) -> Act:
        return Act(STRANGER, Call("delayed", "poke"))


@pytest.mark.parametrize("kind", KINDS)
def test_programs__on_bytecode_and_twin__agree_and_reach_every_branch(
    both: Rig, kind: type[Contract]
) -> None:
    reached: Counter[str] = Counter()

    @settings(max_examples=15, deadline=None, derandomize=True, phases=[Phase.generate])
    @given(seed=st.integers(0, 2**32 - 1))
    def agree(seed: int) -> None:
        with both.undone():
            rush = Rush(both, Random(seed), kind, OPENINGS.get(kind, open_everything))
            for _ in range(60):
                reached.update(rush.block())

    agree()
    missing = EVENTS - set(reached)
    assert not missing, f"never reached: {sorted(missing)} of {reached}"


@pytest.mark.parametrize(("kind", "changes", "reason"), REFUSED)
def test_deployment__with_senseless_parameters__is_refused_alike(
    both: Rig, kind: type[Contract], changes: dict[str, Any], reason: str
) -> None:
    with both.undone():
        open_everything(both)
        assert both.refusal(kind, *arguments(both, kind, **changes)) == reason


def test_deployment__of_a_breaker_on_a_strange_pool_or_feed__is_refused_alike(both: Rig) -> None:
    with both.undone():
        open_everything(both)
        both.add_pool(*both.tokens, FEE)
        create = Call("factory", "createPool", (*both.tokens, FEE))
        both.run(1, [Act(OWNER, create)])
        pool = arguments(both, CompositeBreaker)
        assert both.refusal(CompositeBreaker, *pool) == "pool: other tokens"
        usd = both.contracts.addresses["USD"]
        feed = arguments(both, DeviationBreaker, other=usd)
        assert both.refusal(DeviationBreaker, *feed) == "feed: decimals"
