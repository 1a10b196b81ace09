# pragma version 0.4.3
"""
@title A market as far as a flow breaker knows one, that records what it is told
"""

from ..interfaces import IBreaker

min_debt: public(uint256)


@external
def record(breaker: IBreaker, action: uint256, amount: uint256):
    extcall breaker.record(action, empty(address), amount)
