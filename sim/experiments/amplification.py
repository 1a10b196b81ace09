"""Whose doing a fall was: each run again with one thing off.

Falls are F = ln(first / lowest price of the venue), in which impacts add. With F_x the fall of the
same seed without x (`Scenario.off`):

    amplification A = F / F_impact          how much deeper than if nobody moved the price
    branching     phi = 1 - 1 / A           of the linear cascade (sim/games/cascade.py, eq. 1)
    owed to x      = (F - F_x) / F          for liquidations, panic and withdrawal, each off alone
    induced        = 1 - L_impact / L       debt liquidated that would not have been without impact

Effects overlap, so the parts need not sum to F - F_impact: panic sellers run from liquidations. A
part below 0 says that what was switched off held the price.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from sim.design import Design
from sim.engines import ENGINES
from sim.engines.deploy import check_design
from sim.errors import InputError
from sim.experiments.runs import Run
from sim.experiments.statistics import Metrics, mean_interval
from sim.scenario import Mechanism

MECHANISMS: tuple[Mechanism, ...] = get_args(Mechanism)
PARTS: tuple[Mechanism, ...] = ("liquidations", "panic", "withdrawal")
FAST = "reference"  # gives the same trace as the other engines


def counterfactuals(runs: Sequence[Run]) -> list[Run]:
    """Each run without each mechanism, on the fast engine where the design has twins."""
    engines = {run.design.name: _engine(run.design, run.engine) for run in runs}
    return [
        run.counterfactual(mechanism, engines[run.design.name])
        for run in runs
        for mechanism in MECHANISMS
        if mechanism not in run.scenario.off
    ]


def _engine(design: Design, chosen: str) -> str:
    try:
        ENGINES[FAST].check(check_design(design))
    except InputError:  # a contract of the user's own
        return chosen
    return FAST


def of_seed(metrics: Metrics, without: Mapping[Mechanism, Metrics]) -> dict[str, float | None]:
    """Of one run and its counterfactuals; None where nothing fell or nothing is known."""
    fall = _log_fall(metrics)
    falls = {mechanism: _log_fall(m) for mechanism, m in without.items()}
    alone = without.get("impact", {})
    return {
        "fall_pct": metrics["fall_pct"],
        "fall_without_impact_pct": alone.get("fall_pct"),
        "amplification": _ratio(fall, falls.get("impact")),
        "branching": _rest(falls.get("impact"), fall),
        **{f"owed_to_{part}_pct": _percent(_rest(falls.get(part), fall)) for part in PARTS},
        "induced_liquidations_pct": _percent(
            _rest(alone.get("liquidated_debt_usd"), metrics["liquidated_debt_usd"])
        ),
    }


def _log_fall(metrics: Metrics) -> float:
    return -math.log1p(-(metrics["fall_pct"] or 0.0) / 100)


def _ratio(a: float | None, b: float | None) -> float | None:
    return a / b if a is not None and b else None


def _rest(a: float | None, b: float | None) -> float | None:
    ratio = _ratio(a, b)
    return None if ratio is None else 1 - ratio


def _percent(value: float | None) -> float | None:
    return None if value is None else 100 * value


def amplification(
    runs: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Means with their intervals by design and quantity, from rows of runs and counterfactuals."""
    without: dict[tuple[str, int], dict[Mechanism, Metrics]] = {}
    for row in others:
        without.setdefault((row["design"], row["seed"]), {})[row["without"]] = row["metrics"]
    seeds: dict[str, list[dict[str, float | None]]] = {}
    for row in runs:
        found = of_seed(row["metrics"], without.get((row["design"], row["seed"]), {}))
        seeds.setdefault(row["design"], []).append(found)
    return {
        design: {name: mean_interval([one[name] for one in found]) for name in found[0]}
        for design, found in seeds.items()
    }
