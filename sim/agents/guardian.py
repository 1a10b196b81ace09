"""The market's guardian: it clears the locks of breakers, as late as the design assumes.

A breaker whose deepest tier has tripped for the third time stays until it is cleared. Its budget of
bad debt counts on the guardian to need `guardian_response` seconds after the tier's stated end; so
long it waits. It bids twice the base fee, for it is expected to get through.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.agents.base import Facts, Intent, News, View, with_headroom
from sim.engines.base import Address, Call

ROLE = "guardian"
BID = 2  # priority fee in base fees


@dataclass
class Guardian:
    """Remembers which breakers are locked."""

    facts: Facts
    address: Address
    role: str = ROLE
    _due: dict[str, int] = field(
        default_factory=dict
    )  # by breaker: when it may be cleared [unix s]

    def __post_init__(self) -> None:
        specs = enumerate(self.facts.design.breakers)
        self._specs = {self.facts.breaker(i): spec for i, spec in specs}

    def act(self, view: View, rng: np.random.Generator) -> list[Intent]:
        return [self._clear(breaker, view) for breaker, at in self._due.items() if view.time >= at]

    def learn(self, news: News) -> list[Intent]:
        for event in news.block.events if news.block else ():
            if event.contract not in self._specs:
                continue
            if event.name == "TierLatched" and event.args.get("locked"):
                at = event.args["ends_at"] + self._response(event.contract)
                self._due[event.contract] = at
            elif event.name == "LockCleared":
                self._due.pop(event.contract, None)
        return []

    def _clear(self, breaker: str, view: View) -> Intent:
        key, fee = f"clear {breaker}", BID * view.base_fee
        intent = Intent(ROLE, self.address, Call(breaker, "clear"), key, fee)
        return with_headroom(intent, view)

    def _response(self, breaker: str) -> int:
        """How long the design lets the guardian take [s]; `breaker` is its key."""
        return int(self._specs[breaker].params.get("guardian_response", 0))
