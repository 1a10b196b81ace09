"""What a metric is, and the list of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sim.trace import Trace

Better = Literal["lower", "higher", "neither"]
Compute = Callable[[Trace], float | None]


@dataclass(frozen=True)
class Metric:
    """A number of a run. `compute` gives None where the run has nothing to measure."""

    name: str
    unit: str  # a key of sim.metrics.format.SHOWN
    better: Better
    meaning: str  # one line, for tables and tooltips
    compute: Compute


METRICS: dict[str, Metric] = {}


def metric(unit: str, better: Better, meaning: str) -> Callable[[Compute], Compute]:
    """Register the decorated function under its own name."""

    def register(compute: Compute) -> Compute:
        name = compute.__name__
        if name in METRICS:
            raise ValueError(f"metric {name} is registered twice")
        METRICS[name] = Metric(name, unit, better, meaning, compute)
        return compute

    return register


def evaluate(trace: Trace) -> dict[str, float | None]:
    """Every metric of a run by name."""
    return {name: m.compute(trace) for name, m in METRICS.items()}
