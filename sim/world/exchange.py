"""Where an asset's price is made: its path outside, its venue and its pool. Markets that take the
asset share them."""

from __future__ import annotations

import numpy as np

from sim.agents.base import Facts
from sim.engines.base import Engine
from sim.markets.impact import Quote
from sim.markets.venue import Venue
from sim.world.parts import Part
from sim.world.pool_book import PoolBook
from sim.world.stage import open_accounts, venue_spec


class Exchange:
    """Of one asset. `facts` are those of the market that hosts it."""

    def __init__(self, part: Part, facts: Facts, engine: Engine, par: Exchange | None) -> None:
        """`par`: of the asset to which this one is pegged."""
        self._outside, self._par = part.outside, par
        debt = part.design.market.debt_token
        self.venue = Venue(
            venue_spec(part.scenario),
            part.price,
            (part.token.symbol, part.token.decimals),
            (debt.symbol, debt.decimals),
            inert="impact" in part.scenario.off,
            address=part.venue,
        )
        open_accounts(part, self.venue)
        self.prices = np.full(len(part.outside.path), part.price)
        self.pool = PoolBook(engine, facts)

    @property
    def price(self) -> float:
        """The venue's [USD]."""
        return self.venue.price

    @property
    def quote(self) -> Quote:
        """What an order on the venue meets now."""
        return self.venue.quote

    def fundamental(self, number: int) -> float:
        """The price outside at a step, without anybody's impact [USD]."""
        return float(self._outside.path[number])

    def advance(self, number: int, seconds: int, time: int) -> None:
        """A step: the outside moves. A claim follows what it is a claim to, impact included."""
        outside = self.fundamental(number)
        if self._par is not None and self._outside.peg is not None:
            outside = self._par.venue.price * float(self._outside.peg[number])
        self.venue.advance(outside, seconds, time)
        self.note(number)

    def note(self, number: int) -> None:
        """The venue's price is the step's."""
        self.prices[number] = self.venue.price
