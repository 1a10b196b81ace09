"""TwapFeed: the mean price of a real pool."""

import ape
import pytest

from sim.engines.artifacts import Library
from sim.engines.deploy import ape_container
from sim.engines.uniswap import Pair
from sim.mechanisms.uniswap.ticks import MAX_SQRT_PRICE, MIN_SQRT_PRICE
from tests.helpers.ledger import answer
from tests.helpers.mechanisms import ZERO

FEE = 3_000
WINDOW_S = 600
FOREVER = 2**63
WIDEST = 887_220  # the last tick that the fee's grid can use


@pytest.fixture(scope="module")
def pair(weth, usdc):
    return Pair(weth.address.lower(), usdc.address.lower(), 18, 6, FEE)


@pytest.fixture(scope="module")
def factory(owner):
    return owner.deploy(ape_container(Library().uniswap("UniswapV3Factory")))


@pytest.fixture(scope="module")
def router(factory, weth, usdc, owner, fund):
    router = owner.deploy(ape_container(Library().uniswap("SwapRouter")), factory, ZERO)
    for token in (weth, usdc):
        fund(token, owner, 10**40, router)
    return router


@pytest.fixture(scope="module")
def pool(factory, router, pair, weth, usdc, owner, fund):
    """At a price of 2,000, with little liquidity that reaches everywhere."""
    kind = ape_container(Library().uniswap("NonfungiblePositionManager"))
    positions = owner.deploy(kind, factory, ZERO, ZERO)
    start = pair.sqrt_price_x96(2_000)
    positions.createAndInitializePoolIfNecessary(*pair.tokens, FEE, start, sender=owner)
    for token in (weth, usdc):
        fund(token, owner, 10**40, positions)
    amounts = pair.ordered(10**15, 2 * 10**6)
    position = (*pair.tokens, FEE, -WIDEST, WIDEST, *amounts, 0, 0, owner, FOREVER)
    positions.mint(position, sender=owner)
    kind = ape_container(Library().uniswap("UniswapV3Pool"))
    return kind.at(factory.getPool(*pair.tokens, FEE))


@pytest.fixture
def move_root_to(router, pair, pool, owner):
    """Swap as far as a square root of the pool's price [Q64.96]; returns the time."""

    def swap(limit):
        down = limit < pool.slot0().sqrtPriceX96
        tokens = pair.tokens if down else pair.tokens[::-1]
        params = (*tokens, FEE, owner, FOREVER, 10**39, 0, limit)
        return router.exactInputSingle(params, sender=owner).timestamp

    return swap


@pytest.fixture
def move_to(move_root_to, pair):
    """Swap as far as a price in USD."""
    return lambda price: move_root_to(pair.sqrt_price_x96(price))


@pytest.fixture
def twap(contracts, pool, weth, usdc, owner):
    return owner.deploy(contracts.TwapFeed, pool, weth, usdc, WINDOW_S, 20)


def told(feed):
    return feed.latestRoundData()[1]


def test_twap__price_that_stands__is_told_within_a_tick(twap, chain):
    assert told(twap) == pytest.approx(answer(2_000), rel=1.1e-4)
    chain.mine(deltatime=2 * WINDOW_S)
    assert told(twap) == pytest.approx(answer(2_000), rel=1.1e-4)
    assert twap.averaged() == WINDOW_S


def test_twap__always__is_as_of_now(twap, chain):
    chain.mine(deltatime=1_000)
    now = chain.blocks.head.timestamp
    round_id, _, started_at, updated_at, answered_in = twap.latestRoundData()
    assert abs(updated_at - now) <= 1  # a call's block may be the next one
    assert round_id == answered_in == started_at == updated_at


def test_twap__after_a_jump__goes_with_the_share_of_the_window(twap, move_to, chain):
    chain.mine(deltatime=WINDOW_S)
    jumped = move_to(1_000)
    assert told(twap) == pytest.approx(answer(2_000), rel=0.005)
    chain.mine(timestamp=jumped + WINDOW_S // 2)
    assert told(twap) == pytest.approx(answer(1_000 * 2**0.5), rel=0.005)  # the geometric mean
    chain.mine(timestamp=jumped + WINDOW_S + 5)
    assert told(twap) == pytest.approx(answer(1_000), rel=1.1e-4)


def test_twap__pool_that_remembers_less_than_the_window__is_the_mean_of_that(
    contracts, pool, weth, usdc, owner, move_to, chain
):
    twap = owner.deploy(contracts.TwapFeed, pool, weth, usdc, 7 * 86_400, 2)
    written = move_to(1_500)
    second = move_to(1_000)
    chain.mine(timestamp=second + (second - written) + 1_000)
    assert 1_000 <= twap.averaged() < 10_000
    assert answer(1_000) * 0.999 < told(twap) < answer(2_000)


def test_deploy__always__has_the_pool_remember_more(twap, pool):
    assert pool.slot0().observationCardinalityNext == 20


def test_twap__price_of_next_to_nothing__has_no_answer(twap, move_root_to, pair, chain):
    move_root_to(MIN_SQRT_PRICE + 1 if pair.collateral_is_token0 else MAX_SQRT_PRICE - 1)
    chain.mine(deltatime=2 * WINDOW_S)
    assert list(twap.latestRoundData()) == [0] * 5


@pytest.mark.parametrize("window", [0, 7 * 86_400 + 1])
def test_deploy__window_out_of_range__reverts(contracts, pool, weth, usdc, stranger, window):
    with ape.reverts("feed: window not between 0 and a week"):
        stranger.deploy(contracts.TwapFeed, pool, weth, usdc, window, 1)


def test_deploy__tokens_that_the_pool_has_not__reverts(
    contracts, collateral_tokens, pool, weth, usdc, stranger
):
    gold = collateral_tokens["GOLD"]
    for pair in ((gold, usdc), (usdc, gold), (weth, gold), (weth, weth)):
        with ape.reverts("feed: not the pool's tokens"):
            stranger.deploy(contracts.TwapFeed, pool, *pair, WINDOW_S, 1)
