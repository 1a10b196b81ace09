"""Twin of contracts/liquidation/TargetHealth.vy: at once, up to a target health."""

from __future__ import annotations

from collections.abc import Sequence

from sim.mechanisms.kernel import Address, Chain, Revert, Table
from sim.mechanisms.liquidation import restoring
from sim.mechanisms.liquidation.spot_sale import Loan, SpotSale
from sim.mechanisms.maths import mul_div_down, mul_div_up
from sim.mechanisms.words import uint
from sim.units import WAD


class TargetHealth(SpotSale):
    """At a bonus that rises as health falls."""

    def __init__(
        self,
        chain: Chain,
        address: Address,
        market: Address,
        min_bonus: Sequence[int],
        max_bonus: Sequence[int],
        protocol_fee: Sequence[int],
        health_for_max: int,
        target_health: int,
        full_close_share: int,
        min_leftover: int,
    ) -> None:
        super().__init__(chain, address)
        if health_for_max >= WAD:
            raise Revert("target: health_for_max not below 1")
        if not WAD <= target_health <= 2 * WAD:
            raise Revert("target: target_health not between 1 and 2")
        if full_close_share > WAD:
            raise Revert("target: full_close_share above 1")
        self._init_market_link(market)
        self._init_spot_sale(min_leftover)
        self._set_protocol_fees(protocol_fee)
        self._set_bonuses(min_bonus, max_bonus)
        self.HEALTH_FOR_MAX, self.TARGET_HEALTH = health_for_max, target_health
        self.FULL_CLOSE_SHARE = full_close_share

    def _set_bonuses(self, least: Sequence[int], most: Sequence[int]) -> None:
        """By collateral, in the market's order [WAD]."""
        self.min_bonus: Table[Address, int] = self._table(0)
        self.max_bonus: Table[Address, int] = self._table(0)
        collaterals = self._ask_market("collaterals")
        if not len(least) == len(most) == len(collaterals):
            raise Revert("target: one bonus for each collateral")
        for collateral, low, high in zip(collaterals, least, most, strict=True):
            if low > high:
                raise Revert("target: min_bonus above max_bonus")
            if high > WAD:
                raise Revert("target: max_bonus above 1")
            self.min_bonus[collateral], self.max_bonus[collateral] = low, high

    def _closable(self, loan: Loan, asked: int) -> int:
        """What restores the target health; all of the debt where that is too large a share."""
        _, debt, limit, _, _, threshold, feed, _ = loan
        index, target = self._ask_market("index"), self.TARGET_HEALTH
        part = restoring.payment_up(debt, index, limit, threshold, target, feed, asked)
        if uint(part * WAD) > uint(debt * self.FULL_CLOSE_SHARE):
            return debt
        return self._enlarged(loan, part, asked)

    def _price_up(self, loan: Loan) -> int:
        """The feed's price less the bonus, price / (1 + bonus)."""
        return mul_div_up(loan.feed, WAD, WAD + self._bonus_down(loan))

    def _bonus_down(self, loan: Loan) -> int:
        """On the line between its two ends [WAD]."""
        least = self.min_bonus[loan.collateral]
        span = self.max_bonus[loan.collateral] - least
        short = WAD - max(loan.health, self.HEALTH_FOR_MAX)
        return least + mul_div_down(span, short, WAD - self.HEALTH_FOR_MAX)
