"""Mechanisms in place of the module account: each of these markets obeys one of them."""

import pytest

from sim.engines.artifacts import Library
from sim.engines.deploy import ape_container
from sim.engines.uniswap import Pair
from tests.helpers.ledger import answer, usd
from tests.helpers.mechanisms import (
    AUCTION,
    BREAKER,
    ENDLESS,
    ENGLISH,
    ENGLISH_LADDER,
    FIXED,
    ZERO,
    deploy,
    eth,
)
from tests.helpers.reverts import without_traces

POOL_FEE = 3_000  # [1e-6]
WIDEST = 887_220  # the last tick that the fee's grid can use
FOREVER = 2**63


@pytest.fixture(scope="session", autouse=True)
def reverts_without_traces():
    with pytest.MonkeyPatch.context() as patch:
        without_traces(patch)
        yield


@pytest.fixture
def set_price(feed, owner):
    """Move WETH's feed, in USD."""
    return lambda price: feed.push(answer(price), sender=owner)


@pytest.fixture
def taker(contracts, keeper):
    return keeper.deploy(contracts.ScriptedTaker)


@pytest.fixture(scope="module")
def debt(market, weth, borrower):
    """What the borrower owes against 10 WETH at 2,000, liquidated below 1,250."""
    market.supply_collateral(weth, eth(10), borrower, sender=borrower)
    market.borrow(usd(10_000), borrower, sender=borrower)
    return usd(10_000)


@pytest.fixture(scope="module")
def install(contracts, market, debt, fund, usdc, owner, keeper):
    """Deploy a module that sells at once and let it liquidate in the market, where the borrower
    owes; the keeper has a million to spend."""

    def install_module(name, **parameters):
        module = deploy(owner, getattr(contracts, name), market=market, **parameters)
        market.set_liquidation(module, sender=owner)
        fund(usdc, keeper, usd(1_000_000), module)
        return module

    return install_module


@pytest.fixture(scope="module")
def fixed(install):
    return install("FixedSpread", **FIXED)


@pytest.fixture
def open_account(market, stranger, weth, fund):
    """The stranger supplies WETH and borrows."""

    def open_with(collateral, debt):
        fund(weth, stranger, collateral, market)
        market.supply_collateral(weth, collateral, stranger, sender=stranger)
        market.borrow(debt, stranger, sender=stranger)
        return stranger

    return open_with


@pytest.fixture(scope="module")
def curve(contracts, owner):
    """1% every 90 s."""
    return owner.deploy(contracts.StairstepCurve, 90, 99 * 10**25)


@pytest.fixture(scope="module")
def make_auction(contracts, market, fund, usdc, owner, keeper, curve):
    """Deploy an auction, make it the market's module, and give the keeper a million to spend."""

    def make(**changes):
        values = AUCTION | {"market": market, "curve": curve} | changes
        module = deploy(owner, contracts.DutchAuction, **values)
        market.set_liquidation(module, sender=owner)
        fund(usdc, keeper, usd(1_000_000), module)
        return module

    return make


@pytest.fixture(scope="module")
def auction(market, debt, make_auction, usdc, owner):
    """With the default parameters; the market's reserve is 1,000 USDC."""
    usdc.mint(owner, usd(1_000), sender=owner)
    usdc.approve(market, usd(1_000), sender=owner)
    market.fund_reserve(usd(1_000), sender=owner)
    return make_auction()


@pytest.fixture(scope="module")
def english(contracts, market, debt, fund, usdc, owner, keeper, stranger):
    """The market's module; the reserve is 1,000 USDC and two bidders have a million each."""
    module = deploy(owner, contracts.EnglishAuction, market=market, **ENGLISH)
    market.set_liquidation(module, sender=owner)
    for bidder in (keeper, stranger):
        fund(usdc, bidder, usd(1_000_000), module)
    fund(usdc, owner, usd(1_000), market)
    market.fund_reserve(usd(1_000), sender=owner)
    return module


@pytest.fixture
def english_sale(english, weth, borrower, keeper, set_price):
    """The receipt of the start when WETH had fallen to 1,200 (health 0.96)."""
    set_price(1_200)
    return english.start(borrower, weth, sender=keeper)


@pytest.fixture
def bid(english, weth, borrower):
    """Bid what the quote says."""

    def place(bidder, max_pay=ENDLESS, min_receive=0, data=b"", receiver=None):
        to = receiver or bidder
        return english.take(borrower, weth, max_pay, min_receive, to, data, sender=bidder)

    return place


@pytest.fixture
def bid_up(english_sale, bid, keeper, stranger):
    """Both in turn, the keeper first, until the target is bid; the stranger bids it."""
    for i in range(len(ENGLISH_LADDER)):
        bid((keeper, stranger)[i % 2])


@pytest.fixture
def finish(english, weth, borrower, keeper, chain):
    """Let a time pass and end the sale."""

    def end(seconds=ENGLISH["bid_life"]):
        chain.mine(deltatime=seconds)
        assert english.restartable(borrower, weth)
        return english.restart(borrower, weth, sender=keeper)

    return end


@pytest.fixture(scope="module")
def pair(weth, usdc):
    """WETH and USDC, whichever way round."""
    return Pair(weth.address.lower(), usdc.address.lower(), 18, 6, POOL_FEE)


@pytest.fixture(scope="module")
def factory(owner):
    """Uniswap v3's."""
    return owner.deploy(ape_container(Library().uniswap("UniswapV3Factory")))


@pytest.fixture(scope="module")
def router(factory, weth, usdc, owner, fund):
    router = owner.deploy(ape_container(Library().uniswap("SwapRouter")), factory, ZERO)
    for token in (weth, usdc):
        fund(token, owner, 10**40, router)
    return router


@pytest.fixture(scope="module")
def positions(factory, weth, usdc, owner, fund):
    """Uniswap's manager of positions, for the owner to mint with."""
    kind = ape_container(Library().uniswap("NonfungiblePositionManager"))
    positions = owner.deploy(kind, factory, ZERO, ZERO)
    for token in (weth, usdc):
        fund(token, owner, 10**40, positions)
    return positions


@pytest.fixture(scope="module")
def pool(factory, router, positions, pair, owner):
    """At a price of 2,000, with four USD of liquidity that reaches everywhere."""
    start = pair.sqrt_price_x96(2_000)
    positions.createAndInitializePoolIfNecessary(*pair.tokens, POOL_FEE, start, sender=owner)
    amounts = pair.ordered(10**15, 2 * 10**6)
    position = (*pair.tokens, POOL_FEE, -WIDEST, WIDEST, *amounts, 0, 0, owner, FOREVER)
    positions.mint(position, sender=owner)
    kind = ape_container(Library().uniswap("UniswapV3Pool"))
    return kind.at(factory.getPool(*pair.tokens, POOL_FEE))


@pytest.fixture
def move_root_to(router, pair, pool, owner):
    """Swap as far as a square root of the pool's price [Q64.96]; returns the time."""

    def swap(limit):
        down = limit < pool.slot0().sqrtPriceX96
        tokens = pair.tokens if down else pair.tokens[::-1]
        params = (*tokens, POOL_FEE, owner, FOREVER, 10**39, 0, limit)
        return router.exactInputSingle(params, sender=owner).timestamp

    return swap


@pytest.fixture
def move_to(move_root_to, pair):
    """Swap as far as a price in USD."""
    return lambda price: move_root_to(pair.sqrt_price_x96(price))


@pytest.fixture(scope="module")
def make_price_breaker(contracts, market, weth, owner):
    """Deploy and install a breaker on WETH, which has seen a price of 2,000."""

    def make(**changes):
        values = BREAKER | {"market": market, "collateral": weth} | changes
        breaker = deploy(owner, contracts.PriceBreaker, **values)
        market.add_breaker(breaker, sender=owner)
        return breaker

    return make


@pytest.fixture
def price_breaker(make_price_breaker):
    return make_price_breaker()


@pytest.fixture
def observe(set_price, market, keeper, chain):
    """Move WETH's price and have it observed, a block later or at a given time."""

    def observe_price(price, time=None):
        time = time or chain.pending_timestamp + 12
        chain.pending_timestamp = time - 1
        set_price(price)
        chain.pending_timestamp = time
        return market.pulse(sender=keeper)

    return observe_price
