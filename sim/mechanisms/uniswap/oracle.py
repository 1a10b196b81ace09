"""The pool's memory of its past (WP 5): a ring of observations, written once a block at most.

An observation is (timestamp, sum of tick x seconds, sum of seconds / liquidity, written at all),
each sum from the pool's beginning and modulo its width: 32, 56 and 160 bits [s, tick s,
s / liquidity in Q128]. A slot that was paid for and never used says timestamp 1, not written.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from sim.mechanisms.kernel import Revert
from sim.mechanisms.words import wrapped, wrapped_sint

Observation = tuple[int, int, int, bool]
EMPTY: Observation = (0, 0, 0, False)
BOUGHT: Observation = (1, 0, 0, False)


def later(last: Observation, now: int, tick: int, liquidity: int) -> Observation:
    """The observation `now`, when tick and liquidity have stood since the last."""
    seconds = wrapped(now - last[0], 32)
    ticks = wrapped_sint(last[1] + tick * seconds, 56)
    per_liquidity = wrapped(last[2] + (seconds << 128) // max(liquidity, 1), 160)
    return now, ticks, per_liquidity, True


class Ring:
    """The observations of one pool at one moment."""

    def __init__(
        self, slots: dict[int, Observation], index: int, cardinality: int, bought: int
    ) -> None:
        self._slots = slots
        self.index = index  # of the last one written
        self.cardinality = cardinality  # slots in use
        self._bought = bought  # slots to use once the last one in use is written

    def write(self, now: int, tick: int, liquidity: int) -> None:
        """Note the tick and liquidity that have stood until now; nothing twice in a block."""
        last = self._slots[self.index]
        if last[0] == now:
            return
        if self._bought > self.cardinality and self.index == self.cardinality - 1:
            self.cardinality = self._bought
        self.index = (self.index + 1) % self.cardinality
        self._slots[self.index] = later(last, now, tick, liquidity)

    def observe(
        self, now: int, agos: Sequence[int], tick: int, liquidity: int
    ) -> list[Observation]:
        """The state of the sums so many seconds ago each. Reverts with OLD before the oldest."""
        return [self.observe_single(now, ago, tick, liquidity) for ago in agos]

    def observe_single(self, now: int, ago: int, tick: int, liquidity: int) -> Observation:
        """One of them: an observation, the present continued, or a straight line between two."""
        last = self._slots[self.index]
        age = wrapped(now - last[0], 32)
        if ago <= age:
            return last if ago == age else later(last, wrapped(now - ago, 32), tick, liquidity)
        before, after = self._around(now, ago)
        return before if wrapped(now - before[0], 32) == ago else _between(before, after, now, ago)

    def _around(self, now: int, ago: int) -> tuple[Observation, Observation]:
        """The last observation not after the moment, and the next one."""
        first = (self.index + 1) % self.cardinality
        if not self._slots[first][3]:
            first = 0
        count = (self.index - first) % self.cardinality + 1
        ring = [self._slots[(first + i) % self.cardinality] for i in range(count)]
        found = bisect_right(ring, -ago, key=lambda o: -wrapped(now - o[0], 32))
        if not found:
            raise Revert("OLD")
        return ring[found - 1], ring[found]


def _between(before: Observation, after: Observation, now: int, ago: int) -> Observation:
    """On the line between both. The tick stood still in between, so its slope is a whole number."""
    whole = wrapped(after[0] - before[0], 32)
    part = wrapped(now - ago - before[0], 32)
    slope = wrapped_sint(after[1] - before[1], 56) // whole
    risen = wrapped(after[2] - before[2], 160) * part // whole
    ticks = wrapped_sint(before[1] + slope * part, 56)
    return wrapped(now - ago, 32), ticks, wrapped(before[2] + risen, 160), True
