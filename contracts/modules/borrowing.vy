# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title The borrowers' side: collateral in, loan out, and back
@notice A halt or a stale price never blocks repaying, adding collateral, or taking it back without debt.
"""

from ..interfaces import ILendingMarket
from . import actions
from . import collateral_book
from . import debt_book
from . import gates
from . import maths
from . import transfers

uses: collateral_book
uses: debt_book
uses: gates

event CollateralSupplied:
    account: indexed(address)
    collateral: indexed(address)
    payer: indexed(address)
    amount: uint256  # [collateral token]
    balance: uint256  # the account's after it [collateral token]
    held: uint256  # the market's after it [collateral token]


event CollateralWithdrawn:
    account: indexed(address)
    collateral: indexed(address)
    receiver: indexed(address)
    amount: uint256  # [collateral token]
    balance: uint256  # the account's after it [collateral token]
    held: uint256  # the market's after it [collateral token]


event Borrowed:
    account: indexed(address)
    receiver: indexed(address)
    amount: uint256  # [debt token]
    debt: uint256  # the account's after it [debt token]
    total_debt: uint256  # [debt token]


event Repaid:
    account: indexed(address)
    payer: indexed(address)
    amount: uint256  # [debt token]
    debt: uint256  # the account's after it [debt token]
    total_debt: uint256  # [debt token]


event Checked:
    account: indexed(address)


event LimitsSet:
    caller: indexed(address)  # the owner, or the guardian who freezes
    min_debt: uint256  # [debt token]
    borrow_cap: uint256  # [debt token]


min_debt: public(reentrant(uint256))  # the smallest debt that an account may keep [debt token]
borrow_cap: public(reentrant(uint256))  # most that all accounts may owe after a loan [debt token]
checked_at: public(HashMap[address, uint256])  # when the account was last found within its borrow limit [unix s]


@deploy
def __init__(min_debt: uint256, borrow_cap: uint256):
    self._set_limits(min_debt, borrow_cap)


@view
@external
def values(account: address) -> ILendingMarket.AccountValues:
    """
    @return debt and collateral at feed prices; only collateral that the account holds is priced [debt token]
    """
    return self._values(account)


@view
@external
def health_factor(account: address) -> uint256:
    """
    @return liquidation_limit / debt, rounded down [WAD]; max_value(uint256) without debt
    """
    if debt_book._debt_of(account) == 0:
        return max_value(uint256)
    values: ILendingMarket.AccountValues = self._values(account)
    return maths._mul_div_down(values.liquidation_limit, maths.WAD, values.debt)


@external
def check(account: address):
    """
    @notice Find that what the account owes is within its borrow limit, as every loan and withdrawal does. Anyone.
    """
    self._require_covered(account)
    log Checked(account=account)


@external
def supply_collateral(collateral: address, amount: uint256, account: address):
    """
    @notice Pull `amount` [collateral token] from the caller to the credit of `account`. Never halted.
    """
    collateral_book._credit(account, collateral, amount)
    held: uint256 = collateral_book.held[collateral]
    assert held <= collateral_book.configs[collateral].cap, "market: collateral cap"
    transfers._pull(collateral, msg.sender, amount)
    log CollateralSupplied(
        account=account,
        collateral=collateral,
        payer=msg.sender,
        amount=amount,
        balance=collateral_book.collateral_of[account][collateral],
        held=held,
    )


@external
def withdraw_collateral(collateral: address, amount: uint256, receiver: address):
    """
    @notice Send `amount` [collateral token] of the caller's to `receiver`; gated as BORROW while the caller owes.
    """
    debt_book._accrue()
    collateral_book._debit(msg.sender, collateral, amount)
    gated: uint256 = 0  # [debt token]
    if debt_book._debt_of(msg.sender) > 0:
        gated = collateral_book._value_up(collateral, amount)
        gates._require(actions.BORROW, collateral, gated)
        self._require_covered(msg.sender)
    transfers._push(collateral, receiver, amount)
    log CollateralWithdrawn(
        account=msg.sender,
        collateral=collateral,
        receiver=receiver,
        amount=amount,
        balance=collateral_book.collateral_of[msg.sender][collateral],
        held=collateral_book.held[collateral],
    )
    if gated > 0:
        gates._record(actions.BORROW, collateral, gated)


@external
def borrow(amount: uint256, receiver: address):
    """
    @notice Lend `amount` [debt token] to the caller, sent to `receiver`.
    """
    debt_book._accrue()
    gates._require(actions.BORROW, debt_book.debt_token, amount)
    debt_book._add_debt(msg.sender, amount)
    debt: uint256 = debt_book._debt_of(msg.sender)
    assert debt >= self.min_debt, "market: below minimum debt"
    assert debt_book._total_debt() <= self.borrow_cap, "market: borrow cap"
    self._require_covered(msg.sender)
    debt_book._pay(receiver, amount)
    log Borrowed(
        account=msg.sender,
        receiver=receiver,
        amount=amount,
        debt=debt,
        total_debt=debt_book._total_debt(),
    )
    gates._record(actions.BORROW, debt_book.debt_token, amount)


@external
def repay(amount: uint256, account: address) -> uint256:
    """
    @notice Pull up to `amount` [debt token] from the caller to pay the debt of `account`; max_value(uint256): all.
            Never halted.
    @return paid [debt token]
    """
    debt_book._accrue()
    paid: uint256 = debt_book._cut_debt(account, amount)
    debt: uint256 = debt_book._debt_of(account)
    assert debt == 0 or debt >= self.min_debt, "market: below minimum debt"
    debt_book._receive(msg.sender, paid)
    log Repaid(
        account=account,
        payer=msg.sender,
        amount=paid,
        debt=debt,
        total_debt=debt_book._total_debt(),
    )
    return paid


@view
def _values(account: address) -> ILendingMarket.AccountValues:
    values: ILendingMarket.AccountValues = collateral_book._values(account)
    values.debt = debt_book._debt_of(account)
    return values


def _require_covered(account: address):
    values: ILendingMarket.AccountValues = self._values(account)
    assert values.debt <= values.borrow_limit, "market: unhealthy"
    self.checked_at[account] = block.timestamp


def _set_limits(min_debt: uint256, borrow_cap: uint256):
    self.min_debt = min_debt
    self.borrow_cap = borrow_cap
    log LimitsSet(caller=msg.sender, min_debt=min_debt, borrow_cap=borrow_cap)
