# pragma version 0.4.3
"""
@title A breaker of before slowdowns: it lets everything pass and does not answer `slowdown`
"""


@view
@external
def gate(action: uint256, asset: address, amount: uint256) -> uint256:
    return amount


@view
@external
def halted_until(action: uint256) -> uint256:
    return 0


@external
def pulse():
    pass


@external
def record(action: uint256, asset: address, amount: uint256):
    pass
