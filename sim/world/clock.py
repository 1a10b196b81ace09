"""The clock: where the steps of a run are in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario import ClockSpec


@dataclass(frozen=True)
class Clock:
    """Step 0 is the set-up, at `begin`; step k is one block, k spacings later."""

    begin: int  # [unix s]
    spacing_s: int
    steps: int

    @classmethod
    def of(cls, spec: ClockSpec) -> Clock:
        return cls(spec.begin, spec.block_spacing_s, spec.steps)

    def time(self, step: int) -> int:
        """[unix s]"""
        return self.begin + step * self.spacing_s

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """(step, time) from 1 on."""
        return ((step, self.time(step)) for step in range(1, self.steps + 1))
