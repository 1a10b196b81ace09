"""A machine that does anything to a populated market, on both sides at once.

It seeks the edges: health 1, what may be borrowed and what passes, leftovers of a sale, ends of
halts and of sales.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from sim.engines.base import Address
from sim.engines.opening import GUARDIAN, OWNER
from sim.units import BORROW, FEED, LIQUIDATE, MAX_UINT, WAD, WITHDRAW
from tests.differential.play import BLOCK_S, BORROWERS, KEEPERS, LENDERS, PRICE, Play
from tests.differential.plots import numbers, restartable, storm
from tests.differential.staging import FEEDER

DEBTORS = (*reversed(BORROWERS), KEEPERS[1])  # the least first, whom draws prefer
SPANS = ("TAIL", "BID_LIFE", "LENGTH")  # of a sale, by what its module calls them
WEEK_S = 7 * 86_400

# Few choices each, because Hypothesis prefers the small among many numbers.
lenders, debtors = st.sampled_from(LENDERS), st.sampled_from(DEBTORS)
keepers = st.sampled_from(range(len(KEEPERS)))
parts = st.sampled_from([0.5, 0.0, 0.01, 0.1, 0.3, 0.9, 0.999, 1.0])  # of what there is
nudges = st.sampled_from([0, 1, -1])  # beside an edge, in the smallest unit
falls = st.sampled_from([0.9, 0.4, 0.6, 0.75, 0.82, 0.93, 1.0])  # of the first price
steps = st.sampled_from([0.95, 0.75, 0.85, 0.99, 1.02, 1.15, 1.4])  # of the last price
pauses = st.sampled_from([60, 1, 700, 3_600, 8_000, 100_000])  # [s]

F = TypeVar("F", bound=Callable[..., None])
Turn = tuple[str, dict[str, Any]]  # name and arguments
TURNS: dict[str, st.SearchStrategy[Turn]] = {}
NAMES: list[str] = []  # each as often as it weighs


def turn(weight: int, **args: st.SearchStrategy[Any]) -> Callable[[F], F]:
    """Marks what can be done, so many times as often as what has a weight of 1.

    Hypothesis has no weights for rules, and switches most of them off for a whole example.
    """

    def mark(method: F) -> F:
        name = method.__name__
        TURNS[name] = st.tuples(st.just(name), st.fixed_dictionaries(args))
        NAMES.extend([name] * weight)
        return method

    return mark


class Machine(RuleBasedStateMachine):
    """From a fallen price on. Turns are calls, whatever becomes of them; `play` compares."""

    def __init__(self, play: Play) -> None:
        super().__init__()
        self.play, self._end = play, ExitStack()
        self._end.enter_context(play.rig.undone())
        play.tally.begin()

    def teardown(self) -> None:
        self._end.close()

    @initialize(fall=falls, storms=st.booleans())
    def begin(self, fall: float, storms: bool) -> None:
        """In the midst of a plot where there are breakers: by single calls few would halt."""
        begin = storm if storms and self.play.breakers else Play.move
        begin(self.play, PRICE * fall)

    @rule(turn=st.deferred(lambda: st.sampled_from(NAMES).flatmap(TURNS.__getitem__)))
    def go_on(self, turn: Turn) -> None:
        name, args = turn
        getattr(self, name)(**args)

    # --- sales ---

    @turn(4, who=debtors)
    def buy(self, who: Address) -> None:
        self.play.take(self.open(who))

    @turn(4, who=debtors, part=parts, by=keepers)
    def buy_a_part(self, who: Address, part: float, by: int) -> None:
        who = self.open(who)
        self.play.take(who, int(self.quote(who) * part), by)

    @turn(3, who=debtors, left=st.sampled_from([1, -1, 10**6, 10**9]), by=keepers)
    def buy_all_but(self, who: Address, left: int, by: int) -> None:
        who = self.open(who)
        self.play.take(who, max(self.quote(who) - left, 0), by)

    @turn(3, who=debtors, rounds=st.sampled_from([9, 2, 4]))
    def outbid(self, who: Address, rounds: int) -> None:
        """One keeper the other, where that is possible."""
        who = self.open(who)
        for i in range(rounds):
            if self.quote(who):
                self.play.take(who, by=i % 2)

    @turn(1, who=debtors)
    def buy_by_flash(self, who: Address) -> None:
        self.play.flash(self.open(who))

    @turn(1, who=debtors, by=keepers)
    def take(self, who: Address, by: int) -> None:
        self.play.take(who, by=by)

    @turn(1, who=debtors)
    def start(self, who: Address) -> None:
        self.play.start(who)

    @turn(1, who=debtors)
    def restart(self, who: Address) -> None:
        self.play.restart(who)

    # --- prices and time ---

    @turn(5, step=steps, seen=st.booleans())
    def let_a_price_arrive(self, step: float, seen: bool) -> None:
        self.play.move(self.next_price(step))
        if seen:
            self.play.pulse()

    @turn(2, step=steps)
    def push_a_price(self, step: float) -> None:
        self.play.push(self.next_price(step))

    @turn(2, who=debtors, nudge=nudges)
    def push_health_to_one(self, who: Address, nudge: int) -> None:
        answer = int(self.edge_of(who) * FEED)
        self.play.do(FEEDER, self.play.feed, "push", answer + nudge)

    @turn(1, step=steps)
    def trade(self, step: float) -> None:
        if trade := self.play.swap_to(self.next_price(step)):
            self.play.run(BLOCK_S, trade)

    @turn(2, seconds=pauses, fresh=st.booleans())
    def wait(self, seconds: int, fresh: bool) -> None:
        """With a price of the end of it, or a stale one."""
        self.play.wait(seconds)
        if fresh:
            self.play.refresh()

    @turn(5, which=st.sampled_from(range(4)), nudge=nudges)
    def wait_for_an_end(self, which: int, nudge: int) -> None:
        if ends := sorted(set(self.ends())):
            self.play.wait(ends[which % len(ends)] + nudge - BLOCK_S)
            self.play.refresh()

    @turn(2)
    def pulse(self) -> None:
        self.play.pulse()

    # --- lenders and borrowers ---

    @turn(1, who=lenders, part=parts)
    def lend(self, who: Address, part: float) -> None:
        self.play.do(who, "market", "deposit", int(10**12 * part), who)

    @turn(1, who=lenders, part=parts)
    def leave(self, who: Address, part: float) -> None:
        held = self.play.ask("market", "balanceOf", who)
        self.play.do(who, "market", "redeem", int(held * part), who, who)

    @turn(2, who=lenders, nudge=nudges)
    def leave_with_all_that_passes(self, who: Address, nudge: int) -> None:
        amount = self.passing(WITHDRAW, self.play.ask("market", "maxWithdraw", who)) + nudge
        self.play.do(who, "market", "withdraw", max(amount, 0), who, who)

    @turn(3, who=debtors, lot=st.sampled_from([10**21, 0, 10**19, 10**23]), nudge=nudges)
    def borrow_to_the_limit(self, who: Address, lot: int, nudge: int) -> None:
        self.play.do(who, "market", "supply_collateral", self.play.token, lot, who)
        debt, _, limit, _ = self.values(who)
        amount = self.passing(BORROW, max(limit - debt, 1)) + nudge
        self.play.do(who, "market", "borrow", max(amount, 0), who)

    @turn(1, who=debtors, part=parts)
    def repay(self, who: Address, part: float) -> None:
        debt = self.play.ask("market", "debt_of", who)
        self.play.do(who, "market", "repay", MAX_UINT if part == 1 else int(debt * part), who)

    @turn(1, who=debtors, part=parts)
    def withdraw_collateral(self, who: Address, part: float) -> None:
        token = self.play.token
        held = self.play.ask("market", "collateral_of", who, token)
        self.play.do(who, "market", "withdraw_collateral", token, int(held * part), who)

    # --- owner and guardian ---

    @turn(1, who=st.sampled_from([OWNER, GUARDIAN]), part=parts, which=st.sampled_from(range(3)))
    def govern(self, who: Address, part: float, which: int) -> None:
        threshold = int((0.7 + part / 10) * WAD)
        function, *args = (
            ("ramp_threshold", self.play.token, threshold, 3_600),
            ("set_limits", int(10**10 * part), int(10**14 * part)),
            ("freeze_borrowing",),
        )[which]
        self.play.do(who, "market", function, *args)

    # --- where the edges are ---

    def open(self, who: Address) -> Address:
        """Begin a sale, if it has a beginning; of another when there is nothing of this debtor."""
        for account in (who, *DEBTORS):
            if self.quote(account):
                return account
            if self.play.ask("liquidation", "startable", account) is True:
                self.play.start(account)
                return account
            if restartable(self.play, account):
                self.play.restart(account)
                return account
        self.play.push(self.edge_of(who) * 0.99)
        self.play.start(who)
        return who

    def quote(self, who: Address) -> int:
        """Of all, in the next block."""
        return self.play.quote(who, later=BLOCK_S)

    def next_price(self, step: float) -> float:
        """Of the last one that was pushed, within reason."""
        last = self.play.ask(self.play.feed, "latestRoundData")[1] / FEED
        return min(max(last * step, PRICE / 8), PRICE * 2)

    def edge_of(self, who: Address) -> float:
        """Price at which the debtor's health is 1, within reason."""
        debt, _, _, limit = self.values(who)
        return self.next_price(debt / limit if debt and limit else 1)

    def values(self, who: Address) -> tuple[int, int, int, int]:
        """Debt, value of collateral, limits of borrowing and of liquidation; 0 without a price."""
        answer = self.play.ask("market", "values", who, later=BLOCK_S)
        return answer if isinstance(answer, tuple) else (0, 0, 0, 0)

    def passing(self, action: int, amount: int) -> int:
        return self.play.ask("market", "allowed", action, self.play.token, amount, later=BLOCK_S)

    def ends(self) -> Iterator[int]:
        """Seconds until a halt or a tier ends, and that a sale or a bid lasts."""
        halts = (self.play.ask("market", "halted_until", a) for a in (WITHDRAW, LIQUIDATE))
        for end in (*halts, *numbers(self.play, "ends_at")):
            if BLOCK_S + 1 < (left := end - self.play.rig.time) < WEEK_S:
                yield left
        spans = (self.play.ask("liquidation", name) for name in SPANS)
        yield from (span for span in spans if isinstance(span, int))
