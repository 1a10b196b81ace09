"""Random programs for breakers: rounds of a feed, pulses, flows, clearing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from sim.engines.base import Address, Call
from sim.engines.opening import GUARDIAN, OWNER
from sim.mechanisms.breakers.composite_breaker import CompositeBreaker
from sim.mechanisms.breakers.deviation_breaker import DeviationBreaker
from sim.mechanisms.breakers.flow_breaker import FlowBreaker
from sim.mechanisms.breakers.price_breaker import PriceBreaker
from sim.mechanisms.breakers.volatility_breaker import VolatilityBreaker
from sim.mechanisms.kernel import Chain, Contract
from sim.mechanisms.market.lending_market import LendingMarket
from sim.mechanisms.token import Token
from sim.units import FEED, MAX_UINT, to_wad
from tests.differential.looks import choices, questions
from tests.differential.rig import USERS, Act, Rig
from tests.helpers.mechanisms import BREAKER, COMPOSITE, DEVIATION, FLOW, VOLATILITY

LENDER, BORROWER, STRANGER = USERS
MAX_AGE = 7_200  # [s]
SENSITIVE = {"cash_share": to_wad("0.0001"), "sold_share": to_wad("0.0001")}
PARAMETERS: dict[type[Contract], dict[str, Any]] = {
    PriceBreaker: BREAKER,
    VolatilityBreaker: VOLATILITY,
    FlowBreaker: FLOW | SENSITIVE,
    CompositeBreaker: COMPOSITE,
    DeviationBreaker: DEVIATION,
}
PARTS = {"market": "market", "collateral": "WETH", "pool": "pool", "other": "other"}
EXTREMES = (0, 1, 2**100, 2**127, 2**255 - 1)
SECONDS = (1, 12, 60, 300, 899, 900, 1_800, 3_600, 21_600, 90_000)


class ScriptedFeed(Contract):
    """A feed that answers what it is told, as of when it is told, as sure as it is told."""

    def __init__(self, chain: Chain, address: Address, answer: int) -> None:
        super().__init__(chain, address)
        self.decimals, self.answer = 8, answer
        self.updated_at, self.confidence = chain.timestamp, 0

    def set_round(self, answer: int, updated_at: int) -> None:
        self.answer, self.updated_at = answer, updated_at

    def set_confidence(self, confidence: int) -> None:
        self.confidence = confidence

    def latestRoundData(self) -> tuple[int, int, int, int, int]:
        return 1, self.answer, self.updated_at, self.updated_at, 1


def open_market(rig: Rig) -> None:
    """A market with WETH at 2,000, a lender and a borrower; no breaker yet."""
    at = rig.contracts.addresses
    for symbol, decimals in {"USD": 6, "WETH": 18}.items():
        rig.deploy(symbol, Token, symbol, symbol, decimals)
    rig.deploy("feed", ScriptedFeed, 2_000 * FEED)
    limits, rates = (10**8, 10**15), (0, to_wad("0.8"), 0, 0, 0)
    rig.deploy("market", LendingMarket, at["USD"], OWNER, GUARDIAN, *limits, *rates)
    terms = (at["WETH"], at["feed"], to_wad("0.75"), to_wad("0.8"), 10**30, MAX_AGE)
    acts = [Act(OWNER, Call("market", "add_collateral", terms))]
    for symbol in ("USD", "WETH"):
        for who in USERS:
            acts.append(Act(OWNER, Call(symbol, "mint", (who, 10**24))))
            acts.append(Act(who, Call(symbol, "approve", (at["market"], MAX_UINT))))
    acts.append(Act(LENDER, Call("market", "deposit", (10**13, LENDER))))
    supply = (at["WETH"], 10**22, BORROWER)
    acts.append(Act(BORROWER, Call("market", "supply_collateral", supply)))
    assert {fate.reason for fate in rig.run(12, acts)} == {""}


def arguments(rig: Rig, kind: type[Contract], **changes: Any) -> list[Any]:
    """A constructor's arguments by name."""
    at = rig.contracts.addresses
    parts = {name: at[key] for name, key in PARTS.items() if key in at}
    known = {**parts, **PARAMETERS[kind], **changes}
    return [known[entry["name"]] for entry in rig.library.get(kind.__name__).constructor]


class Watch:
    """A breaker of one kind in a market of its own, on both sides, and what happens to it."""

    seconds: Sequence[int] = SECONDS  # between blocks

    def __init__(
        self,
        rig: Rig,
        random: Random,
        kind: type[Contract],
        opening: Callable[[Rig], None] = open_market,
    ) -> None:
        self._rig, self._random, self._kind = rig, random, kind
        self._price = 2_000 * FEED
        opening(rig)
        rig.deploy("breaker", kind, *arguments(rig, kind))
        breaker = rig.contracts.addresses["breaker"]
        (added,) = rig.run(12, [Act(OWNER, Call("market", "add_breaker", (breaker,)))])
        assert not added.reason

    def block(self) -> set[str]:
        """One block, and a comparison of all that can be read; reasons and events."""
        seconds = self._random.choice(self.seconds)
        acts = [self._round(seconds), *(self._act() for _ in range(self._random.randrange(1, 4)))]
        fates = self._rig.run(seconds, acts)
        at = self._rig.contracts.addresses
        among = choices(USERS, USERS, (), (at["WETH"], at["USD"]))
        self._rig.compare(
            [
                *questions("breaker", self._rig.library.get(self._kind.__name__), among),
                Call("breaker", "gate", (3, at["WETH"], 1)),
                *(Call("market", name) for name in ("halted_seconds", "auction_time")),
                *(Call("market", "halted_until", (action,)) for action in range(3)),
            ]
        )
        return {fate.reason for fate in fates} | {e[1] for fate in fates for e in fate.events}

    def _round(self, seconds: int) -> Act:
        """A step of a walk with jumps down; sometimes stale, replayed, of the future or extreme."""
        draw, time = self._random, self._rig.time + seconds
        left = draw.choice([*[draw.uniform(0.98, 1.02)] * 4, 0.89, 0.79, 0.65, 1.2, 1.5])
        self._price = min(max(int(self._price * left), 10**6), 10**14)
        age = draw.choice([0] * 12 + [1, seconds, MAX_AGE, MAX_AGE + 1, -1])
        answer = self._price if draw.random() < 0.95 else draw.choice(EXTREMES)
        return Act(STRANGER, Call("feed", "set_round", (answer, time - age)))

    def _act(self) -> Act:
        draw, at = self._random, self._rig.contracts.addresses
        who = draw.choice([GUARDIAN, GUARDIAN, OWNER, STRANGER])
        confidence = draw.choice([0, 0, self._price // 50, self._price // 4, MAX_UINT])
        amount = draw.choice([10**8, 10**9, 5 * 10**9, 6 * 10**9])
        return draw.choice(
            [
                *[Act(STRANGER, Call("market", "pulse"))] * 5,
                *[Act(STRANGER, Call("breaker", "pulse"))] * 3,
                Act(who, Call("breaker", "clear")),
                Act(STRANGER, Call("feed", "set_confidence", (confidence,))),
                Act(BORROWER, Call("market", "borrow", (amount, BORROWER))),
                Act(BORROWER, Call("market", "repay", (MAX_UINT, BORROWER))),
                Act(LENDER, Call("market", "withdraw", (amount, LENDER, LENDER))),
                Act(STRANGER, Call("breaker", "record", (2, at["WETH"], 1))),
            ]
        )
