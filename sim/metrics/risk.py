"""How far loans are from liquidation, and how much debt a fall of the price would reach.

The drop of an account is the fall of all its collateral's prices, as a ratio, at which its health
factor is 1: the health factor follows the price in proportion, so it is 1 - 1 / health.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
WIDTH = 0.01  # of a cluster, in drops
REACH = 0.5  # clusters further away are not looked for


@dataclass(frozen=True, slots=True)
class Cluster:
    """Debt that a small further fall makes liquidatable."""

    drop: float  # of its first account
    debt: float  # between there and `WIDTH` further on [USD]


def drops(health: Floats) -> Floats:
    """By account; below zero where the health factor is below 1, 1 without debt."""
    with np.errstate(divide="ignore"):
        return np.asarray(1 - 1 / health)


def at_risk(debt: Floats, health: Floats, fall: Floats) -> Floats:
    """Debt whose health factor would be below 1 after each fall of the price [USD]."""
    distance = drops(health)
    order = np.argsort(distance, kind="stable")
    sums = np.concatenate([[0.0], np.cumsum(debt[order])])
    return np.asarray(sums[np.searchsorted(distance[order], fall, side="left")])


def next_cluster(debt: Floats, health: Floats) -> Cluster | None:
    """The heaviest window of `WIDTH` that begins at a healthy account within `REACH`: where the
    curve of debt at risk rises most. The nearest of several; None when nobody owes there."""
    distance = drops(health)
    near = (debt > 0) & (distance >= 0) & (distance <= REACH)
    order = np.argsort(distance[near], kind="stable")
    starts = distance[near][order]
    if not len(starts):
        return None
    sums = np.concatenate([[0.0], np.cumsum(debt[near][order])])
    ends = np.searchsorted(starts, starts + WIDTH, side="right")
    heaviest = sums[ends] - sums[:-1]
    first = int(np.argmax(heaviest))
    return Cluster(float(starts[first]), float(heaviest[first]))
