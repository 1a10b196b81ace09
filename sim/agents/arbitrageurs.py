"""Arbitrageurs between the pool and the venue, with finite capital on both sides.

When the pool is dearer than the venue by more than fees, spread and margin, one sells into the pool
and buys the same amount on the venue once the swap is mined; when it is cheaper, the other way
round. The size is where the pool's next token and the venue's, with the own impact, cost the same.
Stocks are rebalanced through transfers that take the venue's transfer time. Races are honest: the
first to be mined wins and the rest revert on their least output.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.agents.base import (
    Facts,
    Intent,
    News,
    Result,
    VenueTransfer,
    View,
    Wish,
    bid,
    deposit,
    everyday_fee,
    received,
    swap,
    with_headroom,
)
from sim.engines.base import Address
from sim.markets.depth import Swap
from sim.markets.venue import VenueOrder
from sim.people import ArbitrageursSpec
from sim.scenario import VenueSpec

ROLE = "arbitrageurs"
LOW, HIGH = 0.2, 0.8  # share of a token on the chain outside of which it is rebalanced to a half
LEAST_USD = 5_000.0  # less is not rebalanced
ROUNDS = 6  # of the search for the size; it halves the error each time


@dataclass(frozen=True, slots=True)
class Arbitrageur:
    """Drawn once, by sim/world/population.py."""

    address: Address
    margin: float
    bid_share: float
    latency_s: float


class Arbitrageurs:
    """All arbitrageurs."""

    role = ROLE

    def __init__(
        self,
        facts: Facts,
        spec: ArbitrageursSpec,
        venue: VenueSpec,
        members: Sequence[Arbitrageur],
    ) -> None:
        self._facts = facts
        self._spec = spec
        self._venue = venue
        self._members = members
        self._moving: dict[tuple[Address, str], int] = {}  # until when a transfer is on its way

    def act(self, view: View, rng: np.random.Generator) -> list[Wish]:
        alert = rng.random(len(self._members)) < self._spec.alert
        fee = everyday_fee(rng)
        wishes: list[Wish] = []
        for i in np.flatnonzero(alert):
            member = self._members[i]
            wish = self._sell_to_pool(member, view) or self._buy_from_pool(member, view)
            wishes += [wish] if wish is not None else self._rebalance(member, view, fee)
        return wishes

    def learn(self, news: News) -> list[Wish]:
        swaps = [r for r in news.results if r.status == "ok" and r.intent.key == "swap"]
        return [self._hedge(result) for result in swaps]

    def _sell_to_pool(self, member: Arbitrageur, view: View) -> Intent | None:
        facts, wallets = self._facts, view.wallets
        ask = view.quote.ask
        if view.depth.price * (1 - view.depth.fee) <= ask * (1 + member.margin):
            return None
        to_buy_back = wallets.on_venue(member.address, facts.debt) / facts.debt_unit / ask
        stock = min(
            wallets.on_chain(member.address, facts.collateral), to_buy_back * facts.collateral_unit
        )
        target = ask
        for _ in range(ROUNDS):
            trade = view.depth.sell_down_to(target * (1 + member.margin))
            target = (target + self._after(ask, min(trade.spent, stock), view)) / 2
        trade = trade if trade.spent <= stock else view.depth.sell(stock)
        cost = self._paid(ask, trade.spent, view) * trade.spent / facts.collateral_unit
        return self._intent(
            member, facts.collateral, trade, trade.got / facts.debt_unit, cost, view
        )

    def _buy_from_pool(self, member: Arbitrageur, view: View) -> Intent | None:
        facts, wallets = self._facts, view.wallets
        sell_price = view.quote.bid
        if view.depth.price / (1 - view.depth.fee) >= sell_price * (1 - member.margin):
            return None
        on_venue = wallets.on_venue(member.address, facts.collateral) / facts.collateral_unit
        budget = min(
            wallets.on_chain(member.address, facts.debt),
            on_venue * view.depth.price * facts.debt_unit,
        )
        target = sell_price
        for _ in range(ROUNDS):
            trade = view.depth.buy_up_to(target * (1 - member.margin), budget)
            target = (target + self._after(sell_price, -trade.got, view)) / 2
        value = self._paid(sell_price, -trade.got, view) * trade.got / facts.collateral_unit
        return self._intent(member, facts.debt, trade, value, trade.spent / facts.debt_unit, view)

    def _after(self, price: float, amount: float, view: View) -> float:
        """The venue's price after `amount` [collateral token; negative: sold] has been bought
        there."""
        return price * math.exp(view.quote.moved(amount / self._facts.collateral_unit * price))

    def _paid(self, price: float, amount: float, view: View) -> float:
        """The mean of the same on the way."""
        return price * math.exp(view.quote.averaged(amount / self._facts.collateral_unit * price))

    def _intent(
        self,
        member: Arbitrageur,
        token_in: str,
        trade: Swap,
        value: float,
        cost: float,
        view: View,
    ) -> Intent | None:
        """The swap with a least output that just pays; None when the gas eats the profit. Amounts
        in USD."""
        facts, price = self._facts, view.coin_price
        profit = value - cost - view.gas_usd("exactInputSingle")
        if profit <= 0:
            return None
        fee = bid("exactInputSingle", member.bid_share * profit, price)
        net = (1 - member.bid_share) * profit
        least = int(trade.got * (1 - net / value))
        spent = int(trade.spent)
        latency_s = member.latency_s
        intent = swap(facts, ROLE, member.address, token_in, spent, least, fee, latency_s)
        return with_headroom(intent, view)

    def _hedge(self, result: Result) -> VenueOrder:
        """The other leg, on the venue."""
        facts, sender = self._facts, result.intent.sender
        token_in, amount = _input(result.intent)
        if token_in == facts.collateral_arg:
            return VenueOrder(ROLE, sender, "buy", amount, forced=False)
        return VenueOrder(ROLE, sender, "sell", received(result, facts.collateral), forced=False)

    def _rebalance(self, member: Arbitrageur, view: View, fee: int) -> list[Wish]:
        """Bring a token that is nearly all on one side back to a half on each."""
        wishes: list[Wish] = []
        for token, unit in self._worth(view).items():
            chain = view.wallets.on_chain(member.address, token)
            venue = view.wallets.on_venue(member.address, token)
            half = (chain + venue) // 2
            if half * unit < LEAST_USD or self._moving.get((member.address, token), 0) > view.time:
                continue
            if chain > HIGH * 2 * half:
                sent = deposit(self._facts, ROLE, member.address, token, chain - half, fee)
                wishes.append(with_headroom(sent, view))
            elif chain < LOW * 2 * half:
                wishes.append(VenueTransfer(ROLE, member.address, token, half - chain))
            else:
                continue
            arrival = view.time + self._venue.transfer_s + 2 * self._facts.spacing_s
            self._moving[member.address, token] = int(arrival)
        return wishes

    def _worth(self, view: View) -> dict[str, float]:
        """USD for a smallest unit of each token."""
        facts = self._facts
        return {
            facts.collateral: view.venue_price / facts.collateral_unit,
            facts.debt: 1 / facts.debt_unit,
        }


def _input(intent: Intent) -> tuple[str, int]:
    """Token and amount that a swap puts in."""
    params = intent.call.args[0]
    return params[0], params[5]
