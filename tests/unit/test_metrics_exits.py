"""Lenders' exit and the race, on traces small enough to compute by hand."""

from __future__ import annotations

import pytest

from sim.games.race import Race
from sim.metrics import exits
from tests.helpers.synthetic import RunBuilder


def run_on_the_market() -> RunBuilder:
    """Three lenders of 100 each: the first leaves, the second gets a fifth, the third nothing, and
    a loss of 36 is shared by what is left."""
    run = RunBuilder()
    for lender in range(3):
        run.claim("start", lender, 100.0)
    run.step(0, 200.0, total_debt=180.0, cash=120.0).step(60, 200.0, total_debt=180.0, cash=120.0)
    run.withdrawal(1, 20.0).step(120, 200.0, total_debt=180.0, cash=0.0).withdrawal(0, 100.0)
    run.step(180, 200.0, total_debt=144.0, cash=0.0)
    for lender, left in enumerate((0.0, 64.0, 80.0)):
        run.claim("end", lender, left)
    return run


def test_leavers__of_a_run__stand_in_the_order_in_which_half_of_them_was_out():
    found = exits.leavers(run_on_the_market().trace())
    assert found["left_s"].tolist() == [120.0, float("inf"), float("inf")]
    assert found["withdrawn"].tolist() == [100.0, 20.0, 0.0]
    assert found["loss"].tolist() == [0.0, 16.0, 20.0]


def test_run__first_out__loses_nothing_and_who_stays_bears_it_all():
    trace = run_on_the_market().trace()
    assert exits.claims_withdrawn_pct(trace) == pytest.approx(40.0)
    assert exits.leaver_loss_pct(trace) == 0.0
    assert exits.stayer_loss_pct(trace) == pytest.approx(18.0)


def test_run__cash_gone__has_full_use_the_highest_rate_and_a_queue():
    trace = run_on_the_market().trace()
    assert exits.peak_utilisation_pct(trace) == 100.0
    assert exits.peak_borrow_rate_pct(trace) == pytest.approx(50.0)
    assert exits.without_cash_s(trace) == 120.0


def test_rate__between_kink_and_full__is_on_the_line_between_them():
    run = RunBuilder().step(0, 200.0, total_debt=95.0, cash=5.0).step(60, 200.0)
    assert exits.peak_borrow_rate_pct(run.trace()) == pytest.approx(9 + 41 / 2)


def test_loss__nobody_left_or_nobody_stayed__is_not_there():
    run = RunBuilder().step(0, 200.0).claim("start", 0, 50.0).claim("end", 0, 51.0)
    assert exits.leaver_loss_pct(run.trace()) is None
    assert exits.stayer_loss_pct(run.trace()) == pytest.approx(-2.0), "interest"


def race(*rounds: tuple[float, int, int]):
    run = RunBuilder().step(0, 200.0)
    for strength, inside, ran in rounds:
        run.race(strength, inside, ran, 10.0 * inside)
    return run.trace()


def test_race__two_rounds__expects_who_is_left_to_run_again_by_chance():
    """benefit 3, cost 1, noise 0.1: theta* = 0.25 and x* = 0.2."""
    game = Race(3.0, 1.0, 0.1)
    trace = race((0.25, 100, 30), (0.2, 70, 40))
    stay = (1 - 0.25) * (1 - float(game.share_leaving(0.2)))

    assert exits.race_threshold_pct(trace) == 25.0
    assert exits.race_strength_pct(trace) == 20.0
    assert exits.race_ran_pct(trace) == 70.0
    assert exits.race_predicted_pct(trace) == pytest.approx(100 * (1 - stay))
    assert exits.race_coordinated_pct(trace) == 0.0


def test_forgone__market_held__is_the_benefit_of_those_who_left():
    trace = race((0.3, 100, 10), (0.25, 90, 0))
    assert exits.race_forgone_usd(trace) == pytest.approx(0.1 * 3.0 * 1000)


def test_forgone__market_failed__is_everybodys_benefit_and_the_stayers_cost():
    trace = race((0.25, 100, 40))
    assert exits.race_forgone_usd(trace) == pytest.approx((3.0 + 0.6 * 1.0) * 1000)


def test_forgone__market_beyond_help__is_what_staying_cost():
    """Below a strength of 0 all would have left together, for nothing."""
    trace = race((-0.1, 100, 80))
    assert exits.race_coordinated_pct(trace) == 100.0
    assert exits.race_forgone_usd(trace) == pytest.approx(0.2 * 1.0 * 1000)
