"""BREAKER: what breakers have in common, on the one that watches a price."""

from __future__ import annotations

from sim.engines.opening import GUARDIAN, OWNER
from sim.units import BORROW, LIQUIDATE, MAX_UINT, WAD, WITHDRAW
from tests.helpers.ground import Ground, Receipt
from tests.helpers.ledger import DAY_S, LIMITS, TERMS, answer, div_up, usd
from tests.helpers.mechanisms import BREAKER, FLOW, VOLATILITY
from tests.invariants.registry import hold, invariant, stage
from tests.invariants.stages import (
    BORROWER,
    KEEPER,
    LENDER,
    MODULE,
    STRANGER,
    lay_debt,
    lay_market,
)

ACTIONS = (BORROW, WITHDRAW, LIQUIDATE)
MODES = ("borrowing", "withdrawal", "liquidation")  # in the order of the actions
DURATIONS = BREAKER["duration"]
TOP = 3


@stage(BREAKER=("PriceBreaker",), PRICE=("PriceBreaker",))
def breaker(g: Ground) -> None:
    """Installed, on WETH at 2,000, whose feed answers what it is told."""
    lay_market(g)
    lay_debt(g)
    g.deploy("feed:WETH", "ScriptedFeed", answer=answer(2_000))
    g.send(OWNER, "market", "set_collateral", g["WETH"], g["feed:WETH"], *TERMS.values())
    watched = {"market": g["market"], "collateral": g["WETH"]}
    g.deploy("breaker", "PriceBreaker", **watched, **BREAKER)
    g.send(OWNER, "market", "add_breaker", g["breaker"])


@stage(VOLATILITY=("VolatilityBreaker",))
def volatility(g: Ground) -> None:
    """Beside the other one, installed too."""
    breaker(g)
    watched = {"market": g["market"], "collateral": g["WETH"]}
    g.deploy("volatility", "VolatilityBreaker", **watched, **VOLATILITY)
    g.send(OWNER, "market", "add_breaker", g["volatility"])


def _tell(g: Ground, price: float, wait: int = 12) -> Receipt:
    """A new round of the feed some time later, and a pulse."""
    g.wait(wait)
    g.send(OWNER, "feed:WETH", "set_round", answer(price), g.now)
    return g.send(KEEPER, "market", "pulse")


def _tier(g: Ground) -> tuple[int, int]:
    """Latched last, and when it ends."""
    return g.ask("breaker", "tier"), g.ask("breaker", "ends_at")


def _passing(g: Ground) -> list[int]:
    """What the breaker lets pass of an endless wish, by action."""
    return [g.ask("breaker", "gate", action, g["WETH"], MAX_UINT) for action in ACTIONS]


@invariant("BREAKER-1")
def ends(g: Ground) -> None:
    """The same tier again, a recovery, a deeper tier, and the end."""
    _tell(g, 1_590)
    latched = 2, g.now + DURATIONS[1]
    hold(_tier(g) == latched, f"tier and end are {_tier(g)}, not {latched}")
    for price in (1_500, 1_590, 2_000):
        _tell(g, price, 50)
        hold(_tier(g) == latched, f"at {price} tier and end are {_tier(g)}, not {latched}")
    _tell(g, 1_390)
    latched = TOP, g.now + DURATIONS[2]
    hold(_tier(g) == latched, f"a deeper tier and its end are {_tier(g)}, not {latched}")
    g.wait(DURATIONS[2] - 1)
    hold(_passing(g) == [0, 0, 0], "a halt ends before its time")
    g.wait(1)
    hold(0 not in _passing(g), "a halt outlasts its time")


@invariant("BREAKER-2")
def longest(g: Ground) -> None:
    """Each tier in the last second of the one before, then a fall while the breaker rests."""
    _tell(g, 1_790)
    began = g.now
    for tier, price in ((1, 1_590), (2, 1_390)):
        _tell(g, price, DURATIONS[tier - 1] - 1)
    lasts = g.ask("breaker", "ends_at") - began
    hold(lasts <= sum(DURATIONS), f"the latch lasts {lasts} s")
    end = g.ask("breaker", "ends_at")
    g.wait(end - g.now)
    g.send(KEEPER, "market", "pulse")
    _tell(g, 1_000, BREAKER["rest"] - 1)
    hold(_tier(g) == (TOP, end), "a tier latches within the rest")
    _tell(g, 700, 1)
    assert g.ask("breaker", "ends_at") == g.now + DURATIONS[2]


@invariant("BREAKER-3")
def pulses(g: Ground) -> None:
    """The same rounds with pulses in between and without."""
    ends = []
    for pulse_s in (60, 0):
        with g.undone():
            for price in (1_900, 1_830, 1_700):
                for _ in range(10 if pulse_s else 0):
                    g.wait(pulse_s)
                    g.send(KEEPER, "market", "pulse")
                _tell(g, price, 1_200 - 10 * pulse_s)
            names = ("reference", "anchor", "tier", "ends_at")
            ends.append([g.ask("breaker", name) for name in names])
    hold(ends[0] == ends[1], f"with pulses in between {ends[0]}, without {ends[1]}")


@invariant("BREAKER-4")
def any_price(g: Ground) -> None:
    """Prices that no arithmetic could hold, none at all, and the smallest."""
    with g.undone():
        _refusals_keep_nothing(g)
    for said in (2**200, 2**200 + 1, 2**255 - 1, 0, -1, 1, answer(2_000)):
        g.wait(12)
        g.send(OWNER, "feed:WETH", "set_round", said, g.now)
        reason = g.attempt(KEEPER, "market", "pulse").reason
        hold(reason == "", f"a pulse reverts at {said}: {reason}")


def _refusals_keep_nothing(g: Ground) -> None:
    """A loan after a fall, before and after the pulse that sees it: a revert undoes no tier."""
    g.wait(12)
    g.send(OWNER, "feed:WETH", "set_round", answer(1_390), g.now)
    for halted in (False, True):
        before = _tier(g), g.ask("breaker", "tokens", BORROW)
        reason = g.attempt(BORROWER, "market", "borrow", usd(100), BORROWER).reason
        hold((reason == "market: halted") == halted, f"a loan at {before}: {reason or 'allowed'}")
        after = _tier(g), g.ask("breaker", "tokens", BORROW)
        hold(after == before, f"a loan makes {after} of {before}")
        g.send(KEEPER, "market", "pulse")


@invariant("BREAKER-5")
def bucket(g: Ground) -> None:
    """Lenders leave through a throttle as fast as they can."""
    _tell(g, 1_790)
    capacity, refill = BREAKER["throttle_capacity"], BREAKER["throttle_refill"]
    began, passed = g.now, 0
    for wait in (0, 7, 30, 1, 100):
        g.wait(wait)
        amount = g.ask("breaker", "gate", WITHDRAW, g["USDC"], MAX_UINT)
        g.attempt(LENDER, "market", "withdraw", amount, LENDER, LENDER)
        g.attempt(LENDER, "market", "withdraw", usd(1), LENDER, LENDER)
        cash = g.ask("market", "cash")
        passed = usd(990_000) - cash
        most = capacity + refill * (g.now - began)
        hold(passed <= most, f"{passed} has passed of {most}")
    assert passed > capacity


@invariant("BREAKER-6")
def calm(g: Ground) -> None:
    """The deepest tier three times, each after a calm, at a price that has settled."""
    for price in (1_390, 960, 660):
        _tell(g, price)
        assert _tier(g)[0] == TOP
        g.wait(DURATIONS[2])
        g.send(KEEPER, "market", "pulse")
        g.wait(BREAKER["calm"])
        g.send(KEEPER, "market", "pulse")
        hold(_tier(g)[0] == 0, "a calm does not make forget")
        hold(_passing(g) == [MAX_UINT] * 3, f"after a calm {_passing(g)} passes")


@invariant("BREAKER-7")
def lock(g: Ground) -> None:
    """The deepest tier three times without a calm, a long wait, and who may clear it."""
    for price in (1_390, 960, 660):
        _tell(g, price)
        g.wait(DURATIONS[2])
        g.send(KEEPER, "market", "pulse")
        g.wait(BREAKER["rest"])
    g.wait(10 * BREAKER["calm"])
    g.send(KEEPER, "market", "pulse")
    hold(g.ask("breaker", "locked"), "the third trip does not lock")
    hold(_passing(g) == [0, 0, 0], f"{_passing(g)} passes a lock")
    for who in (STRANGER, KEEPER):
        reason = g.attempt(who, "breaker", "clear").reason
        hold(reason == "breaker: only guardian", f"a stranger clears: {reason or 'allowed'}")
    g.send(GUARDIAN, "breaker", "clear")
    hold(0 not in _passing(g), "it stays halted when it is cleared")


@invariant("BREAKER-8")
def doors(g: Ground) -> None:
    """Modes by which lenders would leave through a wider door than sales do, by tier or always."""
    for sale, leave in ((1, 0), (2, 0), (3, 0), (3, 1), (3, 2)):
        modes = {"liquidation": [0, 0, sale], "withdrawal": [0, 0, leave]}
        reason = _refused(g, **modes)
        said = reason == "breaker: lenders leave first"
        hold(said, f"lenders {leave} while sales {sale}: {reason or 'taken'}")
    reason = _refused(g, liquidation=[0, 0, 2], withdrawal=[0, 0, 1])
    hold(reason == "", f"a door of the same width is refused: {reason}")
    for leave, expected in ((0, "breaker: lenders leave first"), (1, "")):
        values = FLOW | {"market": g["market"], "always": [0, leave, 1]}
        reason = g.undeployable("FlowBreaker", **values)
        hold(reason == expected, f"lenders {leave} while sales always 1: {reason or 'taken'}")


def _refused(g: Ground, **changes: object) -> str:
    values = BREAKER | {"market": g["market"], "collateral": g["WETH"]} | changes
    return g.undeployable("PriceBreaker", **values)


@invariant("BREAKER-9")
def observations(g: Ground) -> None:
    """Rounds that are no news; then one that is."""
    _tell(g, 2_000)
    seen = g.now
    g.wait(12)
    for wait, said, updated_at in (
        (0, 2_000, seen),
        (0, 1_900, seen - 1),
        (0, 1_900, g.now + 1),
        (TERMS["max_age"], 1_900, g.now - 1),  # newer than the last one, and too old
    ):
        g.wait(wait)
        g.send(OWNER, "feed:WETH", "set_round", answer(said), updated_at)
        found = g.send(KEEPER, "market", "pulse").all("Observed")
        hold(found == [], f"a round of {updated_at - g.now} s from now is observed")
    assert _tell(g, 1_900).all("Observed")
    g.send(OWNER, "feed:WETH", "set_round", answer(1_800), g.now)
    hold(not g.send(KEEPER, "market", "pulse").all("Observed"), "two observations in a block")


@invariant("BREAKER-10")
def budget(g: Ground) -> None:
    """A budget of just the worst, and of a unit less."""
    length = sum(DURATIONS) + BREAKER["guardian_response"]
    fall = min(WAD, BREAKER["price_speed"] * length)
    worst = div_up(LIMITS["borrow_cap"] * fall, WAD)
    reason = _refused(g, budget=worst - 1)
    hold(reason == "breaker: budget exceeded", f"beyond the budget: {reason or 'taken'}")
    reason = _refused(g, budget=worst)
    hold(reason == "", f"within the budget: {reason}")


@invariant("BREAKER-11")
def easing(g: Ground) -> None:
    """After the end of a halt: far from where it fell from, and near to it again; after the end of
    one that a shallow fall has latched."""
    most = BREAKER["throttle_capacity"]
    with g.undone():
        _tell(g, 1_390)
        _tell(g, 1_390, DURATIONS[2])
        hold(_passing(g) == [most] * 3, f"{_passing(g)} passes while the price is down")
        _tell(g, 1_990)
        hold(_passing(g) == [MAX_UINT] * 3, f"{_passing(g)} passes when it has come back")
    _tell(g, 1_590)
    _tell(g, 1_430, DURATIONS[1] + BREAKER["rest"])  # breaches tier 1, within what releases tier 3
    _tell(g, 1_430.01, DURATIONS[2])
    hold(_passing(g) == [most] * 3, f"{_passing(g)} passes at the price that deepened the tier")


@invariant("BREAKER-12")
def escalation(g: Ground) -> None:
    """A breach of tier 1 within the window after tier 1, and one after it."""
    windows = [d * BREAKER["repeat"] // WAD for d in DURATIONS]
    for wait, tier in ((windows[0], 2), (windows[0] + 1, 1)):
        with g.undone():
            _tell(g, 1_790)
            _tell(g, 1_790, DURATIONS[0])
            _tell(g, 1_600, wait)
            hold(_tier(g)[0] == tier, f"tier {_tier(g)[0]} follows after {wait} s")


@invariant("BREAKER-13")
def queue(g: Ground) -> None:
    """The clock of auctions while a bucket of liquidation is refilled to its half, and after, in a
    tier that throttles and in a slow one."""
    g.send(OWNER, "market", "set_liquidation", MODULE)
    for price, pace, uplift in ((1_790, WAD, 0), (1_590, BREAKER["pace"], BREAKER["uplift"])):
        with g.undone():
            _tell(g, price)
            g.send(MODULE, "market", "assume_debt", BORROWER, usd(4_000))
            g.send(MODULE, "market", "settle", g["WETH"], usd(4_000), 0)
            g.send(KEEPER, "market", "pulse")
            began = g.ask("market", "auction_time")
            missing = BREAKER["throttle_capacity"] // 2 - g.ask("breaker", "tokens", LIQUIDATE)
            g.wait(missing // BREAKER["throttle_refill"])
            ran = g.ask("market", "auction_time") - began
            hold(ran <= WAD, f"the clock runs {ran / WAD} s while the bucket is refilled")
            g.wait(100)
            ran = g.ask("market", "auction_time") - began
            hold(99 * pace <= ran <= 101 * pace, f"the clock runs {ran / WAD} s in 100 s after it")
            hold(
                g.ask("market", "start_uplift") == uplift, f"another uplift than {uplift} after it"
            )


@invariant("PRICE-1")
def confidence(g: Ground) -> None:
    """A fall that may be none, and the same one when the feed is surer."""
    g.send(OWNER, "feed:WETH", "set_confidence", answer(20))
    _tell(g, 1_790)
    hold(_tier(g)[0] == 0, "a fall within the feed's confidence latches")
    g.send(OWNER, "feed:WETH", "set_confidence", answer(5))
    _tell(g, 1_790)
    hold(_tier(g)[0] == 1, "a fall beyond the feed's confidence does not latch")


@invariant("PRICE-2")
def anchor(g: Ground) -> None:
    """Steps too small for the reference, over a day."""
    price = 2_000.0
    for _ in range(30):
        price *= 0.985
        _tell(g, round(price, 2), 3_600)
        if g.ask("breaker", "tier"):
            break
    down = 1 - price / 2_000
    hold(g.ask("breaker", "tier") == 1, f"a slow fall by {down:.0%} does not latch")


@invariant("PRICE-3")
def clip(g: Ground) -> None:
    """Long after a jump upwards, and after a fall that is too small for a tier."""
    for price in (9_000, 1_830):
        with g.undone():
            _tell(g, price)
            names = ("reference", "anchor")
            before = [g.ask("breaker", name) for name in names]
            _tell(g, price, 10 * DAY_S)
            assert _tier(g)[0] == 0
            for name, was in zip(names, before, strict=True):
                moved = abs(g.ask("breaker", name) - was)
                most = was * BREAKER["clip"] // WAD
                hold(moved <= most, f"at {price} one observation moves the {name} by {moved}")


@invariant("VOLATILITY-1")
def multiples(g: Ground) -> None:
    """A fall in a calm market and the same one in a wild market."""
    first = VOLATILITY["multiple"][0] * VOLATILITY["usual_gap"] // WAD
    with g.undone():
        _tell(g, 2_000 * (1 - first / WAD) + 0.1)
        hold(g.ask("volatility", "tier") == 0, "a fall by less than the multiple latches")
    with g.undone():
        _tell(g, 2_000 * (1 - first / WAD) - 0.1)
        hold(g.ask("volatility", "tier") == 1, "a fall by the multiple does not latch")
    for i in range(20):
        _tell(g, (2_060, 2_000)[i % 2], 600)
    usual = g.ask("volatility", "gap")
    hold(usual > VOLATILITY["usual_gap"], f"after a wild time the usual gap is {usual}")
    reference = g.ask("volatility", "reference") / WAD
    _tell(g, reference * (1 - first / WAD) - 0.1)
    hold(g.ask("volatility", "tier") == 0, "what is usual in a wild market latches")


@invariant("VOLATILITY-2")
def no_excuse(g: Ground) -> None:
    """A deep fall, whose own variance makes it look usual, at the end of its tier."""
    _tell(g, 1_700)
    assert g.ask("volatility", "tier") == TOP
    _tell(g, 1_700.01, DURATIONS[2])
    hold(g.ask("volatility", "phase") != 0, "a fall releases the tier that it has latched")
