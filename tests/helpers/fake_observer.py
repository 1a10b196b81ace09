"""A worker of the stylised facts that makes observations up: a run's seed. It fails where FAULTS
names the seed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sim.errors import EngineError
from sim.experiments.worker import serve


def execute(request: Mapping[str, Any], on_step: Callable[[int, int], None]) -> None:
    seed = request["run"]["seed"]
    if str(seed) in os.environ.get("FAULTS", "").split(","):
        raise EngineError("the engine died")
    row = {"fingerprint": request["fingerprint"], "observations": {"seed": float(seed)}}
    Path(request["path"]).write_text(json.dumps(row))


if __name__ == "__main__":
    serve(execute)
