"""The block builder: which of the waiting transactions go into the block, and in which order."""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sim.engines.base import Address
from sim.world.mempool import Pending

Policy = Callable[[Pending], tuple[int, ...]]  # what sorts first goes first


def priority_fee(pending: Pending) -> tuple[int, ...]:
    """The highest bid first; among equals the first to arrive."""
    return -pending.intent.priority_fee, pending.id


POLICIES: Mapping[str, Policy] = {"priority_fee": priority_fee}


@dataclass(frozen=True, slots=True)
class Draft:
    """A block to be mined."""

    chosen: tuple[Pending, ...]
    full: bool  # something had to wait for want of gas


def build(waiting: Sequence[Pending], gas_limit: int, policy: Policy) -> Draft:
    """Pack by gas limit in the policy's order; a sender's transactions keep their order of arrival
    (nonces)."""
    queues: dict[Address, deque[Pending]] = defaultdict(deque)
    for pending in sorted(waiting, key=lambda p: p.id):
        queues[pending.intent.sender].append(pending)
    heads = [(policy(queue[0]), sender) for sender, queue in queues.items()]
    heapq.heapify(heads)
    chosen: list[Pending] = []
    left, full = gas_limit, False
    while heads:
        _, sender = heapq.heappop(heads)
        pending = queues[sender].popleft()
        if pending.gas_limit > left:
            full = True  # the sender's later transactions wait with it
            continue
        chosen.append(pending)
        left -= pending.gas_limit
        if queues[sender]:
            heapq.heappush(heads, (policy(queues[sender][0]), sender))
    return Draft(tuple(chosen), full)
