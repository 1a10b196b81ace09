"""Who watches a run from outside and changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sim.agents.base import Facts
from sim.engines.base import Address, Block, Snapshot
from sim.world.pool_book import PoolBook


class Observer(Protocol):
    """Told of the market once it stands, and then of every block."""

    def open(
        self, facts: Facts, accounts: Sequence[Address], pool: PoolBook, state: Snapshot
    ) -> None:
        """The set-up is done. `accounts` in the order of snapshots; the pool's book goes on
        following the blocks; `state` is that of the last block of the set-up."""
        ...

    def step(self, block: Block | None, state: Snapshot) -> None:
        """A step is done: its block, if one was mined, and the state at the time of the next
        step."""
        ...
