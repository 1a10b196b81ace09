"""Run the cases and say of each claim whether it holds."""

from __future__ import annotations

import json
import os
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.errors import FiresaleError
from sim.experiments.pool import is_last, run_all
from sim.experiments.runs import versions_now
from sim.experiments.statistics import mean_interval
from sim.experiments.stylised.cases import ENGINE, Case, cases
from sim.experiments.stylised.claim import Claim, Observations, Rows
from sim.experiments.stylised.facts import CLAIMS, TITLES

WORKER = (sys.executable, "-m", "sim.experiments.stylised.worker")
LOG = "log.txt"
MEASURED = Path(__file__).parent / "measured.json"  # what the table in README is made from
README = Path(__file__).parents[2] / "README.md"

OnRun = Callable[[str, int, int], None]  # name of a finished run, how many are, of how many


def measure(
    out: Path,
    claims: Sequence[Claim] = CLAIMS,
    most_seeds: int | None = None,
    jobs: int | None = None,
    on_run: OnRun = lambda name, done, of: None,
) -> dict[str, Any]:
    """Run what the claims need in `jobs` processes; runs that are finished in `out` are reused.

    `most_seeds` of each case. Raises FiresaleError when a run fails.
    """
    known = cases()
    chosen = [known[name] for name in dict.fromkeys(n for c in claims for n in c.cases)]
    rows = _rows(chosen, out, most_seeds, jobs or os.cpu_count() or 1, on_run)
    return {
        "seeds": {case.name: len(rows[case.name]) for case in chosen},
        "claims": [judged(claim, rows) for claim in claims],
    }


def judged(claim: Claim, rows: Rows) -> dict[str, Any]:
    """A claim with the model's value: JSON-able."""
    ours = mean_interval(claim.values(rows))
    return {
        "fact": claim.fact,
        "title": TITLES[claim.fact],
        "what": claim.what,
        "observed": claim.observed,
        "unit": claim.unit,
        "ours": ours,
        "verdict": verdict(ours, claim),
        "remark": claim.remark,
    }


def verdict(ours: Mapping[str, Any], claim: Claim) -> str:
    """Holds: the mean lies in the band; clearly: its interval does too."""
    low, high = claim.band
    mean, interval = ours["mean"], ours["interval_95"]
    if mean is None:
        return "nothing to measure"
    if not low <= mean <= high:
        return "does not hold"
    exact = interval is None and not claim.cases  # worked out, not sampled
    clear = interval is not None and low <= interval[0] and interval[1] <= high
    return "holds" if clear or exact else "holds in the mean"


def _rows(
    chosen: Iterable[Case], out: Path, most: int | None, jobs: int, on_run: OnRun
) -> dict[str, list[Observations]]:
    (out / "rows").mkdir(parents=True, exist_ok=True)
    versions = versions_now(ENGINE)
    wanted = {
        f"{case.name}-{seed}": (case, seed)
        for case in chosen
        for seed in range(min(case.seeds, most or case.seeds))
    }
    prints = {name: case.run(seed).fingerprint(versions) for name, (case, seed) in wanted.items()}
    missing = {
        name: {
            "run": case.run(seed).as_json(),
            "fingerprint": prints[name],
            "path": str(_path(out, name)),
        }
        for name, (case, seed) in wanted.items()
        if _finished(_path(out, name), prints[name]) is None
    }
    _execute(missing, out, min(jobs, max(1, len(missing))), on_run)
    rows: dict[str, list[Observations]] = {}
    for name, (case, _) in wanted.items():
        row = _finished(_path(out, name), prints[name])
        if row is None:
            raise FiresaleError(f"{name}: its result has gone from {out}")
        rows.setdefault(case.name, []).append(row)
    return rows


def _execute(
    requests: Mapping[str, Mapping[str, Any]], out: Path, jobs: int, on_run: OnRun
) -> None:
    if not requests:
        return
    done, failures = 0, defaultdict(list)
    for name, message in run_all(requests, jobs, out / LOG, WORKER):
        if not is_last(message):
            continue
        done += 1
        if "error" in message:
            failures[message["error"]].append(name)
        on_run(name, done, len(requests))
    if failures:
        causes = "; ".join(f"{', '.join(names)}: {cause}" for cause, names in failures.items())
        raise FiresaleError(f"{causes} (see {out / LOG}; the same call continues)")


def _path(out: Path, name: str) -> Path:
    return out / "rows" / f"{re.sub('[^a-z0-9]+', '_', name.lower())}.json"


def _finished(path: Path, fingerprint: str) -> Observations | None:
    """The observations of a run that was finished with these inputs and sources."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None  # missing or damaged: it runs (again)
    if not isinstance(found, dict) or found.get("fingerprint") != fingerprint:
        return None
    observations: Observations = found["observations"]
    return observations
