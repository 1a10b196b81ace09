# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Throttles or halts while the price of one collateral is far below its recent average
@notice The reference is an exponential average of the feed: between two observations the older price is taken to
        have stood, so that how often it is pulsed changes nothing while the price stands, and a fresh fall shows
        in full. A pulse that finds the price below the reference by `deviation[i]` latches tier i + 1 for
        `duration[i]`. Only falls count: a rise puts neither debt nor lenders in danger.

        How long it lasts:
        1. A latched tier ends at its stated time whether anyone calls or not.
        2. While latched the reference stands still. A deeper tier replaces the latched one with an end of its own
           (never earlier, for durations don't fall); the same tier or a shallower one prolongs nothing.
        3. The first pulse after the end sets the reference to the price of that moment, so that the same fall
           can't latch twice, and nothing latches before `rest` seconds have passed since the end.
        So no halt lasts longer than duration[0] + duration[1] + duration[2] without a break, which `longest()`
        returns, after each there are at least `rest` open seconds, and in the long run the breaker is latched for
        at most longest / (longest + rest) of the time.

        The price at deployment is the first observation. Without a price (stale, zero) a pulse changes nothing.
"""

from ..interfaces import IBreaker
from ..interfaces import ILendingMarket
from ..modules import actions
from ..modules import maths
from ..modules import ray_maths
from ..modules import probe
from ..modules import token_bucket

implements: IBreaker
initializes: token_bucket

event Observed:
    price: uint256  # [WAD, debt per collateral]
    reference: uint256  # [WAD, debt per collateral]
    tier: uint256  # latched, 0: none


event TierLatched:
    tier: indexed(uint256)
    price: uint256  # [WAD, debt per collateral]
    reference: uint256  # [WAD, debt per collateral]
    ends_at: uint256  # [unix s]


event TierEnded:
    tier: indexed(uint256)
    ended_at: uint256  # [unix s]
    reference: uint256  # the new one [WAD, debt per collateral]


event Spent:
    action: indexed(uint256)
    amount: uint256  # [debt token]
    left: uint256  # in the bucket [debt token]


LARGEST: constant(uint256) = 2**128  # price that is taken for one [WAD]
MONTH: constant(uint256) = 30 * 86_400  # [s]

MARKET: immutable(ILendingMarket)
COLLATERAL: public(immutable(address))
DECAY: immutable(uint256)  # what is left of an old reference after a second [RAY]
REST: public(immutable(uint256))  # after an end, when nothing latches [s]
DEVIATIONS: immutable(uint256[3])  # by tier [WAD]
DURATIONS: immutable(uint256[3])  # by tier [s]
MODES: immutable(uint256[3][3])  # by action, by tier: of actions.vy

reference: public(uint256)  # [WAD, debt per collateral]
last_price: public(uint256)  # [WAD, debt per collateral]
observed_at: public(uint256)  # [unix s]
tier: public(uint256)  # latched last and not yet followed by a pulse after its end; 0: none
ends_at: public(uint256)  # of the tier latched last [unix s]


@deploy
def __init__(
    market: address,
    collateral: address,
    half_life: uint256,
    rest: uint256,
    deviation: uint256[3],
    duration: uint256[3],
    liquidation: uint256[3],
    borrowing: uint256[3],
    withdrawal: uint256[3],
    throttle_capacity: uint256,
    throttle_refill: uint256,
):
    """
    @param market            whose actions are gated
    @param collateral        whose price is watched and whose liquidation is gated
    @param half_life         of the reference [s]
    @param rest              after an end, when nothing latches [s]
    @param deviation         by tier, of the price below the reference [WAD]
    @param duration          by tier [s]
    @param liquidation       by tier: 0 open, 1 throttled, 2 likewise, 3 halted
    @param borrowing         likewise, for the whole market
    @param withdrawal        likewise, for the whole market
    @param throttle_capacity most that passes at once while throttled, by action [debt token]
    @param throttle_refill   [debt token/s]
    """
    assert half_life > 0, "breaker: zero half-life"
    assert rest > 0, "breaker: zero rest"
    assert max(half_life, max(rest, duration[2])) <= MONTH, "breaker: a time above 30 days"
    self._check_tiers(deviation, duration)
    modes: uint256[3][3] = [borrowing, withdrawal, liquidation]
    for by_tier: uint256[3] in modes:
        self._check_modes(by_tier, throttle_capacity > 0 and throttle_refill > 0)
    MARKET = ILendingMarket(market)
    assert collateral in staticcall MARKET.collaterals(), "breaker: unknown collateral"
    COLLATERAL = collateral
    DECAY = ray_maths._half_life_factor(half_life)
    REST = rest
    DEVIATIONS = deviation
    DURATIONS = duration
    MODES = modes
    token_bucket.__init__(throttle_capacity, throttle_refill)
    price: uint256 = self._observable_price()
    if price > 0:
        self._average(price)


@view
@external
def gate(action: uint256, asset: address, amount: uint256) -> uint256:
    """
    @param action BORROW, WITHDRAW or LIQUIDATE
    @param asset  the collateral that is sold; without meaning for the others, which are the whole market's
    @param amount what the caller wants [debt token]
    @return how much of it may pass now [debt token]
    """
    if action == actions.LIQUIDATE and asset != COLLATERAL:
        return amount
    mode: uint256 = self._mode(action)
    if mode == actions.HALT:
        return 0
    if mode == actions.OPEN:
        return amount
    return min(amount, token_bucket._tokens(action))


@view
@external
def halted_until(action: uint256) -> uint256:
    """
    @return when the halt that was latched last ends [unix s]; 0: there was none, or it was rebased
    """
    if self.tier == 0 or MODES[action][self.tier - 1] != actions.HALT:
        return 0
    return self.ends_at


@view
@external
def slowdown() -> (uint256, uint256, uint256):
    """
    @return always (1, 0, 0): auctions run as ever [WAD, WAD, unix s]
    """
    return maths.WAD, 0, 0


@external
@reentrant
def pulse():
    """
    @notice Observe and latch. A call from anyone but the market pulses all of its breakers.
    """
    if msg.sender != MARKET.address:
        extcall MARKET.pulse()
        return
    price: uint256 = self._observable_price()
    if price == 0:
        return
    self._end_if_due(price)
    if self.tier == 0:
        self._average(price)
    self._latch_if_deep(price)
    log Observed(price=price, reference=self.reference, tier=self.tier)


@external
def record(action: uint256, asset: address, amount: uint256):
    """
    @notice Take what passed through a throttle out of its bucket. Only the market.
    @param amount that has passed [debt token]
    """
    assert msg.sender == MARKET.address, "breaker: not the market"
    if action == actions.LIQUIDATE and asset != COLLATERAL:
        return
    if self._mode(action) != actions.OPEN:
        token_bucket._spend(action, amount)
        log Spent(action=action, amount=amount, left=token_bucket._tokens(action))


@view
@external
def tokens(action: uint256) -> uint256:
    """
    @return what passes now where `action` is throttled [debt token]
    """
    return token_bucket._tokens(action)


@view
@external
def longest() -> uint256:
    """
    @return no latch lasts longer without a break: each tier is escalated in its last second [s]
    """
    return DURATIONS[0] + DURATIONS[1] + DURATIONS[2]


@view
@external
def market() -> address:
    return MARKET.address


@view
def _mode(action: uint256) -> uint256:
    """
    @return what the tier that is latched now makes of the action
    """
    if self.tier == 0 or block.timestamp >= self.ends_at:
        return actions.OPEN
    return MODES[action][self.tier - 1]


@view
def _observable_price() -> uint256:
    """
    @return [WAD, debt per collateral]; 0 when there is none, or one that no arithmetic could hold
    """
    price: uint256 = probe._price_or_zero(MARKET.address, COLLATERAL)
    if price > LARGEST:
        return 0
    return price


def _end_if_due(price: uint256):
    """
    @notice After the end of a tier the fall that latched it is forgotten.
    """
    if self.tier == 0 or block.timestamp < self.ends_at:
        return
    ended: uint256 = self.tier
    self.tier = 0
    self.reference = price
    self.last_price = price
    self.observed_at = block.timestamp
    log TierEnded(tier=ended, ended_at=self.ends_at, reference=price)


def _average(price: uint256):
    """
    @notice reference = last_price + (reference - last_price) * 2 ** (-dt / half_life), rounded half up.
    """
    if self.observed_at == 0:
        self.reference = price
    else:
        kept: uint256 = ray_maths._pow_half_up(DECAY, block.timestamp - self.observed_at)
        weighted: uint256 = self.reference * kept + self.last_price * (maths.RAY - kept)
        self.reference = (weighted + maths.RAY // 2) // maths.RAY
    self.last_price = price
    self.observed_at = block.timestamp


def _latch_if_deep(price: uint256):
    """
    @notice Latch the deepest tier that the price calls for, if it is deeper than the one that is latched.
    """
    tier: uint256 = self._tier_of(price)
    rests: bool = self.tier == 0 and block.timestamp < self.ends_at + REST
    if tier <= self.tier or rests:
        return
    self.tier = tier
    self.ends_at = block.timestamp + DURATIONS[tier - 1]
    log TierLatched(tier=tier, price=price, reference=self.reference, ends_at=self.ends_at)


@view
def _tier_of(price: uint256) -> uint256:
    """
    @return how many of the deviations the price has reached
    """
    tier: uint256 = 0
    for deviation: uint256 in DEVIATIONS:
        if price * maths.WAD <= self.reference * (maths.WAD - deviation):
            tier += 1
    return tier


@pure
def _check_tiers(deviation: uint256[3], duration: uint256[3]):
    assert deviation[0] > 0, "breaker: zero deviation"
    assert deviation[2] < maths.WAD, "breaker: deviation of 1 or more"
    assert duration[0] > 0, "breaker: zero duration"
    for i: uint256 in range(1, 3):
        assert deviation[i - 1] < deviation[i], "breaker: deviations don't rise"
        assert duration[i - 1] <= duration[i], "breaker: durations fall"


@pure
def _check_modes(by_tier: uint256[3], has_throttle: bool):
    for i: uint256 in range(3):
        assert by_tier[i] <= actions.HALT, "breaker: unknown mode"
        assert by_tier[i] in [actions.OPEN, actions.HALT] or has_throttle, "breaker: zero throttle"
        assert i == 0 or by_tier[i - 1] <= by_tier[i], "breaker: a deeper tier loosens"
