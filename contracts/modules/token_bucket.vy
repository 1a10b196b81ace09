# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Token buckets, one for each gated action
@notice A bucket is full at first. What passes is spent, and flows back at a constant rate up to the capacity.
"""

from . import maths

struct Spending:
    missing: uint256  # to a full bucket, at `at` [debt token]
    at: uint256  # [unix s]


LIMIT: constant(uint256) = 2**128  # far from overflow after a million years

CAPACITY: immutable(uint256)  # of each bucket [debt token]
REFILL: immutable(uint256)  # [debt token/s]

spendings: HashMap[uint256, Spending]  # by action


@deploy
def __init__(capacity: uint256, refill: uint256):
    """
    @param capacity of each bucket [debt token]
    @param refill   [debt token/s]
    """
    assert max(capacity, refill) <= LIMIT, "bucket: too large"
    CAPACITY = capacity
    REFILL = refill


@view
def _tokens(action: uint256) -> uint256:
    """
    @return what may pass now [debt token]
    """
    return CAPACITY - self._missing(action)


@view
def _wait(action: uint256) -> uint256:
    """
    @return until the bucket is half full again, if nothing is spent [s]; 0: it is
    """
    missing: uint256 = self._missing(action)
    most: uint256 = CAPACITY // 2
    if missing <= most:
        return 0
    return maths._mul_div_up(missing - most, 1, REFILL)


def _spend(action: uint256, amount: uint256):
    """
    @notice Take `amount` [debt token] out; more than there is empties the bucket.
    """
    missing: uint256 = min(self._missing(action) + amount, CAPACITY)
    self.spendings[action] = Spending(missing=missing, at=block.timestamp)


@view
def _missing(action: uint256) -> uint256:
    spending: Spending = self.spendings[action]
    refilled: uint256 = (block.timestamp - spending.at) * REFILL
    return spending.missing - min(spending.missing, refilled)
