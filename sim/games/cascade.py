"""Cascades of forced sales: each moves the price, and the price sets off the next.

Falls are of the logarithm of the price [positive]. Account i is sold when the fall reaches its
threshold d_i and adds its impact to the fall. With G(d) the impact of all accounts of thresholds up
to d, a shock s ends at the least fall D with D = s + G(D) (Granovetter 1978). With thresholds
uniform and impact linear G(d) = phi d, so

    D = s / (1 - phi)                                                                           (1)

as long as there are accounts left to sell: phi is the impact of the accounts within a unit of fall,
and the number of sales that one sale sets off in the mean. For phi >= 1 nothing stops it.

Events that each set off a Poisson number of others with mean n (a Hawkes process, or Galton and
Watson's tree) come in clusters of mean size 1 / (1 - n); their sizes are Borel distributed, for
which 1 - 1 / mean is the maximum likelihood estimate of n, with variance n (1 - n) / clusters. In
windows much longer than the memory, variance / mean of their number tends to

    1 / (1 - n)^2        (Hawkes 1971; as an estimator Hardiman and Bouchaud 2014).             (2)

What moves the rate from outside, as the crash itself does, counts as branching in (2), which is too
high there. The fall with feedback against that without, (1), has no such bias.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.errors import InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cascade:
    """What became of a shock."""

    fall: float  # of the logarithm of the price, the shock included
    waves: list[int]  # accounts sold at each fall, until one sets off no other


@dataclass(frozen=True, slots=True)
class Clusters:
    """Events that set off others."""

    times_s: Floats  # rising; the last ones may lie beyond the horizon
    sizes: Ints  # of the clusters, each with the event that began it


def amplification(phi: float) -> float:
    """Fall for a unit of shock; eq. 1."""
    return 1 / (1 - phi) if phi < 1 else math.inf


def feedback(thresholds: npt.ArrayLike, impacts: npt.ArrayLike, start: float, end: float) -> float:
    """phi of a book between two falls: the impact of the accounts in (start, end] for a unit."""
    falls, moves = np.asarray(thresholds, dtype=float), np.asarray(impacts, dtype=float)
    return float(moves[(falls > start) & (falls <= end)].sum() / (end - start))


def cascade(shock: float, thresholds: npt.ArrayLike, impacts: npt.ArrayLike) -> Cascade:
    """Let all accounts be sold that are reached, see how far that moves the price, and again."""
    falls = np.asarray(thresholds, dtype=float)
    order = np.argsort(falls, kind="stable")
    falls = falls[order]
    moved = np.concatenate(([0.0], np.cumsum(np.asarray(impacts, dtype=float)[order])))
    waves, sold, fall = [], 0, shock
    while (reached := int(np.searchsorted(falls, fall, side="right"))) > sold:
        waves.append(reached - sold)
        sold, fall = reached, shock + float(moved[reached])
    return Cascade(fall, waves)


def clusters(
    rng: np.random.Generator, rate_hz: float, branching: float, memory_s: float, horizon_s: float
) -> Clusters:
    """A Hawkes process by its trees: events that come from nowhere at `rate_hz` until the horizon,
    each event followed by Poisson(`branching`) others, after exponential times of mean `memory_s`.

    Raises InputError from a branching ratio of 1 on, where trees need not end.
    """
    if not 0 <= branching < 1:
        raise InputError(f"clusters: branching {branching} must be at least 0 and below 1")
    born = rng.uniform(0.0, horizon_s, rng.poisson(rate_hz * horizon_s))
    family = np.arange(len(born))
    sizes, times = np.zeros(len(born), dtype=np.int64), []
    while len(born):
        times.append(born)
        sizes += np.bincount(family, minlength=len(sizes))
        children = rng.poisson(branching, len(born))
        born, family = np.repeat(born, children), np.repeat(family, children)
        born = born + rng.exponential(memory_s, len(born))
    return Clusters(np.sort(np.concatenate(times)) if times else np.zeros(0), sizes)


def branching_of_sizes(sizes: npt.ArrayLike) -> float | None:
    """n from whole clusters' sizes in events; None without any."""
    found = np.asarray(sizes, dtype=float)
    return float(1 - 1 / found.mean()) if len(found) else None


def branching_of_counts(counts: npt.ArrayLike) -> float | None:
    """n from the number of events in windows of one length; eq. 2.

    Below 0 when they come more evenly than by chance; None for fewer than two windows or when all
    counts are the same.
    """
    found = np.asarray(counts, dtype=float)
    if len(found) < 2 or not (spread := found.var(ddof=1)):
        return None
    return float(1 - math.sqrt(found.mean() / spread))


def branching_of_falls(fall: float, alone: float) -> float:
    """n from the fall with feedback and the one that the shock makes alone, both above 0; eq. 1."""
    return 1 - alone / fall
