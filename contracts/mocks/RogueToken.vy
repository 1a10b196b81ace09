# pragma version 0.4.3
"""
@title A token that refuses to move, or calls its market back while it moves
"""

market: address
call: Bytes[260]  # what the market is called with during a transfer; empty: nothing
refuses: bool


@deploy
def __init__(market: address):
    self.market = market


@external
def set_refuses(refuses: bool):
    self.refuses = refuses


@external
def set_call(call: Bytes[260]):
    self.call = call


@view
@external
def decimals() -> uint8:
    return 18


@external
def transferFrom(owner: address, to: address, amount: uint256) -> bool:
    return self._move()


@external
def transfer(to: address, amount: uint256) -> bool:
    return self._move()


def _move() -> bool:
    if len(self.call) > 0:
        raw_call(self.market, self.call)
    return not self.refuses
