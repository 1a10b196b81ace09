"""What a borrower can do next with an account of the market and the wallet behind it.

Every call stays within what the market would allow at the state that is seen: the loan-to-value,
the minimum debt, the cash, the cap and the breakers. None: nothing worth a transaction.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.agents.base import LEAST_SALE_USD, Facts, Intent, View, buy_in_pool, sell_in_pool
from sim.engines.base import Address, Call
from sim.units import BORROW, GWEI

ROLE = "borrowers"
FEE = 5 * GWEI  # a borrower in a hurry outbids the everyday, not the keepers [wei per gas]
SLIPPAGE = 0.05  # of the pool's price, that one trade may cost
MARGIN = 1.001  # of the debt, between what is done and the loan-to-value
LEAST_USD = 50.0  # less is not worth a transaction
WITHIN = 0.99  # of what the breakers let pass, which a step may have shrunk


class Positions:
    """Accounts and wallets; index i is also the i-th watched account."""

    def __init__(self, facts: Facts, accounts: Sequence[Address]) -> None:
        self._facts = facts
        self._accounts = accounts

    def loose(self, i: int, view: View) -> int:
        """In the wallet [collateral token]."""
        return view.wallets.on_chain(self._accounts[i], self._facts.collateral)

    def cash(self, i: int, view: View) -> float:
        """In the wallet [USD]."""
        units = view.wallets.on_chain(self._accounts[i], self._facts.debt)
        return units / self._facts.debt_unit

    def holds(self, i: int, view: View) -> bool:
        """Whether there is anything in the wallet, which is empty but for a sale under way."""
        on_chain, me = view.wallets.on_chain, self._accounts[i]
        return bool(on_chain(me, self._facts.collateral) or on_chain(me, self._facts.debt))

    def value(self, i: int, view: View) -> float:
        """Of the collateral in the market, at the price that the market reads [USD]."""
        health, debt = float(view.health[i]), float(view.debt[i])
        return health * debt / self._facts.liquidation_threshold

    def health_with_wallet(self, i: int, view: View) -> float:
        """The health factor once the wallet's collateral is supplied and its cash has repaid, which
        is between two transactions of the same undertaking."""
        debt = float(view.debt[i]) - self.cash(i, view)
        held = self.value(i, view) + self._worth(self.loose(i, view), view)
        return self._facts.liquidation_threshold * held / debt if debt > 0 else math.inf

    def sell(self, i: int, view: View) -> Intent | None:
        """What is loose, as much as the pool bears at once."""
        amount = self.loose(i, view)
        if self._worth(amount, view) < LEAST_USD:
            return None
        return sell_in_pool(self._facts, ROLE, self._accounts[i], amount, SLIPPAGE, view, FEE)

    def buy(self, i: int, view: View) -> Intent | None:
        """Collateral for all cash, as much as the pool bears at once."""
        if self.cash(i, view) < LEAST_SALE_USD:
            return None
        units = view.wallets.on_chain(self._accounts[i], self._facts.debt)
        return buy_in_pool(self._facts, ROLE, self._accounts[i], units, SLIPPAGE, view, FEE)

    def supply(self, i: int, amount: int, view: View) -> Intent | None:
        """Put collateral from the wallet into the market [collateral token]."""
        if self._worth(amount, view) < LEAST_USD:
            return None
        args = (self._facts.collateral_arg, amount, self._accounts[i])
        return self._intent(i, "supply_collateral", args)

    def repay(self, i: int, usd: float, view: View) -> Intent | None:
        """Pay back, but leave more than the market's minimum."""
        least = 1.01 * self._facts.design.market.min_debt
        usd = min(usd, float(view.debt[i]) - least)
        if usd < LEAST_USD:
            return None
        units = int(usd * self._facts.debt_unit)
        return self._intent(i, "repay", (units, self._accounts[i]))

    def repay_all(self, i: int, view: View) -> Intent | None:
        """Pay all of the debt, with what it grows by until then; None when the cash is too
        little."""
        if self.cash(i, view) < MARGIN * float(view.debt[i]):
            return None
        units = view.wallets.on_chain(self._accounts[i], self._facts.debt)
        return self._intent(i, "repay", (units, self._accounts[i]))

    def take_out(self, i: int, usd: float, view: View) -> Intent | None:
        """Free so much collateral [USD], as far as loan-to-value and breakers let it go."""
        facts, value = self._facts, self.value(i, view)
        free = value - MARGIN * float(view.debt[i]) / facts.ltv
        usd = min(usd, free, self._let_pass(view))
        if usd < LEAST_USD:
            return None
        amount = int(view.snapshot.collateral[facts.collateral][i] * usd / value)
        return self._withdraw(i, amount)

    def take_out_all(self, i: int, view: View) -> Intent | None:
        """All collateral of who owes nothing."""
        amount = int(view.snapshot.collateral[self._facts.collateral][i])
        return self._withdraw(i, amount) if self._worth(amount, view) >= LEAST_USD else None

    def borrow(self, i: int, usd: float, view: View) -> Intent | None:
        """Borrow so much to the wallet, as far as the market lets it."""
        facts, market = self._facts, view.snapshot.market
        room = self.value(i, view) * facts.ltv / MARGIN - float(view.debt[i])
        cap = facts.design.market.borrow_cap - market.total_debt / facts.debt_unit
        usd = min(usd, room, cap, market.cash / facts.debt_unit, self._let_pass(view))
        if usd < LEAST_USD:
            return None
        return self._intent(i, "borrow", (int(usd * facts.debt_unit), self._accounts[i]))

    def _let_pass(self, view: View) -> float:
        """What the breakers let be borrowed or, by who owes, taken out [USD]."""
        return WITHIN * view.snapshot.market.allowed[BORROW] / self._facts.debt_unit

    def _worth(self, amount: int, view: View) -> float:
        return amount / self._facts.collateral_unit * view.venue_price

    def _withdraw(self, i: int, amount: int) -> Intent:
        args = (self._facts.collateral_arg, amount, self._accounts[i])
        return self._intent(i, "withdraw_collateral", args)

    def _intent(self, i: int, function: str, args: tuple[object, ...]) -> Intent:
        call = Call(self._facts.market, function, args)
        return Intent(ROLE, self._accounts[i], call, function, FEE)
