"""One rule and a few loans, alone on an engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sim.design import load_design
from sim.engines import open_engine
from sim.errors import EngineError
from sim.experiments.laboratory import PATIENCE_S, Laboratory, Loan, bare
from sim.units import WAD, to_units

LOAN = Loan(to_units(10, 18), to_units(16_000, 6))


@pytest.fixture
def laboratory() -> Iterator[Laboratory]:
    """Two loans of the Dutch design, safe at a price of 2,000."""
    with open_engine("reference") as engine:
        yield Laboratory(engine, load_design("dutch_breaker"), 2_000.0, [LOAN, LOAN])


def test_loans__at_the_first_price__stand_as_asked_for(laboratory: Laboratory) -> None:
    state = laboratory.look()
    assert state.collateral["WETH"] == [LOAN.collateral] * 2
    assert all(0 <= debt - LOAN.debt <= 1 for debt in state.debt)
    assert min(state.health) > WAD


def test_loan__that_the_market_refuses__says_why() -> None:
    loan = Loan(LOAN.collateral, 2 * LOAN.debt)
    with (
        open_engine("reference") as engine,
        pytest.raises(
            EngineError,
            match=r"^fixed: a loan does not open .* market: unhealthy; see market.min_debt",
        ),
    ):
        Laboratory(engine, load_design("fixed"), 2_000.0, [loan])


def test_settle__of_a_healthy_loan__is_nothing(laboratory: Laboratory) -> None:
    outcome = laboratory.settle(0)
    assert (outcome.paid, outcome.takes, outcome.seconds) == (0, 0, 0)
    assert outcome.collateral == LOAN.collateral


def test_settle__of_one_loan__leaves_the_other(laboratory: Laboratory) -> None:
    laboratory.push(1_700.0)
    assert laboratory.settle(0).takes == 1
    assert laboratory.look().collateral["WETH"] == [0, LOAN.collateral]


def test_settle__of_a_bid_that_lives_for_six_hours__waits_for_its_end() -> None:
    bid_life = "liquidation.bid_life=21600"  # Maker's since 24 March 2020
    design = load_design("english", [bid_life, "liquidation.length=172800"])
    with open_engine("reference") as engine:
        laboratory = Laboratory(engine, design, 2_000.0, [LOAN])
        laboratory.push(1_700.0)
        outcome = laboratory.settle(0)
    assert outcome.takes > 1
    assert outcome.seconds > 21_600
    assert outcome.debt == 0


def test_settle__of_a_sale_that_nobody_wants__ends_in_an_error(laboratory: Laboratory) -> None:
    laboratory.push(1_700.0)
    began = laboratory.time
    with pytest.raises(
        EngineError, match=r"dutch_breaker: a sale did not end in 3 days .*: nobody wanted"
    ):
        laboratory.settle(0, appraisal=0.1)
    assert laboratory.time - began > PATIENCE_S


def test_transaction__that_fails__raises_with_the_reason(laboratory: Laboratory) -> None:
    with pytest.raises(EngineError, match=r"^liquidation.take: auction: no sale$"):
        laboratory.take(0)
    with pytest.raises(EngineError, match=r"^market.write_off: market: only liquidation$"):
        laboratory.send(laboratory.bidders[0], "market", "write_off", laboratory.borrowers[0], 1)


def test_bare__of_a_design_with_breakers_or_an_adapter__has_neither() -> None:
    assert not bare(load_design("dutch_breaker")).breakers
    late = load_design("maker_eth_a")
    (collateral,) = bare(late).market.collaterals
    assert collateral.feed.adapter is None
    assert collateral.liquidation_threshold == late.market.collaterals[0].liquidation_threshold
