"""The mempool keeps what has not been mined, until it is, is replaced, or expires."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sim.agents.base import Intent
from sim.engines.base import Address


@dataclass(frozen=True, slots=True)
class Pending:
    """An intent that waits."""

    id: int  # of the transaction that it becomes; also the order of arrival
    intent: Intent
    step: int  # when it was wished
    ready: float  # when it reaches the builder [unix s]
    expires: float  # [unix s]
    gas_factor: int = 1  # of the intent's usual limit

    @property
    def gas_limit(self) -> int:
        return self.intent.gas_limit * self.gas_factor

    def tip(self, base_fee: int) -> int:
        """What it pays for priority at this base fee; below zero: it can't be mined now
        [wei per gas]."""
        intent = self.intent
        if intent.max_fee is None:
            return intent.priority_fee
        return min(intent.priority_fee, intent.max_fee - base_fee)


class Mempool:
    """At most one pending transaction for each sender and key; a higher bid replaces it, others are
    turned away."""

    def __init__(self, expiry_s: float, gas_factor: int = 1) -> None:
        self._expiry_s, self._gas_factor = expiry_s, gas_factor
        self._pending: dict[tuple[Address, str], Pending] = {}
        self._next_id = 0

    def __len__(self) -> int:
        return len(self._pending)

    @property
    def bids(self) -> Mapping[tuple[Address, str], int]:
        """Priority fee of what waits, by sender and key."""
        return {slot: p.intent.priority_fee for slot, p in self._pending.items()}

    def add(self, intents: Iterable[Intent], step: int, seen: int) -> list[Intent]:
        """Take intents that were decided on the state of time `seen`; returns those that were
        replaced."""
        replaced = []
        for intent in intents:
            slot = intent.sender, intent.key
            old = self._pending.get(slot)
            if old is not None:
                if intent.priority_fee <= old.intent.priority_fee:
                    continue
                replaced.append(old.intent)
            ready = seen + intent.latency_s
            self._pending[slot] = Pending(
                self._next_id, intent, step, ready, ready + self._expiry_s, self._gas_factor
            )
            self._next_id += 1
        return replaced

    def ready(self, time: int) -> list[Pending]:
        """What the builder of a block at `time` can see, in order of arrival."""
        return sorted((p for p in self._pending.values() if p.ready <= time), key=lambda p: p.id)

    def remove(self, mined: Iterable[Pending]) -> None:
        """Forget what has been mined."""
        for pending in mined:
            del self._pending[pending.intent.sender, pending.intent.key]

    def expire(self, time: int) -> list[Intent]:
        """Drop and return what has waited too long by the end of the step at `time`."""
        slots = [slot for slot, p in self._pending.items() if p.expires <= time]
        return [self._pending.pop(slot).intent for slot in slots]
