"""Waits for block space, on traces made by hand: steps of 12 s unless said otherwise."""

from __future__ import annotations

import pytest

from sim.metrics import inclusion
from sim.units import GWEI
from tests.helpers.synthetic import RunBuilder


def steps(builder: RunBuilder, until_s: int, spacing_s: int = 12) -> RunBuilder:
    """Further steps up to a time, at 100 USD."""
    for time_s in range(builder.time_s + spacing_s, until_s + 1, spacing_s):
        builder.step(time_s, 100.0)
    return builder


def who(run: RunBuilder, account: int) -> dict[str, str]:
    return {"account": run.account(account)}


@pytest.fixture
def waiting():
    """Three accounts fall at 24 s: taken one, three and twenty blocks later; the last with a
    loss. A fourth is never taken, a fifth falls and is taken twice."""
    run = RunBuilder()
    steps(run, 36).take(600.0, 0.0, 6.0, **who(run, 0))
    steps(run, 60).take(250.0, 0.0, 2.5, **who(run, 1))
    steps(run, 264).take(150.0, 0.0, 1.5, **who(run, 2))
    run.bad_debt(10.0, 40.0, account=2)
    steps(run, 300).take(1.0, 0.0, 1e-9, **who(run, 4))
    steps(run, 600).take(1.0, 0.0, 1e-9, **who(run, 4))
    for account in range(3):
        run.episode(24, 300, "liquidated", account)
    run.episode(24, None, "open", 3)
    run.episode(288, 300, "liquidated", 4)
    run.episode(480, 600, "liquidated", 4)
    return run.trace()


def test_first_liquidations__by_spell__count_blocks_beyond_the_first_possible(waiting):
    rows = inclusion.first_liquidations(waiting)
    assert rows["blocks"].fillna(-1).tolist() == [0, 2, 19, -1, 0, 9]
    assert rows["bad_debt"].tolist() == [0, 0, 50, 0, 0, 0]


def test_taken_within__by_value__is_the_share_of_the_collateral(waiting):
    assert inclusion.taken_at_once_pct(waiting) == pytest.approx(60)
    assert inclusion.taken_within_2_pct(waiting) == pytest.approx(85)
    assert inclusion.taken_within_16_pct(waiting) == pytest.approx(85)


def test_liquidation_wait__p95__is_over_those_that_were_included(waiting):
    assert inclusion.liquidation_wait_p95_blocks(waiting) == pytest.approx(9 + 0.8 * 10)


def test_auction__its_start__is_its_first_liquidation_and_its_take_the_sale():
    run = steps(RunBuilder(), 36)
    run.start(110.0, account=0)
    steps(run, 240).take(100.0, 0.0, 1.0, **who(run, 0))
    run.episode(24, 240, "liquidated", 0)
    trace = run.trace()
    assert inclusion.first_liquidations(trace)["blocks"].tolist() == [0]
    assert inclusion.taken_within_16_pct(trace) == 0
    assert inclusion.taken_at_once_pct(trace) == 0


def test_coarse_steps__the_first_of_them__counts_as_at_once():
    run = steps(RunBuilder(), 360, spacing_s=180).take(100.0, 0.0, 1.0)
    run.episode(180, 360, "liquidated")
    assert inclusion.taken_at_once_pct(run.trace()) == 100
    run = steps(RunBuilder(), 540, spacing_s=180).take(100.0, 0.0, 1.0)
    run.episode(180, 540, "liquidated")
    assert inclusion.first_liquidations(run.trace())["blocks"].tolist() == [15]


def test_oracle_wait__of_pushes_and_pokes__is_in_seconds():
    run = steps(RunBuilder(), 24)
    for waited in (0, 0, 0, 10):
        run.transaction("oracle", function="push", waited=waited)
    run.transaction("keepers", function="take", waited=99)
    assert inclusion.oracle_wait_p95_s(run.trace()) == pytest.approx(0.85 * 120)


def test_base_fee__mean_and_peak__are_over_steps_in_gwei():
    run = RunBuilder().step(0, 1.0, base_fee=10 * GWEI).step(12, 1.0, base_fee=50 * GWEI)
    assert inclusion.base_fee_mean_gwei(run.trace()) == 30
    assert inclusion.base_fee_peak_gwei(run.trace()) == 50


def test_expired__of_mined_and_expired__is_a_share():
    run = RunBuilder().step(0, 1.0, expired=1).transaction("keepers").transaction("keepers")
    assert inclusion.expired_pct(run.transaction("lenders").trace()) == 25


def test_waits__nothing_happened__are_none():
    trace = RunBuilder().step(0, 1.0).step(12, 1.0).trace()
    assert inclusion.first_liquidations(trace).empty
    for name in ("taken_at_once_pct", "liquidation_wait_p95_blocks", "oracle_wait_p95_s"):
        assert getattr(inclusion, name)(trace) is None
    assert inclusion.expired_pct(trace) is None
