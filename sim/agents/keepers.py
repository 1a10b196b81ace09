"""What keepers of both kinds share: whom they look at, what they bid, and opening sales.

A keeper bids `bid_share` of the profit that it expects (in the mean 10-30% of profits went to
miners in the priority gas auctions of Daian et al. 2019 and the liquidations of Qin et al. 2021)
and does without a deal that would leave less than its margin after gas. Each looks at the sales in
an order of its own: by profit with a private noise, so that they race for the big ones and do not
all start with the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.agents.base import Facts, Floats, Intent, View, bid
from sim.engines.base import Address, Call, Sale
from sim.scenario import KeepersSpec

ROLE = "keepers"
NOISE = 0.5  # of the logarithm of what a keeper thinks that a sale is worth


@dataclass(frozen=True, slots=True)
class Keeper:
    """Drawn once, by sim/world/population.py."""

    address: Address
    margin: float
    bid_share: float
    latency_s: float


def ranked(sales: Sequence[Sale], worth: Floats, noise: Floats) -> list[Sale]:
    """The sales that are worth something, the best first in the eyes of one keeper; noise is by
    account."""
    if not sales:
        return []
    seen = worth * np.exp(NOISE * noise[[sale.account for sale in sales]])
    return [sales[i] for i in np.argsort(-seen, kind="stable") if worth[i] > 0]


def spread(sales: Sequence[Sale], price: float, facts: Facts) -> Floats:
    """What each sale is worth at `price` over what it costs [USD]."""
    pay = np.array([sale.pay for sale in sales], dtype=float) / facts.debt_unit
    receive = np.array([sale.receive for sale in sales], dtype=float) / facts.collateral_unit
    return receive * price - pay


def openings(
    facts: Facts,
    spec: KeepersSpec,
    keeper: Keeper,
    view: View,
    accounts: Sequence[Address],
    noise: Floats,
) -> list[Intent]:
    """Start or restart the sales whose worth to a starter covers the gas, the largest first."""
    sales = [s for s in view.snapshot.sales if s.startable or s.restartable]
    worth = spec.start_value * np.array([view.debt[s.account] for s in sales], dtype=float)
    price, wishes = view.venue_price, []
    for sale in ranked(sales, worth, noise)[: spec.takes_per_block]:
        function = "start" if sale.startable else "restart"
        gain = spec.start_value * float(view.debt[sale.account]) - facts.gas_usd(function, price)
        if gain > 0 or sale.restartable:
            account = accounts[sale.account]
            call = Call("liquidation", function, (account, f"<{sale.collateral}>"))
            fee = bid(function, keeper.bid_share * max(gain, 0.0), price)
            key = f"{function} {account}"
            wishes.append(Intent(ROLE, keeper.address, call, key, fee, keeper.latency_s))
    return wishes


def offer(
    facts: Facts, keeper: Keeper, function: str, profit: float, cost: float, price: float
) -> int | None:
    """The priority fee for a deal with this profit [USD] before gas; None when it is not worth
    it."""
    share = keeper.bid_share * profit
    net = profit - share - facts.gas_usd(function, price)
    return bid(function, share, price) if net > keeper.margin * cost else None
