"""The mempool keeps what has not been mined, until it is, is replaced, or expires."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sim.agents.base import Intent
from sim.agents.gas import USED
from sim.engines.base import Address

BUMP, PERCENT = 10, 100  # [%] that a replacement must bid more: geth's and others' price bump


class Pending(NamedTuple):
    """An intent that waits."""

    id: int  # of the transaction that it becomes; also the order of arrival
    intent: Intent
    step: int  # when it was wished, or what it replaced
    ready: float  # when it reaches the builder [unix s]
    expires: float  # [unix s]
    cap: int  # most for base and priority fee together [wei per gas]
    gas_factor: int = 1  # of the intent's usual limit

    @property
    def gas_limit(self) -> int:
        return self.intent.gas_limit * self.gas_factor

    @property
    def gas(self) -> int:
        """What it will use, as far as anybody can tell beforehand."""
        return USED[self.intent.call.function]

    def tip(self, base_fee: int) -> int:
        """What it pays for priority at this base fee; below zero: it can't be mined now
        [wei per gas]."""
        return min(self.intent.priority_fee, self.cap - base_fee)


class Mempool:
    """At most one pending transaction for each sender and key; one that bids a tenth more, as
    nodes ask, replaces it, others are turned away."""

    def __init__(self, expiry_s: float, gas_factor: int = 1, headroom: float = 2.0) -> None:
        """`headroom`: the base fees that a transaction without a cap of its own pays at most."""
        self._expiry_s, self._gas_factor, self._headroom = expiry_s, gas_factor, headroom
        self._pending: dict[tuple[Address, str], Pending] = {}
        self._next_id = 0

    def __len__(self) -> int:
        return len(self._pending)

    @property
    def bids(self) -> Mapping[tuple[Address, str], int]:
        """Priority fee of what waits, by sender and key."""
        return {slot: p.intent.priority_fee for slot, p in self._pending.items()}

    def add(
        self, intents: Iterable[Intent], step: int, seen: int, base_fee: int = 0
    ) -> list[Intent]:
        """Take intents that were decided on the state of time `seen` and at this base fee; returns
        those that were replaced."""
        replaced = []
        for intent in intents:
            slot = intent.sender, intent.key
            old = self._pending.get(slot)
            ready = seen + intent.latency_s
            until, cap = ready + self._expiry_s, self._cap(intent, base_fee)
            since = old.step if old is not None else step
            new = Pending(self._next_id, intent, since, ready, until, cap, self._gas_factor)
            if old is not None:
                if not _outbids(new, old):
                    continue
                replaced.append(old.intent)
            self._pending[slot] = new
            self._next_id += 1
        return replaced

    def waiting(self, sender: Address, key: str) -> Pending:
        """What waits under a key."""
        return self._pending[sender, key]

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

    def _cap(self, intent: Intent, base_fee: int) -> int:
        if intent.max_fee is not None:
            return intent.max_fee
        return int(self._headroom * base_fee) + intent.priority_fee


def _outbids(new: Pending, old: Pending) -> bool:
    """By `BUMP` in both, and by something at least."""
    fees = new.intent.priority_fee, old.intent.priority_fee
    return all(
        PERCENT * now >= (PERCENT + BUMP) * then for now, then in (fees, (new.cap, old.cap))
    ) and (fees[0] > fees[1] or new.cap > old.cap)
