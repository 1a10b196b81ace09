"""The venue's side on the chain: it sends withdrawals from its hot wallet and credits deposits to
their senders."""

from __future__ import annotations

import numpy as np

from sim.agents.base import Facts, Intent, News, View, with_headroom
from sim.engines.base import Call, Event
from sim.markets.venue import Venue, Withdrawal
from sim.units import GWEI

ROLE = "venue"
FEE = 3 * GWEI  # exchanges batch and do not hurry [wei per gas]


class HotWallet:
    """The venue as a user of the chain."""

    role = ROLE

    def __init__(self, facts: Facts, venue: Venue) -> None:
        self._facts = facts
        self._venue = venue
        self._sending: dict[str, Withdrawal] = {}  # by key of the transaction
        self._sent = 0

    def act(self, view: View, rng: np.random.Generator) -> list[Intent]:
        return [self._send(withdrawal, view) for withdrawal in self._venue.due(view.time)]

    def learn(self, news: News) -> list[Intent]:
        for result in news.results:
            withdrawal = self._sending.pop(result.intent.key)
            if result.status == "ok":
                self._venue.sent(withdrawal)
            else:
                self._venue.not_sent(withdrawal)
        if news.block is not None:
            for event in news.block.events:
                self._credit(event, news.time)
        return []

    def _send(self, withdrawal: Withdrawal, view: View) -> Intent:
        key = f"withdrawal {self._sent}"
        self._sent += 1
        self._sending[key] = withdrawal
        call = Call(withdrawal.token, "transfer", (withdrawal.holder, withdrawal.amount))
        return with_headroom(Intent(ROLE, self._facts.venue, call, key, FEE), view)

    def _credit(self, event: Event, now: int) -> None:
        tokens = (self._facts.collateral, self._facts.debt)
        if event.name == "Transfer" and event.contract in tokens:
            args = event.args
            if args["receiver"] == self._facts.venue:
                self._venue.deposited(args["sender"], event.contract, args["value"], now)
