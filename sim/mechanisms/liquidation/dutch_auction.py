"""Twin of contracts/liquidation/DutchAuction.vy: liquidation by descending-price auctions."""

from __future__ import annotations

from collections.abc import Sequence

from sim.mechanisms.kernel import Address, Chain, Revert, view
from sim.mechanisms.liquidation.auction_clock import AuctionClock
from sim.mechanisms.liquidation.sale_end import SaleEnd
from sim.mechanisms.liquidation.sale_terms import terms
from sim.mechanisms.maths import mul_div_down, mul_div_up
from sim.mechanisms.probe import Probe
from sim.mechanisms.words import uint
from sim.units import MAX_UINT, WAD

# levels of `stopped`; each includes those before it
NO_START, NO_RESTART, NO_TAKE = 1, 2, 3


class DutchAuction(AuctionClock, SaleEnd, Probe):
    """MakerDAO's Liquidations 2.0; amounts in [debt token] unless they say otherwise."""

    guarded = True

    def __init__(
        self,
        chain: Chain,
        address: Address,
        market: Address,
        curve: Address,
        buffer: int,
        tail: int,
        cusp: int,
        tip: int,
        chip: int,
        penalty: int,
        cap: int,
        collateral_cap: Sequence[int],
        min_sale: int,
    ) -> None:
        super().__init__(chain, address)
        if max(chip, penalty) > WAD:
            raise Revert("auction: chip or penalty above 1")
        self._init_market_link(market)
        self._init_auction_clock(curve, buffer, tail, cusp)
        collaterals = self._ask_market("collaterals")
        self._init_auction_book(cap, min_sale, collaterals, collateral_cap)
        self.TIP, self.CHIP, self.PENALTY = tip, chip, penalty
        self.stopped = 0  # level

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
        """Whether `restart` would succeed; false without a price."""
        if not self._price_or_zero(self.market, collateral):
            return False
        return not self._why_not_restart(account, collateral)

    @view
    def quote(self, account: Address, collateral: Address, max_pay: int) -> tuple[int, int]:
        """What a taker would pay, and receive [collateral token]."""
        if self._why_not_take(account, collateral):
            return 0, 0
        return self._terms(account, collateral, max_pay)

    # --- anyone ---

    def start(self, account: Address, collateral: Address) -> None:
        """Open a sale of an unhealthy account's collateral and receive the incentive."""
        if self._ask_market("health_factor", account) >= WAD:
            raise Revert("auction: healthy")
        if why_not := self._why_not_start(account, collateral):
            raise Revert(why_not)
        share = self._share_up(account, collateral)
        held: int = self._ask_market("collateral_of", account, collateral)
        debt = self._admitted(collateral, share)
        lot = mul_div_up(held, debt, share)
        debt = self._ask_market("assume_debt", account, debt)
        self._ask_market("seize", account, collateral, lot, self.address)
        target = uint(debt + mul_div_up(debt, self.PENALTY, WAD))
        self._open(account, collateral, debt, target, lot)
        incentive = self._begin(account, collateral)
        self._log(
            "SaleStarted",
            account=account,
            collateral=collateral,
            starter=self._chain.sender,
            debt=debt,
            target=target,
            lot=lot,
            start_price=self._sales[account, collateral].start_price,
            incentive=incentive,
        )

    def restart(self, account: Address, collateral: Address) -> None:
        """Start a stale sale again at feed x buffer and receive the incentive."""
        if why_not := self._why_not_restart(account, collateral):
            raise Revert(why_not)
        incentive = self._begin(account, collateral)
        self._log(
            "SaleRestarted",
            account=account,
            collateral=collateral,
            starter=self._chain.sender,
            start_price=self._sales[account, collateral].start_price,
            incentive=incentive,
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
        """Buy from an open sale at the quote; what was paid, and received [collateral token]."""
        if not max_pay:
            raise Revert("auction: nothing offered")
        if why_not := self._why_not_take(account, collateral):
            raise Revert(why_not)
        pay, received = self._terms(account, collateral, max_pay)
        if not pay:
            raise Revert("auction: would leave dust")
        if received < min_receive:
            raise Revert("auction: too little")
        sale = self._sales[account, collateral]
        debt = min(pay, sale.debt)
        self._deduct(account, collateral, debt, pay, received)
        self._push(collateral, receiver, received)
        self._charge(account, collateral, debt, pay - debt, received, receiver, data)
        self._log(
            "Taken",
            account=account,
            collateral=collateral,
            taker=self._chain.sender,
            receiver=receiver,
            paid=pay,
            fee=pay - debt,
            received=received,
            price=self._price(sale),
            debt_left=sale.debt - debt,
            lot_left=sale.lot - received,
        )
        if sale.target == pay or sale.lot == received:
            self._end(account, collateral)
        return pay, received

    # --- owner and guardian ---

    def set_stopped(self, level: int) -> None:
        """0 all open, 1 no start, 2 no restart, 3 no take. The guardian only upwards."""
        sender, owner = self._chain.sender, self._ask_market("owner")
        raised = level > self.stopped and sender == self._ask_market("guardian")
        if sender != owner and not raised:
            raise Revert("auction: only guardian")
        if level > NO_TAKE:
            raise Revert("auction: unknown stop level")
        self.stopped = level
        self._log("StopSet", caller=sender, level=level)

    def cancel(self, account: Address, collateral: Address) -> None:
        """Put lot and unpaid debt of a sale back on the account. Only the owner."""
        if self._chain.sender != self._ask_market("owner"):
            raise Revert("auction: only owner")
        if not self._sales[account, collateral].lot:
            raise Revert("auction: no sale")
        sale = self._close(account, collateral)
        self._cancel_sale(account, collateral, sale.lot, sale.debt)

    # --- what stands in the way ---

    def _why_not_start(self, account: Address, collateral: Address) -> str:
        """The reason, or nothing; the account is unhealthy."""
        if self.stopped >= NO_START:
            return "auction: starting is stopped"
        if self._sales[account, collateral].lot:
            return "auction: sale is open"
        if not self._ask_market("collateral_of", account, collateral):
            return "auction: no collateral"
        if self._is_halted(collateral):
            return "auction: halted"
        share = self._share_up(account, collateral)
        if not share:
            return "auction: worthless lot"
        return "" if self._admitted(collateral, share) else "auction: cap reached"

    def _why_not_restart(self, account: Address, collateral: Address) -> str:
        if self.stopped >= NO_RESTART:
            return "auction: restarting is stopped"
        sale = self._sales[account, collateral]
        if not sale.lot:
            return "auction: no sale"
        if self._is_halted(collateral):
            return "auction: halted"
        return "" if self._is_stale(sale) else "auction: not stale"

    def _why_not_take(self, account: Address, collateral: Address) -> str:
        if self.stopped >= NO_TAKE:
            return "auction: taking is stopped"
        sale = self._sales[account, collateral]
        if not sale.lot:
            return "auction: no sale"
        if self._is_halted(collateral):
            return "auction: halted"
        return "auction: needs restart" if self._is_stale(sale) else ""

    def _is_halted(self, collateral: Address) -> bool:
        return not self._passing(collateral, MAX_UINT)

    # --- amounts and prices ---

    def _terms(self, account: Address, collateral: Address, max_pay: int) -> tuple[int, int]:
        """The sale is open and not stale."""
        sale = self._sales[account, collateral]
        price, scale = self._price(sale), self._scale(collateral)
        passing = self._passing(collateral, max_pay)
        least, least_lot = self.MIN_SALE, mul_div_up(self.MIN_SALE, scale, price)
        return terms(sale.target, sale.lot, price, scale, passing, least, least_lot)

    def _admitted(self, collateral: Address, share: int) -> int:
        """How much of the share goes into a sale now."""
        dust = max(self.MIN_SALE, self._ask_market("min_debt"))
        return self._admitted_to(collateral, share, dust)

    # --- steps ---

    def _begin(self, account: Address, collateral: Address) -> int:
        """Set clock and start price, and pay the caller unless the sale is dust."""
        start_price = self._start_price_up(collateral)
        self._start_clock(account, collateral, start_price, self._ask_market("auction_time"))
        sale = self._sales[account, collateral]
        worth = self._ask_market("value_down", collateral, sale.lot)
        if min(sale.target, worth) < self.MIN_SALE:
            return 0
        incentive = uint(self.TIP + mul_div_down(sale.target, self.CHIP, WAD))
        paid: int = self._ask_market("pay_incentive", self._chain.sender, incentive)
        return paid

    def _end(self, account: Address, collateral: Address) -> None:
        sale = self._close(account, collateral)
        in_sale = self.open_sales[account] > 0
        self._end_sale(account, collateral, sale.lot, sale.debt, in_sale)
