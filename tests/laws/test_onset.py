"""From which fall of the price on a rule leaves bad debt."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, log, sqrt

import pytest

from sim.units import to_units
from tests.helpers.laws import Trials, loan_to_value, pure

LT = 0.86
NEAR = 0.0005  # in health, on either side
MORPHO = 1 / (1 - 0.3 * (1 - LT)) - 1  # the bonus at that LLTV
FLAT = {"bonus": 0.05, "close_factor": 0.5, "full_close_health": 0.95}


@pytest.mark.parametrize(
    ("name", "rule", "onset", "published"),
    [
        ("fixed", FLAT, LT * 1.05, 0.903),
        ("morpho", {"bonus": MORPHO}, LT * (1 + MORPHO), 0.898),
        ("euler_v2", {}, sqrt(LT), 0.927),
    ],
    ids=["flat 5%", "Morpho", "Euler v2"],
)
def test_bad_debt__in_a_gap__begins_at_the_published_health(
    trial: Trials, name: str, rule: dict[str, object], onset: float, published: float
) -> None:
    """All of the collateral C pays C / (1 + b), so bad debt begins where D (1 + b) = C, which is a
    health factor of LT C / D = LT (1 + b). Euler's b is 1 / HF - 1: HF = LT / HF = sqrt(LT)."""
    assert round(onset, 3) == published
    healths = [onset + NEAR, onset - NEAR]
    laboratory = trial(pure(name, LT, **rule), [LT / h for h in healths])
    above, below = (laboratory.settle(i) for i in range(2))
    assert above.bad_debt == 0
    assert below.bad_debt > 0


@pytest.mark.parametrize("appraisal", [0.97, 0.93, 0.9])
def test_bad_debt__of_an_auction__begins_where_health_is_the_threshold_by_the_clearing_price(
    trial: Trials, appraisal: float
) -> None:
    """A lot C sold at q of the feed's price pays q C, and the debt comes before the penalty: bad
    debt begins where D = q C, at a health factor of LT C / D = LT / q."""
    steps = ceil(log(appraisal / 1.1) / log(0.99))  # of 1% each, from 110%, until bidders take
    onset = LT / (1.1 * 0.99**steps)
    healths = [onset + NEAR, onset - NEAR]
    laboratory = trial(pure("dutch", LT), [LT / h for h in healths])
    above, below = (laboratory.settle(i, appraisal=appraisal) for i in range(2))
    assert above.bad_debt == 0
    assert below.bad_debt > 0


def test_loop__of_leverage_twelve__starts_to_lose_at_a_gap_of_742_basis_points(
    trial: Trials,
) -> None:
    """Twelve parts of collateral on one of one's own owe eleven. After a gap g the loan-to-value is
    11/12 / (1 - g), and bad debt begins at 1 / (1 + b): g = 1 - 11/12 x 1.01 = 7.4167%."""
    onset = 1 - 11 / 12 * 1.01
    assert round(onset, 4) == 0.0742
    design = pure("fixed", 0.95, bonus=0.01, close_factor=0.5)
    laboratory = trial(design, [11 / 12] * 2, size=12.0)
    assert loan_to_value(laboratory) == pytest.approx(Fraction(11, 12))
    for i, gap in enumerate((onset - 0.0001, onset + 0.0001)):
        laboratory.push(1_000 * (1 - gap))
        lost = laboratory.settle(i).bad_debt
        assert (lost > 0) == (gap > onset)
        assert lost <= to_units(12_000 * 0.0002, 6)
