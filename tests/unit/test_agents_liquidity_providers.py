"""Liquidity providers: pull on a swing, collect, come back when it has been quiet."""

from __future__ import annotations

import pytest

from sim.agents.base import Result
from sim.agents.liquidity_providers import UINT128, Provider, Providers
from sim.engines.base import Event, address_of
from sim.people import ProvidersSpec
from sim.units import MAX_UINT
from tests.helpers.world import START, USDC, WETH, Wallets, facts, news, rng, view

SPEC = ProvidersSpec(pull_range=(0.1, 0.1), window_s=600, calm_s=1200, stubborn=0.0)
A, B = address_of("lp", 0), address_of("lp", 1)
SWING = [2000.0, 1700.0]
QUIET = [1700.0] * 20


@pytest.fixture
def providers():
    members = [Provider(A, 0.1, 0.1, 0.1), Provider(B, 0.5, 0.5, float("inf"))]
    return Providers.starting(facts(), SPEC, members, [111, 222])


def step(providers, prices, time=START, wallets=None, minted=None):
    """Act, and let it succeed."""
    wishes = providers.act(view(venue=prices, time=time, wallets=wallets), rng())
    events = (Event(0, "positions", "IncreaseLiquidity", minted),) if minted else ()
    providers.learn(news(*(Result(w, "ok", events) for w in wishes)))
    return wishes


def test_small_swing__nobody_moves(providers):
    assert step(providers, [2000.0, 1900.0]) == []


def test_big_swing__pulls_everything_then_collects_the_stubborn_stays(providers):
    (pull,) = step(providers, SWING)
    assert pull.sender == A
    assert pull.call.function == "decreaseLiquidity"
    assert pull.call.args == ((1, 111, 0, 0, MAX_UINT),)

    (collect,) = step(providers, SWING)
    assert collect.call.function == "collect"
    assert collect.call.args == ((1, A, UINT128, UINT128),)
    assert step(providers, SWING) == []


def test_pull__reverted__is_tried_again(providers):
    (pull,) = providers.act(view(venue=SWING), rng())
    providers.learn(news(Result(pull, "reverted")))
    assert [w.call.function for w in step(providers, SWING)] == ["decreaseLiquidity"]


def test_quiet__for_long_enough__comes_back_around_the_price_of_then(providers):
    for _ in range(2):
        step(providers, SWING)
    wallets = Wallets({(A, "WETH"): 3 * WETH, (A, "USDC"): 7 * USDC})
    assert step(providers, QUIET, START) == []
    assert step(providers, SWING, START + 600) == [], "a new swing starts the wait anew"
    assert step(providers, QUIET, START + 700) == []
    assert step(providers, QUIET, START + 1899) == []
    minted = {"tokenId": 9, "liquidity": 333}
    (mint,) = step(providers, QUIET, START + 1900, wallets, minted)
    params = mint.call.args[0]

    assert params[:3] == ("<WETH>", "<USDC>", 3000)
    assert params[3] % 60 == params[4] % 60 == 0
    assert params[3] < -200_000 - 900 < -200_000 + 900 < params[4]
    assert params[5:7] == (3 * WETH, 7 * USDC)
    (pull,) = step(providers, SWING)
    assert pull.call.args == ((9, 333, 0, 0, MAX_UINT),)
