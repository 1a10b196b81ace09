"""Twin of contracts/modules/spot_sale.vy: liquidation at once, at a price that the heir names.

What the three contracts say each for itself in Vyper, `quote` and `take`, stands here once; what
they ask the market again and again is asked once.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from sim.mechanisms.kernel import Address, Revert, Table, steady, view
from sim.mechanisms.liquidation import sale_terms
from sim.mechanisms.liquidation.market_link import MarketLink
from sim.mechanisms.market.collateral_book import AccountValues
from sim.mechanisms.maths import mul_div_down, mul_div_up
from sim.mechanisms.words import uint
from sim.units import WAD

MAX_GRACE_S = 4 * 3_600


class Loan(NamedTuple):
    """An unhealthy account that holds some of a collateral."""

    collateral: Address
    debt: int  # [debt token]
    limit: int  # of liquidation, of all that it holds [debt token]
    health: int  # [WAD]
    held: int  # [collateral token]
    threshold: int  # of liquidation [WAD]
    feed: int  # the market's price [WAD, debt per collateral]
    scale: int  # held * feed is that many times its value [debt token]


class SpotSale(MarketLink):
    """A module without a phase before the sale; amounts in [debt token] and [collateral token]."""

    guarded = True

    def _init_spot_sale(self, min_leftover: int) -> None:
        self.MIN_LEFTOVER = min_leftover
        self.protocol_fee: Table[Address, int] = self._table(0)  # by collateral, of the bonus [WAD]
        self.grace_until: Table[Address, int] = self._table(0)  # by collateral [unix s]

    def _set_protocol_fees(self, fees: Sequence[int]) -> None:
        """By collateral, in the market's order [WAD]."""
        collaterals = self._ask_market("collaterals")
        if len(fees) != len(collaterals):
            raise Revert("spot: one fee for each collateral")
        for collateral, fee in zip(collaterals, fees, strict=True):
            if fee > WAD:
                raise Revert("spot: fee above 1")
            self.protocol_fee[collateral] = fee

    @abstractmethod
    def _closable(self, loan: Loan, asked: int) -> int:
        """What the rules let be repaid at the price asked for."""

    @abstractmethod
    def _price_up(self, loan: Loan) -> int:
        """What is asked for, without the fee [WAD, debt per collateral]."""

    @view
    def startable(self, account: Address) -> bool:
        """Never: there is no phase before the sale."""
        return False

    def start(self, account: Address, collateral: Address) -> None:
        """Always reverts."""
        raise Revert("spot: no sales to start")

    @view
    def restartable(self, account: Address, collateral: Address) -> bool:
        """Never: there is nothing that could go stale."""
        return False

    def restart(self, account: Address, collateral: Address) -> None:
        """Always reverts."""
        raise Revert("spot: no sales to start")

    @view
    def quote(self, account: Address, collateral: Address, max_pay: int) -> tuple[int, int]:
        """Paid and received; (0, 0) also while the feed gives no price."""
        held = self._held(account, collateral)
        try:
            values = self._ask_market("values", account)
        except Revert:  # there is no price; a view has nothing to undo
            return 0, 0
        if not held or not values.debt:
            return 0, 0
        loan = self._loan(values, collateral, held)
        if loan.health >= WAD or self._barred(account, collateral):
            return 0, 0
        debt, fee, received = self._terms(loan, max_pay)
        return debt + fee, received

    def take(
        self,
        account: Address,
        collateral: Address,
        max_pay: int,
        min_receive: int,
        receiver: Address,
        data: bytes,
    ) -> tuple[int, int]:
        """Repay debt of an unhealthy account and receive its collateral at the quote."""
        self._admit(account, collateral, max_pay)
        values, held = self._ask_market("values", account), self._held(account, collateral)
        loan = self._loan(values, collateral, held)
        debt, fee, received = self._terms(loan, max_pay)
        price = self._price_with_fee_up(loan)
        if not debt:
            raise Revert("spot: would leave dust")
        if received < min_receive:
            raise Revert("spot: too little")
        self._ask_market("assume_debt", account, debt)
        self._ask_market("seize", account, collateral, received, receiver)
        self._charge(account, collateral, debt, fee, received, receiver, data)
        self._log(
            "Taken",
            account=account,
            collateral=collateral,
            taker=self._chain.sender,
            receiver=receiver,
            paid=debt + fee,
            fee=fee,
            received=received,
            price=price,
            debt_left=self._ask_market("debt_of", account),
            lot_left=self._held(account, collateral),
        )
        if not self._has_collateral(account):
            self._write_off(account, 0)
        return debt + fee, received

    def set_grace(self, collateral: Address, until: int) -> None:
        """No liquidation for this collateral up to and at a time. Guardian or owner."""
        sender = self._chain.sender
        if sender != self._ask_market("guardian") and sender != self._ask_market("owner"):
            raise Revert("spot: only guardian")
        if until > self._chain.timestamp + MAX_GRACE_S:
            raise Revert("spot: grace too long")
        self.grace_until[collateral] = until
        self._log("GraceSet", caller=sender, collateral=collateral, until=until)

    def _barred(self, account: Address, collateral: Address) -> bool:
        """Whether nothing is for sale for now, whatever the health: in the grace period."""
        return self._chain.timestamp <= self.grace_until[collateral]

    def _admit(self, account: Address, collateral: Address, max_pay: int) -> None:
        """Reverts unless something can be for sale."""
        if not max_pay:
            raise Revert("spot: nothing offered")
        if self._chain.timestamp <= self.grace_until[collateral]:
            raise Revert("spot: grace period")
        if self._ask_market("health_factor", account) >= WAD:
            raise Revert("spot: healthy")
        if not self._held(account, collateral):
            raise Revert("spot: no collateral")
        if not self._passing(collateral, max_pay):
            raise Revert("spot: halted")

    def _loan(self, values: AccountValues, collateral: Address, held: int) -> Loan:
        debt, limit = values.debt, values.liquidation_limit
        health = mul_div_down(limit, WAD, debt)
        return Loan(collateral, debt, limit, health, held, *self._of_collateral(collateral))

    @steady
    def _of_collateral(self, collateral: Address) -> tuple[int, int, int]:
        """Threshold, feed and scale of a loan."""
        config = self._ask_market("config", collateral)
        price: int = self._ask_market("price", collateral)
        scale: int = 10 ** (18 + config.decimals - self._debt_decimals)
        return config.liquidation_threshold, price, scale

    def _terms(self, loan: Loan, max_pay: int) -> tuple[int, int, int]:
        """Debt paid, the fee on it, received."""
        asked = self._price_up(loan)
        closable = self._closable(loan, asked)
        part, whole = self._fee_ratio(loan, asked)
        dearest = closable + mul_div_up(closable, part, whole)
        offered = self._passing(loan.collateral, min(max_pay, dearest))
        debt, received = sale_terms.terms(
            loan.debt,
            loan.held,
            asked,
            loan.scale,
            mul_div_down(offered, whole, whole + part),
            self.MIN_LEFTOVER,
            mul_div_up(self.MIN_LEFTOVER, loan.scale, loan.feed),
        )
        return debt, mul_div_up(debt, part, whole), received

    def _price_with_fee_up(self, loan: Loan) -> int:
        """What a taker pays in all for a unit of collateral [WAD, debt per collateral]."""
        asked = self._price_up(loan)
        return asked + mul_div_up(asked, *self._fee_ratio(loan, asked))

    def _fee_ratio(self, loan: Loan, asked: int) -> tuple[int, int]:
        """The fee over the debt that is paid, as a fraction: protocol_fee * (feed / asked - 1)."""
        bonus = uint(loan.feed - asked)
        return uint(self.protocol_fee[loan.collateral] * bonus), uint(asked * WAD)

    def _enlarged(self, loan: Loan, closable: int, asked: int) -> int:
        """All of the debt, where the part would leave less than the least on a leg."""
        received = mul_div_down(closable, loan.scale, asked)
        left = mul_div_down(max(loan.held - received, 0), loan.feed, loan.scale)
        dust = closable + self.MIN_LEFTOVER > loan.debt or left < self.MIN_LEFTOVER
        return loan.debt if dust else closable

    def _held(self, account: Address, collateral: Address) -> int:
        held: int = self._ask_market("collateral_of", account, collateral)
        return held
