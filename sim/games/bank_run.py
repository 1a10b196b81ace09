"""The run on a lending market: first come, first served, from cash and then from loans sold cheap.

Claims of 1 in all stand against cash m and loans of face 1 - m. A loan held to the end pays R a
unit of face [interest in, losses out]; sold at once it fetches q < 1. So L = m + (1 - m) q is all
that can be paid out now. When a share n of the claims leaves (Diamond and Dybvig 1983, with
liquidation at a discount as Cooper and Ross 1998), a leaver expects 1 while n <= L and L / n
beyond, where whoever stays gets nothing; else a stayer gets

    n <= m:      s(n) = (m - n + (1 - m) R) / (1 - n)                            cash is enough
    m < n <= L:  s(n) = R (1 - m - (n - m) / q) / (1 - n) = R (L - n) / (q (1 - n))             (1)

Leaving is the best response to n when s(n) < 1. For R < 1 that is always so. For R >= 1 it is so
from the n on at which (1) is 1:

    n^ = (R L - q) / (R - q),    from m at R = 1 to L for large R.                              (2)

As L < 1, a run of all is an equilibrium at every R, and for R >= 1 so is staying. Lenders who see R
with little noise choose one by R itself (Goldstein and Pauzner 2005): who sees just the cutoff
holds every n in [0, 1] equally likely and is indifferent, the integral of s(n) over [0, L] equals
that of the leavers' payoff over [0, 1],

    R* = (L - L ln L - m - (1 - m) ln(1 - m))
         / (-(1 - m) ln(1 - m) + ((L - m) + (1 - L) ln((1 - L) / (1 - m))) / q).                (3)

They run when R < R*. Together they would stay for every R >= 1: between 1 and R* the market is
sound and fails of the run alone. As in that paper, uniqueness needs an R so high that loans could
be sold for what they are worth.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
import numpy.typing as npt

from sim.errors import InputError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BankRun:
    """The game of one market's lenders; amounts per unit of all claims."""

    cash: float  # m: 1 - utilisation, from 0 to below 1
    resale: float  # q: what a unit of loans fetches at once, above 0 and below 1

    def __post_init__(self) -> None:
        if not 0 <= self.cash < 1:
            raise InputError(f"bank run: cash {self.cash} must be at least 0 and below 1")
        if not 0 < self.resale < 1:
            raise InputError(f"bank run: resale {self.resale} must lie between 0 and 1")

    @property
    def liquid(self) -> float:
        """L: what can be paid out now [share of the claims]."""
        return self.cash + (1 - self.cash) * self.resale

    def tipping_share(self, gross: npt.ArrayLike) -> Floats:
        """n^: leaving is the best response when more than this share leaves; eq. 2.

        `gross`: R, what a unit of loans pays in the end.
        """
        r = np.asarray(gross, dtype=float)
        sound = np.maximum(r, 1.0)
        tipping = (sound * self.liquid - self.resale) / (sound - self.resale)
        return np.where(r < 1, 0.0, tipping)

    @property
    def run_threshold(self) -> float:
        """R*: lenders who see R with little noise run below it; eq. 3 [per unit of loans]."""
        m, q, liquid = self.cash, self.resale, self.liquid
        lent = (1 - m) * log(1 - m)
        leaving = liquid - liquid * log(liquid)
        sold = (liquid - m + (1 - liquid) * log((1 - liquid) / (1 - m))) / q
        return (leaving - m - lent) / (sold - lent)

    def play(self, rng: np.random.Generator, leaves: npt.NDArray[np.bool_], gross: float) -> Floats:
        """What each lender gets of a claim of 1: leavers are served one by one in drawn order."""
        lenders = len(leaves)
        payoffs = np.zeros(lenders)
        cash, loans = self.cash * lenders, (1 - self.cash) * lenders
        for i in rng.permutation(np.flatnonzero(leaves)):
            sold = min(loans, max(0.0, 1 - cash) / self.resale)
            payoffs[i] = min(1.0, cash + sold * self.resale)
            cash, loans = max(0.0, cash - 1), loans - sold
        stayers = lenders - np.count_nonzero(leaves)
        if stayers:
            payoffs[~leaves] = (cash + loans * gross) / stayers
        return payoffs
