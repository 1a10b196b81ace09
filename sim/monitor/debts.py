"""What everybody owes, from the market's events: twin arithmetic of contracts/modules/debt_book.vy.

No event carries an account's debt over time. It follows from the interest index, the index from
the rate, and the rate from cash and debt, all of which events tell at every touch. An accrual that
earns nothing logs nothing: while nobody owes anything the index grows unseen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from sim.engines.base import Address, MarketState
from sim.mechanisms.market import interest
from sim.mechanisms.maths import mul_div_down, mul_div_up
from sim.units import LIQUIDATE, RAY

Args = Mapping[str, Any]


class Halts:
    """When liquidation is halted, which is when debt bears no interest."""

    def __init__(self, market: MarketState, now: int) -> None:
        self.until = tuple(market.halted_until)  # by action [unix s]
        self._counted = market.halted_seconds
        self._synced_at = now

    def synced(self, args: Args, now: int) -> None:
        """HaltsSynced."""
        self.until, self._counted = tuple(args["until"]), args["halted_seconds"]
        self._synced_at = now

    def bearing_time(self, now: int) -> int:
        """The clock of interest [s]."""
        halted = max(min(self.until[LIQUIDATE], now), self._synced_at) - self._synced_at
        return now - self._counted - halted


class Debts:
    """Amounts in [debt token], indexes in [RAY]."""

    def __init__(
        self, model: interest.Model, market: MarketState, debts: Mapping[Address, int], now: int
    ) -> None:
        """Of a market at the end of its set-up, when no time has passed and the index is 1."""
        self.scaled = defaultdict(int, debts)  # by account, at index 1
        self.halts = Halts(market, now)
        self.in_sale, self.cash, self.bad = market.debt_in_sale, market.cash, 0
        self._model, self._total = model, sum(debts.values())
        self._stored, self._accrued_at = RAY, self.halts.bearing_time(now)
        self._hear: Mapping[str, Callable[[Args], None]] = {
            "Borrowed": self._borrowed,
            "Repaid": self._repaid,
            "DebtAssumed": self._assumed,
            "DebtReturned": self._returned,
            "Settled": self._settled,
            "BadDebt": self._written_off,
            "IncentivePaid": lambda args: self._receive(-args["amount"]),
            "ReserveFunded": lambda args: self._receive(args["amount"]),
            "LiquidityChanged": self._changed,
            "RatesSet": self._rates,
        }

    def follow(self, name: str, args: Args, now: int) -> None:
        """An event of the market."""
        if name == "InterestAccrued":
            self._stored, self._accrued_at = args["index"], self.halts.bearing_time(now)
        elif name == "HaltsSynced":
            self.halts.synced(args, now)
        elif name in self._hear:
            self._hear[name](args)

    def index(self, now: int) -> int:
        """What a debt of 1 at the start has grown to."""
        elapsed = self.halts.bearing_time(now) - self._accrued_at
        if not elapsed:
            return self._stored
        lent = mul_div_up(self._total, self._stored, RAY) + self.in_sale
        rate = interest.rate_down(self._model, interest.utilisation_down(lent, self.cash))
        return interest.grown_up(self._stored, rate, elapsed)

    def total(self, now: int) -> int:
        """Owed by all accounts, without debt in sale."""
        return mul_div_up(self._total, self.index(now), RAY)

    def _borrowed(self, args: Args) -> None:
        self._add(args["account"], args["amount"])
        self._receive(-args["amount"])

    def _repaid(self, args: Args) -> None:
        self._cut(args["account"], args["amount"], args["debt"])
        self._receive(args["amount"])

    def _assumed(self, args: Args) -> None:
        self._cut(args["account"], args["amount"], args["debt"])
        self.in_sale = args["debt_in_sale"]

    def _returned(self, args: Args) -> None:
        self._add(args["account"], args["amount"])
        self.in_sale = args["debt_in_sale"]

    def _settled(self, args: Args) -> None:
        self.in_sale = args["debt_in_sale"]
        self._receive(args["debt"] + args["fee"])

    def _written_off(self, args: Args) -> None:
        self.in_sale -= args["amount"]
        self.bad += args["amount"]

    def _changed(self, args: Args) -> None:
        self.cash = args["cash"]

    def _rates(self, args: Args) -> None:
        self._model = interest.Model(*args["model"])

    def _receive(self, amount: int) -> None:
        self.cash += amount

    def _add(self, account: Address, amount: int) -> None:
        self._move(account, mul_div_up(amount, RAY, self._stored))

    def _cut(self, account: Address, amount: int, left: int) -> None:
        """`left` is what the account owes after it."""
        scaled = mul_div_down(amount, RAY, self._stored) if left else self.scaled[account]
        self._move(account, -scaled)

    def _move(self, account: Address, scaled: int) -> None:
        self.scaled[account] += scaled
        self._total += scaled
