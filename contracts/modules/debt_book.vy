# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title The book of the debt token: cash, debt with interest, debt in sale, reserve
@notice total_assets = cash + total_debt + debt_in_sale - reserve.
        Interest stands still exactly as long as liquidation is halted.
        Cash is counted here and not by the token's balance, so a gift to the market changes nothing.
        Writing functions expect that `_accrue` was called first in the same transaction.
"""

from . import gates
from . import interest
from . import maths
from . import transfers

uses: gates

event InterestAccrued:
    interest: uint256  # [debt token]
    index: uint256  # [RAY]
    total_debt: uint256  # [debt token]
    reserve: uint256  # [debt token]


event RatesSet:
    owner: indexed(address)
    model: interest.Model


debt_token: public(immutable(address))

cash: public(uint256)  # [debt token]
debt_in_sale: public(uint256)  # [debt token]
interest_model: public(interest.Model)

scaled_debt_of: public(HashMap[address, uint256])  # debt at index 1 [debt token]
total_scaled_debt: public(uint256)  # [debt token at index 1]
stored_reserve: uint256  # as of accrued_at [debt token]
stored_index: uint256  # as of accrued_at [RAY]
accrued_at: public(uint256)  # without halts [s]


@deploy
def __init__(debt_token_: address, model: interest.Model):
    debt_token = debt_token_
    interest._check(model)
    self.interest_model = model
    self.stored_index = maths.RAY
    self.accrued_at = gates._bearing_time()


@view
@external
def index() -> uint256:
    """
    @return what a debt of 1 at the market's start has grown to now [RAY]
    """
    return self._index()


@view
@external
def total_debt() -> uint256:
    """
    @return owed by all accounts, with interest up to now, without debt in sale [debt token]
    """
    return self._total_debt()


@view
@external
def debt_of(account: address) -> uint256:
    """
    @return with interest up to now, rounded up [debt token]
    """
    return self._debt_of(account)


@view
@external
def reserve() -> uint256:
    """
    @return the protocol's own part, with interest up to now [debt token]
    """
    return self._reserve()


@view
@external
def utilisation() -> uint256:
    """
    @return the lent part of what was supplied, as of the last touch [WAD]
    """
    return self._utilisation()


@view
@external
def borrow_rate() -> uint256:
    """
    @return [WAD a year]
    """
    return self._rate()


# --- reading -------------------------------------------------------------------------------------------------


@view
def _utilisation() -> uint256:
    owed: uint256 = maths._mul_div_up(self.total_scaled_debt, self.stored_index, maths.RAY)
    return interest._utilisation_down(owed + self.debt_in_sale, self.cash)


@view
def _rate() -> uint256:
    return interest._rate_down(self.interest_model, self._utilisation())


@view
def _index() -> uint256:
    elapsed: uint256 = gates._bearing_time() - self.accrued_at
    if elapsed == 0:
        return self.stored_index
    return interest._grown_up(self.stored_index, self._rate(), elapsed)


@view
def _total_debt() -> uint256:
    return maths._mul_div_up(self.total_scaled_debt, self._index(), maths.RAY)


@view
def _debt_of(account: address) -> uint256:
    scaled: uint256 = self.scaled_debt_of[account]
    if scaled == 0:
        return 0
    return maths._mul_div_up(scaled, self._index(), maths.RAY)


@view
def _pending_interest() -> uint256:
    stored: uint256 = maths._mul_div_up(self.total_scaled_debt, self.stored_index, maths.RAY)
    return self._total_debt() - stored


@view
def _reserve() -> uint256:
    if gates._bearing_time() == self.accrued_at:
        return self.stored_reserve
    earned: uint256 = maths._mul_div_down(
        self._pending_interest(), self.interest_model.reserve_factor, maths.WAD
    )
    return self.stored_reserve + earned


@view
def _total_assets() -> uint256:
    return self.cash + self._total_debt() + self.debt_in_sale - self._reserve()


# --- writing -------------------------------------------------------------------------------------------------


def _accrue():
    """
    @notice Bring index and reserve up to date. Every external function that writes calls it first.
    """
    now: uint256 = gates._bearing_time()
    if now == self.accrued_at:
        return
    earned: uint256 = self._pending_interest()
    reserve: uint256 = self._reserve()
    self.stored_index = self._index()
    self.stored_reserve = reserve
    self.accrued_at = now
    if earned > 0:
        log InterestAccrued(
            interest=earned, index=self.stored_index, total_debt=self._total_debt(), reserve=reserve
        )


def _set_rates(model: interest.Model):
    interest._check(model)
    self.interest_model = model
    log RatesSet(owner=msg.sender, model=model)


def _receive(payer: address, amount: uint256):
    """
    @notice Pull `amount` [debt token] into the cash.
    """
    self.cash += amount
    transfers._pull(debt_token, payer, amount)


def _pay(receiver: address, amount: uint256):
    """
    @notice Send `amount` [debt token] out of the cash.
    """
    assert self.cash >= amount, "market: no cash"
    self.cash -= amount
    transfers._push(debt_token, receiver, amount)


def _add_debt(account: address, amount: uint256):
    scaled: uint256 = maths._mul_div_up(amount, maths.RAY, self._index())
    self.scaled_debt_of[account] += scaled
    self.total_scaled_debt += scaled


def _cut_debt(account: address, amount: uint256) -> uint256:
    """
    @notice Take up to `amount` [debt token] off the account's debt.
    @return taken off [debt token]
    """
    owed: uint256 = self._debt_of(account)
    cut: uint256 = min(amount, owed)
    scaled: uint256 = self.scaled_debt_of[account]
    if cut < owed:
        scaled = maths._mul_div_down(cut, maths.RAY, self._index())
    self.scaled_debt_of[account] -= scaled
    self.total_scaled_debt -= scaled
    return cut


def _add_to_sale(amount: uint256):
    self.debt_in_sale += amount


def _cut_from_sale(amount: uint256):
    assert self.debt_in_sale >= amount, "market: not in sale"
    self.debt_in_sale -= amount


def _add_to_reserve(amount: uint256):
    self.stored_reserve += amount


def _cut_from_reserve(amount: uint256) -> uint256:
    """
    @notice Take up to `amount` [debt token] from the reserve.
    @return taken [debt token]
    """
    cut: uint256 = min(amount, self.stored_reserve)
    self.stored_reserve -= cut
    return cut
