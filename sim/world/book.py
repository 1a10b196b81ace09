"""The borrowers' book: debts and health factors, stratified so that every seed has the scenario's.

Loopers are drawn from the larger half of accounts without the ten largest, and stand between health
factors of their own. The others are moved so that all together still have the scenario's
distribution over the debt: with F of all and G of the loopers, who hold the share s, that of the
others is (F - s G) / (1 - s).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.agents.base import Floats
from sim.elementary import power
from sim.errors import InputError
from sim.people import BorrowersSpec

TOP = 10  # largest borrowers
TOP_DECAY = 0.6  # the r-th largest of them owes as r ** -0.6
SPREAD = 1.3  # of the logarithm of the other sizes, and of all sizes of holders and lenders

Knots = tuple[tuple[float, float], ...]  # share below, health factor


@dataclass(frozen=True, slots=True)
class Book:
    """By borrower, the largest debt first."""

    debts: Floats  # [USD]
    health: Floats
    loops: NDArray[np.bool_]


def borrower_book(
    spec: BorrowersSpec, rng: np.random.Generator, of_loopers: np.random.Generator
) -> Book:
    """Draw it; who loops comes from a stream of its own."""
    top = power(np.arange(1, TOP + 1), -TOP_DECAY)
    top *= spec.debt_usd * spec.top_ten_share / top.sum()
    others = spec.count - TOP
    above_least = spec.debt_usd * (1 - spec.top_ten_share) - others * spec.smallest_debt_usd
    rest = spec.smallest_debt_usd + above_least * weights(others, rng)
    debts = np.concatenate([top, np.sort(rest)[::-1]])
    half = spec.count // 2
    loops = _loopers(spec, debts, half, of_loopers)
    larger = _by_debt(spec, debts[:half], loops[:half], rng, of_loopers)
    health = np.concatenate([larger, _by_count(spec, half, rng)])
    if spec.whale_share:
        debts, health = _with_whale(spec, debts, health)
    return Book(debts, health, loops)


def _with_whale(spec: BorrowersSpec, debts: Floats, health: Floats) -> tuple[Floats, Floats]:
    """The largest account holds its share of the collateral, which goes by health x debt; all other
    debts shrink towards the smallest alike, so that the sum stays.

    Raises InputError when there is no room for the others.
    """
    least, others = spec.smallest_debt_usd, health[1:]
    above = debts[1:] - least
    # debt of the whale = ratio x sum of the others' health x (least + k x above)
    ratio = spec.whale_share / (1 - spec.whale_share) / spec.whale_health
    room = spec.debt_usd - least * (len(others) + ratio * others.sum())
    if room <= 0:
        raise InputError(
            f"population.borrowers.whale_share {spec.whale_share:g}: leaves too little debt for "
            "the other accounts; lower it, count or smallest_debt_usd"
        )
    rest = least + above * room / (above.sum() + ratio * (others * above).sum())
    whale = ratio * (others * rest).sum()
    return np.concatenate([[whale], rest]), np.concatenate([[spec.whale_health], others])


def weights(count: int, rng: np.random.Generator) -> Floats:
    """Log-normal sizes that sum to one."""
    sizes = rng.lognormal(0.0, SPREAD, count)
    return np.asarray(sizes / sizes.sum())


def _loopers(
    spec: BorrowersSpec, debts: Floats, half: int, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Accounts in random order until they hold the loopers' share of the debt."""
    order = TOP + rng.permutation(max(0, half - TOP))
    ends = np.cumsum(debts[order])
    loops = np.zeros(len(debts), dtype=bool)
    loops[order[ends - debts[order] / 2 < spec.loopers.share * spec.debt_usd]] = True
    return loops


def _by_debt(
    spec: BorrowersSpec,
    debts: Floats,
    loops: NDArray[np.bool_],
    rng: np.random.Generator,
    of_loopers: np.random.Generator,
) -> Floats:
    """Health factors whose distribution over the debt is the scenario's."""
    health = np.empty(len(debts))
    share = float(debts[loops].sum() / debts.sum())
    order = rng.permutation(len(debts))
    others = order[~loops[order]]
    health[others] = _along(_knots_of_others(spec, share), debts[others])
    looping = of_loopers.permutation(np.flatnonzero(loops))
    if len(looping):
        low, high = spec.loopers.health
        health[looping] = _along(((0.0, low), (1.0, high)), debts[looping])
    return health


def _along(knots: Knots, debts: Floats) -> Floats:
    """Accounts in their order along the axis of their debt: each gets the quantile in its
    middle."""
    ends = np.cumsum(debts)
    return quantile(knots, (ends - debts / 2) / ends[-1])


def _knots_of_others(spec: BorrowersSpec, share: float) -> Knots:
    """Of the debt that is not the loopers', who hold `share` of it."""
    if not share:
        return spec.debt_by_health
    shares, healths = (np.array(column) for column in zip(*spec.debt_by_health, strict=True))
    grid = np.unique(np.concatenate([healths, spec.loopers.health]))
    of_all = np.interp(grid, healths, shares, left=0.0, right=1.0)
    of_loopers = np.interp(grid, spec.loopers.health, (0.0, 1.0))
    rising = np.maximum.accumulate((of_all - share * of_loopers).clip(0.0))
    return tuple(zip((rising / rising[-1]).tolist(), grid.tolist(), strict=True))


def _by_count(spec: BorrowersSpec, half: int, rng: np.random.Generator) -> Floats:
    count = spec.count - half
    return quantile(spec.small_by_health, (rng.permutation(count) + 0.5) / count)


def quantile(knots: Knots, share: Floats) -> Floats:
    """Health factors at these shares, on lines between the knots."""
    shares, values = zip(*knots, strict=True)
    return np.asarray(np.interp(share, shares, values))
