# pragma version 0.4.3
"""
@title A breaker that does as it is told, and counts its calls
"""

from ..interfaces import IBreaker

implements: IBreaker

limit: public(uint256[3])  # by action: most that passes [debt token]
until: uint256[3]  # by action [unix s]
next_until: uint256[3]  # by action, latched by the next pulse [unix s]
pace: uint256  # [WAD]
uplift: uint256  # [WAD]
slow_until: uint256  # [unix s]
queue_until: uint256  # [unix s]
pulses: public(uint256)
recorded: public(HashMap[uint256, HashMap[address, uint256]])  # action -> asset -> sum [debt token]
broken: public(bool)


@deploy
def __init__():
    for action: uint256 in range(3):
        self.limit[action] = max_value(uint256)


@external
def set_limit(action: uint256, amount: uint256):
    self.limit[action] = amount


@external
def set_next_halt(action: uint256, end: uint256):
    self.next_until[action] = end


@external
def set_slowdown(pace: uint256, uplift: uint256, end: uint256):
    self.pace = pace
    self.uplift = uplift
    self.slow_until = end


@external
def set_queue(end: uint256):
    self.queue_until = end


@external
def set_broken(broken: bool):
    self.broken = broken


@view
@external
def gate(action: uint256, asset: address, amount: uint256) -> uint256:
    assert not self.broken, "scripted: broken"
    return min(amount, self.limit[action])


@view
@external
def halted_until(action: uint256) -> uint256:
    assert not self.broken, "scripted: broken"
    return self.until[action]


@view
@external
def slowdown() -> (uint256, uint256, uint256):
    assert not self.broken, "scripted: broken"
    return self.pace, self.uplift, self.slow_until


@view
@external
def queued_until() -> uint256:
    assert not self.broken, "scripted: broken"
    return self.queue_until


@external
def pulse():
    assert not self.broken, "scripted: broken"
    self.pulses += 1
    self.until = self.next_until


@external
def record(action: uint256, asset: address, amount: uint256):
    self.recorded[action][asset] += amount
