"""The block builder: which of the waiting transactions go into the block, and in which order."""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sim.engines.base import Address
from sim.world.mempool import Pending

Policy = Callable[[Pending, int], tuple[int, ...]]  # at a base fee; what sorts first goes first


def priority_fee(pending: Pending, base_fee: int) -> tuple[int, ...]:
    """The highest bid first; among equals the first to arrive."""
    return -pending.tip(base_fee), pending.id


POLICIES: Mapping[str, Policy] = {"priority_fee": priority_fee}


@dataclass(frozen=True, slots=True)
class Draft:
    """A block to be mined."""

    chosen: tuple[Pending, ...]
    full: bool  # something had to wait for want of gas


def build(waiting: Sequence[Pending], gas_limit: int, policy: Policy, base_fee: int = 0) -> Draft:
    """Pack by gas limit in the policy's order; a sender's transactions keep their order of arrival
    (nonces). What is capped below the base fee waits, and its sender's later ones with it."""
    queues: dict[Address, deque[Pending]] = defaultdict(deque)
    for pending in sorted(waiting, key=lambda p: p.id):
        queues[pending.intent.sender].append(pending)
    heads = [(policy(queue[0], base_fee), sender) for sender, queue in queues.items()]
    heapq.heapify(heads)
    chosen: list[Pending] = []
    left, full = gas_limit, False
    while heads:
        _, sender = heapq.heappop(heads)
        pending = queues[sender].popleft()
        if pending.tip(base_fee) < 0:
            continue
        if pending.gas_limit > left:
            full = True  # the sender's later transactions wait with it
            continue
        chosen.append(pending)
        left -= pending.gas_limit
        if queues[sender]:
            heapq.heappush(heads, (policy(queues[sender][0], base_fee), sender))
    return Draft(tuple(chosen), full)
