# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title How deep a breaker has tripped, until when, and what the next breach leads to
@notice A measure that reaches the level of a tier breaches it. The rules:
        1. A breach latches its tier until a stated end, which comes whether anyone calls or not. While a tier is
           latched only a deeper one replaces it, with an end of its own (never earlier, for durations don't fall).
        2. For `rest` seconds after an end nothing latches. What breaches after the rest but within `repeat` times the
           duration of the tier that ended latches one tier more than that one, or the tier that it calls for.
        3. After its end a tier eases: what it limited stays throttled, not halted, until the measure is inside the
           release level of the tier that the breach called for: one that escalation has deepened is not released by
           the very measure that latched it.
        4. `calm` seconds after the last end or the last breach, whichever is later, all of that is forgotten: a tier
           eases no longer, and the next breach latches the tier that it calls for.
        5. The third time that the deepest tier latches without such a calm it is locked: it stays beyond its end,
           until it is cleared. Clearing shortens no stated end.
        So a latch lasts no longer than the sum of the durations without a break of `rest` seconds, a lock aside, and
        nothing but time, a deeper tier and the lock prolongs one.
"""

from . import maths

event TierLatched:
    tier: indexed(uint256)
    ends_at: uint256  # [unix s]
    locked: bool


event TierEnded:
    tier: indexed(uint256)
    ended_at: uint256  # [unix s]


event TierReleased:
    tier: indexed(uint256)


event LadderReset:
    tier: indexed(uint256)  # latched last


event LockCleared:
    caller: indexed(address)
    ends_at: uint256  # of the tier that was locked [unix s]


TOP: constant(uint256) = 3  # the deepest tier
TRIPS_TO_LOCK: constant(uint256) = 3  # of the deepest tier
MONTH: constant(uint256) = 30 * 86_400  # [s]
NEVER: constant(uint256) = 2**63 - 1  # later than any clock, and no overflow for those who add to it [unix s]

# phases
IDLE: constant(uint256) = 0
LATCHED: constant(uint256) = 1
EASING: constant(uint256) = 2

DURATIONS: immutable(uint256[3])  # by tier [s]
WINDOWS: immutable(uint256[3])  # by tier, after its end, in which a breach leads one tier deeper [s]
REST: public(immutable(uint256))  # after an end, when nothing latches [s]
CALM: public(immutable(uint256))  # without a latch and without a breach, until all is forgotten [s]

tier: public(uint256)  # latched last; 0: none since the last reset
breach: public(uint256)  # tier that the breach called for which latched it, `tier` itself but for escalation
ends_at: public(uint256)  # of the tier latched last [unix s]
breached_at: public(uint256)  # when a breach was observed last [unix s]
top_trips: public(uint256)  # latches of the deepest tier since the last reset or clearing
locked: public(bool)  # the latched tier stays beyond its end
noted: uint256  # phase as of the last call


@deploy
def __init__(duration: uint256[3], rest: uint256, repeat: uint256, calm: uint256):
    """
    @param duration by tier [s]
    @param rest     after an end, when nothing latches [s]
    @param repeat   times the duration of a tier, after its end, a breach leads one tier deeper; 0: never [WAD]
    @param calm     after the last end or breach, until all is forgotten [s]
    """
    assert duration[0] > 0, "breaker: zero duration"
    assert duration[0] <= duration[1] and duration[1] <= duration[2], "breaker: durations fall"
    assert rest > 0, "breaker: zero rest"
    assert calm > rest, "breaker: calm within the rest"
    assert max(duration[2], calm) <= MONTH, "breaker: a time above 30 days"
    windows: uint256[3] = [0, 0, 0]
    for i: uint256 in range(3):
        windows[i] = duration[i] * repeat // maths.WAD
    assert repeat == 0 or windows[0] > rest, "breaker: repeat within the rest"
    DURATIONS = duration
    WINDOWS = windows
    REST = rest
    CALM = calm


@view
@external
def phase() -> uint256:
    """
    @return of the tier latched last: 0 over, 1 latched, 2 easing
    """
    return self._phase()


@view
def _phase() -> uint256:
    phase: uint256 = self.noted
    if phase == LATCHED and block.timestamp >= self._end():
        phase = EASING
    if phase == EASING and self._is_calm():
        phase = IDLE
    return phase


@view
def _end() -> uint256:
    """
    @return of the tier latched last; NEVER while it is locked [unix s]
    """
    if self.locked:
        return NEVER
    return self.ends_at


@view
def _is_calm() -> bool:
    return block.timestamp >= max(self.ends_at, self.breached_at) + CALM


@view
def _sum_of_durations() -> uint256:
    """
    @return no latch lasts longer without a break, a lock aside: each tier is replaced in its last second [s]
    """
    return DURATIONS[0] + DURATIONS[1] + DURATIONS[2]


def _settle() -> bool:
    """
    @notice Bring the ladder up to now. It has to be called before every `_climb`.
    @return whether a tier has ended since the last call
    """
    phase: uint256 = self._phase()
    ended: bool = self.noted == LATCHED and phase != LATCHED
    self.noted = phase
    if ended:
        log TierEnded(tier=self.tier, ended_at=self.ends_at)
    if self.tier > 0 and phase != LATCHED and self._is_calm():
        log LadderReset(tier=self.tier)
        self.tier = 0
        self.top_trips = 0
    return ended


def _climb(breach: uint256, is_inside: bool) -> bool:
    """
    @param breach    the deepest tier whose level the measure reaches; 0: none
    @param is_inside whether the measure is inside the release level of `self.breach`
    @return whether a tier has latched
    """
    if self.noted == EASING and is_inside:
        self.noted = IDLE
        log TierReleased(tier=self.tier)
    if breach == 0:
        return False
    self.breached_at = block.timestamp
    tier: uint256 = self._called_for(breach)
    if tier > 0:
        self.breach = breach
        self._latch(tier)
    return tier > 0


@view
def _called_for(breach: uint256) -> uint256:
    """
    @return tier that a breach latches now; 0: none
    """
    if self.noted == LATCHED:
        return breach if breach > self.tier else 0
    if self.tier == 0:
        return breach
    since: uint256 = block.timestamp - self.ends_at
    if since < REST:
        return 0
    if since <= WINDOWS[self.tier - 1]:
        return max(breach, min(self.tier + 1, TOP))
    return breach


def _latch(tier: uint256):
    self.tier = tier
    self.noted = LATCHED
    self.ends_at = block.timestamp + DURATIONS[tier - 1]
    if tier == TOP:
        self.top_trips += 1
        self.locked = self.top_trips >= TRIPS_TO_LOCK
    log TierLatched(tier=tier, ends_at=self.ends_at, locked=self.locked)


def _clear():
    """
    @notice Lift the lock. The tier ends at its stated time, or now when that has passed; the trips count anew.
    """
    assert self.locked, "breaker: not locked"
    self.locked = False
    self.top_trips = 0
    self.ends_at = max(self.ends_at, block.timestamp)
    log LockCleared(caller=msg.sender, ends_at=self.ends_at)


@pure
def _check_levels(level: uint256[3], release: uint256[3]):
    """
    @param level   by tier, from which on the measure breaches [unit of the measure]
    @param release by tier, up to which the measure is inside [unit of the measure]
    """
    assert level[0] > 0, "breaker: zero level"
    assert level[0] < level[1] and level[1] < level[2], "breaker: levels don't rise"
    for i: uint256 in range(3):
        assert release[i] < level[i], "breaker: release not inside its level"


@pure
def _breach_of(measure: uint256, level: uint256[3]) -> uint256:
    """
    @param measure [unit of the levels]
    @param level   by tier, rising
    @return the deepest tier whose level the measure reaches; 0: none
    """
    reached: uint256 = 0
    for least: uint256 in level:
        if measure >= least:
            reached += 1
    return reached
