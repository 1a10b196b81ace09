"""What a breaker does, from its events: contracts/modules/ladder.vy seen from outside.

A tier that has eased until the market was calm is idle without an event; the next one says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.design import ContractSpec
from sim.units import BORROW, LIQUIDATE, WITHDRAW

MODES = ("open", "throttle", "slow", "halt")  # contracts/modules/actions.vy
ACTIONS = {"borrowing": BORROW, "withdrawal": WITHDRAW, "liquidation": LIQUIDATE}
IDLE, LATCHED, EASING = "idle", "latched", "easing"


@dataclass
class BreakerState:
    """`spec` is the breaker's part of the design."""

    spec: ContractSpec
    tier: int = 0  # latched last; 0: none since the last reset
    ends_at: int = 0  # of that tier [unix s]
    locked: bool = False  # beyond its end, until guardian or owner clear it
    _noted: str = field(default=IDLE, init=False)

    def follow(self, name: str, args: Mapping[str, Any]) -> None:
        """An event of the breaker."""
        if name == "TierLatched":
            self.tier, self.ends_at, self.locked = args["tier"], args["ends_at"], args["locked"]
            self._noted = LATCHED
        elif name == "TierEnded":
            self._noted = EASING
        elif name == "TierReleased":
            self._noted = IDLE
        elif name == "LadderReset":
            self.tier, self._noted = 0, IDLE
        elif name == "LockCleared":
            self.locked, self.ends_at = False, args["ends_at"]

    def phase(self, now: int) -> str:
        """Of the tier latched last."""
        over = now >= self.ends_at and not self.locked
        return EASING if self._noted == LATCHED and over else self._noted

    def modes(self, now: int) -> dict[str, str]:
        """What it does now, by action: its tier's mode, no more than a throttle while it eases, and
        never less than what it does `always`."""
        phase = self.phase(now)
        return {action: MODES[self._mode(action, phase)] for action in ACTIONS}

    def _mode(self, action: str, phase: str) -> int:
        floor = self._level(self.spec.params.get("always"), ACTIONS[action])
        if phase == IDLE:
            return floor
        mode = self._level(self.spec.params.get(action), self.tier - 1)
        return max(floor, min(mode, 1) if phase == EASING else mode)

    @staticmethod
    def _level(modes: Sequence[str | int] | None, at: int) -> int:
        """A design writes a mode as a word or as its number."""
        mode = modes[at] if modes else 0
        return MODES.index(mode) if isinstance(mode, str) else mode
