# pragma version 0.4.3
"""
@title A router that calls whoever sells something to it, as if it were the module, and buys nothing
"""

from ..interfaces import ITaker

struct Swap:
    token_in: address
    token_out: address
    fee: uint24
    recipient: address
    deadline: uint256
    amount_in: uint256
    amount_out_minimum: uint256
    sqrt_price_limit_x96: uint160


@payable
@external
def exactInputSingle(swap: Swap) -> uint256:
    if swap.amount_in > 0:
        extcall ITaker(msg.sender).on_take(empty(address), swap.token_in, 0, 0, b"")
    return 0
