# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title What the one trusted liquidation module may do, and the reserve that stands behind it
@notice Debt leaves an account into the book of sales (`assume_debt`) and leaves that book paid (`settle`), given
        back (`return_debt`) or lost (`write_off`). Collateral leaves by `seize` and may come back.
        The market does not judge who is liquidated; that is the module's rule.
"""

from . import actions
from . import collateral_book
from . import debt_book
from . import gates
from . import transfers

uses: collateral_book
uses: debt_book
uses: gates

event LiquidationSet:
    owner: indexed(address)
    previous: indexed(address)
    module: indexed(address)


event Seized:
    account: indexed(address)
    collateral: indexed(address)
    receiver: indexed(address)
    amount: uint256  # [collateral token]
    balance: uint256  # the account's after it [collateral token]
    held: uint256  # the market's after it [collateral token]


event CollateralReturned:
    account: indexed(address)
    collateral: indexed(address)
    amount: uint256  # [collateral token]
    balance: uint256  # the account's after it [collateral token]
    held: uint256  # the market's after it [collateral token]


event DebtAssumed:
    account: indexed(address)
    amount: uint256  # [debt token]
    debt: uint256  # the account's after it [debt token]
    debt_in_sale: uint256  # [debt token]


event DebtReturned:
    account: indexed(address)
    amount: uint256  # [debt token]
    debt: uint256  # the account's after it [debt token]
    debt_in_sale: uint256  # [debt token]


event Settled:
    collateral: indexed(address)
    debt: uint256  # [debt token]
    fee: uint256  # [debt token]
    debt_in_sale: uint256  # [debt token]
    reserve: uint256  # [debt token]


event BadDebt:
    account: indexed(address)
    amount: uint256  # [debt token]
    from_reserve: uint256  # [debt token]
    from_lenders: uint256  # [debt token]
    reserve_left: uint256  # [debt token]
    total_assets: uint256  # [debt token]


event IncentivePaid:
    receiver: indexed(address)
    amount: uint256  # [debt token]
    reserve_left: uint256  # [debt token]


event ReserveFunded:
    payer: indexed(address)
    amount: uint256  # [debt token]
    reserve: uint256  # [debt token]


liquidation: public(reentrant(address))  # the one module that may seize, settle and write off


@external
def seize(account: address, collateral: address, amount: uint256, receiver: address):
    """
    @notice Send `amount` [collateral token] of the account's to `receiver`.
    """
    self._only_liquidation()
    collateral_book._debit(account, collateral, amount)
    transfers._push(collateral, receiver, amount)
    log Seized(
        account=account,
        collateral=collateral,
        receiver=receiver,
        amount=amount,
        balance=collateral_book.collateral_of[account][collateral],
        held=collateral_book.held[collateral],
    )


@external
def return_collateral(account: address, collateral: address, amount: uint256):
    """
    @notice Pull `amount` [collateral token] from the module back to the credit of the account; caps do not count.
    """
    self._only_liquidation()
    collateral_book._credit(account, collateral, amount)
    transfers._pull(collateral, msg.sender, amount)
    log CollateralReturned(
        account=account,
        collateral=collateral,
        amount=amount,
        balance=collateral_book.collateral_of[account][collateral],
        held=collateral_book.held[collateral],
    )


@external
def assume_debt(account: address, amount: uint256) -> uint256:
    """
    @notice Take up to `amount` [debt token] of debt off the account into the book of sales, where it bears no interest.
    @return taken [debt token]
    """
    self._only_liquidation()
    debt_book._accrue()
    taken: uint256 = debt_book._cut_debt(account, amount)
    debt_book._add_to_sale(taken)
    log DebtAssumed(
        account=account,
        amount=taken,
        debt=debt_book._debt_of(account),
        debt_in_sale=debt_book.debt_in_sale,
    )
    return taken


@external
def return_debt(account: address, amount: uint256):
    """
    @notice Put `amount` [debt token] of the book of sales back on the account.
    """
    self._only_liquidation()
    debt_book._accrue()
    debt_book._cut_from_sale(amount)
    debt_book._add_debt(account, amount)
    log DebtReturned(
        account=account,
        amount=amount,
        debt=debt_book._debt_of(account),
        debt_in_sale=debt_book.debt_in_sale,
    )


@external
def settle(collateral: address, debt: uint256, fee: uint256):
    """
    @notice Pull `debt + fee` [debt token] from the module: `debt` of the book of sales is paid, `fee` goes to the
            reserve. Recorded with the breakers as LIQUIDATE of `collateral`.
    """
    self._only_liquidation()
    debt_book._accrue()
    debt_book._cut_from_sale(debt)
    debt_book._add_to_reserve(fee)
    debt_book._receive(msg.sender, debt + fee)
    log Settled(
        collateral=collateral,
        debt=debt,
        fee=fee,
        debt_in_sale=debt_book.debt_in_sale,
        reserve=debt_book._reserve(),
    )
    gates._record(actions.LIQUIDATE, collateral, debt + fee)


@external
def write_off(account: address, amount: uint256):
    """
    @notice Recognise `amount` [debt token] of the book of sales as lost: the reserve bears it first, then lenders.
    """
    self._only_liquidation()
    debt_book._accrue()
    debt_book._cut_from_sale(amount)
    from_reserve: uint256 = debt_book._cut_from_reserve(amount)
    log BadDebt(
        account=account,
        amount=amount,
        from_reserve=from_reserve,
        from_lenders=amount - from_reserve,
        reserve_left=debt_book._reserve(),
        total_assets=debt_book._total_assets(),
    )


@external
def pay_incentive(receiver: address, amount: uint256) -> uint256:
    """
    @notice Pay up to `amount` [debt token] out of the reserve, as far as the reserve and the cash reach.
    @return paid [debt token]
    """
    self._only_liquidation()
    debt_book._accrue()
    paid: uint256 = debt_book._cut_from_reserve(min(amount, debt_book.cash))
    debt_book._pay(receiver, paid)
    log IncentivePaid(receiver=receiver, amount=paid, reserve_left=debt_book._reserve())
    return paid


@external
def fund_reserve(amount: uint256):
    """
    @notice Give `amount` [debt token] of the caller's to the reserve.
    """
    debt_book._accrue()
    debt_book._add_to_reserve(amount)
    debt_book._receive(msg.sender, amount)
    log ReserveFunded(payer=msg.sender, amount=amount, reserve=debt_book._reserve())


@view
def _only_liquidation():
    assert msg.sender == self.liquidation, "market: only liquidation"


def _set_module(module: address):
    assert debt_book.debt_in_sale == 0, "market: sales open"
    log LiquidationSet(owner=msg.sender, previous=self.liquidation, module=module)
    self.liquidation = module
