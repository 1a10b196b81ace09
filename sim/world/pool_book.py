"""Which liquidity stands where in the pool, from the public positions and events."""

from __future__ import annotations

from collections.abc import Iterable

from sim.agents.base import Facts
from sim.engines.base import Call, Engine, Event, PoolState
from sim.markets.depth import PoolDepth, Range, range_of_ticks, root_of


class PoolBook:
    """Follows the positions; gives the pool's depth as anybody can compute it."""

    def __init__(self, engine: Engine, facts: Facts) -> None:
        self._facts = facts
        self._ranges: dict[tuple[int, int], int] = {}  # liquidity by ticks
        self._depth: PoolDepth | None = None  # with the ranges that stand now
        self.liquidity: list[int] = []  # of the positions of the set-up, in order
        for token_id in facts.position_ids:
            position = engine.view(Call("positions", "positions", (token_id,)))
            lower, upper, liquidity = position[5:8]
            self._add(lower, upper, liquidity)
            self.liquidity.append(liquidity)

    def follow(self, events: Iterable[Event]) -> None:
        """Mint and Burn of the pool itself."""
        for event in events:
            if event.contract == self._facts.pool and event.name in ("Mint", "Burn"):
                args = event.args
                sign = 1 if event.name == "Mint" else -1
                self._add(args["tickLower"], args["tickUpper"], sign * args["amount"])

    def depth(self, pool: PoolState) -> PoolDepth:
        """The pool at its present price."""
        token0 = pool.collateral_is_token0
        root = root_of(pool.sqrt_price_x96, token0)
        if self._depth is None:
            self._depth = self._anew(root, token0)
        return self._depth.at(root)

    def _anew(self, root: float, token0: bool) -> PoolDepth:
        facts = self._facts
        ranges: list[Range] = [
            range_of_ticks(lower, upper, liquidity, token0)
            for (lower, upper), liquidity in self._ranges.items()
            if liquidity
        ]
        unit = facts.debt_unit / facts.collateral_unit
        return PoolDepth(ranges, root, facts.pool_fee / 1e6, unit)

    def _add(self, lower: int, upper: int, liquidity: int) -> None:
        self._depth = None
        self._ranges[lower, upper] = self._ranges.get((lower, upper), 0) + liquidity
