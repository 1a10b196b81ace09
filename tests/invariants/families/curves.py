"""CURVE: the price of an auction in time."""

from __future__ import annotations

import math

from sim.units import RAY, WAD
from tests.helpers.ground import Ground
from tests.invariants.registry import hold, invariant, stage

STEP_S, DURATION_S = 90, 7_200
STEP_CUT, SECOND_CUT = 99 * RAY // 100, 9_998 * RAY // 10_000
CURVES = ("linear", "stairstep", "exponential")
TIMES = (0, 1, 89, 90, 91, 1_000, 3_599, 3_600, 7_199, 7_200, 40_000)  # [s]
START = 1_234_567 * WAD + 1


@stage(CURVE=("LinearCurve", "StairstepCurve", "ExponentialCurve"))
def curves(g: Ground) -> None:
    g.deploy("linear", "LinearCurve", duration=DURATION_S)
    g.deploy("stairstep", "StairstepCurve", step=STEP_S, cut=STEP_CUT)
    g.deploy("exponential", "ExponentialCurve", cut=SECOND_CUT)


@invariant("CURVE-1")
def falling(g: Ground) -> None:
    """At the ends of steps and far beyond, for a high and for the lowest start price."""
    for curve in CURVES:
        for start in (START, 1):
            last = start
            for second in TIMES:
                price = g.ask(curve, "price", start, second)
                hold(price <= last, f"{curve} rises from {last} to {price} at {second} s")
                last = price


@invariant("CURVE-2")
def starting(g: Ground) -> None:
    """For a high and for the lowest start price."""
    for curve in CURVES:
        for start in (START, 1):
            price = g.ask(curve, "price", start, 0)
            hold(price == start, f"{curve} starts at {price}, not at {start}")


@invariant("CURVE-3")
def formulas(g: Ground) -> None:
    """Against floating point, to a billionth."""
    for second in TIMES:
        for curve, part in (
            ("linear", max(1 - second / DURATION_S, 0)),
            ("stairstep", 0.99 ** (second // STEP_S)),
            ("exponential", 0.9998**second),
        ):
            price = g.ask(curve, "price", START, second)
            near = math.isclose(price, START * part, rel_tol=1e-9, abs_tol=10)
            hold(near, f"{curve} is {price / START} of its start at {second} s, not {part}")
