# pragma version 0.4.3
"""
@title A receiver of collateral that remembers its call, and may call something itself meanwhile
"""

from ..interfaces import ITaker

implements: ITaker

struct Seen:
    account: address
    collateral: address
    pay: uint256  # [debt token]
    received: uint256  # [collateral token]
    data: Bytes[1024]


seen: public(Seen)
target: address
call: Bytes[1024]  # empty: none


@external
def set_call(target: address, call: Bytes[1024]):
    self.target = target
    self.call = call


@external
def on_take(account: address, collateral: address, pay: uint256, received: uint256, data: Bytes[1024]):
    self.seen = Seen(account=account, collateral=collateral, pay=pay, received=received, data=data)
    if len(self.call) > 0:
        raw_call(self.target, self.call)
