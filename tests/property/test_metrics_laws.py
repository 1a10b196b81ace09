"""What holds for the metrics of any run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.metrics import chain, debt, prices
from tests.helpers.synthetic import RunBuilder

price = st.floats(1.0, 10_000.0)
amount = st.floats(0.01, 1e6)
sale = st.tuples(price, amount, amount, st.floats(0.0, 0.2))  # venue, paid, received, fee share


def sales(rows: list[tuple[float, float, float, float]]) -> RunBuilder:
    run = RunBuilder()
    for index, (venue, paid, received, share) in enumerate(rows):
        run.step(index * 12, venue).take(paid, paid * share, received)
    return run


@given(st.lists(sale, min_size=1, max_size=8))
def test_sales__any__borrower_loss_is_the_discount_and_the_penalty(rows):
    run = sales(rows).trace()

    sold, discount = debt.collateral_sold_usd(run), debt.sale_discount_pct(run)
    expected = sold * discount / 100 + debt.penalty_usd(run)
    assert debt.borrower_loss_usd(run) == pytest.approx(expected, rel=1e-6, abs=1e-4)


@given(st.lists(st.tuples(price, price, price), min_size=1, max_size=8))
def test_prices__any_paths__overshoot_never_exceeds_the_worst_moment(rows):
    run = RunBuilder()
    for index, (fundamental, venue, pool) in enumerate(rows):
        run.step(index * 12, fundamental, fundamental=fundamental, venue=venue, pool=pool)
    trace = run.trace()

    # where the market trough lies, the fundamental is at least its own trough
    assert max(0.0, prices.overshoot_pct(trace)) <= prices.largest_gap_pct(trace) + 1e-9


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 99)), min_size=1, max_size=20))
def test_spells__any__the_median_is_at_most_the_95th_percentile_and_the_longest(rows):
    run = RunBuilder().step(0, 100.0).step(1_000, 100.0)
    for since, length in rows:
        run.episode(since, since + length, "liquidated")
    trace = run.trace()

    longest = max(length for _, length in rows)
    assert 0 <= chain.time_to_clear_p50_s(trace) <= chain.time_to_clear_p95_s(trace) <= longest
