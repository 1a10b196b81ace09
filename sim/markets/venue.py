"""The off-chain venue: a price that follows the outside and bends under trades, and a book of who
holds what.

    price = fundamental x exp(permanent + transient)

A trade moves the logarithm as sim/markets/impact.py says, in the depth that the market makers leave
(sim/markets/makers.py); a share of it stays, the rest halves every half-life (Bouchaud et al. 2018,
ch. 11: a propagator of two exponents). Balances are integers in
the token's own units, each move has two sides, so every token sums to the same over all holders,
for ever. The venue itself is the other side of each trade.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sim.engines.base import Address, address_of
from sim.markets.impact import Quote
from sim.markets.makers import MINUTE_S, MarketMakers
from sim.scenario import VenueSpec

Side = Literal["buy", "sell", "cross"]  # cross: both, of a crowd that trades among itself
VENUE = address_of("venue")  # the hot wallet of the first asset's


@dataclass(frozen=True, slots=True)
class VenueOrder:
    """A market order on the venue."""

    role: str
    holder: Address
    side: Side
    amount: int  # [collateral token]
    forced: bool  # forced or panicked, not arbitrage


@dataclass(frozen=True, slots=True)
class Fill:
    """What became of an order; amount 0 when the holder had nothing to trade with."""

    order: VenueOrder
    amount: int  # [collateral token]
    paid: int  # or received, when sold [debt token]
    price: float  # average [USD]


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Tokens on their way from the venue to the holder's address on the chain."""

    holder: Address
    token: str
    amount: int
    ready: int  # [unix s]


class Venue:
    """Price and book of the venue. The collateral token and the debt token are known by symbol and
    decimals."""

    def __init__(
        self,
        spec: VenueSpec,
        price: float,
        collateral: tuple[str, int],
        debt: tuple[str, int],
        inert: bool = False,
        address: Address = VENUE,
    ) -> None:
        """`inert`: trades cost what they cost and leave the price alone. `address`: of its hot
        wallet, and its own name in the book."""
        self.address = address
        self.spec = spec
        self._inert = inert
        self.collateral, self._collateral_unit = collateral[0], 10.0 ** collateral[1]
        self.debt, debt_decimals = debt
        self._debt_unit = 10.0**debt_decimals
        self._fundamental = price
        self._permanent = 0.0
        self._transient = 0.0
        self._makers = MarketMakers(spec, price)
        self._flow = 0.0  # net bought, half of it forgotten in a minute [million USD]
        self._book: dict[tuple[Address, str], int] = defaultdict(int)
        self._arriving: list[tuple[int, Address, str, int]] = []
        self._leaving: list[Withdrawal] = []

    @property
    def price(self) -> float:
        """Mid price [USD]."""
        return self._fundamental * math.exp(self._permanent + self._transient)

    @property
    def quote(self) -> Quote:
        """What an order meets now."""
        spec, makers = self.spec, self._makers
        law, impact = spec.impact_law, spec.impact
        return Quote(self.price, makers.half_spread, law, impact, makers.depth, self._flow)

    def balance(self, holder: Address, token: str) -> int:
        """What the holder can trade with or withdraw."""
        return self._book.get((holder, token), 0)

    def open_account(self, holder: Address, token: str, amount: int) -> None:
        """Before the first step: what the holder already has there."""
        self._move(self.address, holder, token, amount)

    def collateral_for(self, usd: float, price: float) -> int:
        """What `usd` is worth at `price` [collateral token]."""
        return int(usd / price * self._collateral_unit)

    def debt_for(self, usd: float) -> int:
        """[debt token]"""
        return int(usd * self._debt_unit)

    def advance(self, fundamental: float, seconds: int, now: int) -> None:
        """Let the outside move, impact fade, makers quote anew and deposits arrive."""
        self._fundamental = fundamental
        self._transient *= 0.5 ** (seconds / self.spec.half_life_s)
        self._flow *= 0.5 ** (seconds / MINUTE_S)
        self._makers.observe(self.price, seconds)
        for ready, holder, token, amount in self._arriving:
            if ready <= now:
                self._move(_transit(holder), holder, token, amount)
        self._arriving = [a for a in self._arriving if a[0] > now]

    def trade(self, order: VenueOrder) -> Fill:
        """Fill the order as far as the holder's balance goes, at the average of the price before
        and after.

        What a crowd crosses is turnover at the mid price: its buyers pay its sellers.
        """
        if order.side == "cross":
            return Fill(order, order.amount, self._cost(order.amount, self.price), self.price)
        sign = -1.0 if order.side == "sell" else 1.0
        amount = min(order.amount, self._affordable(order))
        if amount <= 0:
            return Fill(order, 0, 0, self.price)
        quote, usd = self.quote, sign * self._usd(amount)
        price = self._average(quote, usd)
        paid = self._cost(amount, price)
        moved = 0.0 if self._inert else quote.moved(usd)
        self._permanent += moved * self.spec.permanent_share
        self._transient += moved * (1 - self.spec.permanent_share)
        self._flow += usd / 1e6
        if order.forced:
            self._makers.forced(abs(usd))
        seller, buyer = (
            (order.holder, self.address) if order.side == "sell" else (self.address, order.holder)
        )
        self._move(seller, buyer, self.collateral, amount)
        self._move(buyer, seller, self.debt, paid)
        return Fill(order, amount, paid, price)

    def deposited(self, holder: Address, token: str, amount: int, now: int) -> None:
        """Tokens have reached the hot wallet: the holder's after the venue's confirmation time."""
        self._move(self.address, _transit(holder), token, amount)
        self._arriving.append((now + int(self.spec.transfer_s), holder, token, amount))

    def withdraw(self, holder: Address, token: str, amount: int, now: int) -> None:
        """Debit at once; `due` hands the transfer out when the venue is ready to send. More than
        the balance is cut."""
        amount = min(amount, self._book[holder, token])
        if amount > 0:
            self._move(holder, _transit(holder), token, amount)
            ready = now + int(self.spec.transfer_s)
            self._leaving.append(Withdrawal(holder, token, amount, ready))

    def due(self, now: int) -> list[Withdrawal]:
        """Withdrawals to be sent now."""
        ready = [w for w in self._leaving if w.ready <= now]
        self._leaving = [w for w in self._leaving if w.ready > now]
        return ready

    def sent(self, withdrawal: Withdrawal) -> None:
        """The transfer has been mined."""
        self._move(_transit(withdrawal.holder), self.address, withdrawal.token, withdrawal.amount)

    def not_sent(self, withdrawal: Withdrawal) -> None:
        """The transfer was not mined: it is due again."""
        self._leaving.append(withdrawal)

    def holdings(self, holders: Sequence[Address]) -> Mapping[str, int]:
        """Balances of these holders by token, with what is on its way."""
        names = {name for holder in holders for name in (holder, _transit(holder))}
        totals = {self.collateral: 0, self.debt: 0}
        for (name, token), amount in self._book.items():
            if name in names:
                totals[token] += amount
        return totals

    def _usd(self, amount: int) -> float:
        """At the mid price."""
        return amount / self._collateral_unit * self.price

    def _average(self, quote: Quote, usd: float) -> float:
        """The price of a fill; `usd` is negative for a sale."""
        side = quote.ask if usd > 0 else quote.bid
        return side * math.exp(quote.averaged(usd))

    def _cost(self, amount: int, price: float) -> int:
        """[debt token]; the float product is rounded down to a unit once, for both sides alike."""
        return int(amount / self._collateral_unit * price * self._debt_unit)

    def _affordable(self, order: VenueOrder) -> int:
        """The most that the holder's balance pays for [collateral token]."""
        if order.side == "sell":
            return self._book[order.holder, self.collateral]
        funds = self._book[order.holder, self.debt]
        cost = self._cost(order.amount, self._average(self.quote, self._usd(order.amount)))
        if cost <= funds:
            return order.amount
        return int(
            order.amount * (funds / cost)
        )  # the average price of less is lower: it is affordable

    def _move(self, source: Address, target: Address, token: str, amount: int) -> None:
        self._book[source, token] -= amount
        self._book[target, token] += amount


def _transit(holder: Address) -> Address:
    return f"{holder}/transit"
