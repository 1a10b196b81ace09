"""Measure the contagion matrix: shock one market of a network at a time.

The shock is leverage: the health factors of the market's borrowers are lower by a share from the
start, as far as its design lets anybody borrow at all. People, prices and draws are the same in all
runs, so differences are paired by seed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.contagion import (
    Contagion,
    as_matrix,
    contagion_matrix,
    hashes,
    jackknife,
    spectral_radius,
)
from sim.design import Design
from sim.errors import InputError
from sim.experiments.compare import OnProgress, compare
from sim.people import BorrowersSpec
from sim.results import Results
from sim.scenario import Scenario

LEAST_USD = 10_000.0  # liquidated more by itself: less says nothing of what a market sets off
LOWEST = 1.001  # health factor; a loan below 1 could not be taken out
FOLDER = "contagion"  # of the runs with a shock or without impact, in the comparison's
Totals = NDArray[np.float64]  # by seed and market [USD]


def measure(
    scenario: Scenario,
    design: Design,
    seeds: int | str | Iterable[int] = 3,
    engine: str = "reference",
    out: Path | str = "out",
    shock: float = 0.05,
    jobs: int | None = None,
    on_progress: OnProgress | None = None,
) -> Contagion:
    """Run the network without a shock and with each, impact on and off, in DIR and below, and write
    DIR/contagion.json beside the comparison of the runs without a shock.

    Finished runs are reused. Raises InputError when there is no network or the shock shows nothing,
    and what `compare` raises.
    """
    markets = _markets(scenario)
    if not 0 < shock < 1:
        raise InputError(f"shock {shock:g}: must be a share of the health factors, as 0.05")
    seeds, folder = list(seeds) if not isinstance(seeds, (int, str)) else seeds, Path(out)

    def run(stressed: Scenario, where: Path, off: bool) -> Results:
        without = {"off": ("impact",)} if off else {}
        return compare(
            stressed.model_copy(update=without),
            [design],
            seeds,
            engine,
            where,
            jobs,
            on_progress,
            amplification=False,
        )

    calm = run(scenario, folder, False)
    still = run(scenario, folder / FOLDER / "no_impact", True)
    direct, felt, lost = [], [], []
    for j, market in enumerate(markets):
        stressed = squeezed(scenario, market, shock)
        loud = run(stressed, folder / FOLDER / market, False)
        quiet = run(stressed, folder / FOLDER / f"{market}_no_impact", True)
        direct.append((_totals(quiet, "liquidated") - _totals(still, "liquidated"))[:, j])
        felt.append(_totals(loud, "liquidated") - _totals(calm, "liquidated"))
        lost.append(_totals(loud, "bad_debt") - _totals(calm, "bad_debt"))
    extra = Extra(np.stack(direct, axis=-1), np.stack(felt, axis=-1), np.stack(lost, axis=-1))
    _check(extra.direct.mean(axis=0), shock)
    found = _found(calm, design, shock, markets, extra)
    found.write(calm.out)
    return found


@dataclass(frozen=True)
class Extra:
    """What the shocks added, by seed [USD]."""

    direct: Totals  # liquidated by the shocked market alone, without impact; by seed and market
    felt: Totals  # liquidated; by seed, market that feels it, market that was shocked
    lost: Totals  # bad debt; as `felt`

    def without(self, seed: int) -> Extra:
        """All but the seed at this place."""
        parts = (np.delete(part, seed, axis=0) for part in (self.direct, self.felt, self.lost))
        return Extra(*parts)

    @property
    def response(self) -> NDArray[np.float64]:
        """R, of the means over seeds."""
        return _per_dollar(self.felt.mean(axis=0), self.direct.mean(axis=0), 1.0)

    @property
    def bad_debt(self) -> NDArray[np.float64]:
        """For a USD liquidated by the shocked market alone."""
        return _per_dollar(self.lost.mean(axis=0), self.direct.mean(axis=0), 0.0)


def _found(
    calm: Results, design: Design, shock: float, markets: tuple[str, ...], extra: Extra
) -> Contagion:
    matrix = contagion_matrix(extra.response)
    seeds = len(calm.seeds)
    left = [contagion_matrix(extra.without(i).response) for i in range(seeds)] if seeds > 1 else []
    radii = [np.asarray(spectral_radius(one)) for one in left]
    return Contagion(
        markets=markets,
        design=design.name,
        seeds=calm.seeds,
        shock=shock,
        direct=tuple(float(usd) for usd in extra.direct.mean(axis=0)),
        response=as_matrix(extra.response),
        matrix=as_matrix(matrix),
        matrix_error=as_matrix(jackknife(left)) if left else None,
        radius=spectral_radius(matrix),
        radius_error=float(jackknife(radii)) if left else None,
        bad_debt=as_matrix(extra.bad_debt),
        base=hashes(calm, design.name),
    )


def squeezed(scenario: Scenario, market: str, shock: float) -> Scenario:
    """The scenario in which the borrowers of one market stand closer to liquidation. Raises
    InputError."""
    network = scenario.network
    if network is None:
        return scenario
    links = []
    for link in network.markets:
        # all say it themselves: what they leave out they would take from the first market
        own = _lower(scenario.met_by(link).population.borrowers, shock * (link.name == market))
        borrowers = {**link.population.get("borrowers", {}), **own}
        population = {**link.population, "borrowers": borrowers}
        links.append(link.model_copy(update={"population": population}))
    people = scenario.population
    first = _lower(people.borrowers, shock * (network.primary == market))
    squeezed_book = people.borrowers.model_copy(update=first)
    return scenario.model_copy(
        update={
            "population": people.model_copy(update={"borrowers": squeezed_book}),
            "network": network.model_copy(update={"markets": tuple(links)}),
        }
    )


def _lower(spec: BorrowersSpec, shock: float) -> dict[str, Any]:
    return {
        name: tuple((share, max(LOWEST, health * (1 - shock))) for share, health in knots)
        for name, knots in (
            ("debt_by_health", spec.debt_by_health),
            ("small_by_health", spec.small_by_health),
        )
    }


def _markets(scenario: Scenario) -> tuple[str, ...]:
    network = scenario.network
    if network is None:
        raise InputError(
            f"scenario {scenario.name}: has no network of markets; add one, or use contagion"
        )
    return network.primary, *(link.name for link in network.markets)


def _totals(results: Results, what: str) -> Totals:
    rows = [[found[what] for found in run["network"]["markets"].values()] for run in results.runs]
    return np.array(rows)


def _check(direct: Totals, shock: float) -> None:
    if direct.max() < LEAST_USD:
        raise InputError(
            f"contagion: a shock of {shock:g} makes no market liquidate more by itself; take a "
            "larger one, or prices that fall further"
        )


def _per_dollar(extra: Totals, direct: Totals, alone: float) -> Totals:
    """By market that was shocked; of one that the shock did not reach, `alone` for itself."""
    reached = direct >= LEAST_USD
    ratios = extra / np.where(reached, direct, 1.0)
    return np.where(reached, ratios, alone * np.eye(len(direct)))
