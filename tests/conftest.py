"""Contracts and accounts for tests on the chain. Nothing here runs unless a test asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ape
import pytest
from hypothesis import settings

from sim.engines.artifacts import Library
from sim.engines.deploy import ape_container
from tests.helpers import closing
from tests.helpers.ledger import LIMITS, NO_INTEREST, TERMS, answer, arguments, usd

PRICES = {"WETH": "2000", "WBTC": "50000", "GOLD": "80"}  # [USD]
DECIMALS = {"WETH": 18, "WBTC": 8, "GOLD": 6}

# A busy machine is no defect: no example is held to a time.
settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")

# Fixtures that put nothing on the chain, so that Ape need not take its snapshots anew for them.
TIMELESS: dict[str, Any] = {"scope": "session", "chain_isolation": False}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in closing.lines(terminalreporter):
        terminalreporter.write_line(line)


class Shelf:
    """Contracts by name as Ape deploys them, compiled once for each state of their sources.

    Ape's own cache overlooks changed modules and interfaces, and without it every session of tests
    would compile for a minute. Both compile to the same bytecode: integration/test_compile.py.
    """

    def __init__(self) -> None:
        self._library = Library()

    def __getattr__(self, name: str) -> Any:
        if name not in self._library.names():
            raise AttributeError(name)
        container = ape_container(self._library.get(name))
        setattr(self, name, container)
        return container


@ape.fixture(**TIMELESS)
def contracts() -> Shelf:
    return Shelf()


@ape.fixture(**TIMELESS)
def owner(accounts: Any) -> Any:
    return accounts[0]


@ape.fixture(**TIMELESS)
def guardian(accounts: Any) -> Any:
    return accounts[1]


@ape.fixture(**TIMELESS)
def lender(accounts: Any) -> Any:
    return accounts[2]


@ape.fixture(**TIMELESS)
def borrower(accounts: Any) -> Any:
    return accounts[3]


@ape.fixture(**TIMELESS)
def keeper(accounts: Any) -> Any:
    return accounts[4]


@ape.fixture(**TIMELESS)
def stranger(accounts: Any) -> Any:
    return accounts[5]


@ape.fixture(**TIMELESS)
def module(accounts: Any) -> Any:
    """An account that stands in for the liquidation module."""
    return accounts[6]


@pytest.fixture(scope="session")
def usdc(contracts: Any, owner: Any) -> Any:
    return owner.deploy(contracts.Token, "USD Coin", "USDC", 6)


@pytest.fixture(scope="session")
def collateral_tokens(contracts: Any, owner: Any) -> dict[str, Any]:
    """Collateral tokens with 18, 8 and 6 decimals, by symbol."""
    return {s: owner.deploy(contracts.Token, s, s, d) for s, d in DECIMALS.items()}


@pytest.fixture(scope="session")
def weth(collateral_tokens: dict[str, Any]) -> Any:
    return collateral_tokens["WETH"]


@pytest.fixture(scope="session")
def lens(contracts: Any, owner: Any) -> Any:
    return owner.deploy(contracts.Lens)


@ape.fixture(**TIMELESS)
def make_feed(contracts: Any, owner: Any) -> Callable[[str], Any]:
    """Deploy a feed at a price in USD that the owner may move at any time."""

    def make(price: str) -> Any:
        return owner.deploy(contracts.PushFeed, owner, answer(price), 0, 0)

    return make


@pytest.fixture(scope="session")
def feeds(make_feed: Callable[[str], Any]) -> dict[str, Any]:
    """A feed for each collateral token, by symbol."""
    return {symbol: make_feed(price) for symbol, price in PRICES.items()}


@pytest.fixture(scope="session")
def feed(feeds: dict[str, Any]) -> Any:
    """WETH's."""
    return feeds["WETH"]


@ape.fixture(**TIMELESS)
def make_market(contracts: Any, owner: Any, guardian: Any, usdc: Any) -> Callable[..., Any]:
    """Deploy a market without collateral. Interest is off unless it is asked for."""

    def make(debt_token: Any = usdc, deployer: Any = owner, **changes: Any) -> Any:
        values = {"debt_token": debt_token, "owner": owner, "guardian": guardian}
        values |= LIMITS | NO_INTEREST | changes
        return deployer.deploy(
            contracts.LendingMarket, *arguments(contracts.LendingMarket, **values)
        )

    return make


@ape.fixture(**TIMELESS)
def list_collateral(owner: Any) -> Callable[..., None]:
    """Add a collateral on the default terms."""

    def add(market: Any, token: Any, feed: Any, **changes: int) -> None:
        terms = TERMS | changes
        market.add_collateral(
            token,
            feed,
            terms["ltv"],
            terms["liquidation_threshold"],
            terms["cap"],
            terms["max_age"],
            sender=owner,
        )

    return add


@ape.fixture(**TIMELESS)
def fund(owner: Any) -> Callable[..., None]:
    """Mint a token to an account and have it approve a spender without limit."""

    def give(token: Any, account: Any, amount: int, spender: Any) -> None:
        token.mint(account, amount, sender=owner)
        token.approve(spender, 2**256 - 1, sender=account)

    return give


@pytest.fixture(scope="module")
def market(
    make_market: Callable[..., Any],
    list_collateral: Callable[..., None],
    collateral_tokens: dict[str, Any],
    feeds: dict[str, Any],
    fund: Callable[..., None],
    usdc: Any,
    lender: Any,
    borrower: Any,
    module: Any,
    owner: Any,
) -> Any:
    """Three collaterals, a million USDC of cash, no debt; lender, borrower, module are funded."""
    market = make_market()
    for symbol, token in collateral_tokens.items():
        list_collateral(market, token, feeds[symbol])
        fund(token, borrower, 1_000 * 10 ** DECIMALS[symbol], market)
    for account in (lender, borrower, module):
        fund(usdc, account, usd(2_000_000), market)
    market.deposit(usd(1_000_000), lender, sender=lender)
    market.set_liquidation(module, sender=owner)
    return market


@pytest.fixture
def breaker(contracts: Any, market: Any, owner: Any) -> Any:
    """A breaker of the market that lets everything pass until it is told otherwise."""
    breaker = owner.deploy(contracts.ScriptedBreaker)
    market.add_breaker(breaker, sender=owner)
    return breaker


@pytest.fixture
def indebted(market: Any, weth: Any, borrower: Any) -> Any:
    """The market, in which the borrower owes 10,000 USDC against 10 WETH at 2,000."""
    market.supply_collateral(weth, 10 * 10**18, borrower, sender=borrower)
    market.borrow(usd(10_000), borrower, sender=borrower)
    return market
