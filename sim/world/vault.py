"""Where the worth of a market's shares is made: in the market itself. It stands in the place of an
exchange for a market that takes the shares as collateral."""

from __future__ import annotations

import numpy as np

from sim.engines.base import Snapshot
from sim.markets.impact import Quote
from sim.world.exchange import Exchange
from sim.world.parts import Part


class Vault:
    """The shares of the market on `exchange`, whose venue and pool its people may look at."""

    def __init__(self, part: Part, exchange: Exchange) -> None:
        self.venue, self.pool = exchange.venue, exchange.pool
        self.prices = np.full(len(part.outside.path), part.price)
        self.price = part.price  # of a whole share [USD]
        self.state: Snapshot | None = None  # of the market that gives the shares
        self._unit = 10.0 ** (part.token.decimals - part.design.market.debt_token.decimals)

    @property
    def quote(self) -> Quote:
        """Of a share: nobody moves its price by redeeming."""
        return Quote(self.price, 0.0, "linear", 0.0)

    def fundamental(self, number: int) -> float:
        """There is no price outside [USD]."""
        return float(self.prices[number])

    def look(self, state: Snapshot) -> None:
        """Take in the state of the market that gives the shares."""
        self.state, market = state, state.market
        if market.total_shares:
            self.price = market.total_assets / market.total_shares * self._unit

    def note(self, number: int) -> None:
        """The worth of a share is the step's."""
        self.prices[number] = self.price
