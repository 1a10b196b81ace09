"""Interest runs exactly while liquidation is not halted: any halts, any touches, any clearing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sim.units import LIQUIDATE, MAX_UINT
from tests.helpers.ledger import DAY_S, INTEREST, grown, usd

SETTINGS = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
STEPS = st.lists(
    st.tuples(
        st.integers(1, 30 * DAY_S),  # before the step [s]
        st.sampled_from(("touch", "pulse", "first", "second")),  # the two breakers latch an end
        st.sampled_from((0, 3 * DAY_S, 40 * DAY_S)),  # that far away; 0: cleared [s]
    ),
    min_size=5,
    max_size=12,
)


@pytest.fixture
def halters(contracts: Any, market: Any, owner: Any) -> dict[str, Any]:
    breakers = {name: owner.deploy(contracts.ScriptedBreaker) for name in ("first", "second")}
    for breaker in breakers.values():
        market.add_breaker(breaker, sender=owner)
    return breakers


@given(steps=STEPS)
@SETTINGS
def test_index__any_halts_and_touches__grows_in_the_open_seconds_only(
    indebted, halters, chain, owner, lender, borrower, steps
):
    """MARKET-14: against a second count of the open seconds, one by one between the steps."""
    with chain.isolate():
        indebted.set_rates(tuple(INTEREST.values()), sender=owner)
        indebted.set_limits(0, MAX_UINT, sender=owner)
        ends = dict.fromkeys(halters, 0)
        now = indebted.fund_reserve(1, sender=lender).timestamp
        index, yearly, halted_until, open_s = indebted.index(), indebted.borrow_rate(), 0, 0
        for wait, name, length in steps:
            if name in halters:
                ends[name] = now + wait + length
                halters[name].set_next_halt(LIQUIDATE, ends[name], sender=owner)
                wait = max(wait, 2)
            open_s += now + wait - min(max(halted_until, now), now + wait)
            now += wait
            chain.pending_timestamp = now
            if name == "touch":
                indebted.fund_reserve(usd(1), sender=lender)
                index, open_s = grown(index, yearly, open_s), 0
                yearly = indebted.borrow_rate()
            else:
                indebted.pulse(sender=lender)
                halted_until = max(ends.values())
            assert chain.blocks.head.timestamp == now
            assert indebted.index() == grown(index, yearly, open_s)
