"""One run: what identifies it, how it is executed, and what is left of it on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from sim.design import Design
from sim.engines import find_engine, open_engine
from sim.metrics import evaluate, network
from sim.results import row_path, run_name, trace_path, write_json
from sim.scenario import Mechanism, Scenario
from sim.trace import Trace, is_whole
from sim.world.loop import simulate, versions
from sim.world.observer import Observer

ROOT = Path(__file__).resolve().parents[2]
SOURCES = (("contracts", (".vy", ".vyi", ".json")), ("sim", (".py",)))
OUTSIDE = {Path("sim/reports"), Path("sim/experiments/stylised")}  # read results only

OnStep = Callable[[int, int], None]  # steps done, steps in all


@dataclass(frozen=True)
class Run:
    """A scenario, a design, a seed and an engine; a counterfactual also names what is off in it."""

    scenario: Scenario
    design: Design
    seed: int
    engine: str
    without: Mechanism | None = None

    @property
    def name(self) -> str:
        return run_name(self.design.name, self.seed, self.without)

    def counterfactual(self, without: Mechanism, engine: str) -> Run:
        """The same with one thing off."""
        off = tuple(dict.fromkeys((*self.scenario.off, without)))
        scenario = self.scenario.model_copy(update={"off": off})
        return replace(self, scenario=scenario, engine=engine, without=without)

    def as_json(self) -> dict[str, Any]:
        return {
            "scenario": self.scenario.model_dump(mode="json"),
            "design": self.design.model_dump(mode="json"),
            "seed": self.seed,
            "engine": self.engine,
            "without": self.without,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Run:
        """Of `as_json`, or of a trace's manifest."""
        return cls(
            Scenario.model_validate(data["scenario"]),
            Design.model_validate(data["design"]),
            data["seed"],
            data["engine"],
            data.get("without"),
        )

    def fingerprint(self, versions: Mapping[str, str]) -> str:
        """The same as long as the run would give the same trace with these `versions_now`."""
        text = json.dumps([self.as_json(), dict(versions)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def versions_now(engine: str) -> dict[str, str]:
    """Of the packages and the engine that decide a run's outcome, and of the project's sources."""
    return {**versions(), engine: find_engine(engine).version(), "sources": source_hash()[:16]}


@cache
def _versions_loaded(engine: str) -> dict[str, str]:
    """Read once: what a process has loaded stays as it is, whatever becomes of the files."""
    return versions_now(engine)


def source_hash(root: Path = ROOT) -> str:
    """Of everything in the project that decides a run's outcome."""
    digest = hashlib.sha256()
    for folder, suffixes in SOURCES:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root)
            if path.suffix in suffixes and OUTSIDE.isdisjoint(name.parents):
                digest.update(f"{name}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def execute(run: Run, on_step: OnStep | None = None, observer: Observer | None = None) -> Trace:
    """Simulate on an engine of its own; the manifest also names the sources. Raises EngineError."""
    with open_engine(run.engine) as engine:
        trace = simulate(run.scenario, run.design, run.seed, engine, on_step, observer)
    manifest = {**trace.manifest, "versions": _versions_loaded(run.engine)}
    return Trace(manifest, trace.ledger, trace.table)


def keep(trace: Trace, run: Run, fingerprint: str, out: Path, seconds: float) -> None:
    """Write the trace, then the row, which says that the run is finished. Raises OutputError.

    Of a counterfactual the row is enough.
    """
    if run.without is None:
        trace.write(trace_path(out, run.design.name, run.seed))
    row = {
        "fingerprint": fingerprint,
        "row": row_of(trace),
        "seconds": round(seconds, 3),
    }
    write_json(row_path(out, run.name), row)


def row_of(trace: Trace) -> dict[str, Any]:
    """What results.json says about a run."""
    about, connected = trace.manifest, network.summary(trace)
    kept = ("seed", "block_hash", "blocks", "transactions", "reverted")
    return {
        "design": about["design"]["name"],
        **{key: about[key] for key in kept},
        "metrics": evaluate(trace),
        "ledger": trace.ledger,
        **({"network": connected} if connected is not None else {}),
    }


def finished(run: Run, fingerprint: str, out: Path) -> dict[str, Any] | None:
    """The row of a run that was finished with this fingerprint; None: it has to run (again)."""
    path = row_path(out, run.name)
    if not path.is_file():
        return None
    if run.without is None and not is_whole(trace_path(out, run.design.name, run.seed)):
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None  # damaged, so it counts as missing
    ours = isinstance(found, dict) and found.get("fingerprint") == fingerprint
    return found if ours else None
