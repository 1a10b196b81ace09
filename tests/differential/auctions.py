"""A market on both sides in which people owe, for one auction and a breaker that obeys.

WETH stands at 2,000 and GOLD at 80 [debt token per collateral token]; the borrower owes 10,000
against 10 WETH and is liquidated below 1,250, the debtor owes as much against 6 WETH and 50 GOLD.
Nothing bears interest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sim.engines.base import Address, Call, address_of
from sim.engines.opening import OWNER
from sim.mechanisms.curves import StairstepCurve
from sim.mechanisms.kernel import Contract
from sim.mechanisms.market.lending_market import LendingMarket
from sim.mechanisms.oracles.push_feed import PushFeed
from sim.mechanisms.token import Token
from sim.units import FEED, MAX_UINT, RAY, to_units
from tests.differential.looks import choices, questions
from tests.differential.mocks import ScriptedBreaker, ScriptedTaker
from tests.differential.rig import Act, Fate, Rig
from tests.helpers.ledger import LIMITS, NO_INTEREST, TERMS, usd

LENDER, BORROWER, DEBTOR, KEEPER, RIVAL, GUARDIAN, FEEDER = PEOPLE = tuple(
    address_of("auction", i) for i in range(7)
)
DECIMALS = {"USDC": 6, "WETH": 18, "GOLD": 6}
COLLATERALS = ("WETH", "GOLD")
PRICES = {"WETH": 2_000, "GOLD": 80}
BLOCK_S = 12
STEP_S = 90  # of the curve
LOOKED_AT = ("auction", "market", "breaker", "USDC", "WETH", "GOLD")
LIQUIDATE = 2


class Scene:
    """Everything on both sides. Every block is compared, and after it all that can be read."""

    def __init__(self, rig: Rig, kind: type[Contract], *args: Any) -> None:
        """`args` of the auction's constructor after the market; keys of contracts in brackets."""
        self.rig = rig
        self.reached: Counter[str] = Counter()  # reasons and events
        self._deploy()
        rig.deploy("auction", kind, "<market>", *args)
        self._people()
        self.look()

    def at(self, key: str) -> Address:
        return self.rig.contracts.addresses[key]

    def run(self, seconds: int, *acts: Act) -> list[Fate]:
        """One block so much later, and a look at everything."""
        fates = self.rig.run(seconds, acts)
        for fate in fates:
            self.reached.update([fate.reason, *(name for _, name, _ in fate.events)])
        self.look()
        return fates

    def do(self, sender: Address, key: str, function: str, *args: Any) -> str:
        """One call in the next block; the reason when it reverts."""
        (fate,) = self.run(BLOCK_S, Act(sender, Call(key, function, args)))
        return fate.reason

    def wait(self, seconds: int) -> None:
        self.run(seconds)

    def price(self, symbol: str, price: float) -> None:
        """Whole debt tokens for a whole token."""
        assert not self.do(FEEDER, f"feed:{symbol}", "push", int(price * FEED))

    def start(self, account: Address = BORROWER, symbol: str = "WETH") -> str:
        return self.do(KEEPER, "auction", "start", account, self.at(symbol))

    def restart(self, account: Address = BORROWER, symbol: str = "WETH") -> str:
        return self.do(KEEPER, "auction", "restart", account, self.at(symbol))

    def take(
        self,
        max_pay: int = MAX_UINT,
        least: int = 0,
        *,
        account: Address = BORROWER,
        symbol: str = "WETH",
        by: Address = KEEPER,
        to: Address | None = None,
        data: bytes = b"",
    ) -> str:
        args = (account, self.at(symbol), max_pay, least, to or by, data)
        return self.do(by, "auction", "take", *args)

    def tell(self, function: str, *args: Any) -> None:
        """The breaker, which latches it with a pulse."""
        assert not self.do(OWNER, "breaker", function, *args)
        assert not self.do(KEEPER, "market", "pulse")

    def ask(self, key: str, function: str, *args: Any) -> Any:
        call = Call(key, function, args)
        self.rig.compare([call])
        return self.rig.view(call)

    def sale(self, account: Address = BORROWER, symbol: str = "WETH") -> Any:
        return self.ask("auction", "sale", account, self.at(symbol))

    def look(self) -> None:
        """Compare all that can be asked."""
        tokens = [self.at(symbol) for symbol in COLLATERALS]
        among = choices((BORROWER, DEBTOR), (LENDER,), (KEEPER, RIVAL, self.at("auction")), tokens)
        names = self.rig.contracts.names
        self.rig.compare(
            [
                call
                for key in LOOKED_AT
                for call in questions(key, self.rig.library.get(names[key]), among)
            ]
        )

    def _deploy(self) -> None:
        """All but the auction."""
        deploy = self.rig.deploy
        for symbol, decimals in DECIMALS.items():
            deploy(symbol, Token, symbol, symbol, decimals)
        terms = (LIMITS | NO_INTEREST).values()
        deploy("market", LendingMarket, self.at("USDC"), OWNER, GUARDIAN, *terms)
        deploy("breaker", ScriptedBreaker)
        deploy("taker", ScriptedTaker)
        deploy("curve", StairstepCurve, STEP_S, 99 * RAY // 100)
        acts = []
        for symbol in COLLATERALS:
            deploy(f"feed:{symbol}", PushFeed, FEEDER, PRICES[symbol] * FEED, 0, 0)
            args = (self.at(symbol), self.at(f"feed:{symbol}"), *TERMS.values())
            acts.append(Act(OWNER, Call("market", "add_collateral", args)))
        acts.append(Act(OWNER, Call("market", "add_breaker", (self.at("breaker"),))))
        self._succeed(acts)

    def _people(self) -> None:
        """Who lends, who owes what, and what everybody has."""
        weth, gold = (self.at(symbol) for symbol in COLLATERALS)
        acts = [
            Act(OWNER, Call("market", "set_liquidation", (self.at("auction"),))),
            *(
                act
                for who in PEOPLE
                for symbol, decimals in DECIMALS.items()
                for act in self._purse(who, symbol, decimals)
            ),
            Act(LENDER, Call("market", "deposit", (usd(500_000), LENDER))),
            Act(LENDER, Call("market", "fund_reserve", (usd(500),))),
            Act(BORROWER, Call("market", "supply_collateral", (weth, 10 * 10**18, BORROWER))),
            Act(BORROWER, Call("market", "borrow", (usd(10_000), BORROWER))),
            Act(DEBTOR, Call("market", "supply_collateral", (weth, 6 * 10**18, DEBTOR))),
            Act(DEBTOR, Call("market", "supply_collateral", (gold, 50 * 10**6, DEBTOR))),
            Act(DEBTOR, Call("market", "borrow", (usd(10_000), DEBTOR))),
        ]
        self._succeed(acts)

    def _purse(self, who: Address, symbol: str, decimals: int) -> list[Act]:
        spenders = (self.at("market"), self.at("auction"))
        return [
            Act(OWNER, Call(symbol, "mint", (who, to_units(1_000_000, decimals)))),
            *(Act(who, Call(symbol, "approve", (spender, MAX_UINT))) for spender in spenders),
        ]

    def _succeed(self, acts: Sequence[Act]) -> None:
        fates = self.rig.run(0, acts)
        assert not [(a, f.reason) for a, f in zip(acts, fates, strict=True) if f.reason]
