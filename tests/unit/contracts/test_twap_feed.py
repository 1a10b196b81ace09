"""TwapFeed: the mean price of a real pool."""

import ape
import pytest

from sim.mechanisms.uniswap.ticks import MAX_SQRT_PRICE, MIN_SQRT_PRICE
from tests.helpers.ledger import answer

WINDOW_S = 600


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
    with ape.reverts("pool: window not between 0 and a week"):
        stranger.deploy(contracts.TwapFeed, pool, weth, usdc, window, 2)


def test_deploy__tokens_that_the_pool_has_not__reverts(
    contracts, collateral_tokens, pool, weth, usdc, stranger
):
    gold = collateral_tokens["GOLD"]
    for pair in ((gold, usdc), (usdc, gold), (weth, gold), (weth, weth)):
        with ape.reverts("pool: other tokens"):
            stranger.deploy(contracts.TwapFeed, pool, *pair, WINDOW_S, 2)


@pytest.mark.parametrize("cardinality", [0, 1])
def test_deploy__memory_of_one_observation__reverts(
    contracts, pool, weth, usdc, stranger, cardinality
):
    with ape.reverts("pool: cardinality below 2"):
        stranger.deploy(contracts.TwapFeed, pool, weth, usdc, WINDOW_S, cardinality)


def test_rounds__of_a_feed_of_now__are_kept_to_this_moment(twap):
    latest = twap.latestRoundData()
    assert twap.getRoundData(latest[0]) == latest
    with ape.reverts("feed: no such round"):
        twap.getRoundData(latest[0] - 1)
