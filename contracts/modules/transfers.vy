# pragma version 0.4.3
"""
@title Every movement of tokens goes through here
@notice Tokens that answer false are refused; tokens that answer nothing are taken to have moved.
        Tokens that take a fee on transfer or rebase are not supported.
"""

from ethereum.ercs import IERC20


def _pull(token: address, payer: address, amount: uint256):
    """
    @notice Fetch `amount` [token] that the payer has approved to this contract.
    """
    assert extcall IERC20(token).transferFrom(
        payer, self, amount, default_return_value=True
    ), "transfer: refused"


def _push(token: address, receiver: address, amount: uint256):
    """
    @notice Send `amount` [token].
    """
    assert extcall IERC20(token).transfer(receiver, amount, default_return_value=True), "transfer: refused"


def _allow(token: address, spender: address, amount: uint256):
    """
    @notice Let the spender fetch up to `amount` [token].
    """
    assert extcall IERC20(token).approve(spender, amount, default_return_value=True), "transfer: refused"
