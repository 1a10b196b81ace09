# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title What a breaker does while a tier of its ladder is latched
@notice By tier and action a mode of `actions.vy`, never looser for a deeper tier: throttled (a bucket of one size for
        each action), slow (throttled; auctions run at PACE and start higher by UPLIFT), or halted. A tier that eases
        leaves throttled whatever it limited.
        While the bucket of liquidation is less than half full, as of the last pulse, sales queue and the clock of
        auctions stands: what has to wait shall not get cheaper for it. To keep it there somebody has to buy all that
        flows back.
        Lenders leave through no wider door than sales do: where liquidation is throttled or slow, withdrawing is
        throttled at the least, by a bucket of the same size, and where liquidation is halted so is withdrawing.

        The bad debt that the longest halt can create, L = duration[0] + duration[1] + duration[2] + GUARDIAN_RESPONSE
        seconds, at a price that falls by s = PRICE_SPEED a second: let an account owe x times its collateral's value
        when the halt begins. What of each unit of its debt has nothing behind it grows from max(0, 1 - 1 / x) to
        1 - (1 - sL) / x, at the most by sL, which is where x = 1: a halt begins when a price has gapped, so nobody need
        be healthy then. All accounts owe BORROW_CAP. A breaker for which sL * BORROW_CAP is more than `budget` is
        refused. One halt may follow another breaker's: budgets of a market's breakers add up. What the owner changes
        in the market later is not checked; `worst_bad_debt` always answers for the market as it is.
"""

from ..interfaces import IBreaker
from ..interfaces import ILendingMarket
from . import actions
from . import ladder
from . import maths
from . import token_bucket

uses: ladder
initializes: token_bucket

event Spent:
    action: indexed(uint256)
    amount: uint256  # [debt token]
    left: uint256  # in the bucket [debt token]


MARKET: immutable(ILendingMarket)
COLLATERAL: public(immutable(address))  # whose liquidation is gated; the zero address: every one's
MODES: immutable(uint256[3][3])  # by action, by tier
PACE: immutable(uint256)  # of auctions while slow [WAD]
UPLIFT: immutable(uint256)  # of the price at which they start while slow [WAD]
GUARDIAN_RESPONSE: public(immutable(uint256))  # longest that the guardian takes to clear a lock, assumed [s]
PRICE_SPEED: public(immutable(uint256))  # fastest fall, assumed [WAD/s]


@deploy
def __init__(
    market: address,
    collateral: address,
    liquidation: uint256[3],
    borrowing: uint256[3],
    withdrawal: uint256[3],
    throttle_capacity: uint256,
    throttle_refill: uint256,
    pace: uint256,
    uplift: uint256,
    guardian_response: uint256,
    price_speed: uint256,
    budget: uint256,
):
    """
    @notice After the ladder's own.
    @param market            whose actions are gated
    @param collateral        whose liquidation is gated; the zero address: every one's
    @param liquidation       mode by tier
    @param borrowing         likewise, for the whole market
    @param withdrawal        likewise, for the whole market
    @param throttle_capacity most that passes at once while throttled, by action [debt token]
    @param throttle_refill   [debt token/s]
    @param pace              of auctions while slow [WAD]
    @param uplift            of the price at which they start while slow [WAD]
    @param guardian_response longest that the guardian takes to clear a lock [s]
    @param price_speed       fastest fall of a collateral's price [WAD/s]
    @param budget            most bad debt that the longest halt may create [debt token]
    """
    MARKET = ILendingMarket(market)
    if collateral != empty(address):
        assert collateral in staticcall MARKET.collaterals(), "breaker: unknown collateral"
    COLLATERAL = collateral
    modes: uint256[3][3] = [borrowing, withdrawal, liquidation]
    self._check_modes(modes)
    MODES = modes
    assert throttle_capacity > 0 and throttle_refill > 0, "breaker: zero throttle"
    assert throttle_capacity >= staticcall MARKET.min_debt(), "breaker: capacity below the smallest debt"
    token_bucket.__init__(throttle_capacity, throttle_refill)
    assert throttle_capacity <= throttle_refill * ladder.MONTH, "breaker: a time above 30 days"  # to fill it
    assert pace > 0 and pace <= maths.WAD, "breaker: pace not between 0 and 1"
    assert uplift <= maths.WAD, "breaker: uplift above 1"
    PACE = pace
    UPLIFT = uplift
    assert guardian_response <= ladder.MONTH, "breaker: a time above 30 days"
    assert price_speed <= maths.WAD, "breaker: price speed above 1"
    GUARDIAN_RESPONSE = guardian_response
    PRICE_SPEED = price_speed
    assert self._worst_bad_debt_up() <= budget, "breaker: budget exceeded"


@view
@external
def gate(action: uint256, asset: address, amount: uint256) -> uint256:
    """
    @param action BORROW, WITHDRAW or LIQUIDATE
    @param asset  the collateral that is sold; without meaning for the others, which are the whole market's
    @param amount what the caller wants [debt token]
    @return how much of it may pass now [debt token]
    """
    return self._passing(self._mode(action, asset), action, amount)


@view
@external
def halted_until(action: uint256) -> uint256:
    """
    @return when the halt of `action` ends [unix s]; 0: it is not halted now
    """
    if self._mode(action, COLLATERAL) != actions.HALT:
        return 0
    return ladder._end()


@view
@external
def slowdown() -> (uint256, uint256, uint256):
    """
    @return pace of auctions [WAD], uplift of their start [WAD], until when [unix s]; (1, 0, 0) while none is asked
    """
    return self._slowdown(self._mode(actions.LIQUIDATE, COLLATERAL))


@view
@external
def queued_until() -> uint256:
    """
    @return when the throttled bucket of liquidation will be half full again [unix s]; 0: it is, or nothing is throttled
    """
    return self._queued_until(self._mode(actions.LIQUIDATE, COLLATERAL))


@external
def record(action: uint256, asset: address, amount: uint256):
    """
    @notice Take what passed through a throttle out of its bucket. Only the market.
    @param amount that has passed [debt token]
    """
    self._only_market()
    self._pay(self._mode(action, asset), action, amount)


@external
@reentrant
def clear():
    """
    @notice Lift the lock of the ladder and bring the market's clocks up to date. Only guardian and owner.
    """
    guards: address[2] = [staticcall MARKET.guardian(), staticcall MARKET.owner()]
    assert msg.sender in guards, "breaker: only guardian"
    ladder._clear()
    extcall MARKET.pulse()


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
    @return no latch lasts longer without a break, if the guardian takes no longer than assumed [s]
    """
    return self._longest()


@view
@external
def worst_bad_debt() -> uint256:
    """
    @return that the longest halt can create at the assumed speed of the price, rounded up [debt token]
    """
    return self._worst_bad_debt_up()


@view
@external
def market() -> address:
    return MARKET.address


def _is_pulsed_by_market() -> bool:
    """
    @notice A call from anyone but the market pulses all of its breakers.
    """
    if msg.sender == MARKET.address:
        return True
    extcall MARKET.pulse()
    return False


@view
def _only_market():
    assert msg.sender == MARKET.address, "breaker: not the market"


@view
def _passing(mode: uint256, action: uint256, amount: uint256) -> uint256:
    """
    @return how much of the amount passes in this mode now [debt token]
    """
    if mode == actions.OPEN:
        return amount
    if mode == actions.HALT:
        return 0
    return min(amount, token_bucket._tokens(action))


@view
def _slowdown(mode: uint256) -> (uint256, uint256, uint256):
    """
    @param mode of liquidation
    @return pace of auctions [WAD], uplift of their start [WAD], until when [unix s]
    """
    if mode != actions.SLOW:
        return maths.WAD, 0, 0
    return PACE, UPLIFT, ladder._end()


@view
def _queued_until(mode: uint256) -> uint256:
    """
    @param mode of liquidation
    @return [unix s]; 0: nothing queues
    """
    wait: uint256 = token_bucket._wait(actions.LIQUIDATE)
    if wait == 0 or mode not in [actions.THROTTLE, actions.SLOW]:
        return 0
    return block.timestamp + wait


def _pay(mode: uint256, action: uint256, amount: uint256):
    if mode != actions.OPEN:
        token_bucket._spend(action, amount)
        log Spent(action=action, amount=amount, left=token_bucket._tokens(action))


@view
def _mode(action: uint256, asset: address) -> uint256:
    """
    @return what the tier latched last makes of the action now
    """
    phase: uint256 = ladder._phase()
    if phase == ladder.IDLE or (action == actions.LIQUIDATE and not self._is_gated(asset)):
        return actions.OPEN
    mode: uint256 = MODES[action][ladder.tier - 1]
    if phase == ladder.EASING:
        return min(mode, actions.THROTTLE)
    return mode


@view
def _is_gated(collateral: address) -> bool:
    return COLLATERAL in [collateral, empty(address)]


@view
def _longest() -> uint256:
    return ladder._sum_of_durations() + GUARDIAN_RESPONSE


@view
def _worst_bad_debt_up() -> uint256:
    if actions.HALT not in MODES[actions.LIQUIDATE]:
        return 0
    fall: uint256 = min(PRICE_SPEED * self._longest(), maths.WAD)
    owed: uint256 = staticcall MARKET.total_debt() + staticcall MARKET.debt_in_sale()
    exposed: uint256 = max(staticcall MARKET.borrow_cap(), owed)  # the cap can be cut below what is owed
    return maths._mul_div_up(exposed, fall, maths.WAD)


@pure
def _check_modes(modes: uint256[3][3]):
    for by_tier: uint256[3] in modes:
        assert by_tier[2] <= actions.HALT, "breaker: unknown mode"
        assert by_tier[0] <= by_tier[1] and by_tier[1] <= by_tier[2], "breaker: a deeper tier loosens"
    for i: uint256 in range(3):
        sale: uint256 = modes[actions.LIQUIDATE][i]
        least: uint256 = sale if sale == actions.HALT else min(sale, actions.THROTTLE)
        assert modes[actions.WITHDRAW][i] >= least, "breaker: lenders leave first"
