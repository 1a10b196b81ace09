# pragma version 0.4.3
"""
@title Uniswap's router as far as a flash keeper calls it, with a price as told
"""

from ethereum.ercs import IERC20

from ..modules import maths

struct Swap:
    token_in: address
    token_out: address
    fee: uint24
    recipient: address
    deadline: uint256
    amount_in: uint256
    amount_out_minimum: uint256
    sqrt_price_limit_x96: uint160


rate: uint256  # token_out for each token_in, in their own decimals [WAD]
last: public(Swap)


@external
def set_rate(rate: uint256):
    self.rate = rate


@payable
@external
def exactInputSingle(swap: Swap) -> uint256:
    self.last = swap
    bought: uint256 = swap.amount_in * self.rate // maths.WAD
    assert extcall IERC20(swap.token_in).transferFrom(msg.sender, self, swap.amount_in), "router: refused"
    assert extcall IERC20(swap.token_out).transfer(swap.recipient, bought), "router: refused"
    return bought
