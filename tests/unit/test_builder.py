"""The builder: who goes first under each policy, a sender's own order kept, within the block's gas
and what others leave of it."""

from __future__ import annotations

import pytest

from sim.agents.base import Intent
from sim.agents.gas import LIMITS, USUAL
from sim.engines.base import Call, address_of
from sim.world.builder import Builder
from sim.world.mempool import Pending
from tests.helpers.world import Space, rng

BIG, SMALL = "execute", "approve"
GAS = {function: int(USUAL * limit) for function, limit in LIMITS.items()}


def pending(id: int, sender: int, fee: int, function: str = SMALL, most: int = 10**12) -> Pending:
    intent = Intent("keepers", address_of("s", sender), Call("x", function), str(id), fee)
    return Pending(id, intent, 1, 0, 9, most)


def build(waiting, limit=10**7, order="priority_fee", seed=1, **space):
    return Builder(order, Space(limit, **space), rng(seed)).build(waiting)


def ids(draft) -> list[int]:
    return [p.id for p in draft.chosen]


def test_build__room_for_all__highest_bid_first_ties_by_arrival():
    waiting = [pending(0, 0, 5), pending(1, 1, 9), pending(2, 2, 5)]
    draft = build(waiting)
    assert ids(draft) == [1, 0, 2]
    assert not draft.full
    assert draft.gas == 3 * GAS[SMALL]


def test_build__one_sender__keeps_its_own_order_whatever_it_bids():
    waiting = [pending(0, 0, 1), pending(1, 0, 100), pending(2, 1, 50)]
    assert ids(build(waiting)) == [2, 0, 1]


def test_build__too_big__waits_while_smaller_ones_fit():
    waiting = [pending(0, 0, 9, BIG), pending(1, 1, 8, BIG), pending(2, 2, 1)]
    draft = build(waiting, GAS[BIG] + GAS[SMALL])
    assert ids(draft) == [0, 2]
    assert draft.full


def test_build__a_sender_who_does_not_fit__keeps_its_later_ones_back():
    waiting = [pending(0, 0, 9, BIG), pending(1, 0, 8), pending(2, 1, 1)]
    draft = build(waiting, GAS[SMALL])
    assert ids(draft) == [2]
    assert draft.full


def test_build__nothing_waits__empty_and_not_full():
    draft = build([])
    assert draft.chosen == ()
    assert not draft.full


def test_build__capped_below_the_base_fee__waits_with_the_senders_later_ones():
    waiting = [pending(0, 0, 9, most=99), pending(1, 0, 8), pending(2, 1, 1, most=100)]
    draft = build(waiting, base_fee=100)
    assert ids(draft) == [2]
    assert not draft.full


def test_build__capped_just_above_the_base_fee__pays_what_is_left_for_priority():
    waiting = [pending(0, 0, 9, most=103), pending(1, 1, 5), pending(2, 2, 3)]
    assert ids(build(waiting, base_fee=100)) == [1, 0, 2]


def test_build__others_who_pay_more__leave_room_for_the_dear_ones_only():
    waiting = [pending(0, 0, 9), pending(1, 1, 50), pending(2, 2, 40)]
    crowd = {120: 10**7, 150: 10**7 - 2 * GAS[SMALL]}  # gas wanted at that price or more
    draft = build(waiting, 10**7, base_fee=100, crowd=crowd)
    assert ids(draft) == [1, 2]
    assert draft.full


def test_first_come__whatever_they_bid__goes_by_arrival():
    waiting = [pending(0, 0, 1), pending(1, 1, 9), pending(2, 2, 5)]
    assert ids(build(waiting, order="first_come")) == [0, 1, 2]


def test_random__many_blocks__puts_each_first_about_as_often():
    waiting = [pending(i, i, 10 * i) for i in range(4)]
    first = [ids(build(waiting, order="random", seed=seed))[0] for seed in range(400)]
    assert all(70 <= first.count(i) <= 130 for i in range(4))  # 100 +- 3.5 standard deviations


@pytest.mark.parametrize("order", ["first_come", "random"])
def test_blind_policies__crowded__take_each_with_the_chance_of_all(order):
    """Three quarters of what is wanted fits, whoever pays more."""
    waiting = [pending(i, i, 10 * i) for i in range(10)]
    gas = 10 * GAS[SMALL]
    crowd = {0: 9 * gas}
    drafts = [build(waiting, int(7.5 * gas), order, seed, crowd=crowd) for seed in range(200)]
    taken = [len(draft.chosen) for draft in drafts]
    assert sum(taken) == pytest.approx(0.75 * 2000, abs=3.5 * (2000 * 0.75 * 0.25) ** 0.5)
    assert all(draft.full for draft, n in zip(drafts, taken, strict=True) if n < 10)
