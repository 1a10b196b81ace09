"""Twin of contracts/modules/spot_sale.vy: liquidation at once, at a price that the heir names.

What the three contracts say each for itself in Vyper, `quote` and `take`, stands here once.
"""

from __future__ import annotations

from abc import abstractmethod

from sim.mechanisms.kernel import Address, Revert, view
from sim.mechanisms.liquidation import sale_terms
from sim.mechanisms.liquidation.market_link import MarketLink
from sim.mechanisms.maths import mul_div_down, mul_div_up
from sim.mechanisms.probe import Probe
from sim.units import WAD


class SpotSale(MarketLink, Probe):
    """A module without a phase before the sale; amounts in [debt token] and [collateral token]."""

    guarded = True
    unlocked = frozenset({"MIN_LEFTOVER"})

    def _init_spot_sale(self, min_leftover: int) -> None:
        self.MIN_LEFTOVER = min_leftover

    @abstractmethod
    def _closable(self, account: Address, collateral: Address, asked: int) -> int:
        """What the rules let be repaid at the price asked for."""

    @abstractmethod
    def _price_up(self, account: Address, collateral: Address) -> int:
        """What a taker pays [WAD, debt per collateral]."""

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
        if not self._for_sale(account, collateral):
            return 0, 0
        return self._terms(account, collateral, max_pay, self._price_up(account, collateral))

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
        price = self._price_up(account, collateral)
        pay, received = self._terms(account, collateral, max_pay, price)
        if not pay:
            raise Revert("spot: would leave dust")
        if received < min_receive:
            raise Revert("spot: too little")
        return self._sell(account, collateral, pay, received, price, receiver, data), received

    def _for_sale(self, account: Address, collateral: Address) -> bool:
        """Unhealthy, and holds some of the collateral; false while the feed gives no price."""
        if self._health_or_max(self.market, account) >= WAD:
            return False
        return self._held(account, collateral) > 0

    def _admit(self, account: Address, collateral: Address, max_pay: int) -> None:
        """Reverts unless something can be for sale."""
        if not max_pay:
            raise Revert("spot: nothing offered")
        if self._ask_market("health_factor", account) >= WAD:
            raise Revert("spot: healthy")
        if not self._held(account, collateral):
            raise Revert("spot: no collateral")
        if not self._passing(collateral, max_pay):
            raise Revert("spot: halted")

    def _terms(
        self, account: Address, collateral: Address, max_pay: int, asked: int
    ) -> tuple[int, int]:
        """Paid and received, of an unhealthy account that holds some of the collateral."""
        most = min(max_pay, self._closable(account, collateral, asked))
        scale = self._scale(collateral)
        price = self._ask_market("price", collateral)
        return sale_terms.terms(
            self._ask_market("debt_of", account),
            self._held(account, collateral),
            asked,
            scale,
            self._passing(collateral, most),
            self.MIN_LEFTOVER,
            mul_div_up(self.MIN_LEFTOVER, scale, price),
        )

    def _enlarged(self, account: Address, collateral: Address, closable: int, asked: int) -> int:
        """All of the debt, where the part would leave less than the least on a leg."""
        debt: int = self._ask_market("debt_of", account)
        held = self._held(account, collateral)
        cost = mul_div_down(held, asked, self._scale(collateral))
        return debt if closable + self.MIN_LEFTOVER > min(debt, cost) else closable

    def _sell(
        self,
        account: Address,
        collateral: Address,
        max_debt: int,
        received: int,
        price: int,
        receiver: Address,
        data: bytes,
    ) -> int:
        """What was paid."""
        paid: int = self._ask_market("assume_debt", account, max_debt)
        self._ask_market("seize", account, collateral, received, receiver)
        self._charge(account, collateral, paid, 0, received, receiver, data)
        self._log(
            "Taken",
            account=account,
            collateral=collateral,
            taker=self._chain.sender,
            receiver=receiver,
            paid=paid,
            fee=0,
            received=received,
            price=price,
            debt_left=self._ask_market("debt_of", account),
            lot_left=self._held(account, collateral),
        )
        if not self._has_collateral(account):
            self._write_off(account, 0)
        return paid

    def _held(self, account: Address, collateral: Address) -> int:
        held: int = self._ask_market("collateral_of", account, collateral)
        return held
