"""The builder: who goes first under each policy, a sender's own order kept, within the block's gas
and what others leave of it."""

from __future__ import annotations

import pytest

from sim.agents.base import Intent
from sim.agents.gas import LIMITS, USUAL
from sim.block_space import CensoringSpec
from sim.engines.base import Call, address_of
from sim.errors import InputError
from sim.scenario import load_scenario
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


# --- censoring --------------------------------------------------------------------------------


def censored(share, seed=1, **what):
    waiting = [pending(0, 0, 9, BIG), pending(1, 0, 8), pending(2, 1, 1)]
    spec = CensoringSpec(share=share, **what)
    return ids(Builder("priority_fee", Space(10**7), rng(seed), spec).build(waiting))


def test_censoring__of_a_call__leaves_it_out_with_the_senders_later_ones():
    assert censored(1.0, functions=(BIG,)) == [2]
    assert censored(0.0, functions=(BIG,)) == [0, 1, 2]


def test_censoring__of_a_role__leaves_out_all_of_it():
    assert censored(1.0, roles=("keepers",)) == []
    assert censored(1.0, roles=("lenders",)) == [0, 1, 2]


def test_censoring__by_a_share_of_builders__meets_it():
    blocks = [censored(0.3, seed, functions=(BIG,)) for seed in range(400)]
    assert blocks.count([2]) == pytest.approx(120, abs=3.5 * (400 * 0.3 * 0.7) ** 0.5)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ('{"share": 0.5}', "say which roles or functions"),
        ('{"share": 0.5, "roles": ["keeper"]}', "there is no role keeper"),
        ('{"share": 1.5, "roles": ["keepers"]}', "less than or equal to 1"),
    ],
)
def test_censoring__that_makes_no_sense__is_refused_by_name(spec, message):
    with pytest.raises(InputError, match=message):
        load_scenario("calm", overrides=[f"block_space.censoring={spec}"])


def test_around__a_victim__goes_to_the_top_and_nothing_is_lost():
    waiting = [pending(i, i, 10 - i) for i in range(4)]
    draft = build(waiting)
    front, back = pending(8, 8, 0), pending(9, 8, 0)
    assert ids(draft.around(2, front, back)) == [8, 2, 9, 0, 1, 3]
