"""Twin of contracts/modules/ladder.vy: how deep a breaker has tripped, until when, what follows."""

from __future__ import annotations

from sim.mechanisms.kernel import Contract, Revert, view
from sim.mechanisms.words import uint
from sim.units import WAD

TOP = 3  # the deepest tier
TRIPS_TO_LOCK = 3  # of the deepest tier
MONTH = 30 * 86_400  # [s]
NEVER = 2**63 - 1  # [unix s]
IDLE, LATCHED, EASING = range(3)

Tiers = tuple[int, int, int]  # a number for each tier


class Ladder(Contract):
    """Times in [s]; the rules stand in the contract."""

    unlocked = frozenset({"REST", "CALM"})

    def _init_ladder(self, duration: Tiers, rest: int, repeat: int, calm: int) -> None:
        if not duration[0]:
            raise Revert("breaker: zero duration")
        if not duration[0] <= duration[1] <= duration[2]:
            raise Revert("breaker: durations fall")
        if not rest:
            raise Revert("breaker: zero rest")
        if calm <= rest:
            raise Revert("breaker: calm within the rest")
        if max(duration[2], calm) > MONTH:
            raise Revert("breaker: a time above 30 days")
        self._windows = tuple(uint(seconds * repeat) // WAD for seconds in duration)
        if repeat and self._windows[0] <= rest:
            raise Revert("breaker: repeat within the rest")
        self._durations, self.REST, self.CALM = duration, rest, calm
        self.tier = 0  # latched last; 0: none since the last reset
        self.breach = 0  # tier that the breach called for which latched it
        self.ends_at = 0  # of the tier latched last [unix s]
        self.breached_at = 0  # when a breach was observed last [unix s]
        self.top_trips = 0  # latches of the deepest tier since the last reset or clearing
        self.locked = False  # the latched tier stays beyond its end
        self._noted = IDLE  # phase as of the last call

    @view
    def phase(self) -> int:
        """Of the tier latched last: 0 over, 1 latched, 2 easing."""
        return self._phase()

    def _phase(self) -> int:
        phase = self._noted
        if phase == LATCHED and self._chain.timestamp >= self._end():
            phase = EASING
        if phase == EASING and self._is_calm():
            phase = IDLE
        return phase

    def _end(self) -> int:
        """Of the tier latched last; NEVER while it is locked [unix s]."""
        return NEVER if self.locked else self.ends_at

    def _is_calm(self) -> bool:
        return self._chain.timestamp >= max(self.ends_at, self.breached_at) + self.CALM

    def _settle(self) -> bool:
        """Bring the ladder up to now; whether a tier has ended since the last call."""
        phase = self._phase()
        ended = self._noted == LATCHED and phase != LATCHED
        self._noted = phase
        if ended:
            self._log("TierEnded", tier=self.tier, ended_at=self.ends_at)
        if self.tier and phase != LATCHED and self._is_calm():
            self._log("LadderReset", tier=self.tier)
            self.tier = self.top_trips = 0
        return ended

    def _climb(self, breach: int, is_inside: bool) -> bool:
        """Take a breach (a tier, or 0) and whether the measure is inside the release level of
        `self.breach`; whether a tier has latched."""
        if self._noted == EASING and is_inside:
            self._noted = IDLE
            self._log("TierReleased", tier=self.tier)
        if not breach:
            return False
        self.breached_at = self._chain.timestamp
        tier = self._called_for(breach)
        if tier:
            self.breach = breach
            self._latch(tier)
        return tier > 0

    def _called_for(self, breach: int) -> int:
        """Tier that a breach latches now; 0: none."""
        if self._noted == LATCHED:
            return breach if breach > self.tier else 0
        if not self.tier:
            return breach
        since = self._chain.timestamp - self.ends_at
        if since < self.REST:
            return 0
        if since <= self._windows[self.tier - 1]:
            return max(breach, min(self.tier + 1, TOP))
        return breach

    def _latch(self, tier: int) -> None:
        self.tier, self._noted = tier, LATCHED
        self.ends_at = self._chain.timestamp + self._durations[tier - 1]
        if tier == TOP:
            self.top_trips += 1
            self.locked = self.top_trips >= TRIPS_TO_LOCK
        self._log("TierLatched", tier=tier, ends_at=self.ends_at, locked=self.locked)

    def _clear(self) -> None:
        """Lift the lock. The tier ends at its stated time, or now when that has passed."""
        if not self.locked:
            raise Revert("breaker: not locked")
        self.locked, self.top_trips = False, 0
        self.ends_at = max(self.ends_at, self._chain.timestamp)
        self._log("LockCleared", caller=self._chain.sender, ends_at=self.ends_at)


def check_levels(level: Tiers, release: Tiers) -> None:
    """By tier: where a measure breaches, and up to where it is inside."""
    if not level[0]:
        raise Revert("breaker: zero level")
    if not level[0] < level[1] < level[2]:
        raise Revert("breaker: levels don't rise")
    if any(inner >= outer for inner, outer in zip(release, level, strict=True)):
        raise Revert("breaker: release not inside its level")


def breach_of(measure: int, level: Tiers) -> int:
    """The deepest tier whose level the measure reaches; 0: none."""
    return sum(measure >= least for least in level)
