"""Two liquidations instead of one (Qin et al. 2021, "An empirical study of DeFi liquidations")."""

from __future__ import annotations

import pytest

from sim.units import WAD, to_units
from tests.helpers.laws import Trials, pure, worth

# collateral 1,000, debt 820, threshold 0.8, bonus 5%, close factor 50%
RULE = {"bonus": 0.05, "close_factor": 0.5}
FIRST = to_units(125, 6)


def test_first_repayment__that_just_restores_health__is_125(trial: Trials) -> None:
    """A payment of x takes 1.05 x of the collateral and health is 1 where
    0.8 (1,000 - 1.05 x) = 820 - x: x = (820 - 800) / (1 - 0.8 x 1.05) = 125."""
    laboratory = trial(pure("fixed", 0.8, **RULE), [0.82, 0.82])
    laboratory.take(0, FIRST)
    laboratory.take(1, FIRST - 1)
    enough, too_little = laboratory.look().health
    assert enough >= WAD > too_little


def test_two_liquidations__instead_of_one__earn_152439_percent_more(trial: Trials) -> None:
    """The first keeps the loan a hair below health 1, so that the second may close half of what is
    left: 125 + 695 / 2 = 472.5 bears the bonus in place of 820 / 2 = 410."""
    laboratory = trial(pure("fixed", 0.8, **RULE), [0.82, 0.82])

    def earned(account: int, *most: int) -> float:
        taken = [laboratory.take(account, m) for m in most]
        return float(sum(worth(laboratory, received) - paid for paid, received in taken))

    everything = to_units(820, 6)
    once, twice = earned(0, everything), earned(1, FIRST - 1, everything)
    assert once == pytest.approx(20.5e6, abs=2)
    assert twice / once - 1 == pytest.approx(0.152439, abs=5e-7)
