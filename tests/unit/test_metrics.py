"""Every metric on traces small enough to compute by hand."""

from __future__ import annotations

import pytest

from sim.metrics import METRICS, chain, debt, evaluate, liquidity, payers, prices
from sim.metrics.series import pool_swaps, sale_starts, takes
from tests.helpers.synthetic import RunBuilder, ledger, manifest, panic

OF_A_NETWORK = {
    "liquidated_elsewhere_usd",
    "bad_debt_elsewhere_usd",
    "liquidation_synchrony_pct",
}  # none where there is one market


def quiet() -> RunBuilder:
    """Two steps in which nothing happens."""
    return RunBuilder().step(0, 200.0).step(60, 200.0)


# --- the registry ---------------------------------------------------------------------------------


def test_evaluate__run_without_events__counts_are_zero_and_ratios_are_none():
    values = evaluate(quiet().trace())

    undefined = {name for name, value in values.items() if value is None}
    assert undefined == OF_A_NETWORK | {
        "expired_pct",
        "taken_at_once_pct",
        "taken_within_2_pct",
        "taken_within_16_pct",
        "liquidation_wait_p95_blocks",
        "oracle_wait_p95_s",
        "sale_discount_pct",
        "time_to_clear_p50_s",
        "time_to_clear_p95_s",
        "reverted_pct",
        "feed_gap_p50_bp",
        "feed_gap_p95_bp",
        "claims_withdrawn_pct",
        "leaver_loss_pct",
        "stayer_loss_pct",
        *(name for name in values if name.startswith("race_")),
    }
    levels = {"price_trough_dex", "price_trough_venue", "fundamental_trough"}
    levels |= {"base_fee_mean_gwei", "base_fee_peak_gwei", "pool_collateral_peak_pct"}
    rest = values.keys() - undefined - levels
    assert {name: values[name] for name in rest} == dict.fromkeys(rest, 0.0)


def test_evaluate__whole_panic__every_metric_is_a_plain_float():
    values = evaluate(panic("dutch_breaker", 1, hours=36, spacing_s=600))

    assert values.keys() == METRICS.keys()
    assert {type(values[name]) for name in values.keys() - OF_A_NETWORK} == {float}


def test_registry__every_metric__has_one_line_of_meaning():
    assert [m.name for m in METRICS.values() if "\n" in m.meaning or len(m.meaning) > 100] == []


# --- debt -----------------------------------------------------------------------------------------


def test_debt_totals__running_columns__are_read_from_the_last_step():
    columns = {"eligible_debt": 5.0, "eligible_debt_ever": 90.0, "executed_debt": 70.0}
    run = quiet().step(120, 150.0, bad_debt=15.0, debt_in_sale=2.0, **columns).trace()

    assert debt.eligible_debt_usd(run) == 90.0
    assert debt.liquidated_debt_usd(run) == 70.0
    assert debt.bad_debt_usd(run) == 15.0
    assert debt.uncleared_debt_usd(run) == 7.0


def test_takes__price_paid_below_the_venue__cost_is_valued_at_the_moment_of_each_take():
    run = (
        RunBuilder()
        .step(0, 200.0)
        .take(paid=950.0, fee=50.0, received=5.0)  # 1,000 at the venue; 900 of debt repaid
        .step(60, 100.0)
        .take(paid=190.0, fee=0.0, received=2.0)  # 200 at the venue; 190 of debt repaid
        .trace()
    )

    assert debt.collateral_sold_usd(run) == pytest.approx(1_200.0)
    assert debt.borrower_loss_usd(run) == pytest.approx(110.0)
    assert debt.penalty_usd(run) == pytest.approx(50.0)
    assert debt.sale_discount_pct(run) == pytest.approx(5.0)
    assert list(takes(run)["price"]) == pytest.approx([190.0, 95.0])


def test_takes__above_the_venue__discount_and_borrower_loss_are_negative():
    run = RunBuilder().step(0, 100.0).take(paid=102.0, fee=0.0, received=1.0).trace()

    assert debt.sale_discount_pct(run) == pytest.approx(-2.0)
    assert debt.borrower_loss_usd(run) == pytest.approx(-2.0)


def test_bad_debt_events__reserve_runs_out__shares_of_reserve_and_lenders_stand_apart():
    run = quiet().bad_debt(from_reserve=30.0, from_lenders=0.0)
    run = run.step(120, 200.0).bad_debt(from_reserve=20.0, from_lenders=45.5).trace()

    assert debt.reserve_loss_usd(run) == pytest.approx(50.0)
    assert debt.lender_loss_usd(run) == pytest.approx(45.5)


# --- prices ---------------------------------------------------------------------------------------


def test_troughs__prices_fall_apart__overshoot_is_from_the_fundamental_trough_to_the_lowest():
    run = (
        RunBuilder()
        .step(0, 200.0)
        .step(60, 200.0, fundamental=100.0, venue=95.0, pool=98.0)
        .step(120, 200.0, fundamental=110.0, venue=105.0, pool=88.0)
        .trace()
    )

    assert prices.price_trough_dex(run) == 88.0
    assert prices.price_trough_venue(run) == 95.0
    assert prices.fundamental_trough(run) == 100.0
    assert prices.fall_pct(run) == pytest.approx(52.5)
    assert prices.overshoot_pct(run) == pytest.approx(12.0)
    assert prices.largest_gap_pct(run) == pytest.approx(20.0)


def test_overshoot__markets_stay_above_the_fundamental__negative_while_amplification_is_zero():
    run = RunBuilder().step(0, 100.0, venue=104.0, pool=103.0).trace()

    assert prices.overshoot_pct(run) == pytest.approx(-3.0)
    assert prices.largest_gap_pct(run) == 0.0


@pytest.mark.parametrize("token0", [True, False])
def test_panic_sold__venue_and_pool_and_other_roles__only_sales_of_panic_sellers_count(token0):
    run = (
        quiet()
        .trade("panic_sellers", "sell", 2.0, 390.0, forced=True)
        .trade("panic_sellers", "buy", 1.0, 200.0, forced=False)
        .trade("arbitrageurs", "sell", 3.0, 600.0, forced=False)
        .swap("panic_sellers", 1.0, -196.0, token0)
        .swap("panic_sellers", -1.0, 205.0, token0)
        .swap("keepers", 4.0, -780.0, token0)
        .trace()
    )

    assert prices.panic_sold_usd(run) == pytest.approx(586.0)
    assert list(pool_swaps(run)["collateral"]) == [1.0, -1.0, 4.0]


# --- liquidity ------------------------------------------------------------------------------------


def test_depth_and_spread__a_storm__are_those_of_its_worst_step():
    run = (
        RunBuilder()
        .step(0, 200.0, pool_depth=8e5, half_spread=0.0001)
        .step(60, 200.0, pool_depth=2e5, pool_collateral=0.78, venue_depth=0.3)
        .step(120, 200.0, pool_depth=9e5, venue_depth=0.9, half_spread=0.004)
        .trace()
    )
    assert liquidity.pool_depth_lost_pct(run) == pytest.approx(75.0)
    assert liquidity.pool_collateral_peak_pct(run) == pytest.approx(78.0)
    assert liquidity.venue_depth_lost_pct(run) == pytest.approx(70.0)
    assert liquidity.venue_spread_worst_bp(run) == pytest.approx(80.0)


def test_depth_lost__pool_empty_from_the_start__there_is_none_to_lose():
    assert (
        liquidity.pool_depth_lost_pct(RunBuilder().step(0, 200.0, pool_depth=0.0).trace()) is None
    )


def test_feed__at_takes_against_the_pool_and_in_all_steps_against_the_venue():
    run = RunBuilder().step(0, 200.0, oracle=211.0).step(60, 200.0, oracle=204.0)
    run.take(110.0, 10.0, 1.0).take(110.0, 10.0, 1.0)
    run.step(120, 200.0, venue=190.0, oracle=199.0, pool=198.0).take(110.0, 10.0, 1.0)
    found = run.trace()
    assert liquidity.feed_far_pct(found) == pytest.approx(100 / 3)
    assert liquidity.feed_gap_p50_bp(found) == pytest.approx(200.0)
    assert liquidity.feed_gap_p95_bp(found) == pytest.approx(200.0)
    gaps = 1e4 * liquidity.feed_gaps(found)
    assert sorted(gaps.round(1)) == [50.5, 200.0, 200.0]
    assert liquidity.pool_gap_p95_bp(found) == pytest.approx(0.9 * 1e4 * (198 / 190 - 1))


# --- who paid -------------------------------------------------------------------------------------


def test_keeper_profit__ledger_at_the_mark__is_read_as_it_stands():
    assert payers.keeper_profit_usd(quiet().trace(ledger=ledger(keepers=-12.5))) == -12.5


# --- time and block space -------------------------------------------------------------------------


def test_time_to_clear__open_spell__counts_up_to_the_end_of_the_run():
    run = RunBuilder().step(0, 200.0).step(1_000, 100.0)
    run.episode(100, 160, "liquidated").episode(200, 300, "recovered").episode(600, None, "open")

    assert chain.time_to_clear_p50_s(run.trace()) == pytest.approx(100.0)  # of 60, 100, 400
    assert chain.time_to_clear_p95_s(run.trace()) == pytest.approx(370.0)


def test_block_space__full_and_idle_steps__are_summed():
    run = (
        RunBuilder()
        .step(0, 200.0, gas_used=100, full=True, expired=2)
        .step(60, 200.0, mined=False, gas_used=0)
        .step(120, 200.0, gas_used=50, full=True, expired=1, halted_seconds=60)
        .trace()
    )

    assert chain.blocks_full(run) == 2.0
    assert chain.gas_used(run) == 150.0
    assert chain.transactions_expired(run) == 3.0
    assert chain.halted_seconds(run) == 60.0


def test_reverted__one_of_four_transactions__is_a_quarter():
    run = quiet()
    for ok in (True, True, False, True):
        run.transaction("keepers", ok, "" if ok else "market: healthy")

    assert chain.reverted_pct(run.trace()) == 25.0


def test_auctions__starts_and_restarts__are_counted_apart():
    run = quiet().start(230.0).start(220.0, restart=True).start(240.0, account=1).trace()

    assert chain.auctions_started(run) == 2.0
    assert chain.auctions_restarted(run) == 1.0
    assert sorted(sale_starts(run)["price"]) == [220.0, 230.0, 240.0]


def test_series__other_decimals__amounts_scale_with_the_design():
    about = manifest()
    about["design"]["market"]["collaterals"][0]["token"]["decimals"] = 17
    run = RunBuilder().step(0, 100.0).take(paid=95.0, fee=0.0, received=1.0)

    assert debt.collateral_sold_usd(run.trace(manifest=about)) == pytest.approx(1_000.0)
