"""A populated market of any design on both sides, and what its people may do, one call a block.

Every block is compared, and after it all that can be read of the design.
"""

from __future__ import annotations

from typing import Any

from sim.design import Design
from sim.engines.base import Address, Call, address_of
from sim.engines.opening import FOREVER, GUARDIAN, OWNER
from sim.units import FEED, MAX_UINT, WAD, to_units
from tests.differential.branches import Tally
from tests.differential.looks import choices, questions
from tests.differential.rig import Act, Fate, Rig
from tests.differential.staging import FEEDER, POOL_FEE, PRICE, put_on_stage

BLOCK_S = 12
LENDERS = tuple(address_of("play/lender", i) for i in range(2))
BORROWERS = tuple(address_of("play/borrower", i) for i in range(4))
KEEPERS = tuple(address_of("play/keeper", i) for i in range(2))
TRADER = address_of("play/trader")
LENT = (30e6, 10e6)  # by lender [whole debt tokens]
DEBTS = (12e6, 1.5e6, 40e3, 4e3)  # by borrower [whole debt tokens]
LOAN_TO_VALUE = 0.79  # of every borrower; the designs lend up to 0.805
DEPTH = 100.0  # collateral in the pool [whole tokens]
PURSE = 1e9  # of everybody, of each token [whole tokens]
ENDS = -887_220, 887_220  # ticks of a position over all prices
NEAR = 0.01  # of a price that has arrived


class Play:
    """The people and their calls. Amounts in the tokens' own decimals."""

    def __init__(self, rig: Rig, design: Design) -> None:
        self.rig, self.design = rig, design
        plan = put_on_stage(rig, design)
        plan.flash_keepers(KEEPERS[:1])
        self.pair, self.at = plan.pair(), plan.addresses
        market = design.market
        self.debt_token, self.collateral = market.debt_token, market.collaterals[0].token
        self.feed = f"feed:{self.collateral.symbol}"
        self.oracle = f"oracle:{self.collateral.symbol}"
        self.breakers = [key for key in self.at if key.startswith("breaker:")]
        names = rig.contracts.names
        self.tally = Tally({self.at[key]: names[key] for key in self.breakers})
        self._populate()
        everything = self._all_questions()
        rig.compare(everything)
        self._questions = [call for call in everything if not call.function.isupper()]

    @property
    def token(self) -> Address:
        """The collateral."""
        return self.at[self.collateral.symbol]

    # --- reading ---

    def ask(self, key: str, function: str, *args: Any, later: int = 0) -> Any:
        """The twin's answer, so many seconds later; the reason when it reverts. `look` compares."""
        return self.rig.view(Call(key, function, args), later)

    def quote(self, account: Address, later: int = 0) -> int:
        """What a taker would pay for all that is for sale, so many seconds later."""
        answer = self.ask("liquidation", "quote", account, self.token, MAX_UINT, later=later)
        return answer[0] if isinstance(answer, tuple) else 0

    def look(self) -> None:
        """Compare all that the design's contracts can be asked and that can change."""
        self.rig.compare(self._questions)

    def _all_questions(self) -> list[Call]:
        others = (KEEPERS[0], self.at["liquidation"], self.at["market"])
        among = choices((*BORROWERS, KEEPERS[1]), LENDERS, others, [self.token])
        fixed = (self.debt_token.symbol, self.collateral.symbol, "market", "liquidation")
        keys = [*fixed, self.feed, *self.breakers, *(k for k in self.at if k == self.oracle)]
        library, names = self.rig.library, self.rig.contracts.names
        calls = [c for key in keys for c in questions(key, library.get(names[key]), among)]
        return [*calls, Call("pool", "slot0"), Call("pool", "liquidity")]

    # --- doing ---

    def run(self, seconds: int, *acts: Act) -> list[Fate]:
        """One block so much later; everything is compared."""
        most = [self._most(act, seconds) for act in acts]
        fates = self.rig.run(seconds, acts)
        for act, fate, paid in zip(acts, fates, most, strict=True):
            self.tally.note(act, fate, self.rig.time, paid)
        self.look()
        return fates

    def _most(self, act: Act, later: int) -> int:
        """What a take would pay so much later if it could leave dust; 0 of any other act."""
        if act.call.function != "take":
            return 0
        account, _, offer, *_ = act.call.args
        return min(offer, self.quote(account, later))

    def do(self, sender: Address, key: str, function: str, *args: Any) -> str:
        """One call in the next block; the reason when it reverts."""
        return self.run(BLOCK_S, Act(sender, Call(key, function, args)))[0].reason

    def wait(self, seconds: int) -> None:
        self.run(seconds)

    def start(self, account: Address) -> str:
        return self.do(KEEPERS[0], "liquidation", "start", account, self.token)

    def restart(self, account: Address) -> str:
        return self.do(KEEPERS[0], "liquidation", "restart", account, self.token)

    def take(self, account: Address, max_pay: int = MAX_UINT, by: int = 0) -> str:
        args = (account, self.token, max_pay, 0, KEEPERS[by], b"")
        return self.do(KEEPERS[by], "liquidation", "take", *args)

    def flash(self, account: Address, max_pay: int = MAX_UINT) -> str:
        """With nothing but what the pool pays."""
        args = (self.at["liquidation"], account, self.token, max_pay, 0)
        return self.do(KEEPERS[0], "flash:0", "execute", *args)

    def pulse(self) -> str:
        return self.do(TRADER, "market", "pulse")

    def push(self, price: float) -> str:
        """The feed alone."""
        return self.do(FEEDER, self.feed, "push", int(price * FEED))

    def swap_to(self, price: float) -> Act | None:
        """A trade that moves the pool there; none when it stands there."""
        now, end = self.ask("pool", "slot0")[0], self.pair.sqrt_price_x96(price)
        if now == end:
            return None
        token0, token1 = self.pair.tokens
        given, wanted = (token0, token1) if end < now else (token1, token0)
        order = (given, wanted, POOL_FEE, TRADER, FOREVER, 10**30, 0, end)
        return Act(TRADER, Call("router", "exactInputSingle", (order,)))

    def move(self, price: float) -> None:
        """Feed and pool to a price, and time until the market has it."""
        for i in range(120):
            self._post(BLOCK_S if i < 10 else 600, price)
            seen = self.ask("market", "price", self.token)
            if isinstance(seen, int) and abs(seen / WAD / price - 1) < NEAR:
                self.look()
                return
        raise AssertionError(f"{self.design.name}: the market never saw a price of {price}")

    def refresh(self) -> None:
        """The price of before, so that none goes stale."""
        self._post(BLOCK_S, self.ask(self.feed, "latestRoundData")[1] / FEED)

    def _post(self, seconds: int, price: float) -> None:
        """What a trader and the oracle's servants do in a block."""
        trade, answer = self.swap_to(price), int(price * FEED)
        fates = self.rig.run(seconds, [trade] if trade else [])
        if self.ask(self.feed, "due", answer):
            fates += self.rig.run(0, [Act(FEEDER, Call(self.feed, "push", (answer,)))])
        if self.oracle in self.at and self.ask(self.oracle, "due") is True:
            fates += self.rig.run(0, [Act(KEEPERS[1], Call(self.oracle, "poke"))])
        assert not any(fate.reason for fate in fates), fates

    # --- the beginning ---

    def _populate(self) -> None:
        """Everybody lends or owes."""
        symbol, unit = self.collateral.symbol, self._debt
        acts = [act for who in self._people() for act in self._purse(who)]
        amounts = self.pair.ordered(self._held(DEPTH), unit(DEPTH * PRICE))
        wish = (*self.pair.tokens, POOL_FEE, *ENDS, *amounts, 0, 0, TRADER, FOREVER)
        acts.append(Act(TRADER, Call("positions", "mint", (wish,))))
        for who, lent in zip(LENDERS, LENT, strict=True):
            acts.append(Act(who, Call("market", "deposit", (unit(lent), who))))
        for who, debt in zip(BORROWERS, DEBTS, strict=True):
            lot = self._held(debt / LOAN_TO_VALUE / PRICE)
            acts.append(Act(who, Call("market", "supply_collateral", (self.at[symbol], lot, who))))
            acts.append(Act(who, Call("market", "borrow", (unit(debt), who))))
        fates = self.rig.run(BLOCK_S, acts)
        assert not [(a, f.reason) for a, f in zip(acts, fates, strict=True) if f.reason]

    def _people(self) -> tuple[Address, ...]:
        return (*LENDERS, *BORROWERS, *KEEPERS, TRADER, OWNER, GUARDIAN)

    def _purse(self, who: Address) -> list[Act]:
        spenders = [self.at[key] for key in ("market", "liquidation", "router", "positions")]
        return [
            act
            for token in (self.debt_token, self.collateral)
            for act in (
                Act(OWNER, Call(token.symbol, "mint", (who, to_units(PURSE, token.decimals)))),
                *(Act(who, Call(token.symbol, "approve", (s, MAX_UINT))) for s in spenders),
            )
        ]

    def _debt(self, amount: float) -> int:
        return to_units(amount, self.debt_token.decimals)

    def _held(self, amount: float) -> int:
        return to_units(amount, self.collateral.decimals)
