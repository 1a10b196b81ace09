# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title One lending market: one debt token, up to 8 collaterals, one liquidation module, up to 4 breakers
@notice The ledger and its rules. Who owes and who owns stands in the books (`modules/`); this file says who may
        change them and when. Amounts are in the token's own decimals, prices and ratios WAD, indexes RAY.
        A halt or a stale price never blocks lending, repaying, adding collateral, or taking it back without debt.
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed
from ethereum.ercs import IERC4626

from .interfaces import IBreaker
from .interfaces import ILendingMarket
from .modules import actions
from .modules import collateral_book
from .modules import debt_book
from .modules import erc20
from .modules import gates
from .modules import interest
from .modules import maths
from .modules import ownership
from .modules import transfers
from .modules import vault

implements: ILendingMarket
implements: IERC20
implements: IERC20Detailed
implements: IERC4626

initializes: ownership
initializes: debt_book
initializes: collateral_book
initializes: gates
initializes: erc20
initializes: vault[debt_book := debt_book, erc20 := erc20, gates := gates]

exports: ownership.__interface__
exports: debt_book.__interface__
exports: collateral_book.__interface__
exports: gates.__interface__
exports: erc20.__interface__
exports: vault.__interface__

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


event ReserveFunded:
    payer: indexed(address)
    amount: uint256  # [debt token]
    reserve: uint256  # [debt token]


event Seized:
    account: indexed(address)
    collateral: indexed(address)
    receiver: indexed(address)
    amount: uint256  # [collateral token]
    balance: uint256  # the account's after it [collateral token]
    held: uint256  # the market's after it [collateral token]


event DebtAssumed:
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


event DebtReturned:
    account: indexed(address)
    amount: uint256  # [debt token]
    debt: uint256  # the account's after it [debt token]
    debt_in_sale: uint256  # [debt token]


event CollateralReturned:
    account: indexed(address)
    collateral: indexed(address)
    amount: uint256  # [collateral token]
    balance: uint256  # the account's after it [collateral token]
    held: uint256  # the market's after it [collateral token]


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


event LiquidationSet:
    owner: indexed(address)
    previous: indexed(address)
    module: indexed(address)


event LimitsSet:
    owner: indexed(address)
    min_debt: uint256  # [debt token]
    borrow_cap: uint256  # [debt token]


liquidation: public(reentrant(address))  # the one module that may seize, settle and write off
min_debt: public(reentrant(uint256))  # the smallest debt that an account may keep [debt token]
borrow_cap: public(reentrant(uint256))  # most that all accounts may owe after a loan [debt token]


@deploy
def __init__(
    debt_token: address,
    owner: address,
    guardian: address,
    min_debt: uint256,
    borrow_cap: uint256,
    base_rate: uint256,
    kink: uint256,
    rate_at_kink: uint256,
    rate_at_full: uint256,
    reserve_factor: uint256,
):
    """
    @param debt_token     6 to 18 decimals, worth 1 in the feeds' quote currency
    @param guardian       may freeze borrowing; the zero address: nobody but the owner
    @param min_debt       [debt token]
    @param borrow_cap     [debt token]
    @param base_rate      at no utilisation [WAD a year]
    @param kink           utilisation [WAD]
    @param rate_at_kink   [WAD a year]
    @param rate_at_full   [WAD a year]
    @param reserve_factor share of the interest [WAD]
    """
    ownership.__init__(owner, guardian)
    collateral_book.__init__(debt_token)
    debt_book.__init__(
        debt_token,
        interest.Model(
            base_rate=base_rate,
            kink=kink,
            rate_at_kink=rate_at_kink,
            rate_at_full=rate_at_full,
            reserve_factor=reserve_factor,
        ),
    )
    share_decimals: uint8 = staticcall IERC20Detailed(debt_token).decimals() + 6
    erc20.__init__("Firesale lender share", "FIRE", share_decimals)
    self._set_limits(min_debt, borrow_cap)


# --- reading -------------------------------------------------------------------------------------------------


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


@view
def _values(account: address) -> ILendingMarket.AccountValues:
    values: ILendingMarket.AccountValues = collateral_book._values(account)
    values.debt = debt_book._debt_of(account)
    return values


# --- anyone --------------------------------------------------------------------------------------------------


@external
def supply_collateral(collateral: address, amount: uint256, account: address):
    """
    @notice Pull `amount` [collateral token] from the caller to the credit of `account`. Never halted.
    """
    collateral_book._only_known(collateral)
    collateral_book._credit(account, collateral, amount)
    held: uint256 = collateral_book.held[collateral]
    assert held <= collateral_book.config[collateral].cap, "market: collateral cap"
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
def _require_covered(account: address):
    values: ILendingMarket.AccountValues = self._values(account)
    assert values.debt <= values.borrow_limit, "market: unhealthy"


# --- the liquidation module only -----------------------------------------------------------------------------


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
    collateral_book._only_known(collateral)
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


@view
def _only_liquidation():
    assert msg.sender == self.liquidation, "market: only liquidation"


# --- owner and guardian --------------------------------------------------------------------------------------


@external
def add_collateral(
    collateral: address,
    feed: address,
    ltv: uint256,
    liquidation_threshold: uint256,
    cap: uint256,
    max_age: uint256,
):
    """
    @notice Accept one more collateral, with 6 to 18 decimals. Only the owner.
    @param feed                  AggregatorV3 with 8 decimals
    @param ltv                   [WAD]
    @param liquidation_threshold at least ltv, below 1 [WAD]
    @param cap                   [collateral token]
    @param max_age               [s]
    """
    ownership._only_owner()
    assert collateral != debt_book.debt_token, "market: collateral is debt token"
    collateral_book._add(collateral, feed, ltv, liquidation_threshold, cap, max_age)


@external
def set_collateral(
    collateral: address,
    feed: address,
    ltv: uint256,
    liquidation_threshold: uint256,
    cap: uint256,
    max_age: uint256,
):
    """
    @notice Change the terms of a collateral; the parameters are those of `add_collateral`. Only the owner.
    """
    ownership._only_owner()
    collateral_book._set(collateral, feed, ltv, liquidation_threshold, cap, max_age)


@external
def set_liquidation(module: address):
    """
    @notice Trust another liquidation module, once no sale of the present one is open. Only the owner.
    """
    ownership._only_owner()
    assert debt_book.debt_in_sale == 0, "market: sales open"
    log LiquidationSet(owner=msg.sender, previous=self.liquidation, module=module)
    self.liquidation = module


@external
def add_breaker(breaker: IBreaker):
    """
    @notice Obey one more breaker. Only the owner.
    """
    ownership._only_owner()
    gates._add(breaker)


@external
def remove_breaker(breaker: IBreaker):
    """
    @notice Obey it no longer; the market does not call it. Only the owner.
    """
    ownership._only_owner()
    gates._remove(breaker)


@external
def set_limits(min_debt: uint256, borrow_cap: uint256):
    """
    @param min_debt   [debt token]
    @param borrow_cap [debt token]
    """
    ownership._only_owner()
    self._set_limits(min_debt, borrow_cap)


@external
def set_rates(model: interest.Model):
    """
    @notice Change what debt costs from now on. Only the owner.
    """
    ownership._only_owner()
    debt_book._accrue()
    debt_book._set_rates(model)


@external
def freeze_borrowing():
    """
    @notice Set the borrow cap to zero. Only the guardian or the owner; only the owner can lift it (`set_limits`).
    """
    ownership._only_guardian()
    self._set_limits(self.min_debt, 0)


def _set_limits(min_debt: uint256, borrow_cap: uint256):
    self.min_debt = min_debt
    self.borrow_cap = borrow_cap
    log LimitsSet(owner=msg.sender, min_debt=min_debt, borrow_cap=borrow_cap)
