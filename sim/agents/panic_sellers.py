"""Spot holders who may panic.

Each holder i sells with hazard `hazard_per_hour` x score, where

score = w_d max(0, drawdown - d_i) / d_i + w_v speed / d_i + w_l liquidated + w_p peers,   0 while
drawdown < d_i / 2

drawdown: fall from the high of the last day; speed: fall within the last half hour; liquidated:
million USD seized in the last hour, as anybody can see on the chain; peers: share of those who
have begun to sell, among all holders or the own contacts (herding.py). Thresholds d_i differ
(uniform), as in Granovetter (1978).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.agents.base import (
    LEAST_SALE_USD,
    Facts,
    Floats,
    News,
    View,
    Wish,
    chance,
    everyday_fee,
    sell_in_pool,
    window,
)
from sim.agents.herding import peers
from sim.engines.base import Address
from sim.markets.venue import VenueOrder
from sim.people import PanicSpec

ROLE = "panic_sellers"
DAY_S, SPEED_S = 86_400, 1_800
HURRY = 5  # somebody in panic pays so many everyday fees


@dataclass(frozen=True, slots=True)
class Holder:
    """Drawn once, by sim/world/population.py."""

    address: Address
    threshold: float  # drawdown that is borne
    on_venue: bool
    slices: int


class PanicSellers:
    """All holders; each is quiet, selling, or done."""

    role = ROLE

    def __init__(
        self,
        facts: Facts,
        spec: PanicSpec,
        members: Sequence[Holder],
        contacts: Sequence[tuple[int, int]] = (),
    ) -> None:
        """`contacts`: ties between members by index, each once; of a network only."""
        self._facts = facts
        self._spec = spec
        self._members = members
        self._index = {m.address: i for i, m in enumerate(members)}
        self._threshold = np.array([m.threshold for m in members])
        self._peers = peers(spec, len(members), contacts)
        self._begun = np.zeros(len(members), dtype=bool)
        self._empty = np.zeros(len(members), dtype=bool)  # nobody sends them anything again
        self._slices_left = np.array([m.slices for m in members])

    def act(self, view: View, rng: np.random.Generator) -> list[Wish]:
        draws = rng.random(len(self._members))
        fee = HURRY * everyday_fee(rng)
        hazard = self._spec.hazard_per_hour / 3600 * self._score(view)
        self._begun |= draws < chance(hazard, self._facts.spacing_s)
        wishes = [self._sale(int(i), view, fee) for i in np.flatnonzero(self._begun & ~self._empty)]
        return [wish for wish in wishes if wish is not None]

    def learn(self, news: News) -> list[Wish]:
        done = [r.intent.sender for r in news.results if r.status == "ok"]
        done += [fill.order.holder for fill in news.fills]
        for holder in done:
            i = self._index[holder]
            self._slices_left[i] = max(1, self._slices_left[i] - 1)
        return []

    def _score(self, view: View) -> Floats:
        spec, price = self._spec, view.venue_price
        drawdown = 1 - price / float(window(view, self._facts, DAY_S).max())
        speed = max(0.0, 1 - price / float(window(view, self._facts, SPEED_S)[0]))
        score = (
            spec.drawdown_weight * np.maximum(0.0, drawdown / self._threshold - 1)
            + spec.speed_weight * speed / self._threshold
            + spec.liquidations_weight * view.liquidated_hour / 1e6
            + spec.peers_weight * self._peers(self._begun)
        )
        return np.where(drawdown < self._threshold / 2, 0.0, score)

    def _sale(self, i: int, view: View, fee: int) -> Wish | None:
        """One slice: an equal part of what is left; None when it is all gone."""
        member, facts = self._members[i], self._facts
        where = view.wallets.on_venue if member.on_venue else view.wallets.on_chain
        stock = where(member.address, facts.collateral)
        self._empty[i] = not stock
        amount = stock // int(self._slices_left[i])
        if amount / facts.collateral_unit * view.venue_price < LEAST_SALE_USD:
            return None
        if member.on_venue:
            return VenueOrder(ROLE, member.address, "sell", amount, forced=True)
        return sell_in_pool(facts, ROLE, member.address, amount, self._spec.slippage, view, fee)
