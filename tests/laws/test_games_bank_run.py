"""The run on a lending market, served one by one, against its closed forms."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from sim.errors import InputError
from sim.games.bank_run import BankRun
from sim.world.rng import SeedTree

ERRORS = 4  # standard errors that chance may take: once in 16,000 tests
LENDERS = 500
BANKS = [BankRun(0.2, 0.5), BankRun(0.0, 0.8), BankRun(0.6, 0.9)]


def rng(name: str) -> np.random.Generator:
    return SeedTree(1).stream(f"laws/bank run/{name}")


def leaving(share: float) -> np.ndarray:
    return np.arange(LENDERS) < round(share * LENDERS)


@pytest.mark.parametrize("bank", BANKS, ids=str)
@pytest.mark.parametrize("gross", [1.0, 1.05, 1.5, 4.0])
def test_staying__pays_more_than_leaving__until_the_tipping_share_leaves(
    bank: BankRun, gross: float
) -> None:
    """The payoff of a stayer in a played run is above 1 below n^, and below 1 above it."""
    tipping = float(bank.tipping_share(gross))
    assert bank.cash <= tipping + 1e-12
    assert tipping < bank.liquid
    one = 2 / LENDERS
    worse = bank.play(rng("above"), leaving(tipping + one), gross)
    assert worse[-1] < 1
    if gross > 1 and tipping > one:
        better = bank.play(rng("below"), leaving(tipping - one), gross)
        assert better[-1] > 1


@pytest.mark.parametrize("bank", BANKS, ids=str)
def test_staying__in_an_unsound_market__pays_less_whatever_the_others_do(bank: BankRun) -> None:
    assert bank.tipping_share([0.5, 0.99]).tolist() == [0.0, 0.0]
    for share in np.linspace(0.0, 0.99, 12):
        assert bank.play(rng("unsound"), leaving(share), 0.99)[-1] < 1


@pytest.mark.parametrize("bank", BANKS, ids=str)
def test_run_of_all__pays_the_first_in_full_and_the_last_nothing(bank: BankRun) -> None:
    """L of the claims are paid, whatever the loans would have paid: a lender's chance is L."""
    payoffs = bank.play(rng("all"), leaving(1.0), 4.0)
    assert payoffs.sum() == pytest.approx(bank.liquid * LENDERS)
    assert np.count_nonzero((payoffs > 1e-9) & (payoffs < 1 - 1e-9)) <= 1


def gains_of_staying(bank: BankRun, gross: float, rounds: int) -> np.ndarray:
    """Of the lender who sees just the cutoff `gross`: any share of the others sees less."""
    gains = np.empty(rounds)
    draws = rng(f"margin/{bank}")
    for i, share in enumerate(draws.uniform(0.0, 1.0, rounds)):
        leaves = draws.random(LENDERS) < share
        leaves[0] = False
        stayed = bank.play(draws, leaves, gross)[0]
        leaves[0] = True
        gains[i] = stayed - bank.play(draws, leaves, gross)[0]
    return gains


@pytest.mark.parametrize("bank", BANKS, ids=str)
def test_lender_at_the_run_threshold__in_a_played_queue__gains_nothing_by_either(
    bank: BankRun,
) -> None:
    """And by staying gains where loans pay more, loses where they pay less. Shares in steps of one
    lender shift a mean by the function's total variation / lenders at the most: a stayer's payoff
    falls from below R to 0 and a leaver's from 1."""
    threshold, rounds = bank.run_threshold, 300
    assert threshold > 1  # sound markets fail as well
    gains = gains_of_staying(bank, threshold, rounds)
    error = ERRORS * gains.std(ddof=1) / sqrt(rounds)
    assert abs(gains.mean()) < error + (threshold + 1) / LENDERS
    assert gains_of_staying(bank, 1.5 * threshold, rounds).mean() > error
    assert gains_of_staying(bank, threshold / 1.5, rounds).mean() < -error


@pytest.mark.parametrize("bank", BANKS, ids=str)
def test_run_threshold__solves__the_integral_over_beliefs(bank: BankRun) -> None:
    """The integral of a stayer's less a leaver's payoff over n in [0, 1], by the midpoint rule."""
    n = (np.arange(200_000) + 0.5) / 200_000
    m, q, liquid, gross = bank.cash, bank.resale, bank.liquid, bank.run_threshold
    sold = np.maximum(0.0, n - m) / q
    stay = (np.maximum(0.0, m - n) + (1 - m - sold) * gross) / (1 - n)
    gain = np.where(n <= liquid, stay - 1, -liquid / n)
    assert abs(gain.mean()) < 1e-4


def test_run_threshold__with_more_cash_or_better_resale__is_lower() -> None:
    by_cash = [BankRun(cash, 0.7).run_threshold for cash in (0.0, 0.2, 0.4, 0.8)]
    by_resale = [BankRun(0.2, resale).run_threshold for resale in (0.3, 0.5, 0.7, 0.99)]
    assert by_cash == sorted(by_cash, reverse=True)
    assert by_resale == sorted(by_resale, reverse=True)
    assert BankRun(0.2, 1 - 1e-9).run_threshold == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(("cash", "resale"), [(-0.1, 0.5), (1.0, 0.5), (0.2, 0.0), (0.2, 1.0)])
def test_bank__without_loans_or_with_liquid_ones__is_refused(cash: float, resale: float) -> None:
    with pytest.raises(InputError, match="bank run: "):
        BankRun(cash, resale)
