# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title A token for test chains
@notice ERC-20 that its deployer mints at will.
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed

from ..modules import erc20

implements: IERC20
implements: IERC20Detailed

initializes: erc20

exports: erc20.__interface__

minter: public(immutable(address))


@deploy
def __init__(name: String[64], symbol: String[16], decimals: uint8):
    erc20.__init__(name, symbol, decimals)
    minter = msg.sender


@external
def mint(to: address, amount: uint256):
    """
    @notice Create `amount` [token] for `to`. Only the minter.
    """
    assert msg.sender == minter, "token: only minter"
    erc20._mint(to, amount)
