"""Fire one scenario at several designs with the same seeds, and compare what happened."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sim.design import Design
from sim.engines import find_engine
from sim.errors import FiresaleError, InputError, OutputError
from sim.experiments.amplification import amplification as of_runs
from sim.experiments.amplification import counterfactuals
from sim.experiments.chosen import chosen_designs
from sim.experiments.pool import WORKER, is_last, run_all
from sim.experiments.runs import Run, finished, versions_now
from sim.experiments.seeds import parse_seeds
from sim.experiments.statistics import comparison
from sim.results import FILE, Results, row_path
from sim.scenario import Scenario, load_scenario

RUN_BYTES = 8 * 2**20  # a generous bound on one run's trace
REPORT = "report.html"
LOG = "log.txt"

State = Literal["reused", "outdated", "started", "step", "finished", "failed"]


@dataclass(frozen=True)
class Progress:
    """What just happened to a run."""

    run: str  # "dutch-3": design and seed
    state: State
    step: int = 0
    steps: int = 0  # 0: not known yet
    text: str = ""  # why it failed


OnProgress = Callable[[Progress], None]


class RunError(FiresaleError):
    """Some runs failed; the others are finished and kept."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, after everything that was started has ended. Its text says how to go on."""


def compare(
    scenario: Scenario | str,
    designs: Sequence[Design | str | Path],
    seeds: int | str | Iterable[int] = 3,
    engine: str = "anvil",
    out: Path | str = "out",
    jobs: int | None = None,
    on_progress: OnProgress | None = None,
    worker: Sequence[str] = WORKER,
    amplification: bool = True,
) -> Results:
    """Run every design with every seed in `jobs` processes and write DIR/results.json.

    With `amplification` also their counterfactuals, which say whose doing the fall was. Runs that
    an earlier call finished in `out` with the same inputs are reused. The first design is the
    baseline. Raises InputError, OutputError, RunError, and Interrupted on Ctrl-C.
    """
    began = time.monotonic()
    scenario = load_scenario(scenario) if isinstance(scenario, str) else scenario
    chosen = chosen_designs(designs, find_engine(engine))
    runs = [Run(scenario, d, s, engine) for d in chosen for s in parse_seeds(seeds)]
    if jobs is not None and jobs < 1:
        raise InputError(f"jobs {jobs}: at least one process has to work")
    others = counterfactuals(runs) if amplification else []
    batch = _Batch([*runs, *others], Path(out).resolve(), on_progress or _silent)
    if batch.missing:
        batch.execute(jobs or min(os.cpu_count() or 1, len(batch.missing)), worker)
    return batch.results(time.monotonic() - began)


def _silent(_: Progress) -> None:
    pass


@dataclass
class _Batch:
    """The runs of one call: those that are finished in `out` and those that are missing."""

    runs: Sequence[Run]
    out: Path
    tell: OnProgress
    rows: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.versions = versions_now(self.runs[0].engine)
        for run in self.runs:
            row = finished(run, run.fingerprint(self.versions), self.out)
            if row is not None:
                self.rows[run.name] = row
                self.tell(Progress(run.name, "reused"))
            elif row_path(self.out, run.name).exists():
                self.tell(Progress(run.name, "outdated", text="its inputs or the sources changed"))
        self.reused = len(self.rows)

    @property
    def missing(self) -> Sequence[Run]:
        return [run for run in self.runs if run.name not in self.rows]

    def execute(self, jobs: int, worker: Sequence[str]) -> None:
        """Execute what is missing. Raises OutputError beforehand, RunError and Interrupted."""
        prepare_folder(self.out, sum(run.without is None for run in self.missing))
        requests = {run.name: self._request(run) for run in self.missing}
        try:
            with _ctrl_c_raises():
                for name, message in run_all(requests, jobs, self.out / "runs" / LOG, worker):
                    self._note(name, message)
        except KeyboardInterrupt as e:
            raise Interrupted(f"interrupted: {self._kept()}") from e
        for run in self.missing:
            row = finished(run, run.fingerprint(self.versions), self.out)
            if row is None:
                self.failures.setdefault(run.name, "its result has gone from the folder")
            else:
                self.rows[run.name] = row
        if self.failures:
            raise RunError(self._complaint())

    def _request(self, run: Run) -> dict[str, Any]:
        fingerprint = run.fingerprint(self.versions)
        return {"run": run.as_json(), "fingerprint": fingerprint, "out": str(self.out)}

    def _note(self, name: str, message: Mapping[str, Any]) -> None:
        if "error" in message:
            log = f" (a defect; see {self.out / 'runs' / LOG})" if message["defect"] else ""
            self.failures[name] = f"{message['error']}{log}"
            self.tell(Progress(name, "failed", text=self.failures[name]))
        elif is_last(message):
            self.tell(Progress(name, "finished"))
        elif "step" in message:
            self.tell(Progress(name, "step", message["step"], message["of"]))
        else:
            self.tell(Progress(name, "started"))

    def _kept(self) -> str:
        done = sum(
            finished(r, r.fingerprint(self.versions), self.out) is not None for r in self.runs
        )
        return (
            f"{done} of {len(self.runs)} runs are finished and kept in {self.out}; "
            "the same call again continues with the rest"
        )

    def _complaint(self) -> str:
        by_cause: dict[str, list[str]] = defaultdict(list)
        for name, cause in self.failures.items():
            by_cause[cause].append(name)
        causes = "; ".join(f"{', '.join(names)} failed: {c}" for c, names in by_cause.items())
        return f"{causes}. {self._kept()}"

    def results(self, seconds: float) -> Results:
        """Written to the folder."""
        rows = [self.rows[run.name]["row"] for run in self.runs if run.without is None]
        designs = {run.design.name: run.design for run in self.runs}
        by_design = {
            name: [row["metrics"] for row in rows if row["design"] == name] for name in designs
        }
        first = self.runs[0]
        data = {
            "scenario": first.scenario.model_dump(mode="json"),
            "engine": first.engine,
            "versions": self.versions,
            "manifest": {
                "seeds": list(dict.fromkeys(run.seed for run in self.runs)),
                "designs": {name: d.model_dump(mode="json") for name, d in designs.items()},
            },
            "runs": rows,
            "comparison": comparison(by_design),
            **self._amplification(rows),
            "timing": {
                "seconds": round(seconds, 3),
                "reused": self.reused,
                "runs": {run.name: self.rows[run.name]["seconds"] for run in self.runs},
            },
        }
        results = Results(self.out, data)
        results.write()
        return results

    def _amplification(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        others = [
            {
                "design": run.design.name,
                "seed": run.seed,
                "without": run.without,
                "engine": run.engine,
                "metrics": self.rows[run.name]["row"]["metrics"],
            }
            for run in self.runs
            if run.without is not None
        ]
        if not others:
            return {}
        return {"amplification": of_runs(rows, others), "counterfactuals": others}


@contextmanager
def _ctrl_c_raises() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt, whatever a framework around us (Ape exits) made of it."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def prepare_folder(out: Path, runs: int) -> None:
    """Make the folder and try to write in it; leftovers and an outdated summary go.

    Raises OutputError.
    """
    try:
        (out / "runs").mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out / "runs") as probe:
            probe.write(bytes(4096))
            probe.flush()
        for old in (out / FILE, out / REPORT, *(out / "runs").glob("*.part")):
            old.unlink(missing_ok=True)
        free = shutil.disk_usage(out).free
    except OSError as e:
        reason = e.strerror or e
        raise OutputError(f"{out}: can't write there ({reason}); choose another folder") from e
    if free < runs * RUN_BYTES:
        raise OutputError(
            f"{out}: {free >> 20} MiB are free and {runs} runs may need {runs * RUN_BYTES >> 20}; "
            "free space or choose another folder"
        )
