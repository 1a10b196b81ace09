# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title The lenders' side: ERC-4626 over the book of the debt token
@notice Shares carry 6 decimals more than assets, and a million virtual shares stand against one virtual unit of
        assets: whoever inflates the price of the first share pays a million times what the next lender can lose.
"""

from ethereum.ercs import IERC4626

from . import actions
from . import debt_book
from . import erc20
from . import gates
from . import maths

uses: debt_book
uses: erc20
uses: gates

VIRTUAL_SHARES: constant(uint256) = 10**6  # [shares]
VIRTUAL_ASSETS: constant(uint256) = 1  # [debt token]

event LiquidityChanged:
    cash: uint256  # [debt token]
    total_assets: uint256  # [debt token]
    total_shares: uint256  # [shares]


@external
def deposit(assets: uint256, receiver: address) -> uint256:
    """
    @notice Lend `assets` [debt token] of the caller's. Never halted.
    @return [shares], rounded down
    """
    debt_book._accrue()
    shares: uint256 = self._shares_down(assets)
    self._enter(assets, shares, receiver)
    return shares


@external
def mint(shares: uint256, receiver: address) -> uint256:
    """
    @notice Lend what `shares` [shares] cost. Never halted.
    @return [debt token], rounded up
    """
    debt_book._accrue()
    assets: uint256 = self._assets_up(shares)
    self._enter(assets, shares, receiver)
    return assets


@external
def withdraw(assets: uint256, receiver: address, owner: address) -> uint256:
    """
    @notice Send `assets` [debt token] of the owner's, who is the caller or has approved the caller.
    @return [shares] burned, rounded up
    """
    debt_book._accrue()
    shares: uint256 = self._shares_up(assets)
    self._leave(assets, shares, receiver, owner)
    return shares


@external
def redeem(shares: uint256, receiver: address, owner: address) -> uint256:
    """
    @notice Burn `shares` [shares] of the owner's, who is the caller or has approved the caller.
    @return [debt token] sent, rounded down
    """
    debt_book._accrue()
    assets: uint256 = self._assets_down(shares)
    self._leave(assets, shares, receiver, owner)
    return assets


@view
@external
def asset() -> address:
    """
    @return the debt token
    """
    return debt_book.debt_token


@view
@external
def totalAssets() -> uint256:
    """
    @return cash + total_debt + debt_in_sale - reserve, up to now [debt token]
    """
    return debt_book._total_assets()


@view
@external
def convertToShares(assets: uint256) -> uint256:
    """
    @param assets [debt token]
    @return [shares], rounded down
    """
    return self._shares_down(assets)


@view
@external
def convertToAssets(shares: uint256) -> uint256:
    """
    @param shares [shares]
    @return [debt token], rounded down
    """
    return self._assets_down(shares)


@view
@external
def previewDeposit(assets: uint256) -> uint256:
    """
    @param assets [debt token]
    @return [shares], rounded down
    """
    return self._shares_down(assets)


@view
@external
def previewMint(shares: uint256) -> uint256:
    """
    @param shares [shares]
    @return [debt token], rounded up
    """
    return self._assets_up(shares)


@view
@external
def previewWithdraw(assets: uint256) -> uint256:
    """
    @param assets [debt token]
    @return [shares], rounded up
    """
    return self._shares_up(assets)


@view
@external
def previewRedeem(shares: uint256) -> uint256:
    """
    @param shares [shares]
    @return [debt token], rounded down
    """
    return self._assets_down(shares)


@view
@external
def maxDeposit(receiver: address) -> uint256:
    """
    @return no limit [debt token]
    """
    return max_value(uint256)


@view
@external
def maxMint(receiver: address) -> uint256:
    """
    @return no limit [shares]
    """
    return max_value(uint256)


@view
@external
def maxWithdraw(owner: address) -> uint256:
    """
    @return the owner's part, as far as cash and breakers reach [debt token]
    """
    return min(self._assets_down(erc20.balanceOf[owner]), self._available())


@view
@external
def maxRedeem(owner: address) -> uint256:
    """
    @return the owner's shares, as far as cash and breakers reach [shares]
    """
    shares: uint256 = erc20.balanceOf[owner]
    available: uint256 = self._available()
    if self._assets_down(shares) <= available:
        return shares
    return self._shares_down(available)


@view
def _available() -> uint256:
    """
    @return what lenders may withdraw in all right now [debt token]
    """
    return gates._allowed(actions.WITHDRAW, debt_book.debt_token, debt_book.cash)


@view
def _shares_down(assets: uint256) -> uint256:
    return maths._mul_div_down(
        assets, erc20.totalSupply + VIRTUAL_SHARES, debt_book._total_assets() + VIRTUAL_ASSETS
    )


@view
def _shares_up(assets: uint256) -> uint256:
    return maths._mul_div_up(
        assets, erc20.totalSupply + VIRTUAL_SHARES, debt_book._total_assets() + VIRTUAL_ASSETS
    )


@view
def _assets_down(shares: uint256) -> uint256:
    return maths._mul_div_down(
        shares, debt_book._total_assets() + VIRTUAL_ASSETS, erc20.totalSupply + VIRTUAL_SHARES
    )


@view
def _assets_up(shares: uint256) -> uint256:
    return maths._mul_div_up(
        shares, debt_book._total_assets() + VIRTUAL_ASSETS, erc20.totalSupply + VIRTUAL_SHARES
    )


def _enter(assets: uint256, shares: uint256, receiver: address):
    assert shares > 0, "market: zero shares"
    erc20._mint(receiver, shares)
    debt_book._receive(msg.sender, assets)
    log IERC4626.Deposit(sender=msg.sender, owner=receiver, assets=assets, shares=shares)
    self._log_liquidity()


def _leave(assets: uint256, shares: uint256, receiver: address, owner: address):
    gates._require(actions.WITHDRAW, debt_book.debt_token, assets)
    if msg.sender != owner:
        erc20._spend_allowance(owner, msg.sender, shares)
    erc20._burn(owner, shares)
    debt_book._pay(receiver, assets)
    log IERC4626.Withdraw(
        sender=msg.sender, receiver=receiver, owner=owner, assets=assets, shares=shares
    )
    self._log_liquidity()
    gates._record(actions.WITHDRAW, debt_book.debt_token, assets)


def _log_liquidity():
    log LiquidityChanged(
        cash=debt_book.cash, total_assets=debt_book._total_assets(), total_shares=erc20.totalSupply
    )
