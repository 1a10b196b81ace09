# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title ERC-20 balances and allowances
@notice The whole of the standard's outside; minting and burning are left to the contract that uses it.
"""

from ethereum.ercs import IERC20

name: public(immutable(String[64]))
symbol: public(immutable(String[16]))
decimals: public(immutable(uint8))

totalSupply: public(uint256)  # [token]
balanceOf: public(HashMap[address, uint256])  # [token]
allowance: public(HashMap[address, HashMap[address, uint256]])  # owner -> spender -> [token]


@deploy
def __init__(name_: String[64], symbol_: String[16], decimals_: uint8):
    name = name_
    symbol = symbol_
    decimals = decimals_


@external
def transfer(to: address, amount: uint256) -> bool:
    """
    @notice Move `amount` [token] of the caller's.
    """
    self._move(msg.sender, to, amount)
    return True


@external
def transferFrom(owner: address, to: address, amount: uint256) -> bool:
    """
    @notice Move `amount` [token] of the owner's, who has approved the caller.
    """
    self._spend_allowance(owner, msg.sender, amount)
    self._move(owner, to, amount)
    return True


@external
def approve(spender: address, amount: uint256) -> bool:
    """
    @notice Let the spender move up to `amount` [token] of the caller's; max_value(uint256) never runs out.
    """
    self.allowance[msg.sender][spender] = amount
    log IERC20.Approval(owner=msg.sender, spender=spender, value=amount)
    return True


def _move(owner: address, to: address, amount: uint256):
    assert to != empty(address), "erc20: zero address"
    assert self.balanceOf[owner] >= amount, "erc20: insufficient balance"
    self.balanceOf[owner] -= amount
    self.balanceOf[to] += amount
    log IERC20.Transfer(sender=owner, receiver=to, value=amount)


def _spend_allowance(owner: address, spender: address, amount: uint256):
    allowed: uint256 = self.allowance[owner][spender]
    assert allowed >= amount, "erc20: insufficient allowance"
    if allowed != max_value(uint256):
        self.allowance[owner][spender] = allowed - amount


def _mint(to: address, amount: uint256):
    assert to != empty(address), "erc20: zero address"
    self.totalSupply += amount
    self.balanceOf[to] += amount
    log IERC20.Transfer(sender=empty(address), receiver=to, value=amount)


def _burn(owner: address, amount: uint256):
    assert self.balanceOf[owner] >= amount, "erc20: insufficient balance"
    self.balanceOf[owner] -= amount
    self.totalSupply -= amount
    log IERC20.Transfer(sender=owner, receiver=empty(address), value=amount)
