"""Programs that lead every design into every branch that it has, whatever is drawn.

They ask the design what it offers (startable, quote, restartable) and go on from there, so they
need not know the mechanism. Each begins from the populated market.
"""

from __future__ import annotations

from collections.abc import Callable

from sim.design import Design
from sim.engines.base import Address
from sim.engines.opening import GUARDIAN, OWNER
from sim.units import BORROW, MAX_UINT
from tests.differential.play import BORROWERS, KEEPERS, LENDERS, PRICE, Play

LARGE, MIDDLE, SMALL, LEAST = BORROWERS
ROUNDS = 8  # of a sale, until it is given up
Plot = Callable[[Play], None]


def sell_in_parts(play: Play) -> None:
    """At several depths: a part, all but a unit (which would leave dust), and the rest."""
    for share, account in ((0.93, LARGE), (0.9, MIDDLE), (0.78, SMALL), (0.65, LEAST)):
        play.move(PRICE * share)
        open_sale(play, account)
        play.take(account, play.quote(account) // 3)
        take_all_but_a_unit(play, account)
        play.take(account, by=1)
        sell_out(play, account)


def bid_down(play: Play) -> None:
    """The keepers outbid each other, until somebody wins less than the whole lot."""
    play.move(PRICE * 0.85)
    open_sale(play, LEAST)
    for i in range(9):
        play.take(LEAST, by=i % 2)
    sell_out(play, LEAST)


def let_it_go_stale(play: Play) -> None:
    """Nobody comes before a sale has to be restarted, twice."""
    play.move(PRICE * 0.85)
    open_sale(play, SMALL)
    for pause in (8_000, 300_000):
        play.wait(pause)
        play.refresh()
        if restartable(play, SMALL):
            play.take(SMALL)
            play.restart(SMALL)
    sell_out(play, SMALL)


def lose_everything(play: Play) -> None:
    """The price falls through all debts; the loss is more than the reserve."""
    play.move(PRICE * 0.4)
    for account in (MIDDLE, SMALL):
        sell_out(play, account)


def leave_and_come_back(play: Play) -> None:
    """Lenders and borrowers who want out, in and through, at a fallen price."""
    play.move(PRICE * 0.94)
    token, least = play.token, play.ask("market", "min_debt")
    everything = play.ask("market", "balanceOf", LENDERS[1])
    for who, function, *args in (
        (LENDERS[1], "redeem", everything // 3, LENDERS[1], LENDERS[1]),
        (LENDERS[1], "withdraw", 10**14, LENDERS[1], LENDERS[1]),
        (LENDERS[1], "transfer", LENDERS[0], everything // 3),
        (SMALL, "borrow", least, SMALL),
        (SMALL, "withdraw_collateral", token, 1, SMALL),
        (SMALL, "repay", least, SMALL),
        (KEEPERS[0], "repay", MAX_UINT, LEAST),
        (LEAST, "withdraw_collateral", token, 10**12, LEAST),
        (KEEPERS[0], "supply_collateral", token, 10**18, MIDDLE),
        (OWNER, "ramp_threshold", token, 75 * 10**16, 3_600),
        (LENDERS[0], "mint", 10**12, LENDERS[0]),
        (GUARDIAN, "freeze_borrowing"),
        (SMALL, "borrow", least, SMALL),
    ):
        play.do(who, "market", function, *args)
    play.wait(1_800)
    sell_out(play, SMALL)


def climb_the_ladder(play: Play) -> None:
    """Storm after storm, until every breaker with a lock is locked."""
    price = PRICE
    for share in (0.92, 0.86, 0.78, 0.75, 0.75, 0.75):
        price *= share
        storm(play, price)
        wait_out(play)
    clear(play)


def storm(play: Play, price: float) -> None:
    """All that a breaker could watch: a feed ahead of the pool, a fall, sales, and who leaves."""
    play.push(price)
    play.pulse()
    play.move(price)
    play.pulse()
    for account in (MIDDLE, LARGE):
        open_sale(play, account)
        play.take(account, play.quote(account) // 4)
    for lender in LENDERS:
        play.do(lender, "market", "withdraw", 15 * 10**11, lender, lender)
    play.push(price * 0.99)
    play.pulse()


def overflow(play: Play) -> None:
    """A storm, and more is wanted than passes as it eases: of a sale, whose clock waits for the
    bucket then, and by a lender."""
    storm(play, PRICE * 0.75)
    wait_out(play)
    play.refresh()
    open_sale(play, LARGE)
    play.take(LARGE)
    play.pulse()
    play.wait(100)
    play.take(LARGE)
    wanted = play.ask("market", "cash") // 2
    play.do(LENDERS[0], "market", "withdraw", wanted, LENDERS[0], LENDERS[0])


def nibble(play: Play) -> None:
    """Small sales while the price falls in small steps, from tier to tier; then a large one."""
    price = PRICE * 0.9
    play.wait(2_000)  # until the pool's means forget that it began empty
    play.move(price)
    open_sale(play, SMALL)
    for _ in range(10):
        price *= 0.993  # more than the feed's deviation
        play.push(price)
        play.take(SMALL, min(play.quote(SMALL), 3 * 10**9))
        play.pulse()
    open_sale(play, LARGE)
    play.take(LARGE)
    play.pulse()


def drain(play: Play) -> None:
    """Loans take the cash out, within any calm, until a breaker that minds is locked; then none."""
    borrower = KEEPERS[1]
    for _ in range(2):  # what the lenders brought counts when it is seen twice
        play.pulse()
    play.wait(80_000)  # until it is no news
    play.refresh()
    play.pulse()
    play.do(borrower, "market", "supply_collateral", play.token, 10**23, borrower)
    for shares in ((30, 60), (55,), (55,), (55,)):
        for share in shares:
            cash = play.ask("market", "cash") * share // 100
            passing = play.ask("market", "allowed", BORROW, play.token, cash)
            play.do(borrower, "market", "borrow", passing, borrower)
            play.pulse()
            play.pulse()  # a flow counts when it is seen twice
        wait_out(play)
        play.wait(4_500)
        play.refresh()
        play.pulse()
    clear(play)
    play.wait(90_000)
    play.pulse()


def resume(play: Play) -> None:
    """A storm halts; time passes, the price stays, and sales go on."""
    storm(play, PRICE * 0.7)
    open_sale(play, SMALL)
    play.take(SMALL)
    wait_out(play)
    play.wait(20_000)
    play.refresh()
    play.pulse()
    open_sale(play, SMALL)
    play.take(SMALL)


def recover(play: Play) -> None:
    """A storm trips; the price comes back, which releases, and stays, which forgets."""
    storm(play, PRICE * 0.7)
    wait_out(play)
    play.move(PRICE)
    play.pulse()
    play.do(LENDERS[1], "market", "withdraw", 10**11, LENDERS[1], LENDERS[1])
    play.wait(90_000)
    play.refresh()
    play.pulse()


PLOTS: tuple[Plot, ...] = (
    sell_in_parts,
    bid_down,
    let_it_go_stale,
    lose_everything,
    leave_and_come_back,
)
WITH_BREAKERS: tuple[Plot, ...] = (climb_the_ladder, overflow, nibble, drain, resume, recover)


def plots_of(design: Design) -> tuple[Plot, ...]:
    """The programs that a design has to pass."""
    return PLOTS + WITH_BREAKERS if design.breakers else PLOTS


def open_sale(play: Play, account: Address) -> None:
    """Where there is a phase before the sale; the refusal where there is none."""
    if play.ask("liquidation", "startable", account) or not play.quote(account):
        play.start(account)


def restartable(play: Play, account: Address) -> bool:
    return play.ask("liquidation", "restartable", account, play.token) is True


def take_all_but_a_unit(play: Play, account: Address) -> None:
    """Where that would leave dust, less is taken."""
    if (offer := play.quote(account) - 1) > 0:
        play.take(account, offer)


def sell_out(play: Play, account: Address) -> None:
    """Until nothing is for sale, or the patience is over."""
    for i in range(ROUNDS):
        if play.ask("liquidation", "startable", account) is True:
            play.start(account)
        if play.quote(account):
            play.take(account, by=i % 2)
        elif restartable(play, account):
            play.restart(account)
        else:
            return
        if play.quote(account):
            play.wait(700)
            play.refresh()


def wait_out(play: Play) -> None:
    """Until the latched tiers end, and their rests; a lock stays."""
    play.wait(max([play.rig.time, *numbers(play, "ends_at")]) - play.rig.time + 1)
    play.refresh()
    play.pulse()
    play.wait(max([0, *numbers(play, "REST")]))


def numbers(play: Play, variable: str) -> list[int]:
    """What the breakers that have it answer."""
    answers = (play.ask(key, variable) for key in play.breakers)
    return [answer for answer in answers if isinstance(answer, int)]


def clear(play: Play) -> None:
    """The guardian lifts every lock; a stranger can't."""
    for key in play.breakers:
        if play.ask(key, "locked") is True:
            play.do(KEEPERS[0], key, "clear")
            play.do(GUARDIAN, key, "clear")
