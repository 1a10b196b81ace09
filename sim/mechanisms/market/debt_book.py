"""Twin of contracts/modules/debt_book.vy: cash, debt with interest, debt in sale, reserve.

Who owes s at index 1 owes s * index now, rounded up. A loan of x adds x / index, rounded up, and a
repayment of x takes off x / index, rounded down, so that no rounding makes a debt smaller than what
was lent and not repaid.

Amounts are in [debt token], indexes in [RAY]. What writes expects that `_accrue` was called first.
"""

from __future__ import annotations

from sim.mechanisms.kernel import Address, Revert, Table, steady, view
from sim.mechanisms.market import interest
from sim.mechanisms.market.gates import Gates
from sim.mechanisms.maths import mul_div_down, mul_div_up
from sim.mechanisms.transfers import Transfers
from sim.mechanisms.words import uint
from sim.units import RAY, WAD


class DebtBook(Gates, Transfers):
    """total_assets = cash + total_debt + debt_in_sale - reserve; halts bear no interest."""

    unlocked = frozenset({"debt_token"})

    def _init_debt_book(self, debt_token: Address, model: interest.Model) -> None:
        self.debt_token = debt_token
        interest.check(model)
        self.interest_model = model
        self.cash = self.debt_in_sale = 0
        self.scaled_debt_of: Table[Address, int] = self._table(0)  # debt at index 1
        self.total_scaled_debt = 0
        self._stored_reserve = 0
        self._stored_index = RAY
        self.accrued_at = self._bearing_time()  # without halts [s]

    @view
    def index(self) -> int:
        """What a debt of 1 at the market's start has grown to now."""
        return self._index()

    @view
    def total_debt(self) -> int:
        """Owed by all accounts, with interest up to now, without debt in sale."""
        return self._total_debt()

    @view
    def debt_of(self, account: Address) -> int:
        """With interest up to now, rounded up."""
        return self._debt_of(account)

    @view
    def reserve(self) -> int:
        """The protocol's own part, with interest up to now."""
        return self._reserve()

    @view
    def utilisation(self) -> int:
        """The lent part of what was supplied, as of the last touch [WAD]."""
        return self._utilisation()

    @view
    def borrow_rate(self) -> int:
        """[WAD a year]."""
        return self._rate()

    def _stored_debt(self) -> int:
        """As of the last touch."""
        return mul_div_up(self.total_scaled_debt, self._stored_index, RAY)

    def _utilisation(self) -> int:
        return interest.utilisation_down(self._stored_debt() + self.debt_in_sale, self.cash)

    def _rate(self) -> int:
        return interest.rate_down(self.interest_model, self._utilisation())

    @steady
    def _index(self) -> int:
        elapsed = self._bearing_time() - self.accrued_at
        if not elapsed:
            return self._stored_index
        return interest.grown_up(self._stored_index, self._rate(), elapsed)

    @steady
    def _total_debt(self) -> int:
        return mul_div_up(self.total_scaled_debt, self._index(), RAY)

    def _debt_of(self, account: Address) -> int:
        scaled = self.scaled_debt_of[account]
        return mul_div_up(scaled, self._index(), RAY) if scaled else 0

    def _pending_interest(self) -> int:
        return self._total_debt() - self._stored_debt()

    def _reserve(self) -> int:
        if self._bearing_time() == self.accrued_at:
            return self._stored_reserve
        factor = self.interest_model.reserve_factor
        return self._stored_reserve + mul_div_down(self._pending_interest(), factor, WAD)

    def _total_assets(self) -> int:
        return uint(self.cash + self._total_debt() + self.debt_in_sale - self._reserve())

    def _accrue(self) -> None:
        """Bring index and reserve up to date."""
        now = self._bearing_time()
        if now == self.accrued_at:
            return
        earned, reserve = self._pending_interest(), self._reserve()
        self._stored_index, self._stored_reserve = self._index(), reserve
        self.accrued_at = now
        if earned:
            self._log(
                "InterestAccrued",
                interest=earned,
                index=self._stored_index,
                total_debt=self._total_debt(),
                reserve=reserve,
            )

    def _set_rates(self, model: interest.Model) -> None:
        interest.check(model)
        self.interest_model = model
        self._log("RatesSet", owner=self._chain.sender, model=model)

    def _receive(self, payer: Address, amount: int) -> None:
        """Pull so much into the cash."""
        self.cash = uint(self.cash + amount)
        self._pull(self.debt_token, payer, amount)

    def _pay(self, receiver: Address, amount: int) -> None:
        """Send so much out of the cash."""
        if self.cash < amount:
            raise Revert("market: no cash")
        self.cash -= amount
        self._push(self.debt_token, receiver, amount)

    def _add_debt(self, account: Address, amount: int) -> None:
        scaled = mul_div_up(amount, RAY, self._index())
        self.scaled_debt_of[account] += scaled
        self.total_scaled_debt += scaled

    def _cut_debt(self, account: Address, amount: int) -> int:
        """Take up to so much off the account's debt; what was taken off."""
        owed = self._debt_of(account)
        cut = min(amount, owed)
        scaled = self.scaled_debt_of[account]
        if cut < owed:
            scaled = mul_div_down(cut, RAY, self._index())
        self.scaled_debt_of[account] -= scaled
        self.total_scaled_debt -= scaled
        return cut

    def _add_to_sale(self, amount: int) -> None:
        self.debt_in_sale += amount

    def _cut_from_sale(self, amount: int) -> None:
        if self.debt_in_sale < amount:
            raise Revert("market: not in sale")
        self.debt_in_sale -= amount

    def _add_to_reserve(self, amount: int) -> None:
        self._stored_reserve = uint(self._stored_reserve + amount)

    def _cut_from_reserve(self, amount: int) -> int:
        """Take up to so much from the reserve; what was taken."""
        cut = min(amount, self._stored_reserve)
        self._stored_reserve -= cut
        return cut
