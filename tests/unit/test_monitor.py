"""What runs seldom bring about: ladders that ease and lock, terms and rates that change."""

from __future__ import annotations

import pytest

from sim.design import ContractSpec
from sim.engines.base import FeedState
from sim.mechanisms.market.interest import Model, grown_up, rate_down, utilisation_down
from sim.monitor.breakers import BreakerState
from sim.monitor.debts import Debts
from sim.monitor.prices import Prices
from sim.units import FEED, RAY, WAD
from tests.helpers.world import DEPLOYMENT, START, USDC, facts, market

TOKEN = DEPLOYMENT.addresses["WETH"]
MODEL = Model(WAD // 100, 8 * WAD // 10, WAD // 20, WAD, WAD // 10)
DEAR = Model(WAD // 10, 8 * WAD // 10, WAD // 2, WAD, WAD // 10)
BREAKER = ContractSpec(
    contract="FlowBreaker",
    always=["open", "throttle", 1],
    borrowing=["throttle", "halt", "halt"],
    withdrawal=["throttle", "throttle", "halt"],
    liquidation=["throttle", "slow", "halt"],
)


def modes(breaker: BreakerState, now: int) -> list[str]:
    return list(breaker.modes(now).values())  # borrowing, withdrawal, liquidation


def test_breaker__latched_tier__eases_at_its_end_and_is_released():
    breaker = BreakerState(BREAKER)
    assert (breaker.phase(0), modes(breaker, 0)) == ("idle", ["open", "throttle", "throttle"])
    breaker.follow("TierLatched", {"tier": 2, "ends_at": 100, "locked": False})
    assert (breaker.phase(99), modes(breaker, 99)) == ("latched", ["halt", "throttle", "slow"])
    assert (breaker.phase(100), modes(breaker, 100)) == ("easing", ["throttle"] * 3)
    breaker.follow("TierEnded", {"tier": 2, "ended_at": 100})
    breaker.follow("TierReleased", {"tier": 2})
    assert (breaker.phase(101), breaker.tier) == ("idle", 2)
    breaker.follow("LadderReset", {"tier": 2})
    assert breaker.tier == 0


def test_breaker__locked_tier__lasts_until_it_is_cleared():
    breaker = BreakerState(BREAKER)
    breaker.follow("TierLatched", {"tier": 3, "ends_at": 100, "locked": True})
    assert (breaker.phase(10**9), modes(breaker, 10**9)) == ("latched", ["halt"] * 3)
    breaker.follow("LockCleared", {"caller": "", "ends_at": 200})
    assert (breaker.phase(199), breaker.phase(200), breaker.locked) == ("latched", "easing", False)


def prices() -> Prices:
    return Prices(facts(), {"WETH": FeedState(2000 * FEED, START)})


def test_prices__threshold_is_ramped__falls_on_a_line_rounded_up():
    read = prices()
    start = read.terms(START)[0].threshold
    target = start - 10**17 - 1
    ramp = {"collateral": TOKEN, "start": start, "liquidation_threshold": target}
    read.follow("market", "ThresholdRamped", {**ramp, "ends_at": START + 100}, START)
    at = [read.terms(START + s)[0].threshold for s in (0, 50, 100, 101)]
    assert at == [start, target + 10**17 // 2 + 1, target, target]


def test_prices__new_terms__end_a_ramp():
    read = prices()
    ramp = {"collateral": TOKEN, "start": WAD // 2, "liquidation_threshold": 0}
    read.follow("market", "ThresholdRamped", {**ramp, "ends_at": START + 100}, START)
    config = ("feed", 18, WAD // 2, 7 * WAD // 10, 10**30, 3600)
    read.follow("market", "CollateralConfigured", {"collateral": TOKEN, "config": config}, START)
    assert read.terms(START + 50)[0].threshold == 7 * WAD // 10


def test_prices__another_contracts_answer__is_not_the_markets():
    read = prices()
    read.follow("feed:OTHER", "AnswerUpdated", {"current": FEED}, START)
    assert read.answer("WETH") == 2000 * FEED
    read.follow("feed:WETH", "AnswerUpdated", {"current": FEED}, START)
    assert read.terms(START)[0].price == WAD


@pytest.mark.parametrize("model", [MODEL, DEAR])
def test_debts__rates_change__index_grows_at_the_new_rate(model: Model):
    debts = Debts(MODEL, market(), {"a": 7_500_000 * USDC}, START)
    debts.follow("RatesSet", {"owner": "", "model": tuple(model)}, START)
    rate = rate_down(model, utilisation_down(7_500_000 * USDC, 2_500_000 * USDC))
    assert debts.index(START + 3600) == grown_up(RAY, rate, 3600)


def test_debts__reserve_and_incentive__move_the_cash_only():
    debts = Debts(MODEL, market(), {"a": 7_500_000 * USDC}, START)
    debts.follow("ReserveFunded", {"payer": "", "amount": 5, "reserve": 5}, START)
    debts.follow("IncentivePaid", {"receiver": "", "amount": 2, "reserve_left": 3}, START)
    assert debts.cash == 2_500_000 * USDC + 3
    assert debts.total(START) == 7_500_000 * USDC
