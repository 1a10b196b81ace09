"""A worker that makes runs up instead of simulating them, and fails as the test tells it to.

FAULTS holds JSON: what happens to a run by its name ("anvil", "defect", "dies", "full", "hangs").
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sim.errors import EngineError, OutputError
from sim.experiments.runs import Run, keep
from sim.experiments.worker import serve
from sim.trace import Trace
from tests.helpers.synthetic import panic

MARK = "ended-in-order"


def execute(request: Mapping[str, Any], on_step: Callable[[int, int], None]) -> None:
    run, out = Run.from_json(request["run"]), Path(request["out"])
    on_step(1, 2)
    print("a library prints")  # which must not garble the answers
    _fail(json.loads(os.environ.get("FAULTS", "{}")).get(run.name), run, out)
    made_up = panic(run.design.name, run.seed, hours=36, spacing_s=1800)
    trace = Trace({**made_up.manifest, **run.as_json()}, made_up.ledger, made_up.table)
    keep(trace, run, request["fingerprint"], out, 0.5)


def _fail(fault: str | None, run: Run, out: Path) -> None:
    if fault == "anvil":
        raise EngineError("anvil died")
    if fault == "full":
        raise OutputError(f"{run.name}: no space left on device")
    if fault == "defect":
        raise ZeroDivisionError("division by zero")
    if fault == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if fault == "hangs":
        _hang(out / f"{run.name}.{MARK}")


def _hang(mark: Path) -> None:
    """Wait for the end as an engine's owner does, and leave a mark that it came in order."""
    try:
        mark.with_suffix(".hanging").write_text(str(os.getpid()))
        time.sleep(120)
    finally:
        mark.write_text("")


if __name__ == "__main__":
    serve(execute)
