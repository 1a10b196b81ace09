"""The mempool keeps, replaces, and lets expire."""

from __future__ import annotations

import pytest

from sim.agents.base import Intent
from sim.agents.gas import LIMITS, factor
from sim.design import load_design
from sim.engines.base import Call, address_of
from sim.world.mempool import Mempool


def intent(
    sender: int = 0, key: str = "a", fee: int = 0, latency: float = 0.0, most: int | None = None
) -> Intent:
    call = Call("market", "pulse")
    return Intent("keepers", address_of("s", sender), call, key, fee, latency, most)


@pytest.fixture
def pool():
    return Mempool(expiry_s=100)


def test_add__the_same_slot_with_a_higher_bid__replaces_and_goes_to_the_back(pool):
    old, other, new = intent(fee=1), intent(sender=1), intent(fee=2)
    assert pool.add([old, other], 1, 0) == []
    assert pool.add([new], 2, 0) == [old]
    assert [p.intent for p in pool.ready(0)] == [other, new]


@pytest.mark.parametrize("fee", [40, 50, 54])
def test_add__the_same_slot_bidding_less_than_a_tenth_more__is_turned_away(pool, fee):
    first = intent(fee=50)
    pool.add([first], 1, 0)
    assert pool.add([intent(fee=fee)], 2, 0) == []
    assert [p.intent for p in pool.ready(0)] == [first]


def test_add__other_key_or_sender__stands_beside(pool):
    pool.add([intent(), intent(key="b"), intent(sender=1)], 1, 0)
    assert len(pool) == 3


def test_ready__latency__hides_it_until_then(pool):
    pool.add([intent(latency=7)], 1, seen=1000)
    assert pool.ready(1006) == []
    assert len(pool.ready(1007)) == 1


def test_expire__after_its_time__is_dropped_and_returned(pool):
    late = intent()
    pool.add([late], 1, seen=1000)
    assert pool.expire(1099) == []
    assert pool.expire(1100) == [late]
    assert len(pool) == 0


def test_remove__what_was_mined__frees_the_slot(pool):
    pool.add([intent(fee=9)], 1, 0)
    pool.remove(pool.ready(0))
    pool.add([intent(fee=1)], 2, 0)
    assert pool.bids == {(address_of("s"), "a"): 1}


def test_ids__of_everything_taken__are_unique_and_rise(pool):
    pool.add([intent(sender=i) for i in range(4)], 1, 0)
    assert [p.id for p in pool.ready(0)] == [0, 1, 2, 3]


@pytest.mark.parametrize(("design", "times"), [("fixed", 1), ("maker_eth_a", 2)])
def test_gas_limit__behind_an_adapter__is_twice_the_usual(design, times):
    pool = Mempool(100, factor(load_design(design)))
    pool.add([intent()], 1, 0)
    assert pool.ready(0)[0].gas_limit == times * LIMITS["pulse"]


@pytest.mark.parametrize(("fee", "most", "taken"), [(55, 1100, 1), (55, 1099, 0), (54, 1100, 0)])
def test_add__a_tenth_more__is_asked_of_the_tip_and_of_the_cap(pool, fee, most, taken):
    first = intent(fee=50, most=1000)
    pool.add([first], 1, 0)
    assert pool.add([intent(fee=fee, most=most)], 2, 0) == [first] * taken


@pytest.mark.parametrize(("base_fee", "tip"), [(100, 7), (195, 7), (200, 5), (206, -1)])
def test_tip__of_a_cap__is_what_the_base_fee_leaves_of_it(pool, base_fee, tip):
    pool.add([intent(fee=7, most=205)], 1, 0)
    assert pool.ready(0)[0].tip(base_fee) == tip


def test_cap__not_stated__is_the_wallets_headroom_over_the_base_fee_of_then():
    pool = Mempool(100, headroom=1.5)
    pool.add([intent(fee=7)], 1, 0, base_fee=100)
    (pending,) = pool.ready(0)
    assert (pending.tip(150), pending.tip(158)) == (7, -1)
