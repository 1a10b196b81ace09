"""How long the price of a Liquidations 2.0 auction takes: 1% less every 90 s, from 130%."""

from __future__ import annotations

from fractions import Fraction

from sim.engines.base import Call
from tests.helpers.laws import Trials, pure

CUT, STEP_S = Fraction(99, 100), 90
STAIRS = {"curve.step": STEP_S, "curve.cut": "0.99 ray", "buffer": 1.3, "cusp": 0.4, "tail": 10_000}


def steps_below(end: Fraction, start: Fraction) -> int:
    """The first step whose price is at or below the end: the least n with start x 0.99^n <= end."""
    n = 0
    while start * CUT**n > end:
        n += 1
    return n


def test_price__from_130_percent_to_par__takes_27_steps(trial: Trials) -> None:
    """1.3 x 0.99^n <= 1 from n = log(1.3) / -log(0.99) = 26.1 on: 27 steps of 90 s."""
    steps = steps_below(Fraction(1), Fraction(13, 10))
    assert (steps, steps * STEP_S) == (27, 2_430)
    laboratory = trial(pure("dutch", **STAIRS), [0.9])
    start, par = 1_300 * 10**18, 1_000 * 10**18

    def price(seconds: int) -> int:
        return int(laboratory.engine.view(Call("curve", "price", (start, seconds))))

    assert price(2_430 - 1) > par >= price(2_430)
    sale = laboratory.settle(0)
    # started a look after the first, taken at the first look at which par was reached
    assert sale.seconds == 30 + 2_430


def test_sale__of_which_92_steps_have_passed__is_below_a_cusp_of_40_percent(trial: Trials) -> None:
    """0.99^n < 0.4 from n = log(0.4) / log(0.99) = 91.2 on: 92 steps of 90 s."""
    steps = steps_below(Fraction(4, 10), Fraction(1))
    assert steps == 92
    laboratory = trial(pure("dutch", **STAIRS), [0.9])
    account = (laboratory.borrowers[0], f"<{laboratory.symbol}>")
    laboratory.send(laboratory.bidders[0], "liquidation", "start", *account)
    ends = laboratory.time + steps * STEP_S

    def stale(timestamp: int) -> bool:
        (sale,) = laboratory.engine.read(timestamp).sales
        return sale.restartable

    assert not stale(ends - 1)
    assert stale(ends)
