"""The oracle feeder: posts the venue's price when it has moved by the deviation or the heartbeat
has passed, and pokes the feeds in between that are due.

It reads the venue `lag_s` late and competes for block space like everybody, bidding a multiple of
the base fee and raising the bid by an eighth for every step that its answer waits. It pulses the
breakers after an answer that moves much, after a poke, and every now and then: an end, a flow or
feeds that disagree show in no answer.

Faults on a schedule: in an outage nothing is posted, while what is due is still poked; a false
print is a factor on what is posted, as of a venue that is wrong while the others are not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.agents.base import HEADROOM, Facts, Intent, News, View
from sim.engines.base import Address, Call
from sim.people import OracleSpec
from sim.units import FEED

ROLE = "oracle"
RAISE = 1.125  # what nodes ask of a replacement


@dataclass
class Oracle:
    """The feeder of the collateral's feed."""

    facts: Facts
    spec: OracleSpec
    address: Address
    posts: bool = True  # false: another market that shares the feed has a feeder of it
    role: str = ROLE
    pulsed_at: int = 0  # [unix s]

    def act(self, view: View, rng: np.random.Generator) -> list[Intent]:
        terms = self.facts.design.market.collaterals[0].feed
        feed = view.snapshot.pushed[self.facts.collateral]
        late = min(round(self.spec.lag_s / self.facts.spacing_s), len(view.venue) - 1)
        hour = (view.time - self.facts.hour_zero) / 3600
        answer = int(view.venue[-1 - late] * self._told(hour) * FEED)
        move = abs(answer / feed.answer - 1)
        due = move >= terms.deviation
        stale = view.time >= feed.updated_at + terms.heartbeat_s
        intents = [self._intent(key, "poke", (), view) for key in view.snapshot.due]
        pulse = bool(intents) or view.time >= self.pulsed_at + self.spec.pulse_every_s
        silent = any(begin <= hour < end for begin, end in self.spec.outages)
        if self.posts and (due or stale) and not silent:
            push = self._intent(self.facts.feed, "push", (answer,), view)
            intents.insert(0, push)
            pulse = pulse or move >= self.spec.pulse_move
        if pulse and self.facts.design.breakers:
            intents.append(self._intent(self.facts.market, "pulse", (), view))
            self.pulsed_at = view.time
        return intents

    def _told(self, hour: float) -> float:
        """What the one venue that is read makes of the price, as a factor."""
        lies = [p.factor for p in self.spec.prints if p.hours[0] <= hour < p.hours[1]]
        return math.prod(lies)

    def learn(self, news: News) -> list[Intent]:
        return []

    def _intent(self, target: str, function: str, args: tuple[object, ...], view: View) -> Intent:
        key = f"{target}.{function}"
        usual, most = (int(times * view.base_fee) for times in (self.spec.bid, self.spec.most_bid))
        raised = int(view.pending.get((self.address, key), 0) * RAISE)
        fee = max(usual, min(raised, most))
        most = int(fee * (1 + HEADROOM / self.spec.bid))  # rises with the bid, as nodes ask
        return Intent(ROLE, self.address, Call(target, function, args), key, fee, max_fee=most)
