"""Twin of contracts/modules/borrowing.vy: the borrowers' side. Amounts in [debt token], or in
[collateral token] where a collateral is named.
"""

from __future__ import annotations

from sim.mechanisms.kernel import Address, Revert, Table, view
from sim.mechanisms.market.collateral_book import AccountValues, CollateralBook
from sim.mechanisms.market.debt_book import DebtBook
from sim.mechanisms.maths import mul_div_down
from sim.units import BORROW, MAX_UINT, WAD


class Borrowing(CollateralBook, DebtBook):
    """Collateral in, loan out, and back."""

    unlocked = frozenset({"min_debt", "borrow_cap"})

    def _init_borrowing(self, min_debt: int, borrow_cap: int) -> None:
        self._set_limits(min_debt, borrow_cap)
        self.checked_at: Table[Address, int] = self._table(0)  # by account [unix s]

    @view
    def values(self, account: Address) -> AccountValues:
        """Debt and collateral at feed prices; only collateral that the account holds is priced."""
        return self._account_values(account)

    @view
    def health_factor(self, account: Address) -> int:
        """Liquidation limit / debt, rounded down [WAD]; 2**256 - 1 without debt."""
        debt = self._debt_of(account)
        if not debt:
            return MAX_UINT
        return mul_div_down(self._values(account, debt).liquidation_limit, WAD, debt)

    def check(self, account: Address) -> None:
        """Find that what the account owes is within its borrow limit. Anyone."""
        self._require_covered(account)
        self._log("Checked", account=account)

    def supply_collateral(self, collateral: Address, amount: int, account: Address) -> None:
        """Pull collateral from the caller to the credit of the account. Never halted."""
        sender = self._chain.sender
        self._credit(account, collateral, amount)
        if self.held[collateral] > self._configs[collateral].cap:
            raise Revert("market: collateral cap")
        self._pull(collateral, sender, amount)
        who = {"account": account, "collateral": collateral, "payer": sender}
        self._log_collateral("CollateralSupplied", who, amount)

    def withdraw_collateral(self, collateral: Address, amount: int, receiver: Address) -> None:
        """Send collateral of the caller's; gated as BORROW while the caller owes."""
        sender = self._chain.sender
        self._accrue()
        self._debit(sender, collateral, amount)
        gated = 0
        if self._debt_of(sender):
            gated = self._value_up(collateral, amount)
            self._require(BORROW, collateral, gated)
            self._require_covered(sender)
        self._push(collateral, receiver, amount)
        who = {"account": sender, "collateral": collateral, "receiver": receiver}
        self._log_collateral("CollateralWithdrawn", who, amount)
        if gated:
            self._record(BORROW, collateral, gated)

    def borrow(self, amount: int, receiver: Address) -> None:
        """Lend to the caller, sent to `receiver`."""
        sender = self._chain.sender
        self._accrue()
        self._require(BORROW, self.debt_token, amount)
        self._add_debt(sender, amount)
        debt = self._debt_of(sender)
        if debt < self.min_debt:
            raise Revert("market: below minimum debt")
        if self._total_debt() > self.borrow_cap:
            raise Revert("market: borrow cap")
        self._require_covered(sender)
        self._pay(receiver, amount)
        total = self._total_debt()
        who = {"account": sender, "receiver": receiver}
        self._log("Borrowed", **who, amount=amount, debt=debt, total_debt=total)
        self._record(BORROW, self.debt_token, amount)

    def repay(self, amount: int, account: Address) -> int:
        """Pull up to `amount` from the caller to pay the account's debt; what was paid."""
        sender = self._chain.sender
        self._accrue()
        paid = self._cut_debt(account, amount)
        debt = self._debt_of(account)
        if 0 < debt < self.min_debt:
            raise Revert("market: below minimum debt")
        self._receive(sender, paid)
        total = self._total_debt()
        who = {"account": account, "payer": sender}
        self._log("Repaid", **who, amount=paid, debt=debt, total_debt=total)
        return paid

    def _account_values(self, account: Address) -> AccountValues:
        return self._values(account, self._debt_of(account))

    def _require_covered(self, account: Address) -> None:
        values = self._account_values(account)
        if values.debt > values.borrow_limit:
            raise Revert("market: unhealthy")
        self.checked_at[account] = self._chain.timestamp

    def _set_limits(self, min_debt: int, borrow_cap: int) -> None:
        self.min_debt, self.borrow_cap = min_debt, borrow_cap
        caller = self._chain.sender
        self._log("LimitsSet", caller=caller, min_debt=min_debt, borrow_cap=borrow_cap)
