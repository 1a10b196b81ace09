"""Dynamic margins: who has seen the price swing wants to be further from liquidation.

A health factor h bears a fall of 1 - 1/h. In normal times a borrower wants to bear the fall of its
own trigger or target; when the volatility seen is k times the normal one, 1 + sensitivity x (k - 1)
times that, up to a cap. Margins set by volatility spiral: lenders and borrowers ask for more of
them when prices have moved, and the sales that this takes move prices (Brunnermeier and Pedersen
2009); leverage falls as measured risk rises (Adrian and Shin 2010, 2014).
"""

from __future__ import annotations

import math

import numpy as np

from sim.agents.base import Facts, Floats, View, log_returns, window
from sim.people import MarginSpec
from sim.units import YEAR_S

SAMPLE_S = 300


def realised_volatility(facts: Facts, view: View, seconds: float) -> float:
    """Of the venue's price in the last `seconds`, from squared log returns over five minutes: over
    less, the bounce between bid and ask is taken for volatility (Zhang, Mykland, Ait-Sahalia 2005)
    [per square-root year]."""
    stride = max(1, round(SAMPLE_S / facts.spacing_s))
    prices = window(view, facts, seconds)[::-1][::stride]
    if len(prices) < 2:
        return 0.0
    squares = log_returns(prices) ** 2
    return math.sqrt(float(squares.mean()) * YEAR_S / (stride * facts.spacing_s))


def widened(levels: Floats, spec: MarginSpec, facts: Facts, view: View) -> Floats:
    """Health factors wanted now, from those wanted in normal times."""
    return stretched(levels, spec, realised_volatility(facts, view, spec.window_s))


def stretched(levels: Floats, spec: MarginSpec, seen: float) -> Floats:
    """The same where a volatility has been seen already [per square-root year]."""
    if not spec.sensitivity:
        return levels
    stretch = 1 + spec.sensitivity * max(0.0, seen / spec.normal_volatility - 1)
    fall = 1 - 1 / levels
    return np.asarray(1 / (1 - np.minimum(fall * stretch, np.maximum(fall, spec.cap))))
