"""Twin of contracts/liquidation/EnglishAuction.vy: liquidation by rising bids."""

from __future__ import annotations

from sim.mechanisms.kernel import Address, Chain, Revert, view
from sim.mechanisms.liquidation.bid_book import BidBook, Sale
from sim.mechanisms.liquidation.sale_end import SaleEnd
from sim.mechanisms.maths import mul_div_up
from sim.mechanisms.probe import Probe
from sim.mechanisms.words import uint
from sim.units import MAX_UINT, WAD


class EnglishAuction(BidBook, SaleEnd, Probe):
    """MakerDAO's first auctions; amounts in [debt token] unless they say otherwise."""

    guarded = True

    def __init__(
        self,
        chain: Chain,
        address: Address,
        market: Address,
        raise_by: int,
        least_raise: int,
        bid_life: int,
        length: int,
        penalty: int,
        tip: int,
        min_sale: int,
    ) -> None:
        super().__init__(chain, address)
        if penalty > WAD:
            raise Revert("english: penalty above 1")
        self._init_market_link(market)
        self._init_bid_book(raise_by, least_raise, bid_life, length)
        self.PENALTY, self.TIP, self.MIN_SALE = penalty, tip, min_sale

    # --- reading ---

    @view
    def startable(self, account: Address) -> bool:
        """Whether `start` would open a sale for some collateral; false without prices."""
        if self._health_or_max(self.market, account) >= WAD:
            return False
        collaterals = self._ask_market("collaterals")
        return any(not self._why_not_start(account, collateral) for collateral in collaterals)

    @view
    def restartable(self, account: Address, collateral: Address) -> bool:
        """Whether the sale was won or has found no bid in its time."""
        return not self._why_not_restart(account, collateral)

    @view
    def quote(self, account: Address, collateral: Address, max_pay: int) -> tuple[int, int]:
        """The least bid that would stand, and the lot that it would win [collateral token]."""
        if self._why_not_bid(account, collateral):
            return 0, 0
        return self._next_bid(account, collateral, max_pay)

    # --- anyone ---

    def start(self, account: Address, collateral: Address) -> None:
        """Open a sale of an unhealthy account's collateral and receive the tip."""
        if self._ask_market("health_factor", account) >= WAD:
            raise Revert("english: healthy")
        if why_not := self._why_not_start(account, collateral):
            raise Revert(why_not)
        held: int = self._ask_market("collateral_of", account, collateral)
        share = self._share_up(account, collateral)
        debt: int = self._ask_market("assume_debt", account, share)
        self._ask_market("seize", account, collateral, held, self.address)
        target = uint(debt + mul_div_up(debt, self.PENALTY, WAD))
        self._open(account, collateral, debt, target, held, self._now())
        self._log(
            "SaleStarted",
            account=account,
            collateral=collateral,
            starter=self._chain.sender,
            debt=debt,
            target=target,
            lot=held,
            start_price=0,
            incentive=self._tip(target),
        )

    def take(
        self,
        account: Address,
        collateral: Address,
        max_pay: int,
        min_receive: int,
        receiver: Address,
        data: bytes,
    ) -> tuple[int, int]:
        """Bid what `quote` says; the bidder before is paid back."""
        bidder = self._chain.sender
        if data:
            raise Revert("english: no callback")
        if why_not := self._why_not_bid(account, collateral):
            raise Revert(why_not)
        last = self._sales[account, collateral]
        if bidder == last.bidder:
            raise Revert("english: already the highest")
        pay, lot = self._next_bid(account, collateral, max_pay)
        if not pay:
            raise Revert("english: bid too low")
        if lot < min_receive:
            raise Revert("english: too little")
        deadline = self._place(account, collateral, pay, lot, bidder, receiver, self._now())
        self._collect(collateral, last, pay)
        self._log(
            "Bid",
            account=account,
            collateral=collateral,
            bidder=bidder,
            receiver=receiver,
            paid=pay,
            lot=lot,
            deadline=deadline,
        )
        return pay, lot

    def restart(self, account: Address, collateral: Address) -> None:
        """End a sale that was won, or open one that found no bid again, and receive the tip."""
        if why_not := self._why_not_restart(account, collateral):
            raise Revert(why_not)
        sale = self._sales[account, collateral]
        incentive = self._tip(sale.target)
        if sale.bid:
            self._deal(account, collateral)
            return
        self._reopen(account, collateral, self._now())
        self._log(
            "SaleRestarted",
            account=account,
            collateral=collateral,
            starter=self._chain.sender,
            start_price=0,
            incentive=incentive,
        )

    # --- owner ---

    def cancel(self, account: Address, collateral: Address) -> None:
        """Put lot and debt of a sale without bids back on the account. Only the owner."""
        if self._chain.sender != self._ask_market("owner"):
            raise Revert("english: only owner")
        sale = self._sales[account, collateral]
        if not sale.held:
            raise Revert("english: no sale")
        if sale.bid:
            raise Revert("english: a bid stands")
        self._close(account, collateral)
        self._cancel_sale(account, collateral, sale.held, sale.debt)

    # --- what stands in the way ---

    def _why_not_start(self, account: Address, collateral: Address) -> str:
        """The reason, or nothing; the account is unhealthy."""
        if self._sales[account, collateral].held:
            return "english: sale is open"
        if not self._ask_market("collateral_of", account, collateral):
            return "english: no collateral"
        if self._is_halted(collateral):
            return "english: halted"
        return "" if self._share_up(account, collateral) else "english: worthless lot"

    def _why_not_bid(self, account: Address, collateral: Address) -> str:
        sale = self._sales[account, collateral]
        if not sale.held:
            return "english: no sale"
        if self._is_halted(collateral):
            return "english: halted"
        return "english: too late" if self._now() >= sale.deadline else ""

    def _why_not_restart(self, account: Address, collateral: Address) -> str:
        sale = self._sales[account, collateral]
        if not sale.held:
            return "english: no sale"
        return "english: still open" if self._now() < sale.deadline else ""

    def _is_halted(self, collateral: Address) -> bool:
        return not self._passing(collateral, MAX_UINT)

    # --- bids ---

    def _now(self) -> int:
        """The clock of deadlines [WAD s, auction time]."""
        now: int = self._ask_market("auction_time")
        return now

    def _next_bid(self, account: Address, collateral: Address, max_pay: int) -> tuple[int, int]:
        """The least bid that would stand and its lot.

        Nothing when it is above `max_pay`, when a throttle does not let its raise pass, or when no
        smaller lot is left.
        """
        sale = self._sales[account, collateral]
        pay, lot = self._least_bid(sale)
        more = pay - sale.bid
        if pay > max_pay or not lot or self._passing(collateral, more) < more:
            return 0, 0
        return pay, lot

    def _collect(self, collateral: Address, last: Sale, pay: int) -> None:
        """Pull the bid, pay the bidder before back, and settle what it is more than that."""
        self._pull(self._debt_token, self._chain.sender, pay)
        if last.bid:
            self._push(self._debt_token, last.bidder, last.bid)
        if pay > last.bid:
            debt = min(pay, last.debt) - min(last.bid, last.debt)
            self._ask_market("settle", collateral, debt, pay - last.bid - debt)

    def _tip(self, target: int) -> int:
        """Paid to the caller, nothing for dust."""
        if target < self.MIN_SALE:
            return 0
        paid: int = self._ask_market("pay_incentive", self._chain.sender, self.TIP)
        return paid

    # --- the end ---

    def _deal(self, account: Address, collateral: Address) -> None:
        """Deliver the lot, give back the rest, and recognise what bids have not paid."""
        sale = self._close(account, collateral)
        self._push(collateral, sale.receiver, sale.lot)
        paid, rest = min(sale.bid, sale.debt), sale.held - sale.lot
        self._log(
            "Taken",
            account=account,
            collateral=collateral,
            taker=sale.bidder,
            receiver=sale.receiver,
            paid=sale.bid,
            fee=sale.bid - paid,
            received=sale.lot,
            price=mul_div_up(sale.bid, self._scale(collateral), sale.lot),
            debt_left=sale.debt - paid,
            lot_left=rest,
        )
        in_sale = self.open_sales[account] > 0
        self._end_sale(account, collateral, rest, sale.debt - paid, in_sale)
