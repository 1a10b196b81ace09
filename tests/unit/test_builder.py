"""The builder: highest bid first, a sender's own order kept, within the block's gas."""

from __future__ import annotations

from sim.agents.base import Intent
from sim.agents.gas import LIMITS
from sim.engines.base import Call, address_of
from sim.world.builder import build, priority_fee
from sim.world.mempool import Pending

BIG, SMALL = "execute", "approve"


def pending(
    id: int, sender: int, fee: int, function: str = SMALL, most: int | None = None
) -> Pending:
    sender_ = address_of("s", sender)
    intent = Intent("keepers", sender_, Call("x", function), str(id), fee, max_fee=most)
    return Pending(id, intent, 1, 0, 9)


def ids(draft) -> list[int]:
    return [p.id for p in draft.chosen]


def test_build__room_for_all__highest_bid_first_ties_by_arrival():
    waiting = [pending(0, 0, 5), pending(1, 1, 9), pending(2, 2, 5)]
    draft = build(waiting, 10**7, priority_fee)
    assert ids(draft) == [1, 0, 2]
    assert not draft.full


def test_build__one_sender__keeps_its_own_order_whatever_it_bids():
    waiting = [pending(0, 0, 1), pending(1, 0, 100), pending(2, 1, 50)]
    assert ids(build(waiting, 10**7, priority_fee)) == [2, 0, 1]


def test_build__too_big__waits_while_smaller_ones_fit():
    waiting = [pending(0, 0, 9, BIG), pending(1, 1, 8, BIG), pending(2, 2, 1)]
    draft = build(waiting, LIMITS[BIG] + LIMITS[SMALL], priority_fee)
    assert ids(draft) == [0, 2]
    assert draft.full


def test_build__a_sender_who_does_not_fit__keeps_its_later_ones_back():
    waiting = [pending(0, 0, 9, BIG), pending(1, 0, 8), pending(2, 1, 1)]
    draft = build(waiting, LIMITS[SMALL], priority_fee)
    assert ids(draft) == [2]
    assert draft.full


def test_build__nothing_waits__empty_and_not_full():
    draft = build([], 10**6, priority_fee)
    assert draft.chosen == ()
    assert not draft.full


def test_build__capped_below_the_base_fee__waits_with_the_senders_later_ones():
    waiting = [pending(0, 0, 9, most=99), pending(1, 0, 8), pending(2, 1, 1, most=100)]
    draft = build(waiting, 10**7, priority_fee, base_fee=100)
    assert ids(draft) == [2]
    assert not draft.full


def test_build__capped_just_above_the_base_fee__pays_what_is_left_for_priority():
    waiting = [pending(0, 0, 9, most=103), pending(1, 1, 5), pending(2, 2, 3)]
    assert ids(build(waiting, 10**7, priority_fee, base_fee=100)) == [1, 0, 2]
