"""What keepers of both kinds share: whom they look at, what they bid, and opening sales.

A keeper bids `bid_share` of the profit that it expects (in the mean 10-30% of profits went to
miners in the priority gas auctions of Daian et al. 2019 and the liquidations of Qin et al. 2021)
and does without a deal that would leave less than its margin after gas. Until somebody has been
seen to get what a sale offers it pays for its place in a block what anybody pays: the least bid of
an auction by rising bids is no price, and its distance from the market no profit. Each looks at the
sales in an order of its own: by profit with a private noise, so that they race for the big ones and
do not all start with the same.
"""

from __future__ import annotations

from bisect import bisect, insort
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.agents.base import Facts, Floats, Intent, View, bid
from sim.agents.crew import Keeper
from sim.elementary import log
from sim.engines.base import Address, Block, Call, Sale
from sim.people import KeepersSpec
from sim.units import GWEI

ROLE = "keepers"
NOISE = 1.0  # of the logarithm of what a keeper thinks that a sale is worth
EVERYDAY_FEE = GWEI  # the priority fee of somebody in no special hurry [wei per gas]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a keeper pays for its place in a block [wei per gas]."""

    priority_fee: int
    max_fee: int


class Offers:
    """Sales that are worth something, for all keepers of a kind to look at."""

    def __init__(self, sales: Sequence[Sale], worth: Floats) -> None:
        """`worth` of each [USD]."""
        good = (worth > 0).nonzero()[0]
        self._sales = [sales[i] for i in good.tolist()]
        self._worth = log(worth[good])
        self._accounts = np.array([sale.account for sale in self._sales], dtype=np.intp)

    def ranked(self, noise: Floats) -> list[Sale]:
        """The best first in the eyes of one keeper; noise is by account."""
        if not self._sales:
            return []
        seen = self._worth + NOISE * noise[self._accounts]
        return [self._sales[i] for i in (-seen).argsort(kind="stable").tolist()]


def spread(sales: Sequence[Sale], price: float, facts: Facts) -> Floats:
    """What each sale is worth at `price` over what it costs [USD]."""
    pay = np.array([sale.pay for sale in sales], dtype=float) / facts.debt_unit
    receive = np.array([sale.receive for sale in sales], dtype=float) / facts.collateral_unit
    return receive * price - pay


class Custom:
    """How this design sells, as far as anybody has seen it do so on the chain."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.delivers = False  # a take brings the collateral at once
        self.by_bids = False  # a take is a bid that others may outbid
        self._leaders: dict[Address, tuple[Address, int]] = {}  # bidder and lot, by account

    def learn(self, block: Block | None) -> None:
        """See what became of sales."""
        module = self._facts.liquidation
        for event in block.events if block is not None else ():
            if event.contract != module:
                continue
            if event.name == "Bid":
                self.by_bids = True
                self._leaders[event.args["account"]] = event.args["bidder"], event.args["lot"]
            elif event.name == "Taken":
                self.delivers = not self.by_bids
            elif event.name == "SaleEnded":
                self._leaders.pop(event.args["account"], None)

    def leads(self, keeper: Keeper, account: Address) -> bool:
        """Whether the highest bid for what the account had is the keeper's own."""
        return self.lot(keeper, account) > 0

    def lot(self, keeper: Keeper, account: Address) -> int:
        """What the keeper would win if its bid is the highest, else nothing [collateral token]."""
        bidder, lot = self._leaders.get(account, ("", 0))
        return lot if bidder == keeper.address else 0

    def offer(
        self,
        keeper: Keeper,
        function: str,
        profit: float,
        cost: float,
        view: View,
    ) -> Offer | None:
        """For a deal with this profit [USD] before gas; None when it is not worth it. The cap is
        where the margin would be gone."""
        share, least = keeper.bid_share * profit, keeper.margin * cost
        fee = bid(function, share, view.coin_price) if self.delivers else EVERYDAY_FEE
        if profit - view.gas_usd(function, fee) <= least:
            return None
        return Offer(fee, keeper.pays_at_most(function, profit - least, view.coin_price))


class Starter:
    """Opens sales for the incentive, which a keeper does not know before it has seen one paid.

    Expected is what the start most like it in size was seen to pay, and before the first one
    `start_value` of the debt; of a restart that, or what was paid last if it is more.
    """

    def __init__(self, facts: Facts, spec: KeepersSpec, accounts: Sequence[Address]) -> None:
        self._facts = facts
        self._spec = spec
        self._accounts = accounts
        self._started: list[tuple[float, float]] = []  # debt and incentive, by debt [USD]
        self._last_paid = 0.0  # [USD]
        self._offers = Offers((), np.array([]))  # what can be opened now
        self._gains: dict[tuple[int, str], float] = {}  # what opening it pays [USD]

    def learn(self, block: Block | None) -> None:
        """See what starters were paid."""
        module = self._facts.liquidation
        for event in block.events if block is not None else ():
            if event.contract != module:
                continue
            if event.name in ("SaleStarted", "SaleRestarted"):
                self._last_paid = event.args["incentive"] / self._facts.debt_unit
            if event.name == "SaleStarted":
                insort(self._started, (event.args["debt"] / self._facts.debt_unit, self._last_paid))

    def look(self, view: View) -> None:
        """See what can be opened, once for all keepers."""
        sales = [s for s in view.snapshot.sales if s.startable or s.restartable]
        gains = [self._expected(s, float(view.debt[s.account])) for s in sales]
        self._offers = Offers(sales, np.array(gains, dtype=float))
        self._gains = {(s.account, s.collateral): g for s, g in zip(sales, gains, strict=True)}

    def openings(self, keeper: Keeper, view: View, noise: Floats) -> list[Intent]:
        """Start or restart sales that pay the gas, the best first in the keeper's eyes."""
        wishes = []
        for sale in self._offers.ranked(noise)[: self._spec.takes_per_block]:
            function = "start" if sale.startable else "restart"
            paid = self._gains[sale.account, sale.collateral]
            if paid > view.gas_usd(function):
                wishes.append(self._open(keeper, sale, function, paid, view))
        return wishes

    def _expected(self, sale: Sale, debt: float) -> float:
        """What opening the sale pays; `debt` and result in USD."""
        unseen = self._spec.start_value * debt
        if not sale.startable:
            return max(unseen, self._last_paid)
        if not self._started:
            return unseen
        i = bisect(self._started, (debt, 0.0))
        near = self._started[max(i - 1, 0) : i + 1]
        return min(near, key=lambda seen: abs(seen[0] - debt))[1]

    def _open(self, keeper: Keeper, sale: Sale, function: str, paid: float, view: View) -> Intent:
        account = self._accounts[sale.account]
        call = Call(self._facts.liquidation, function, (account, f"<{sale.collateral}>"))
        gain, price = paid - view.gas_usd(function), view.coin_price
        fee = bid(function, keeper.bid_share * gain, price)
        most = keeper.pays_at_most(function, paid, price)
        return Intent(
            ROLE, keeper.address, call, f"{function} {account}", fee, keeper.latency_s, most
        )
