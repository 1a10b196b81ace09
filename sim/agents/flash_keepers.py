"""Keepers without capital: they take, sell in the pool, pay and keep the rest, all in one
transaction.

A keeper takes as much as the pool's curve bears: until the next token would fetch less than its
cost with the margin. It knows its own trades of the same block, not those of the others; who comes
too late reverts and pays for the gas. An auction by rising bids is not for them: there is nothing
to sell before the bid is paid.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.agents.base import Facts, Floats, Intent, News, View
from sim.agents.crew import Crew, Keeper
from sim.agents.keepers import ROLE, Custom, Offers, Starter, spread
from sim.engines.base import Address, Call, Sale
from sim.markets.depth import PoolDepth, Swap
from sim.people import KeepersSpec
from sim.units import LIQUIDATE


class FlashKeepers:
    """All flash keepers; the i-th owns the contract `Facts.flash(i)`."""

    role = ROLE

    def __init__(
        self,
        facts: Facts,
        spec: KeepersSpec,
        members: Sequence[Keeper],
        accounts: Sequence[Address],
    ) -> None:
        self._facts = facts
        self._spec = spec
        self._members = members
        self._crew = Crew(spec, facts.spacing_s, members)
        self._accounts = accounts
        self._starter = Starter(facts, spec, accounts)
        self._custom = Custom(facts)

    def act(self, view: View, rng: np.random.Generator) -> list[Intent]:
        noise = rng.standard_normal((len(self._members), len(self._accounts)))
        _, alert = self._crew.look(view, rng)
        if not view.snapshot.sales:
            return []
        self._starter.look(view)
        offers = self._offers(view)
        wishes = []
        for i in np.flatnonzero(alert).tolist():
            keeper = self._members[i]
            wishes += self._starter.openings(keeper, view, noise[i])
            if not self._custom.by_bids:
                wishes += self._takes(i, offers, view, noise[i])
        return wishes

    def learn(self, news: News) -> list[Intent]:
        self._starter.learn(news.block)
        self._custom.learn(news.block)
        return []

    def _offers(self, view: View) -> Offers:
        """What can be taken, and what it is worth in the pool over what it costs [USD]."""
        sales = [sale for sale in view.snapshot.sales if sale.pay and sale.receive]
        return Offers(sales, spread(sales, view.depth.price * (1 - view.depth.fee), self._facts))

    def _takes(self, i: int, offers: Offers, view: View, noise: Floats) -> list[Intent]:
        depth, allowed = view.depth, view.snapshot.market.allowed[LIQUIDATE]
        wishes: list[Intent] = []
        for sale in offers.ranked(noise):
            if len(wishes) == self._spec.takes_per_block:
                break
            swap = self._best(self._members[i], sale, depth)
            wish = self._execute(i, sale, swap, view) if swap.spent else None
            if wish is not None and wish.call.args[3] <= allowed:
                wishes.append(wish)
                depth, allowed = depth.after(swap), allowed - wish.call.args[3]
        return wishes

    def _best(self, keeper: Keeper, sale: Sale, depth: PoolDepth) -> Swap:
        """The sale in the pool that earns most."""
        facts = self._facts
        cost = sale.pay / facts.debt_unit / (sale.receive / facts.collateral_unit)
        swap = depth.sell_down_to(cost * (1 + keeper.margin))
        return swap if swap.spent <= sale.receive else depth.sell(sale.receive)

    def _execute(self, i: int, sale: Sale, swap: Swap, view: View) -> Intent | None:
        facts, keeper = self._facts, self._members[i]
        whole = swap.spent >= 0.999 * sale.receive
        pay = sale.pay if whole else int(sale.pay * swap.spent / sale.receive)
        cost = pay / facts.debt_unit
        profit = swap.got / facts.debt_unit - cost
        offer = self._custom.offer(keeper, "execute", profit, cost, view)
        if offer is None:
            return None
        fee, most = offer.priority_fee, offer.max_fee
        least = int(view.gas_usd("execute", fee) * facts.debt_unit)
        account = self._accounts[sale.account]
        args = (f"<{facts.liquidation}>", account, f"<{sale.collateral}>", pay, least)
        call = Call(facts.flash(i), "execute", args)
        return Intent(ROLE, keeper.address, call, f"take {account}", fee, keeper.latency_s, most)
