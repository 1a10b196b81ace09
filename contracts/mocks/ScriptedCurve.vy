# pragma version 0.4.3
"""
@title A price curve that always answers the same
"""

from ..interfaces import IPriceCurve

implements: IPriceCurve

ANSWER: immutable(uint256)


@deploy
def __init__(answer: uint256):
    ANSWER = answer


@view
@external
def price(start_price: uint256, elapsed: uint256) -> uint256:
    return ANSWER
