"""Panic: the hazard rises with the fall, its speed, liquidations and peers."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.base import Result
from sim.agents.panic_sellers import Holder, PanicSellers
from sim.engines.base import address_of
from sim.markets.venue import VenueOrder
from sim.scenario import load_scenario
from tests.helpers.world import WETH, Wallets, depth, facts, news, rng, view

COUNT = 400


@pytest.fixture
def spec():
    return load_scenario("black_thursday").population.panic_sellers


def holders(on_venue: bool, slices: int = 1, threshold: float = 0.1, count: int = COUNT):
    return [Holder(address_of("h", i), threshold, on_venue, slices) for i in range(count)]


def sellers(spec, members, prices, **changes) -> int:
    wallets = Wallets({(m.address, "WETH"): WETH for m in members})
    agent = PanicSellers(facts(), spec, members)
    return len(agent.act(view(venue=prices, wallets=wallets, **changes), rng()))


def test_calm__nobody_sells(spec):
    assert sellers(spec, holders(False), [2000.0] * 50) == 0


def test_fall__deeper_than_the_threshold__some_sell_and_more_the_deeper(spec):
    spec = spec.model_copy(update={"hazard_per_hour": 5.0})
    slow = [[2000.0 * (1 - d * i / 300) for i in range(301)] for d in (0.12, 0.3, 0.5)]
    sold = [sellers(spec, holders(False), prices) for prices in slow]
    assert 0 < sold[0] < sold[1] < sold[2]


@pytest.mark.parametrize(
    "changes", [{"liquidated_hour": 2e8}, {"venue": [2000.0] * 300 + [1790.0]}]
)
def test_liquidations_or_speed__more_sell_at_the_same_fall(spec, changes):
    spec = spec.model_copy(update={"hazard_per_hour": 2.0})
    slowly = [2000.0] + [1790.0] * 300
    base = sellers(spec, holders(False), slowly)
    prices = changes.pop("venue", slowly)
    assert sellers(spec, holders(False), prices, **changes) > base


def test_peers__who_have_begun__draw_others_in(spec):
    spec = spec.model_copy(update={"hazard_per_hour": 1.0, "peers_weight": 20.0})
    members = holders(False)
    wallets = Wallets({(m.address, "WETH"): WETH for m in members})
    agent, source = PanicSellers(facts(), spec, members), rng()
    seen = view(venue=[2000.0, 1780.0], wallets=wallets)
    steps = np.diff([len(agent.act(seen, source)) for _ in range(12)])
    assert steps[5:10].sum() > 1.5 * steps[:5].sum(), "herding speeds it up"


def begun_by_step(spec, contacts=(), steps=12):
    members = holders(False)
    wallets = Wallets({(m.address, "WETH"): WETH for m in members})
    agent, source = PanicSellers(facts(), spec, members, contacts), rng()
    seen = view(venue=[2000.0, 1780.0], wallets=wallets)
    return [len(agent.act(seen, source)) for _ in range(steps)]


def test_herding__none__is_mean_field_without_weight(spec):
    spec = spec.model_copy(update={"hazard_per_hour": 1.0, "peers_weight": 20.0})
    alone = begun_by_step(spec.model_copy(update={"herding": "none"}))
    assert alone == begun_by_step(spec.model_copy(update={"peers_weight": 0.0}))
    assert alone[-1] < begun_by_step(spec)[-1]


def test_herding__network_of_all_with_all__is_nearly_mean_field(spec):
    spec = spec.model_copy(update={"hazard_per_hour": 1.0, "peers_weight": 20.0})
    everybody = [(i, j) for i in range(COUNT) for j in range(i)]
    network = begun_by_step(spec.model_copy(update={"herding": "network"}), everybody)
    assert network == pytest.approx(begun_by_step(spec), rel=0.02, abs=1)


def test_herding__network__only_contacts_of_sellers_follow(spec):
    """Only the first would sell for the fall alone; then panic runs along the ring, tie by tie."""
    changes = {"hazard_per_hour": 1e9, "drawdown_weight": 1e-3, "speed_weight": 0.0}
    spec = spec.model_copy(update={**changes, "herding": "network", "liquidations_weight": 0.0})
    members = [Holder(address_of("h", i), 0.1 if i == 0 else 0.2, False, 1) for i in range(20)]
    ring = [(i, (i + 1) % 20) for i in range(20)]
    wallets = Wallets({(m.address, "WETH"): WETH for m in members})
    agent, source = PanicSellers(facts(), spec, members, ring), rng()
    seen = view(venue=[2000.0] + [2000.0 * 0.85] * 31, wallets=wallets)
    assert [len(agent.act(seen, source)) for _ in range(12)] == [
        1,
        3,
        5,
        7,
        9,
        11,
        13,
        15,
        17,
        19,
        20,
        20,
    ]


def test_sale__coins_on_the_venue__is_an_order_there(spec):
    (member,) = holders(True, slices=2, count=1)
    agent = PanicSellers(facts(), _certain(spec), [member])
    wallets = Wallets(venue={(member.address, "WETH"): 10 * WETH})
    (order,) = agent.act(view(venue=[2000.0, 1000.0], wallets=wallets), rng())
    assert order == VenueOrder("panic_sellers", member.address, "sell", 5 * WETH, forced=True)


def test_sale__in_slices__the_last_sells_what_is_left(spec):
    (member,) = holders(False, slices=3, count=1)
    agent = PanicSellers(facts(), _certain(spec), [member])
    wallets = Wallets({(member.address, "WETH"): 9 * WETH})
    amounts = []
    for _ in range(4):
        wishes = agent.act(view(venue=[2000.0, 1000.0], wallets=wallets), rng())
        for wish in wishes:
            amounts.append(wish.call.args[0][5])
            wallets.chain[member.address, "WETH"] -= amounts[-1]
            agent.learn(news(Result(wish, "ok")))
    assert amounts == [3 * WETH, 3 * WETH, 3 * WETH]


def test_sale__reverted__is_tried_again_whole(spec):
    (member,) = holders(False, slices=3, count=1)
    agent = PanicSellers(facts(), _certain(spec), [member])
    wallets = Wallets({(member.address, "WETH"): 9 * WETH})
    (first,) = agent.act(view(venue=[2000.0, 1000.0], wallets=wallets), rng())
    agent.learn(news(Result(first, "reverted")))
    (second,) = agent.act(view(venue=[2000.0, 1000.0], wallets=wallets), rng())
    assert second.call.args[0][5] == first.call.args[0][5] == 3 * WETH


def test_sale__bigger_than_the_pool_bears__is_cut(spec):
    (member,) = holders(False, count=1)
    agent = PanicSellers(facts(), _certain(spec), [member])
    wallets = Wallets({(member.address, "WETH"): 10**5 * WETH})
    pool = depth(usd=1e5)
    (wish,) = agent.act(view(venue=[2000.0, 1000.0], wallets=wallets, pool=pool), rng())
    after = pool.after(pool.sell(wish.call.args[0][5]))
    assert after.price * (1 - pool.fee) == pytest.approx(2000 * (1 - spec.slippage), rel=1e-3)


def _certain(spec):
    return spec.model_copy(update={"hazard_per_hour": 1e9})
