"""Firesale: fire the same panic at every liquidation design, and see who paid.

    from sim import compare, load_design, load_scenario, write_report

    results = compare(load_scenario("flash_crash"), ["fixed", "dutch"], seeds=3, out="out/notebook")
    results.frame()
    write_report(results.out)

Nothing is loaded before it is used, and nothing here needs Ape.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.design import Design, load_design, load_designs
    from sim.errors import FiresaleError
    from sim.experiments.compare import Progress, compare
    from sim.experiments.replay import ReplayResult, replay
    from sim.metrics import METRICS, evaluate
    from sim.reports.html import write_report
    from sim.results import Results
    from sim.scenario import Scenario, load_scenario
    from sim.trace import Trace

_HOMES = {
    "Design": "sim.design",
    "FiresaleError": "sim.errors",
    "METRICS": "sim.metrics",
    "Progress": "sim.experiments.compare",
    "ReplayResult": "sim.experiments.replay",
    "Results": "sim.results",
    "Scenario": "sim.scenario",
    "Trace": "sim.trace",
    "compare": "sim.experiments.compare",
    "evaluate": "sim.metrics",
    "load_design": "sim.design",
    "load_designs": "sim.design",
    "load_scenario": "sim.scenario",
    "replay": "sim.experiments.replay",
    "write_report": "sim.reports.html",
}

__all__ = [
    "METRICS",
    "Design",
    "FiresaleError",
    "Progress",
    "ReplayResult",
    "Results",
    "Scenario",
    "Trace",
    "compare",
    "evaluate",
    "load_design",
    "load_designs",
    "load_scenario",
    "replay",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
