"""Twin of contracts/liquidation/FixedSpread.vy: at once, at the feed's price less a bonus."""

from __future__ import annotations

from collections.abc import Sequence

from sim.mechanisms.kernel import Address, Chain, Revert, Table
from sim.mechanisms.liquidation.spot_sale import Loan, SpotSale
from sim.mechanisms.maths import mul_div_down, mul_div_up
from sim.units import WAD


class FixedSpread(SpotSale):
    """Closes a part of a large debt whose health is not too bad, and all of any other."""

    def __init__(
        self,
        chain: Chain,
        address: Address,
        market: Address,
        bonus: Sequence[int],
        protocol_fee: Sequence[int],
        close_factor: int,
        full_close_health: int,
        min_base: int,
        min_leftover: int,
    ) -> None:
        super().__init__(chain, address)
        if not 0 < close_factor <= WAD:
            raise Revert("fixed: close factor not between 0 and 1")
        if full_close_health > WAD:
            raise Revert("fixed: full close health above 1")
        half = mul_div_down(min_base, WAD - close_factor, WAD)
        if min_leftover > half and close_factor != WAD:
            raise Revert("fixed: min_leftover above what is left of min_base")
        self._init_market_link(market)
        self._init_spot_sale(min_leftover)
        self._set_protocol_fees(protocol_fee)
        self._set_bonus(bonus)
        self.CLOSE_FACTOR, self.FULL_CLOSE_HEALTH = close_factor, full_close_health
        self.MIN_BASE = min_base

    def _set_bonus(self, bonus: Sequence[int]) -> None:
        """By collateral, in the market's order [WAD]."""
        self.bonus: Table[Address, int] = self._table(0)
        collaterals = self._ask_market("collaterals")
        if len(bonus) != len(collaterals):
            raise Revert("fixed: one bonus for each collateral")
        for collateral, its in zip(collaterals, bonus, strict=True):
            if its > WAD:
                raise Revert("fixed: bonus above 1")
            self.bonus[collateral] = its

    def _closable(self, loan: Loan, asked: int) -> int:
        """What the close factor lets be repaid."""
        worth = mul_div_down(loan.held, loan.feed, loan.scale)
        if loan.health > self.FULL_CLOSE_HEALTH and min(loan.debt, worth) >= self.MIN_BASE:
            return mul_div_down(loan.debt, self.CLOSE_FACTOR, WAD)
        return loan.debt

    def _price_up(self, loan: Loan) -> int:
        """The feed's price less the bonus, price / (1 + bonus)."""
        return mul_div_up(loan.feed, WAD, WAD + self.bonus[loan.collateral])
