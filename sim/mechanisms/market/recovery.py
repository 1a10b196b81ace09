"""Twin of contracts/modules/recovery.vy: what the one trusted liquidation module may do, and the
reserve. Amounts in [debt token], or in [collateral token] where a collateral is named.
"""

from __future__ import annotations

from sim.mechanisms.kernel import NOBODY, Address, Revert
from sim.mechanisms.market.collateral_book import CollateralBook
from sim.mechanisms.market.debt_book import DebtBook
from sim.mechanisms.words import uint
from sim.units import LIQUIDATE


class Recovery(CollateralBook, DebtBook):
    """Debt goes from an account to the book of sales, and there it is paid, given back or lost."""

    unlocked = frozenset({"liquidation"})

    def _init_recovery(self) -> None:
        self.liquidation = NOBODY

    def seize(self, account: Address, collateral: Address, amount: int, receiver: Address) -> None:
        """Send collateral of the account's to `receiver`."""
        self._only_liquidation()
        self._debit(account, collateral, amount)
        self._push(collateral, receiver, amount)
        who = {"account": account, "collateral": collateral, "receiver": receiver}
        self._log_collateral("Seized", who, amount)

    def return_collateral(self, account: Address, collateral: Address, amount: int) -> None:
        """Pull collateral from the module back to the credit of the account."""
        self._only_liquidation()
        self._credit(account, collateral, amount)
        self._pull(collateral, self._chain.sender, amount)
        who = {"account": account, "collateral": collateral}
        self._log_collateral("CollateralReturned", who, amount)

    def assume_debt(self, account: Address, amount: int) -> int:
        """Take up to so much debt off the account into the book of sales; what was taken."""
        self._only_liquidation()
        self._accrue()
        taken = self._cut_debt(account, amount)
        self._add_to_sale(taken)
        self._log_debt("DebtAssumed", account, taken)
        return taken

    def return_debt(self, account: Address, amount: int) -> None:
        """Put so much of the book of sales back on the account."""
        self._only_liquidation()
        self._accrue()
        self._cut_from_sale(amount)
        self._add_debt(account, amount)
        self._log_debt("DebtReturned", account, amount)

    def settle(self, collateral: Address, debt: int, fee: int) -> None:
        """Pull debt, which is paid, and a fee for the reserve from the module."""
        self._only_liquidation()
        self._accrue()
        self._cut_from_sale(debt)
        self._add_to_reserve(fee)
        self._receive(self._chain.sender, uint(debt + fee))
        self._log(
            "Settled",
            collateral=collateral,
            debt=debt,
            fee=fee,
            debt_in_sale=self.debt_in_sale,
            reserve=self._reserve(),
        )
        self._record(LIQUIDATE, collateral, debt + fee)

    def write_off(self, account: Address, amount: int) -> None:
        """Recognise so much of the book of sales as lost: the reserve bears it first."""
        self._only_liquidation()
        self._accrue()
        self._cut_from_sale(amount)
        from_reserve = self._cut_from_reserve(amount)
        self._log(
            "BadDebt",
            account=account,
            amount=amount,
            from_reserve=from_reserve,
            from_lenders=amount - from_reserve,
            reserve_left=self._reserve(),
            total_assets=self._total_assets(),
        )

    def pay_incentive(self, receiver: Address, amount: int) -> int:
        """Pay up to so much out of the reserve, as far as it and the cash reach; what was paid."""
        self._only_liquidation()
        self._accrue()
        paid = self._cut_from_reserve(min(amount, self.cash))
        self._pay(receiver, paid)
        self._log("IncentivePaid", receiver=receiver, amount=paid, reserve_left=self._reserve())
        return paid

    def fund_reserve(self, amount: int) -> None:
        """Give so much of the caller's to the reserve."""
        self._accrue()
        self._add_to_reserve(amount)
        self._receive(self._chain.sender, amount)
        payer = self._chain.sender
        self._log("ReserveFunded", payer=payer, amount=amount, reserve=self._reserve())

    def _only_liquidation(self) -> None:
        if self._chain.sender != self.liquidation:
            raise Revert("market: only liquidation")

    def _set_module(self, module: Address) -> None:
        if self.debt_in_sale:
            raise Revert("market: sales open")
        change = {"previous": self.liquidation, "module": module}
        self._log("LiquidationSet", owner=self._chain.sender, **change)
        self.liquidation = module

    def _log_debt(self, event: str, account: Address, amount: int) -> None:
        after = {"debt": self._debt_of(account), "debt_in_sale": self.debt_in_sale}
        self._log(event, account=account, amount=amount, **after)
