"""Whatever waits: a block fits, orders each sender, and leaves out only what does not fit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.agents.base import Intent
from sim.agents.gas import LIMITS
from sim.engines.base import Call, address_of
from sim.world.builder import build, priority_fee
from sim.world.mempool import Pending


@st.composite
def mempools(draw):
    wishes = draw(
        st.lists(
            st.tuples(st.integers(0, 5), st.integers(0, 9), st.sampled_from(sorted(LIMITS))),
            max_size=40,
        )
    )
    return [
        Pending(i, Intent("keepers", address_of("s", s), Call("x", f), str(i), fee), 1, 0.0, 1.0)
        for i, (s, fee, f) in enumerate(wishes)
    ]


@given(mempools(), st.integers(min_value=0, max_value=10_000_000))
def test_build__any_mempool__fits_keeps_order_and_wastes_no_room(waiting, limit):
    draft = build(waiting, limit, priority_fee)
    chosen = {p.id for p in draft.chosen}
    used = sum(p.intent.gas_limit for p in draft.chosen)

    assert len(chosen) == len(draft.chosen)
    assert used <= limit
    assert draft.full == (len(chosen) < len(waiting))
    for sender in {p.intent.sender for p in waiting}:
        own = [p for p in waiting if p.intent.sender == sender]
        mined = [p.id for p in draft.chosen if p.intent.sender == sender]
        assert mined == [p.id for p in own[: len(mined)]]
        if len(mined) < len(own):
            assert own[len(mined)].intent.gas_limit > limit - used


@given(mempools())
def test_build__one_transaction_a_sender__is_sorted_by_bid(waiting):
    single = list({p.intent.sender: p for p in waiting}.values())
    fees = [p.intent.priority_fee for p in build(single, 10**9, priority_fee).chosen]
    assert fees == sorted(fees, reverse=True)
