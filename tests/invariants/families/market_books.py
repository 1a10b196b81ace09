"""MARKET: what the books add up to."""

from __future__ import annotations

from sim.engines.opening import OWNER
from sim.units import MAX_UINT, WAD
from tests.helpers.ground import Ground
from tests.helpers.ledger import DAY_S, INTEREST, LIMITS, grown, rate, usd
from tests.helpers.mechanisms import eth
from tests.invariants.registry import hold, invariant, stage
from tests.invariants.stages import (
    BORROWER,
    KEEPER,
    LENDER,
    MODULE,
    PEOPLE,
    STRANGER,
    balances,
    fund,
    lay_debt,
    lay_market,
)

RATES = tuple(INTEREST.values())
USURY = (10 * WAD, WAD // 2, 10 * WAD, 10 * WAD, 0)  # 1,000% a year


@stage(MARKET=("LendingMarket",))
def market(g: Ground) -> None:
    """With an account in the place of the liquidation module."""
    lay_market(g)
    g.send(OWNER, "market", "set_liquidation", MODULE)


@invariant("MARKET-1")
def cash(g: Ground) -> None:
    """Every way of money into the market and out of it, after a gift."""
    lay_debt(g)
    gift = usd(7)
    g.send(STRANGER, "USDC", "transfer", g["market"], gift)
    for who, function, args in (
        (LENDER, "deposit", (usd(500), LENDER)),
        (LENDER, "withdraw", (usd(300), LENDER, LENDER)),
        (BORROWER, "borrow", (usd(100), BORROWER)),
        (BORROWER, "repay", (usd(200), BORROWER)),
        (OWNER, "fund_reserve", (usd(50),)),
        (MODULE, "assume_debt", (BORROWER, usd(1_000))),
        (MODULE, "settle", (g["WETH"], usd(1_000), usd(10))),
        (MODULE, "pay_incentive", (KEEPER, usd(20))),
    ):
        g.send(who, "market", function, *args)
        (held,) = balances(g, "USDC", g["market"])
        hold(g.ask("market", "cash") == held - gift, f"{function} moves cash and tokens apart")


@invariant("MARKET-2")
def share_value(g: Ground) -> None:
    """Lenders come and go with odd amounts while interest runs."""
    g.send(OWNER, "market", "set_rates", RATES)
    lay_debt(g)
    for who, function, args in (
        (STRANGER, "deposit", (usd(333) + 1, STRANGER)),
        (STRANGER, "withdraw", (usd(111) + 3, STRANGER, STRANGER)),
        (BORROWER, "repay", (usd(77) + 7, BORROWER)),
        (STRANGER, "redeem", (77_777_777, STRANGER, STRANGER)),
        (OWNER, "fund_reserve", (usd(5),)),
        (MODULE, "assume_debt", (BORROWER, usd(1_000))),
        (MODULE, "settle", (g["WETH"], usd(1_000), usd(10))),
    ):
        g.wait(DAY_S)
        before = _backing(g)
        g.send(who, "market", function, *args)
        parts = [g.ask("market", name) for name in ("cash", "total_debt", "debt_in_sale")]
        expected = sum(parts) - g.ask("market", "reserve")
        hold(g.ask("market", "totalAssets") == expected, f"total assets after {function}")
        after = _backing(g)
        grew = after[0] * before[1] >= before[0] * after[1]
        hold(grew, f"{function} takes value from the other shares")


def _backing(g: Ground) -> tuple[int, int]:
    """Assets and shares, with the virtual ones."""
    return g.ask("market", "totalAssets") + 1, g.ask("market", "totalSupply") + 10**6


@invariant("MARKET-3")
def interest(g: Ground) -> None:
    """One time below the kink and one above it, each without a touch in between."""
    g.send(OWNER, "market", "set_rates", RATES)
    g.send(BORROWER, "market", "supply_collateral", g["WETH"], eth(1_000), BORROWER)
    for loan, days in ((usd(100_000), 30), (usd(800_000), 2)):
        g.send(BORROWER, "market", "borrow", loan, BORROWER)
        lent, idle = g.ask("market", "total_debt"), g.ask("market", "cash")
        yearly = rate(INTEREST, lent * WAD // (lent + idle))
        expected = grown(g.ask("market", "index"), yearly, days * DAY_S)
        g.wait(days * DAY_S)
        hold(g.ask("market", "index") == expected, f"index after {days} days")


@invariant("MARKET-5")
def reserve_first(g: Ground) -> None:
    """A loss that the reserve can bear, then one that it can't."""
    lay_debt(g)
    g.send(OWNER, "market", "fund_reserve", usd(100))
    g.send(MODULE, "market", "assume_debt", BORROWER, usd(160))
    for lost, left, from_lenders in ((60, 40, 0), (100, 0, 60)):
        before = g.ask("market", "totalAssets")
        g.send(MODULE, "market", "write_off", BORROWER, usd(lost))
        hold(g.ask("market", "reserve") == usd(left), f"the reserve after a loss of {lost}")
        fell = before - g.ask("market", "totalAssets")
        hold(fell == usd(from_lenders), f"lenders lose {fell} of {lost}")


@invariant("MARKET-18")
def debts(g: Ground) -> None:
    """Two debts that grow, one paid back in part and one in part in sale."""
    g.send(OWNER, "market", "set_rates", USURY)
    lay_debt(g)
    g.send(STRANGER, "market", "supply_collateral", g["WETH"], eth(100), STRANGER)
    g.send(STRANGER, "market", "borrow", usd(777) + 1, STRANGER)
    for who, function, args in (
        (BORROWER, "repay", (usd(1_234) + 5, BORROWER)),
        (MODULE, "assume_debt", (STRANGER, usd(55) + 3)),
    ):
        g.wait(100 * DAY_S)
        g.send(who, "market", function, *args)
        owed = sum(g.ask("market", "debt_of", account) for account in (BORROWER, STRANGER))
        total = g.ask("market", "total_debt")
        hold(total <= owed <= total + 1, f"after {function} {owed} of {total} are owed")


@invariant("MARKET-19")
def collateral(g: Ground) -> None:
    """In, out, seized and returned."""
    lay_debt(g)
    for who, function, args in (
        (STRANGER, "supply_collateral", (g["WETH"], eth(3), STRANGER)),
        (STRANGER, "withdraw_collateral", (g["WETH"], eth(1), STRANGER)),
        (MODULE, "seize", (BORROWER, g["WETH"], eth(2), MODULE)),
        (MODULE, "return_collateral", (BORROWER, g["WETH"], eth(1))),
    ):
        g.send(who, "market", function, *args)
        booked = sum(g.ask("market", "collateral_of", who, g["WETH"]) for who in PEOPLE)
        (real,) = balances(g, "WETH", g["market"])
        same = booked == g.ask("market", "held", g["WETH"]) == real
        hold(same, f"after {function} the accounts have {booked}, the market {real}")


@invariant("MARKET-20")
def losses(g: Ground) -> None:
    """Claims fall by what is recognised as lost, by whoever bears it."""
    lay_debt(g)
    g.send(OWNER, "market", "fund_reserve", usd(100))
    g.send(MODULE, "market", "assume_debt", BORROWER, usd(400))
    for lost in (usd(70), usd(330)):
        before = g.ask("market", "totalAssets"), g.ask("market", "reserve")
        receipt = g.send(MODULE, "market", "write_off", BORROWER, lost)
        loss = receipt.only("BadDebt")
        hold(loss["amount"] == lost, "another amount is recognised")
        fell = before[0] - g.ask("market", "totalAssets")
        hold(loss["from_lenders"] == fell, f"lenders lose {fell}, the event says otherwise")
        fell = before[1] - g.ask("market", "reserve")
        hold(loss["from_reserve"] == fell, f"the reserve loses {fell}, the event says otherwise")


@invariant("MARKET-24")
def incentives(g: Ground) -> None:
    """More is asked for than the reserve has."""
    g.send(OWNER, "market", "fund_reserve", usd(30))
    assets, (purse,) = g.ask("market", "totalAssets"), balances(g, "USDC", KEEPER)
    for _ in range(2):
        g.send(MODULE, "market", "pay_incentive", KEEPER, usd(20))
    (now,) = balances(g, "USDC", KEEPER)
    hold(now - purse == usd(30), f"{now - purse} is paid out of a reserve of 30")
    hold(g.ask("market", "totalAssets") == assets, "lenders pay an incentive")


@invariant("MARKET-4")
def lending_and_leaving(g: Ground) -> None:
    """Dust by dust in a market with interest, and as the first lender of an empty one."""
    g.send(OWNER, "market", "set_rates", USURY)
    lay_debt(g)
    g.wait(DAY_S)
    (purse,) = balances(g, "USDC", STRANGER)
    for _ in range(3):
        g.send(STRANGER, "market", "mint", 900_000, STRANGER)
    g.send(STRANGER, "market", "deposit", usd(10) + 1, STRANGER)
    shares = g.ask("market", "balanceOf", STRANGER)
    g.send(STRANGER, "market", "redeem", shares, STRANGER, STRANGER)
    hold(balances(g, "USDC", STRANGER)[0] <= purse, "lending and leaving in one block profits")
    _inflate(g)


def _inflate(g: Ground) -> None:
    people = {"owner": OWNER, "guardian": OWNER}
    rates = dict(zip(INTEREST, RATES, strict=True))
    g.deploy("empty", "LendingMarket", debt_token=g["USDC"], **people, **LIMITS, **rates)
    for who in (KEEPER, STRANGER):
        fund(g, "USDC", who, usd(100_000), "empty")
    g.send(KEEPER, "empty", "deposit", 1, KEEPER)
    g.send(KEEPER, "USDC", "transfer", g["empty"], usd(50_000))
    g.send(KEEPER, "empty", "fund_reserve", usd(10_000))
    g.send(STRANGER, "empty", "deposit", usd(20_000), STRANGER)
    hold(g.ask("empty", "maxWithdraw", KEEPER) <= 1, "inflating the first share pays")


@invariant("MARKET-22")
def borrowing_and_repaying(g: Ground) -> None:
    """At an index far from 1, where a unit of scaled debt is many units."""
    g.send(OWNER, "market", "set_rates", USURY)
    lay_debt(g)
    g.wait(365 * DAY_S)
    g.send(STRANGER, "market", "supply_collateral", g["WETH"], eth(100), STRANGER)
    (purse,) = balances(g, "USDC", STRANGER)
    for odd in range(6):
        g.send(STRANGER, "market", "borrow", usd(101) + odd, STRANGER)
        g.send(STRANGER, "market", "repay", MAX_UINT, STRANGER)
        (now,) = balances(g, "USDC", STRANGER)
        hold(now <= purse, f"borrowing 101.00000{odd} and repaying profits")
        purse = now
