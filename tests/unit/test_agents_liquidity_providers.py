"""Liquidity providers: pull on a swing and come back; widen in a storm and narrow in calm."""

from __future__ import annotations

import math

import pytest

from sim.agents.base import Result
from sim.agents.liquidity_providers import ADAPT, PULL, STUBBORN, UINT128, Provider, Providers
from sim.engines.base import Event, address_of
from sim.markets.depth import TICK
from sim.people import ProvidersSpec
from sim.units import MAX_UINT, YEAR_S
from tests.helpers.world import (
    PRICE,
    SPACING_S,
    START,
    USDC,
    WETH,
    Wallets,
    facts,
    news,
    rng,
    snapshot,
    view,
)

SPEC = ProvidersSpec(
    pull_range=(0.1, 0.1),
    window_s=600,
    calm_s=1200,
    stubborn=0.0,
    usual_volatility=0.8,
    scale=(0.5, 4.0),
    tolerance=1.5,
    patience_s=1800,
)
A, B = address_of("lp", 0), address_of("lp", 1)
SWING = [2000.0, 1700.0]
QUIET = [1700.0] * 20
BOTH = Wallets({(A, "WETH"): 3 * WETH, (A, "USDC"): 6000 * USDC})
MINTED = {"tokenId": 9, "liquidity": 333}
TEN = math.log(1.1 / 0.9, TICK)  # width of a range of 10% to both sides [ticks]


def provider(kind):
    members = [Provider(A, 0.1, 0.1, kind, 0.1), Provider(B, 0.5, 0.5, STUBBORN, 0.01)]
    return Providers.starting(facts(), SPEC, members, [111, 222])


@pytest.fixture
def puller():
    return provider(PULL)


@pytest.fixture
def adapter():
    return provider(ADAPT)


def step(providers, prices, time=START, wallets=BOTH, pool=PRICE):
    """Act, and let it succeed."""
    look = view(snapshot(pool=pool), venue=prices, time=time, wallets=wallets)
    wishes = providers.act(look, rng())
    events = (Event(0, "positions", "IncreaseLiquidity", MINTED),)
    providers.learn(news(*(Result(w, "ok", events) for w in wishes)))
    return wishes


def functions(wishes):
    return [w.call.function for w in wishes]


def storm(times: float) -> list[float]:
    """A zigzag with so many times the usual volatility."""
    size = times * SPEC.usual_volatility * math.sqrt(SPACING_S / YEAR_S)
    return [PRICE * math.exp(size * (i % 2)) for i in range(21)]


def width(mint) -> float:
    """[ticks]"""
    lower, upper = mint.call.args[0][3:5]
    return upper - lower


def test_small_swing__nobody_moves(puller):
    assert step(puller, [2000.0, 1900.0]) == []


def test_big_swing__pulls_everything_and_the_stubborn_stays(puller):
    pull, collect = step(puller, SWING)
    assert pull.sender == collect.sender == A
    assert pull.call.function == "decreaseLiquidity"
    assert pull.call.args == ((1, 111, 0, 0, MAX_UINT),)
    assert collect.call.function == "collect"
    assert collect.call.args == ((1, A, UINT128, UINT128),)
    assert step(puller, SWING) == []


def test_pull__reverted__is_tried_again(puller):
    pull, collect = puller.act(view(venue=SWING), rng())
    puller.learn(news(Result(pull, "reverted"), Result(collect, "ok")))
    assert functions(step(puller, SWING)) == ["decreaseLiquidity", "collect"]


def test_pull__collected_later_than_withdrawn__is_collected_alone(puller):
    pull, collect = puller.act(view(venue=SWING), rng())
    puller.learn(news(Result(pull, "ok"), Result(collect, "expired")))
    assert functions(step(puller, SWING)) == ["collect"]
    assert step(puller, SWING) == []


def test_quiet__for_long_enough__comes_back_around_the_price_of_then(puller):
    step(puller, SWING)
    assert step(puller, QUIET, START) == []
    assert step(puller, SWING, START + 600) == [], "a new swing starts the wait anew"
    assert step(puller, QUIET, START + 700) == []
    assert step(puller, QUIET, START + 1899) == []
    (mint,) = step(puller, QUIET, START + 1900)
    params = mint.call.args[0]

    assert params[:3] == ("<WETH>", "<USDC>", 3000)
    assert params[3] % 60 == params[4] % 60 == 0
    assert params[3] < -200_000 - 900 < -200_000 + 900 < params[4]
    assert TEN <= width(mint) <= TEN + 120, "as wide as before"
    assert params[5:7] == (3 * WETH, 6000 * USDC)
    assert step(puller, SWING)[0].call.args == ((9, 333, 0, 0, MAX_UINT),)


@pytest.mark.parametrize(("held", "above"), [("WETH", True), ("USDC", False)])
def test_return__with_one_token__lies_on_its_side_of_the_price(puller, held, above):
    """Collateral is sold as the price rises, the debt token buys it as it falls."""
    step(puller, SWING)
    wallets = Wallets({(A, held): 1000 * USDC})
    step(puller, QUIET, START, wallets)
    (mint,) = step(puller, QUIET, START + 1200, wallets)
    lower, upper = mint.call.args[0][3:5]
    assert (lower > -200_000) if above else (upper <= -200_000)
    assert width(mint) == pytest.approx(TEN, abs=60)


def test_storm__adapter_widens_in_proportion_and_not_again_before_its_patience_ends(adapter):
    assert step(adapter, storm(1.4)) == [], "tolerated"
    assert functions(step(adapter, storm(2.0))) == ["decreaseLiquidity", "collect"]
    (mint,) = step(adapter, storm(2.0))
    assert width(mint) == pytest.approx(2 * TEN, rel=0.05)

    soon, later = START + 1000, START + SPACING_S + 1800
    assert step(adapter, storm(10.0), soon) == []
    assert functions(step(adapter, storm(10.0), later)) == ["decreaseLiquidity", "collect"]
    (mint,) = step(adapter, storm(10.0), later)
    assert width(mint) == pytest.approx(4 * TEN, rel=0.05), "the widest"


def test_calm__adapter_narrows_once_it_has_lasted(adapter):
    assert step(adapter, storm(0.2), START) == []
    assert step(adapter, storm(1.0), START + 600) == [], "the wait begins anew"
    assert step(adapter, storm(0.2), START + 700) == []
    assert functions(step(adapter, storm(0.2), START + 1900)) == ["decreaseLiquidity", "collect"]
    (mint,) = step(adapter, storm(0.2), START + 2000)
    assert width(mint) == pytest.approx(TEN / 2, rel=0.1), "the narrowest"


def test_price_out_of_the_range__adapter_follows_once_it_has_lasted(adapter):
    step(adapter, storm(1.0), START)
    assert step(adapter, storm(1.0), START + 100, pool=1500.0) == []
    assert functions(step(adapter, storm(1.0), START + 1300, pool=1500.0)) == [
        "decreaseLiquidity",
        "collect",
    ]


def test_first_moves_of_a_run__too_few_for_a_volatility__move_no_adapter(adapter):
    assert step(adapter, [2000.0, 1000.0]) == []
