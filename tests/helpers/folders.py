"""Finished comparisons on disk, made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.experiments.amplification import MECHANISMS, amplification
from sim.experiments.runs import row_of
from sim.experiments.statistics import comparison
from sim.results import Results, trace_path
from sim.trace import Trace
from tests.helpers.synthetic import panic


def folder_of(out: Path, traces: Sequence[Trace]) -> Results:
    """A folder as a comparison of these traces leaves it, ordered by design and seed."""
    (out / "runs").mkdir(parents=True, exist_ok=True)
    for trace in traces:
        trace.write(trace_path(out, trace.manifest["design"]["name"], trace.manifest["seed"]))
    rows = [row_of(trace) for trace in traces]
    designs = {t.manifest["design"]["name"]: t.manifest["design"] for t in traces}
    data = {
        "scenario": traces[0].manifest["scenario"],
        "engine": traces[0].manifest["engine"],
        "versions": traces[0].manifest["versions"],
        "manifest": {
            "seeds": list(dict.fromkeys(r["seed"] for r in rows)),
            "designs": designs,
        },
        "runs": rows,
        "comparison": comparison(
            {d: [r["metrics"] for r in rows if r["design"] == d] for d in designs}
        ),
        **counterfactuals(rows),
        "timing": {},
    }
    results = Results(out, data)
    results.write()
    return results


def counterfactuals(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """As if a tenth of each fall went without impact, and as much with each part of it."""
    others = [
        {
            "design": row["design"],
            "seed": row["seed"],
            "without": mechanism,
            "engine": "reference",
            "metrics": {**row["metrics"], "fall_pct": 0.9 * row["metrics"]["fall_pct"]},
        }
        for row in rows
        for mechanism in MECHANISMS
    ]
    return {"amplification": amplification(rows, others), "counterfactuals": others}


def panic_folder(
    out: Path,
    designs: Sequence[str] = ("fixed", "fixed_breaker", "dutch", "dutch_breaker"),
    seeds: Sequence[int] = (0, 1, 2),
    spacing_s: int = 120,
) -> Results:
    """The same made-up panic for several designs and seeds."""
    return folder_of(out, [panic(d, s, spacing_s=spacing_s) for d in designs for s in seeds])
