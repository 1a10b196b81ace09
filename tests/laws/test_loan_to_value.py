"""What a liquidation does to the loan-to-value, and what is left in the end."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

from sim.units import to_units
from tests.helpers.laws import SPOT, Trials, loan_to_value, pure, worth

# some of them close to 1 / (1 + b) of each design, on both sides
LTVS = (0.86, 0.89, 0.91, 0.912, 0.92, 0.94, 0.947, 0.948, 0.95, 0.955, 0.96, 0.99)
THRESHOLD = Fraction("0.83")
BONUS: dict[str, Callable[[Fraction], Fraction]] = {  # by health, as each design states it
    "fixed": lambda health: Fraction(1, 20),
    "morpho": lambda health: min(Fraction("1.15"), 1 / (1 - Fraction("0.3") * (1 - THRESHOLD))) - 1,
    "aave_v4": lambda health: (
        Fraction("0.04995") + min(1, (1 - health) / Fraction("0.1")) * Fraction("0.00555")
    ),
    "silo": lambda health: Fraction(1, 20),
    "euler_v2": lambda health: 1 / max(health, Fraction("0.85")) - 1,
}


@pytest.mark.parametrize("name", SPOT)
def test_loan_to_value__of_a_partial_liquidation__rises_exactly_above_one_by_one_plus_bonus(
    trial: Trials, name: str
) -> None:
    """A payment of x takes x (1 + b) of the collateral C, so (D - x) / (C - x (1 + b)) > D / C
    exactly when D (1 + b) > C."""
    laboratory = trial(pure(name, float(THRESHOLD)), LTVS)
    rises = set()
    for i in range(len(LTVS)):
        before = loan_to_value(laboratory, i)
        bonus = BONUS[name](THRESHOLD / before)
        paid, received = laboratory.take(i, to_units(10, 6))
        assert worth(laboratory, received) / paid == pytest.approx(1 + bonus, abs=1e-6), LTVS[i]
        rose = loan_to_value(laboratory, i) > before
        assert rose == (before > 1 / (1 + bonus)), LTVS[i]
        rises.add(rose)
    assert rises == {True, False}


@pytest.mark.parametrize("close_factor", [0.1, 0.25, 0.5, 0.8, 1.0])
def test_bad_debt__at_loan_to_value_of_97_percent__is_the_same_whatever_the_close_factor(
    trial: Trials, close_factor: float
) -> None:
    """Above 1 / (1 + b) the collateral runs out first, and all of it pays C / (1 + b) of the debt:
    what is left is D - C / (1 + b), 0.97 - 1 / 1.05 = 0.017619 of the collateral."""
    laboratory = trial(pure("fixed", bonus=0.05, close_factor=close_factor), [0.97])
    outcome = laboratory.settle(0)
    assert round(outcome.bad_debt / to_units(1_000, 6), 6) == 0.017619
    assert outcome.bad_debt == pytest.approx(float(970 - Fraction(1_000, 105) * 100) * 1e6, abs=2)
    assert (outcome.debt, outcome.collateral) == (0, 0)


def test_rounds__at_loan_to_value_of_97_percent_and_half_a_close__are_six(trial: Trials) -> None:
    """Debt halves each round and the collateral is 1.05 times the debt less 0.0185 of its first
    value, so the round takes all of it when 0.525 D >= 1.05 D - 0.0185: at D = 0.97 / 2^5."""
    laboratory = trial(pure("fixed", bonus=0.05, close_factor=0.5), [0.97])
    assert laboratory.settle(0).takes == 6
