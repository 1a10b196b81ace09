"""Twin of contracts/liquidation/HealthDiscount.vy: a discount that grows as health falls."""

from __future__ import annotations

from sim.mechanisms.kernel import Address, Chain, Revert
from sim.mechanisms.liquidation import restoring
from sim.mechanisms.liquidation.spot_sale import Loan, SpotSale
from sim.mechanisms.maths import mul_div_up
from sim.mechanisms.words import uint
from sim.units import WAD


class HealthDiscount(SpotSale):
    """Closes what restores a target health, some time after the market's last check."""

    def __init__(
        self,
        chain: Chain,
        address: Address,
        market: Address,
        max_discount: int,
        target_health: int,
        cool_off: int,
        min_leftover: int,
    ) -> None:
        super().__init__(chain, address)
        if max_discount >= WAD:
            raise Revert("discount: max_discount not below 1")
        if not WAD <= target_health <= 2 * WAD:
            raise Revert("discount: target_health not between 1 and 2")
        self._init_market_link(market)
        self._init_spot_sale(min_leftover)
        self.MAX_DISCOUNT, self.TARGET_HEALTH = max_discount, target_health
        self.COOL_OFF = cool_off

    def _barred(self, account: Address, collateral: Address) -> bool:
        return super()._barred(account, collateral) or self._cools(account)

    def _admit(self, account: Address, collateral: Address, max_pay: int) -> None:
        super()._admit(account, collateral, max_pay)
        if self._cools(account):
            raise Revert("discount: cooling off")

    def _cools(self, account: Address) -> bool:
        checked_at: int = self._ask_market("checked_at", account)
        return self._chain.timestamp < uint(checked_at + self.COOL_OFF)

    def _closable(self, loan: Loan, asked: int) -> int:
        """What restores the target health."""
        _, debt, limit, _, _, threshold, feed, _ = loan
        index, target = self._ask_market("index"), self.TARGET_HEALTH
        part = restoring.payment_up(debt, index, limit, threshold, target, feed, asked)
        return self._enlarged(loan, part, asked)

    def _price_up(self, loan: Loan) -> int:
        """The feed's price less the discount."""
        return mul_div_up(loan.feed, max(loan.health, WAD - self.MAX_DISCOUNT), WAD)
