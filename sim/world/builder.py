"""The block builder: which of the waiting transactions go into the block, and in which order.

Where price decides, whoever pays more stands in front, others on the chain among them. Where it
does not, everybody who pays the base fee has the same chance of a place in a crowded block.
"""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.block_space import CensoringSpec, Order
from sim.engines.base import Address
from sim.world.block_space import BlockSpace
from sim.world.mempool import Pending

Key = tuple[float, int]  # what sorts first goes first
Rank = Callable[[Pending, int, float], Key]  # by its tip and a lot drawn from [0, 1)


def priority_fee(pending: Pending, tip: int, lot: float) -> Key:
    """The highest bid first; among equals the first to arrive."""
    return -tip, pending.id


def first_come(pending: Pending, tip: int, lot: float) -> Key:
    """The first to arrive, whatever it pays."""
    return 0, pending.id


def random(pending: Pending, tip: int, lot: float) -> Key:
    """By lot."""
    return lot, pending.id


RANKS: Mapping[Order, Rank] = {
    "priority_fee": priority_fee,
    "first_come": first_come,
    "random": random,
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A block to be mined."""

    chosen: tuple[Pending, ...]
    full: bool  # something had to wait for want of gas

    def around(self, place: int, front: Pending, back: Pending) -> Draft:
        """With the transaction at this place first, and these two before and after it."""
        rest = [p for i, p in enumerate(self.chosen) if i != place]
        return Draft((front, self.chosen[place], back, *rest), self.full)

    @property
    def gas(self) -> int:
        """That it will use, as far as anybody can tell beforehand."""
        return sum(pending.gas for pending in self.chosen)


class Builder:
    """Builds block after block. A step draws once, however much waits, so that designs stay
    comparable."""

    def __init__(
        self,
        order: Order,
        space: BlockSpace,
        rng: np.random.Generator,
        censoring: CensoringSpec | None = None,
    ) -> None:
        self._order, self._space, self._rng, self._censoring = order, space, rng, censoring

    def build(self, waiting: Sequence[Pending]) -> Draft:
        """Pack by usual gas in the policy's order; a sender's transactions keep their order of
        arrival (nonces). What is capped below the base fee waits, and its sender's later ones with
        it."""
        lots = np.random.Generator(np.random.PCG64(int(self._rng.integers(2**63))))
        base_fee, rank = self._space.base_fee, RANKS[self._order]
        queues: dict[Address, deque[Pending]] = defaultdict(deque)
        keys: dict[int, Key] = {}
        tips = {p.id: p.tip(base_fee) for p in waiting}
        able = [p for p in waiting if tips[p.id] >= 0]
        barred = self._barred(waiting, lots)
        places = self._places(able, tips, lots)
        arrived = sorted(waiting, key=lambda p: p.id)
        for pending, lot in zip(arrived, lots.random(len(arrived)).tolist(), strict=True):
            queues[pending.intent.sender].append(pending)
            keys[pending.id] = rank(pending, tips[pending.id], lot)
        heads = [(keys[queue[0].id], sender) for sender, queue in queues.items()]
        heapq.heapify(heads)
        chosen: list[Pending] = []
        used, full = 0, False
        while heads:
            _, sender = heapq.heappop(heads)
            pending = queues[sender].popleft()
            if pending.id not in places or pending.id in barred:
                continue
            if used + pending.gas > places[pending.id]:
                full = True  # the sender's later transactions wait with it
                continue
            chosen.append(pending)
            used += pending.gas
            if queues[sender]:
                heapq.heappush(heads, (keys[queues[sender][0].id], sender))
        return Draft(tuple(chosen), full)

    def _barred(self, waiting: Sequence[Pending], lots: np.random.Generator) -> Collection[int]:
        """What the builder of this block leaves out, and the senders' later ones with it, by
        id."""
        spec, lot = self._censoring, lots.random()
        if spec is None or lot >= spec.share:
            return ()
        return {
            p.id
            for p in waiting
            if p.intent.role in spec.roles or p.intent.call.function in spec.functions
        }

    def _places(
        self, able: Sequence[Pending], tips: Mapping[int, int], lots: np.random.Generator
    ) -> Mapping[int, int]:
        """Gas up to which each that can pay the base fee may fill the block, by id."""
        space = self._space
        if self._order == "priority_fee":
            prices = {tips[p.id] for p in able}
            rooms = {tip: space.room(space.base_fee + tip) for tip in prices}
            return {p.id: rooms[tips[p.id]] for p in able}
        crowd = space.wanted + sum(p.gas for p in able)
        chance = min(1.0, space.limit / crowd) if crowd else 1.0
        drawn = lots.random(len(able)) < chance
        return {p.id: space.limit * bool(in_) for p, in_ in zip(able, drawn, strict=True)}
