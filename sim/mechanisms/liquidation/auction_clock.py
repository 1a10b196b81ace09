"""Twin of contracts/modules/auction_clock.vy: how the price of a sale moves with time."""

from __future__ import annotations

from sim.mechanisms.kernel import Address, Revert, view
from sim.mechanisms.liquidation.auction_book import AuctionBook, Sale
from sim.mechanisms.liquidation.market_link import MarketLink
from sim.mechanisms.maths import mul_div_up
from sim.mechanisms.words import uint
from sim.units import WAD


class AuctionClock(AuctionBook, MarketLink):
    """From feed x buffer down along a curve as the market's auction time passes, then stale."""

    def _init_auction_clock(self, curve: Address, buffer: int, tail: int, cusp: int) -> None:
        """`buffer` and `cusp` in [WAD], `tail` in [s]."""
        if buffer < WAD:
            raise Revert("auction: buffer below 1")
        if not tail:
            raise Revert("auction: zero tail")
        if not 0 < cusp < WAD:
            raise Revert("auction: cusp not between 0 and 1")
        if self._call(curve, "price", WAD, 0) != WAD:
            raise Revert("auction: curve starts elsewhere")
        self.curve, self.BUFFER, self.TAIL, self.CUSP = curve, buffer, tail, cusp

    @view
    def price(self, account: Address, collateral: Address) -> int:
        """Of the open sale now [WAD, debt per collateral]; 0 when there is none."""
        sale = self._sales[account, collateral]
        return self._price(sale) if sale.lot else 0

    def _start_price_up(self, collateral: Address) -> int:
        """Of a sale that starts now [WAD, debt per collateral]."""
        price: int = self._ask_market("price", collateral)
        uplift: int = self._ask_market("start_uplift")
        return mul_div_up(uint(price * self.BUFFER), uint(WAD + uplift), WAD * WAD)

    def _elapsed(self, sale: Sale) -> int:
        """Since the last start, without halts [s, auction time]."""
        now: int = self._ask_market("auction_time")
        return (now - sale.started_at) // WAD

    def _price(self, sale: Sale) -> int:
        """Of an open sale now [WAD, debt per collateral]."""
        price: int = self._call(self.curve, "price", sale.start_price, self._elapsed(sale))
        return price

    def _is_stale(self, sale: Sale) -> bool:
        """Older than the tail or cheaper than the cusp."""
        if self._elapsed(sale) > self.TAIL:
            return True
        return uint(self._price(sale) * WAD) < uint(sale.start_price * self.CUSP)
