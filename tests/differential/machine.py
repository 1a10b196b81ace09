"""A machine that does anything to a populated market, on both sides at once."""

from __future__ import annotations

from contextlib import ExitStack

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from sim.engines.base import Address
from sim.engines.opening import GUARDIAN, OWNER
from sim.units import MAX_UINT
from tests.differential.play import BORROWERS, KEEPERS, LENDERS, PRICE, Play
from tests.differential.rig import Act

lenders, borrowers = st.sampled_from(LENDERS), st.sampled_from(BORROWERS)
shares = st.integers(0, 1_000)  # [1e-3]
keepers = st.sampled_from(range(len(KEEPERS)))
pauses = st.sampled_from([1, 60, 700, 3_600, 8_000, 100_000])  # [s]


class Machine(RuleBasedStateMachine):
    """From a fallen price on. Rules are calls, whatever becomes of them; `play` compares."""

    def __init__(self, play: Play) -> None:
        super().__init__()
        self.play, self._end = play, ExitStack()
        self._end.enter_context(play.rig.undone())
        play.tally.begin()

    def teardown(self) -> None:
        self._end.close()

    @rule(who=lenders, share=shares)
    def lend_or_leave(self, who: Address, share: int) -> None:
        held = self.play.ask("market", "balanceOf", who)
        if share < 300:
            self.play.do(who, "market", "deposit", 10**9 * share, who)
        else:
            self.play.do(who, "market", "redeem", held * share // 1_000, who, who)

    @rule(who=borrowers, share=shares)
    def borrow_or_repay(self, who: Address, share: int) -> None:
        debt = self.play.ask("market", "debt_of", who)
        if share < 300:
            self.play.do(who, "market", "borrow", debt * share // 1_000, who)
        else:
            amount = MAX_UINT if share > 900 else debt * share // 1_000
            self.play.do(who, "market", "repay", amount, who)

    @rule(who=borrowers, share=shares)
    def add_or_withdraw_collateral(self, who: Address, share: int) -> None:
        token = self.play.token
        held = self.play.ask("market", "collateral_of", who, token)
        if share < 300:
            self.play.do(who, "market", "supply_collateral", token, 10**15 * share, who)
        else:
            amount = held * (share - 300) // 10_000
            self.play.do(who, "market", "withdraw_collateral", token, amount, who)

    @rule(share=st.integers(200, 1_200))
    def push_a_price(self, share: int) -> None:
        self.play.push(PRICE * share / 1_000)

    @rule(share=st.integers(200, 1_200))
    def trade(self, share: int) -> None:
        trade: Act | None = self.play.swap_to(PRICE * share / 1_000)
        self.play.run(12, *([trade] if trade else []))

    @initialize(share=st.integers(400, 950))
    def fall(self, share: int) -> None:
        self.play.move(PRICE * share / 1_000)

    @rule(share=st.integers(300, 1_100))
    def let_a_price_arrive(self, share: int) -> None:
        self.play.move(PRICE * share / 1_000)

    @rule(seconds=pauses)
    def wait(self, seconds: int) -> None:
        self.play.wait(seconds)

    @rule()
    def pulse(self) -> None:
        self.play.pulse()

    @rule(who=borrowers)
    def start(self, who: Address) -> None:
        self.play.start(who)

    @rule(who=borrowers)
    def restart(self, who: Address) -> None:
        self.play.restart(who)

    @rule(who=borrowers, share=shares, by=keepers)
    def take(self, who: Address, share: int, by: int) -> None:
        offer = MAX_UINT if share > 800 else self.play.quote(who) * share // 800
        self.play.take(who, offer, by)

    @rule(who=borrowers, by=keepers)
    def sell(self, who: Address, by: int) -> None:
        if self.play.ask("liquidation", "startable", who) is True:
            self.play.start(who)
        self.play.take(who, self.play.quote(who), by)

    @rule(who=borrowers)
    def take_by_flash(self, who: Address) -> None:
        self.play.flash(who)

    @rule(who=st.sampled_from([OWNER, GUARDIAN]), share=shares)
    def govern(self, who: Address, share: int) -> None:
        if share < 300:
            self.play.do(who, "market", "freeze_borrowing")
        elif share < 600:
            args = (self.play.token, 70 * 10**16 + share * 10**13, 3_600)
            self.play.do(who, "market", "ramp_threshold", *args)
        else:
            self.play.do(who, "market", "set_limits", share * 10**6, share * 10**12)
