"""Whatever waits, whatever others want: a block fits, keeps each sender's order, loses nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.agents.base import Intent
from sim.agents.gas import LIMITS
from sim.block_space import CensoringSpec
from sim.engines.base import Call, address_of
from sim.world.builder import RANKS, Builder
from sim.world.mempool import Pending
from tests.helpers.world import Space, rng

ORDERS = st.sampled_from(sorted(RANKS))
BASE_FEE = 5


@st.composite
def mempools(draw):
    wishes = draw(
        st.lists(
            st.tuples(
                *(st.integers(0, 5), st.integers(0, 9), st.integers(0, 20)),
                st.sampled_from(sorted(LIMITS)),
            ),
            max_size=40,
        )
    )
    return [
        Pending(
            i, Intent("keepers", address_of("s", s), Call("x", f), str(i), fee), 1, 0.0, 1.0, most
        )
        for i, (s, fee, most, f) in enumerate(wishes)
    ]


crowds = st.dictionaries(st.integers(0, 20), st.integers(0, 20_000_000), max_size=3)
limits = st.integers(min_value=0, max_value=10_000_000)


censors = st.none() | st.builds(
    CensoringSpec, share=st.floats(0, 1), functions=st.just(tuple(sorted(LIMITS)[:8]))
)


@given(mempools(), limits, ORDERS, crowds, censors, st.integers(0, 99))
def test_build__any_policy_and_crowd__fits_and_keeps_each_senders_order(
    waiting, limit, order, crowd, censoring, seed
):
    space = Space(limit, BASE_FEE, crowd)
    draft = Builder(order, space, rng(seed), censoring).build(waiting)
    chosen = {p.id for p in draft.chosen}

    assert len(chosen) == len(draft.chosen)
    assert draft.gas == sum(p.gas for p in draft.chosen) <= limit
    assert all(p.cap >= BASE_FEE for p in draft.chosen)
    for sender in {p.intent.sender for p in waiting}:
        own = [p.id for p in waiting if p.intent.sender == sender]
        assert [p.id for p in draft.chosen if p.intent.sender == sender] == own[
            : len([i for i in own if i in chosen])
        ]


@given(mempools(), limits, ORDERS)
def test_build__nobody_else_there__leaves_out_only_what_does_not_fit(waiting, limit, order):
    draft = Builder(order, Space(limit, BASE_FEE), rng(1)).build(waiting)
    chosen = {p.id for p in draft.chosen}
    left = limit - draft.gas
    crowded = sum(p.gas for p in waiting if p.cap >= BASE_FEE) > limit
    for sender in {p.intent.sender for p in waiting}:
        later = [p for p in waiting if p.intent.sender == sender and p.id not in chosen]
        if later and (order == "priority_fee" or not crowded):
            assert later[0].gas > left or later[0].cap < BASE_FEE


@given(mempools(), st.integers(0, 99))
def test_priority_fee__one_transaction_a_sender__is_sorted_by_what_it_pays(waiting, seed):
    single = list({p.intent.sender: p for p in waiting}.values())
    draft = Builder("priority_fee", Space(10**9, BASE_FEE), rng(seed)).build(single)
    tips = [p.tip(BASE_FEE) for p in draft.chosen]
    assert tips == sorted(tips, reverse=True)


@given(mempools(), mempools(), ORDERS)
def test_build__more_or_less_waiting__draws_as_often_from_the_stream(some, others, order):
    """Designs that fill the mempool differently meet the same lots afterwards."""
    streams = [rng(7), rng(7)]
    for stream, waiting in zip(streams, (some, others), strict=True):
        Builder(order, Space(10**6, BASE_FEE), stream).build(waiting)
    assert streams[0].random() == streams[1].random()
