"""SPOT, FIXED, DISCOUNT, TARGET: modules that sell at once, and what each of them asks."""

from __future__ import annotations

from collections.abc import Iterator

from sim.engines.opening import GUARDIAN, OWNER
from sim.units import LIQUIDATE, MAX_UINT, WAD
from tests.helpers.ground import Ground, Receipt
from tests.helpers.ledger import div_up, usd
from tests.helpers.mechanisms import DISCOUNT, FIXED, TARGET
from tests.invariants.registry import hold, invariant, stage
from tests.invariants.stages import (
    BORROWER,
    KEEPER,
    STRANGER,
    balances,
    fund,
    lay_debt,
    lay_market,
    set_price,
)

MODULES = ("fixed", "discount", "target")
SCALE = 10**30  # [WETH] * [WAD] to [USDC]


@stage(
    SPOT=("FixedSpread", "HealthDiscount", "TargetHealth"),
    FIXED=("FixedSpread",),
    DISCOUNT=("HealthDiscount",),
    TARGET=("TargetHealth",),
)
def modules(g: Ground) -> None:
    """All of them, ready to be the market's; the borrower owes 10,000 against 10 WETH."""
    lay_market(g)
    lay_debt(g)
    g.deploy("fixed", "FixedSpread", market=g["market"], **FIXED)
    g.deploy("discount", "HealthDiscount", market=g["market"], **DISCOUNT)
    g.deploy("target", "TargetHealth", market=g["market"], **TARGET)
    for key in MODULES:
        fund(g, "USDC", KEEPER, 0, key)
    g.wait(DISCOUNT["cool_off"])  # since the loan


def _installed(g: Ground, *keys: str) -> Iterator[str]:
    """Each module as the market's; what is done with one is undone before the next."""
    for key in keys:
        with g.undone():
            g.send(OWNER, "market", "set_liquidation", g[key])
            yield key


def _take(g: Ground, module: str, most: int = MAX_UINT, least: int = 0) -> Receipt:
    return g.attempt(KEEPER, module, "take", BORROWER, g["WETH"], most, least, KEEPER, "0x")


def _quote(g: Ground, module: str, most: int = MAX_UINT) -> tuple[int, int]:
    pay, received = g.ask(module, "quote", BORROWER, g["WETH"], most)
    return pay, received


def _legs(g: Ground) -> tuple[int, int]:
    """The borrower's debt and WETH."""
    debt = g.ask("market", "debt_of", BORROWER)
    return debt, g.ask("market", "collateral_of", BORROWER, g["WETH"])


@invariant("SPOT-1")
def healthy(g: Ground) -> None:
    """At a health factor of 2, of 1, and of a hair less."""
    for module in _installed(g, *MODULES):
        for price in (2_500, 1_250):
            set_price(g, price)
            reason = _take(g, module).reason
            hold(reason == "spot: healthy", f"{module} at {price}: {reason or 'sold'}")
            hold(_quote(g, module) == (0, 0), f"{module} offers at {price}")
        set_price(g, "1249.99999999")
        assert _quote(g, module)[0] > 0, module


@invariant("SPOT-2")
def limits(g: Ground) -> None:
    """What leaves and enters the taker's purse, against what it named."""
    for module in _installed(g, *MODULES):
        set_price(g, 1_200)
        most = usd(777) + 1
        quoted = _quote(g, module, most)[1]
        reason = _take(g, module, most, quoted + 1).reason
        hold(reason == "spot: too little", f"{module} gives less than the least: {reason}")
        before = balances(g, "USDC", KEEPER) + balances(g, "WETH", KEEPER)
        assert _take(g, module, most, quoted // 3).reason == "", module
        usdc, weth = balances(g, "USDC", KEEPER) + balances(g, "WETH", KEEPER)
        hold(before[0] - usdc <= most, f"{module} takes {before[0] - usdc} of {most}")
        hold(weth - before[1] >= quoted // 3, f"{module} gives {weth - before[1]}")


@invariant("SPOT-3")
def quotes(g: Ground) -> None:
    """For a little, for more, and for all."""
    for module in _installed(g, *MODULES):
        set_price(g, 1_190)
        for most in (usd(50) + 1, usd(1_000), MAX_UINT):
            quoted = _quote(g, module, most)
            before = balances(g, "USDC", KEEPER) + balances(g, "WETH", KEEPER)
            assert _take(g, module, most).reason == "", module
            usdc, weth = balances(g, "USDC", KEEPER) + balances(g, "WETH", KEEPER)
            moved = before[0] - usdc, weth - before[1]
            hold(moved == quoted, f"{module} quotes {quoted} and moves {moved}")


@invariant("SPOT-4")
def leftovers(g: Ground) -> None:
    """Offers that would leave next to nothing, of debt and of collateral."""
    for price in (1_180, 900):
        set_price(g, price)
        for module in _installed(g, *MODULES):
            for most in (usd(100), usd(7_200), usd(9_500)):
                with g.undone():
                    _take(g, module, most)
                    debt, held = _legs(g)
                worth = div_up(held * price * WAD, SCALE)
                done = 0 in (debt, held) or min(debt, worth) >= usd(1_000)
                hold(done, f"{module} leaves {debt} of debt and {worth} of collateral")


@invariant("SPOT-5")
def bad_debt(g: Ground) -> None:
    """Debt above all that the collateral brings."""
    for module in _installed(g, *MODULES):
        set_price(g, 900)
        assert _take(g, module).reason == "", module
        debt, held = _legs(g)
        assert held == 0, module
        hold(debt == 0, f"{module} leaves {debt} of debt without collateral")


@invariant("SPOT-6")
def breakers(g: Ground) -> None:
    """A throttle, then a halt."""
    g.deploy("breaker", "ScriptedBreaker")
    g.send(OWNER, "market", "add_breaker", g["breaker"])
    set_price(g, 1_100)
    for module in _installed(g, *MODULES):
        g.send(OWNER, "breaker", "set_limit", LIQUIDATE, usd(600))
        pay = _quote(g, module)[0]
        hold(pay <= usd(600), f"{module} offers {pay} through a throttle of 600")
        g.send(OWNER, "breaker", "set_limit", LIQUIDATE, 0)
        reason = _take(g, module).reason
        hold(reason == "spot: halted", f"{module} in a halt: {reason or 'sold'}")


@invariant("SPOT-7")
def nothing_between(g: Ground) -> None:
    """Debt and collateral before and after, and what the module holds then."""
    for module in _installed(g, *MODULES):
        set_price(g, 1_200)
        before, cash = _legs(g), g.ask("market", "cash")
        taken = _take(g, module, usd(600)).only("Taken")
        after = _legs(g)
        hold(before[0] - after[0] == taken["paid"] - taken["fee"], f"{module}: debt")
        hold(before[1] - after[1] == taken["received"], f"{module}: collateral")
        hold(g.ask("market", "cash") - cash == taken["paid"], f"{module}: cash")
        kept = balances(g, "USDC", g[module]) + balances(g, "WETH", g[module])
        hold(kept == [0, 0], f"{module} keeps {kept}")
        hold(g.ask("market", "debt_in_sale") == 0, f"{module} leaves debt in sale")


@invariant("SPOT-8")
def grace(g: Ground) -> None:
    """Set by a stranger and for too long; then its last second and the one after it."""
    set_price(g, 1_200)
    for module in _installed(g, *MODULES):
        reason = g.attempt(STRANGER, module, "set_grace", g["WETH"], g.now + 60).reason
        hold(reason == "spot: only guardian", f"{module}: a stranger grants grace")
        reason = g.attempt(GUARDIAN, module, "set_grace", g["WETH"], g.now + 4 * 3_600 + 1).reason
        hold(reason == "spot: grace too long", f"{module}: more than four hours of grace")
        g.send(GUARDIAN, module, "set_grace", g["WETH"], g.now + 60)
        with g.undone():
            g.wait(60)
            reason = _take(g, module).reason
            hold(
                reason == "spot: grace period", f"{module} at the end of grace: {reason or 'sold'}"
            )
            g.wait(1)
            reason = _take(g, module).reason
            hold(reason == "", f"{module} after grace: {reason}")


@invariant("SPOT-9")
def protocol_fee(g: Ground) -> None:
    """A tenth of the bonus, from a taker whose limit binds."""
    part = WAD // 10
    g.deploy("dear", "FixedSpread", market=g["market"], **(FIXED | {"protocol_fee": [part] * 3}))
    fund(g, "USDC", KEEPER, 0, "dear")
    set_price(g, 1_200)
    price = div_up(1_200 * WAD * WAD, WAD + FIXED["bonus"][0])
    for module in _installed(g, "dear"):
        reserve, (purse,) = g.ask("market", "reserve"), balances(g, "USDC", KEEPER)
        taken = _take(g, module, usd(777) + 7).only("Taken")
        debt = taken["paid"] - taken["fee"]
        fee = div_up(debt * part * (1_200 * WAD - price), price * WAD)
        hold(taken["fee"] == fee, f"the fee on {debt} is {taken['fee']}, not {fee}")
        hold(g.ask("market", "reserve") - reserve == fee, "the fee does not go to the reserve")
        hold(purse - balances(g, "USDC", KEEPER)[0] <= usd(777) + 7, "the fee breaks the limit")


@invariant("FIXED-1")
def bonus(g: Ground) -> None:
    """Where the price with the bonus is not a whole number."""
    for module in _installed(g, "fixed"):
        set_price(g, 1_200)
        taken = _take(g, module, usd(1_000) + 1).only("Taken")
        price = div_up(1_200 * WAD * WAD, WAD + FIXED["bonus"][0])
        hold(taken["price"] == price, f"the price is {taken['price']}, not {price}")
        received = taken["paid"] * SCALE // price
        hold(taken["received"] == received, f"{taken['received']} for {taken['paid']}")


@invariant("FIXED-2")
def close_factor(g: Ground) -> None:
    """Just above the health at which all may be closed, and at it; then with a small leg."""
    for module in _installed(g, "fixed"):
        for price, part in ((1_188, 2), (1_187, 1)):  # health factors 0.9504 and 0.9496
            set_price(g, price)
            pay = _quote(g, module)[0]
            hold(pay == usd(10_000) // part, f"{pay} may be paid at {price}")
        g.send(BORROWER, "market", "repay", usd(8_100), BORROWER)
        set_price(g, 237)  # a health factor of 0.998
        pay = _quote(g, module)[0]
        hold(pay == usd(1_900), f"{pay} of a small debt may be paid")


@invariant("DISCOUNT-1")
def discount(g: Ground) -> None:
    """Above the floor and below it."""
    floor = WAD - DISCOUNT["max_discount"]
    for module in _installed(g, "discount"):
        for price in (1_201, 1_001):
            set_price(g, price)
            kept = max(g.ask("market", "health_factor", BORROWER), floor)
            with g.undone():
                asked = _take(g, module, usd(1_000)).only("Taken")["price"]
            hold(asked == div_up(price * WAD * kept, WAD), f"{asked} is asked at {price}")


@invariant("DISCOUNT-2")
def restored(g: Ground) -> None:
    """All that may be taken, at several depths."""
    for price in (1_240, 1_200, 1_150):
        set_price(g, price)
        _restores(g, "discount", DISCOUNT["target_health"])


def _restores(g: Ground, key: str, target: int) -> None:
    for module in _installed(g, key):
        assert _take(g, module).reason == "", module
        health = g.ask("market", "health_factor", BORROWER)
        near = target <= health < target + 10**10
        hold(near, f"a take restores a health factor of {health}")


@invariant("DISCOUNT-3")
def cool_off(g: Ground) -> None:
    """A check while healthy, then a fall; the last second and the one after it."""
    for module in _installed(g, "discount"):
        g.send(STRANGER, "market", "check", BORROWER)
        set_price(g, 1_200)
        reason = g.attempt(STRANGER, "market", "check", BORROWER).reason
        hold(reason == "market: unhealthy", f"a check of an unhealthy account: {reason}")
        g.wait(DISCOUNT["cool_off"] - 1)
        reason = _take(g, module).reason
        hold(reason == "discount: cooling off", f"in the last second: {reason or 'sold'}")
        g.wait(1)
        reason = _take(g, module).reason
        hold(reason == "", f"after it: {reason}")


@invariant("TARGET-1")
def line(g: Ground) -> None:
    """Between the ends of the line, and beyond its lower end."""
    low, high = TARGET["min_bonus"][0], TARGET["max_bonus"][0]
    end = TARGET["health_for_max"]
    for module in _installed(g, "target"):
        for price in (1_201, 1_101):
            set_price(g, price)
            health = max(g.ask("market", "health_factor", BORROWER), end)
            bonus = low + (high - low) * (WAD - health) // (WAD - end)
            with g.undone():
                asked = _take(g, module, usd(1_000)).only("Taken")["price"]
            hold(asked == div_up(price * WAD * WAD, WAD + bonus), f"{asked} is asked at {price}")


@invariant("TARGET-2")
def target_health(g: Ground) -> None:
    """All that may be taken, at several depths, and where that is nearly all of the debt."""
    for price in (1_240, 1_200, 1_150):
        set_price(g, price)
        _restores(g, "target", TARGET["target_health"])
    set_price(g, 1_110)
    for module in _installed(g, "target"):
        pay = _quote(g, module)[0]
        hold(pay == usd(10_000), f"{pay} may be paid at a health factor of 0.888")
