"""A worker process for the stylised facts: of each run it leaves the observations only."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sim.experiments.worker import serve


def _execute(request: Mapping[str, Any], on_step: Callable[[int, int], None]) -> None:
    from sim.experiments.runs import Run, execute  # late: the process listens first
    from sim.metrics.network import synchrony
    from sim.metrics.observations import observe
    from sim.results import write_json

    trace = execute(Run.from_json(request["run"]), on_step)
    observed = observe(trace)
    if len(trace.markets) > 1:
        together = float(synchrony(trace).iloc[0, 1])
        observed["first_two_together_pct"] = None if math.isnan(together) else 100 * together
    row = {"fingerprint": request["fingerprint"], "observations": observed}
    write_json(Path(request["path"]), row)


if __name__ == "__main__":
    serve(_execute)
