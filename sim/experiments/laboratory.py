"""One design on one engine, a few loans, and a price that moves when it is told to.

For closed questions: what does this rule do to that loan at this price? Gas costs nothing here and
nobody else acts; the market reads the pushed feed itself and has no breakers.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sim.design import Design
from sim.engines.base import (
    Address,
    Block,
    Call,
    Deployment,
    Engine,
    Event,
    Sale,
    Setup,
    Snapshot,
    Tx,
    address_of,
)
from sim.errors import EngineError
from sim.units import FEED, MAX_UINT, YEAR_S, to_units

START = 1_700_000_000  # [unix s]
WAIT_S = 30  # between two looks
RARE_WAIT_S = 600  # the same, when nothing has been taken for QUIET_S
QUIET_S = 4 * 3_600
PATIENCE_S = 3 * 86_400  # after the last take or bid; restarts alone could go on for ever
BIDDERS = 2
CASH = 10**9  # of the lender and of each bidder [whole debt tokens]
GAS = 10_000_000  # of a transaction
LENDER, FEEDER = address_of("lender"), address_of("feeder")


Move = tuple[Any, ...]  # target, function, arguments


@dataclass(frozen=True, slots=True)
class Loan:
    collateral: int  # [collateral token]
    debt: int  # [debt token]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one loan, in the tokens' own units."""

    paid: int  # by takers [debt token]
    fee: int  # of `paid`, what the protocol earned [debt token]
    seized: int  # [collateral token]
    bad_debt: int  # written off [debt token]
    debt: int  # left [debt token]
    collateral: int  # left [collateral token]
    takes: int
    seconds: int  # until it was settled


class Laboratory:
    """Loans of an account each, against the design's first collateral.

    Raises EngineError when the market refuses a loan at the first price.
    """

    def __init__(self, engine: Engine, design: Design, price: float, loans: Sequence[Loan]) -> None:
        self.engine, self.design, self.time = engine, bare(design), START
        self.symbol = design.market.collaterals[0].token.symbol
        self.borrowers = [address_of("borrower", i) for i in range(len(loans))]
        self.bidders = [address_of("bidder", i) for i in range(BIDDERS)]
        self._ids = itertools.count()
        self.deployment: Deployment = engine.deploy(self.design, self._setup(price, loans))
        try:
            engine.prepare(list(self._opening(loans)))
        except EngineError as e:
            raise EngineError(
                f"{design.name}: a loan does not open at its first price: {e}; see "
                "market.min_debt, borrow_cap and the collateral's cap and ltv"
            ) from e

    def push(self, price: float) -> None:
        """Let the feed say so [debt token per collateral token]."""
        self.send(FEEDER, f"feed:{self.symbol}", "push", int(price * FEED))

    def look(self) -> Snapshot:
        """The state as the next transaction will find it."""
        return self.engine.read(self.time + WAIT_S)

    def take(self, account: int, most: int = MAX_UINT, bidder: int = 0) -> tuple[int, int]:
        """Take at once, for so much at the most [debt token].

        Gives what was paid [debt token] and received [collateral token]. Raises EngineError with
        the reason when it is refused.
        """
        call = self._take(account, self.bidders[bidder], most)
        events = self.send(self.bidders[bidder], *call)
        (taken,) = (e.args for e in events if e.name == "Taken")
        return taken["paid"], taken["received"]

    def settle(self, account: int, bidders: int = BIDDERS, appraisal: float = 1.0) -> Outcome:
        """What becomes of a loan at the present price.

        A bidder who may open a sale does, and takes all that is offered as soon as that is worth
        what it costs, collateral being worth `appraisal` times the feed's price. Bidders take
        turns; a bid that the rules refuse, as the second one in a row of the same bidder, waits.
        Raises EngineError when there is no end.
        """
        began = moved = self.time
        refused = ""
        events: list[Event] = []
        while self._sale(account, self.engine.read(self.time)) or _is_open(events):
            if self.time > moved + PATIENCE_S:
                why = refused or "nobody wanted to take"
                raise EngineError(
                    f"{self.design.name}: a sale did not end in {PATIENCE_S / 86_400:.0f} days "
                    f"after its last take or bid: {why}"
                )
            who = self.bidders[_count(events) % bidders]
            call = self._move(account, who, self.look(), appraisal)
            if call is None:
                self.time += WAIT_S if self.time < moved + QUIET_S else RARE_WAIT_S
                continue
            block = self._mine(who, *call)
            events += block.events
            if _count(block.events):
                moved = self.time
            refused = block.outcomes[0].reason
        return self._outcome(account, events, self.time - began)

    def send(self, sender: Address, target: str, function: str, *args: Any) -> Sequence[Event]:
        """A transaction in a block of its own. Raises EngineError with the reason it fails for."""
        block = self._mine(sender, target, function, *args)
        if not block.outcomes[0].ok:
            raise EngineError(f"{target}.{function}: {block.outcomes[0].reason}")
        return block.events

    def _mine(self, sender: Address, target: str, function: str, *args: Any) -> Block:
        self.time += WAIT_S
        return self.engine.mine(self.time, [self._tx(sender, target, function, *args)])

    def _tx(self, sender: Address, target: str, function: str, *args: Any) -> Tx:
        return Tx(next(self._ids), "laboratory", sender, Call(target, function, args), GAS)

    def _sale(self, account: int, snapshot: Snapshot) -> Sale | None:
        """What may be done with the loan; None: nothing any more."""
        sales = (s for s in snapshot.sales if (s.account, s.collateral) == (account, self.symbol))
        return next(sales, None)

    def _move(
        self, account: int, who: Address, snapshot: Snapshot, appraisal: float
    ) -> Move | None:
        """What a bidder does about it now; None: wait."""
        sale = self._sale(account, snapshot)
        if sale is None:
            return None
        if sale.startable or sale.restartable:
            function = "start" if sale.startable else "restart"
            return "liquidation", function, self.borrowers[account], f"<{self.symbol}>"
        price = snapshot.feeds[self.symbol].answer * Fraction(appraisal)
        if sale.pay and sale.receive * price >= sale.pay * self._scale:
            return self._take(account, who, MAX_UINT)
        return None

    def _take(self, account: int, who: Address, most: int) -> Move:
        sale = (self.borrowers[account], f"<{self.symbol}>")
        return "liquidation", "take", *sale, most, 0, who, b""

    @property
    def _scale(self) -> int:
        """Units of collateral times the feed's answer for one unit of the debt token."""
        token, debt = self.design.market.collaterals[0].token, self.design.market.debt_token
        scale: int = FEED * 10**token.decimals // 10**debt.decimals
        return scale

    def _outcome(self, account: int, events: Iterable[Event], seconds: int) -> Outcome:
        after, who = self.look(), self.borrowers[account]
        mine = [e for e in events if e.args.get("account") == who]
        taken = [e.args for e in mine if e.name == "Taken"]
        return Outcome(
            paid=sum(t["paid"] for t in taken),
            fee=sum(t["fee"] for t in taken),
            seized=sum(t["received"] for t in taken),
            bad_debt=sum(e.args["amount"] for e in mine if e.name == "BadDebt"),
            debt=after.debt[account],
            collateral=after.collateral[self.symbol][account],
            takes=_count(events),
            seconds=seconds,
        )

    def _setup(self, price: float, loans: Sequence[Loan]) -> Setup:
        """Deep pockets for everybody, and an empty exchange."""
        debt = self.design.market.debt_token
        cash = to_units(CASH, debt.decimals)
        funding = [(who, debt.symbol, cash) for who in (LENDER, *self.bidders)]
        funding += [
            (who, self.symbol, loan.collateral)
            for who, loan in zip(self.borrowers, loans, strict=True)
        ]
        return Setup(
            timestamp=START,
            price=price,
            pool_fee=3000,
            positions=[],
            funding=funding,
            watched=self.borrowers,
            keepers=[],
            feeder=FEEDER,
            base_fee=0,
            gas_limit=GAS,
        )

    def _opening(self, loans: Sequence[Loan]) -> Iterator[Tx]:
        debt = self.design.market.debt_token
        for who in self.bidders:
            yield self._tx(who, debt.symbol, "approve", "<liquidation>", MAX_UINT)
        yield self._tx(LENDER, debt.symbol, "approve", "<market>", MAX_UINT)
        yield self._tx(LENDER, "market", "deposit", to_units(CASH, debt.decimals), LENDER)
        for who, loan in zip(self.borrowers, loans, strict=True):
            yield self._tx(who, self.symbol, "approve", "<market>", MAX_UINT)
            supply = (f"<{self.symbol}>", loan.collateral, who)
            yield self._tx(who, "market", "supply_collateral", *supply)
            yield self._tx(who, "market", "borrow", loan.debt, who)


def bare(design: Design) -> Design:
    """The design without what stands between a price and its rule: breakers, adapters of feeds,
    moves that a feed does not report, and answers that grow too old."""
    market = design.market
    open_feed = {"adapter": None, "deviation": 1e-9, "max_age_s": YEAR_S}
    collaterals = tuple(
        c.model_copy(update={"feed": c.feed.model_copy(update=open_feed)})
        for c in market.collaterals
    )
    bare_market = market.model_copy(update={"collaterals": collaterals})
    return design.model_copy(update={"market": bare_market, "breakers": ()})


def _is_open(events: Iterable[Event]) -> bool:
    """Whether a sale was started and has not ended."""
    names = [e.name for e in events]
    return names.count("SaleStarted") > names.count("SaleEnded")


def _count(events: Iterable[Event]) -> int:
    """Of takes, and of bids where a take is one."""
    names = [e.name for e in events]
    return names.count("Bid") or names.count("Taken")
