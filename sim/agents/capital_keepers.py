"""Keepers with capital of their own: they pay with their debt tokens, then sell what they got over
the next blocks.

The exit is where it pays more: the pool as far as it stands above the venue, else the venue, whose
impact a keeper reckons with: its own, of this sale and of all that it holds already. What it sends
there arrives after the venue's transfer time, and the price by then is as much lower as it has
moved in such a time of late (one standard deviation, as a dealer asks for the risk of its
inventory: Stoll 1978, Grossman and Miller 1988). The proceeds come back after another transfer.

Where sales go by rising bids a keeper is ready to pay what the lot fetches less its margin, and the
auction takes the least bid that stands up to that; it never bids against itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.agents.base import (
    Facts,
    Floats,
    Intent,
    News,
    VenueTransfer,
    View,
    Wish,
    deposit,
    everyday_fee,
    log_returns,
    swap,
    window,
    with_headroom,
)
from sim.agents.crew import Crew, Keeper
from sim.agents.keepers import ROLE, Custom, Offer, Offers, Starter, spread
from sim.engines.base import Address, Call, Sale
from sim.markets.venue import VenueOrder
from sim.people import KeepersSpec
from sim.scenario import VenueSpec
from sim.units import LIQUIDATE

PARTS = (1.0, 0.5, 0.25, 0.1)  # of a sale, tried from the largest
SLICE_USD = (
    200_000.0  # most that is sold on the venue in a step: half of the usual impact of a million
)
LEAST_USD = 1_000.0  # less is not worth a transfer
POOL_SLIPPAGE = 0.01
BIDS = 10  # in an auction by rising bids, for each take elsewhere: a process for each sale
TOLERANCE = 0.5  # share of the expected profit that a worse price may cost


class Means(NamedTuple):
    """What a keeper has while it chooses what to take."""

    cash: int  # [debt token]
    held: float  # collateral that it still has to sell [USD]
    left: float  # of the venue's price, for the first token after that


class CapitalKeepers:
    """All keepers with own capital."""

    role = ROLE

    def __init__(
        self,
        facts: Facts,
        spec: KeepersSpec,
        venue: VenueSpec,
        members: Sequence[Keeper],
        accounts: Sequence[Address],
    ) -> None:
        self._facts = facts
        self._spec = spec
        self._venue = venue
        self._members = members
        self._crew = Crew(spec, facts.spacing_s, members)
        self._accounts = accounts
        self._starter = Starter(facts, spec, accounts)
        self._risk = 0.0  # of the price in the time of a transfer [logarithm]
        self._custom = Custom(facts)

    def act(self, view: View, rng: np.random.Generator) -> list[Wish]:
        noise = rng.standard_normal((len(self._members), len(self._accounts)))
        up, alert = self._crew.look(view, rng)
        fee = everyday_fee(rng)
        moves = log_returns(window(view, self._facts, self._venue.transfer_s))
        self._risk = math.sqrt(float((moves**2).sum()))
        self._starter.look(view)
        offers = self._offers(view)
        over = [sale for sale in view.snapshot.sales if sale.restartable]
        wishes: list[Wish] = []
        for i in np.flatnonzero(up).tolist():
            keeper, eye = self._members[i], noise[i]
            wishes += self._sell_on_venue(keeper, view)
            wishes += self._unload(keeper, view, fee)
            wishes += self._claims(keeper, over, view, fee)
            if alert[i] and view.snapshot.sales:
                wishes += self._starter.openings(keeper, view, eye)
                wishes += self._takes(keeper, offers, view, eye)
        return wishes

    def learn(self, news: News) -> list[Wish]:
        self._starter.learn(news.block)
        self._custom.learn(news.block)
        return []

    def _sell_on_venue(self, keeper: Keeper, view: View) -> list[Wish]:
        facts, price = self._facts, view.venue_price
        stock = view.wallets.on_venue(keeper.address, facts.collateral)
        proceeds = view.wallets.on_venue(keeper.address, facts.debt)
        wishes: list[Wish] = []
        if stock:
            amount = min(stock, int(SLICE_USD / price * facts.collateral_unit))
            wishes.append(VenueOrder(ROLE, keeper.address, "sell", amount, forced=True))
        if proceeds >= LEAST_USD * facts.debt_unit:
            wishes.append(VenueTransfer(ROLE, keeper.address, facts.debt, proceeds))
        return wishes

    def _unload(self, keeper: Keeper, view: View, fee: int) -> list[Wish]:
        """Sell in the pool what it takes at the venue's price or better, send the rest to the
        venue."""
        facts = self._facts
        stock = view.wallets.on_chain(keeper.address, facts.collateral)
        if stock / facts.collateral_unit * view.venue_price < LEAST_USD:
            return []
        floor = view.quote.bid
        in_pool = min(stock, int(view.depth.sell_down_to(floor).spent))
        if in_pool / facts.collateral_unit * view.venue_price >= LEAST_USD:
            least = int(view.depth.sell(in_pool).got * (1 - POOL_SLIPPAGE))
            sale = swap(facts, ROLE, keeper.address, facts.collateral, in_pool, least, fee)
        else:
            sale = deposit(facts, ROLE, keeper.address, facts.collateral, stock, fee)
        if keeper.max_fee is None:
            return [with_headroom(sale, view)]
        return [sale._replace(max_fee=keeper.max_fee)]

    def _claims(self, keeper: Keeper, over: Sequence[Sale], view: View, fee: int) -> list[Wish]:
        """End the sales that the keeper has won by its bids: else the lot is never delivered."""
        wishes: list[Wish] = []
        for sale in over:
            account, price = self._accounts[sale.account], view.venue_price
            lot = self._custom.lot(keeper, account)
            worth = lot / self._facts.collateral_unit * price
            if worth > view.gas_usd("restart", fee):
                call = Call(self._facts.liquidation, "restart", (account, f"<{sale.collateral}>"))
                fees = fee, keeper.latency_s, keeper.pays_at_most("restart", worth, view.coin_price)
                wishes.append(Intent(ROLE, keeper.address, call, f"restart {account}", *fees))
        return wishes

    def _offers(self, view: View) -> Offers:
        """What can be taken, and what it is worth on the venue over what it costs [USD]."""
        sales = [sale for sale in view.snapshot.sales if sale.pay and sale.receive]
        return Offers(sales, spread(sales, view.venue_price, self._facts))

    def _takes(self, keeper: Keeper, offers: Offers, view: View, noise: Floats) -> list[Intent]:
        cash = min(
            view.wallets.on_chain(keeper.address, self._facts.debt),
            view.snapshot.market.allowed[LIQUIDATE],
        )
        means = self._means(cash, self._stock(keeper, view), view)
        wishes: list[Intent] = []
        find = self._bid if self._custom.by_bids else self._deal
        most = self._spec.takes_per_block * (BIDS if self._custom.by_bids else 1)
        for sale in offers.ranked(noise):
            if len(wishes) == most or means.cash < LEAST_USD * self._facts.debt_unit:
                break
            deal = find(keeper, sale, means, view)
            if deal is not None:
                wish, pay, value = deal
                wishes.append(wish)
                means = self._means(means.cash - pay, means.held + value, view)
        return wishes

    def _means(self, cash: int, held: float, view: View) -> Means:
        return Means(cash, held, self._left(held, view))

    def _stock(self, keeper: Keeper, view: View) -> float:
        """Collateral that the keeper still has to sell, here and there [USD]."""
        where = (view.wallets.on_chain, view.wallets.on_venue)
        stock = sum(balance(keeper.address, self._facts.collateral) for balance in where)
        return stock / self._facts.collateral_unit * view.venue_price

    def _bid(
        self, keeper: Keeper, sale: Sale, means: Means, view: View
    ) -> tuple[Intent, int, float] | None:
        """A bid for the whole lot up to what it fetches: as `_deal`."""
        facts, account = self._facts, self._accounts[sale.account]
        value = sale.receive / facts.collateral_unit * view.venue_price
        fetched = self._exit(value, means.held, view)
        most = int(fetched / (1 + keeper.margin) * facts.debt_unit)
        limit = min(means.cash, most)
        if limit < sale.pay or self._custom.leads(keeper, account):
            return None
        cost = sale.pay / facts.debt_unit
        profit = most / facts.debt_unit - cost
        offer = self._custom.offer(keeper, "take", profit, cost, view)
        if offer is None:
            return None
        least = sale.receive * sale.pay // most
        return self._take(keeper, sale, limit, least, offer), sale.pay, value

    def _deal(
        self, keeper: Keeper, sale: Sale, means: Means, view: View
    ) -> tuple[Intent, int, float] | None:
        """The best part of a sale to take: the transaction, its payment and the value of what it
        brings [USD]."""
        facts, price = self._facts, view.venue_price
        worth = sale.receive / facts.collateral_unit * price
        if worth * means.left <= sale.pay / facts.debt_unit:
            return None  # not even the first token fetches what it costs
        best: tuple[float, int, float] | None = None
        for part in PARTS:
            pay = min(means.cash, int(sale.pay * part))
            value = worth * pay / sale.pay
            profit = self._exit(value, means.held, view) - pay / facts.debt_unit
            if best is None or profit > best[0]:
                best = profit, pay, value
        assert best is not None  # PARTS is not empty
        profit, pay, value = best
        offer = self._custom.offer(keeper, "take", profit, pay / facts.debt_unit, view)
        if offer is None:
            return None
        least = int(sale.receive * pay / sale.pay * (1 - TOLERANCE * profit / value))
        return self._take(keeper, sale, pay, least, offer), pay, value

    def _take(self, keeper: Keeper, sale: Sale, pay: int, least: int, offer: Offer) -> Intent:
        account = self._accounts[sale.account]
        args = (account, f"<{sale.collateral}>", pay, least, keeper.address, b"")
        call = Call(self._facts.liquidation, "take", args)
        key, fees = f"take {account}", (offer.priority_fee, keeper.latency_s, offer.max_fee)
        return Intent(ROLE, keeper.address, call, key, *fees)

    def _exit(self, value: float, held: float, view: View) -> float:
        """What `value` USD of collateral fetches on the venue after `held` USD of it, and after a
        transfer [USD]."""
        return value * self._left(held + value / 2, view) * (1 - view.quote.half_spread)

    def _left(self, sold: float, view: View) -> float:
        """Of the venue's price, after `sold` USD of collateral and a transfer."""
        return math.exp(view.quote.moved(-sold) - self._risk)
