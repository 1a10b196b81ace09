"""Whether the scenario did what it says, under the first design."""

from __future__ import annotations

from sim.checks import Part, parse
from sim.metrics import METRICS, show
from sim.results import Results


def title(results: Results) -> str:
    """The scenario's name, with how its stress was scaled."""
    scenario = results.data["scenario"]
    shock = scenario.get("shock", 1.0)
    return str(scenario["name"]) + (f" under shock {shock:g}" if shock != 1 else "")


def check_lines(results: Results) -> list[str]:
    """One sentence for each comparison of the scenario's check, over the baseline's means."""
    return [_line(results, part) for part in parse(results.data["scenario"].get("check", ""))]


def _line(results: Results, part: Part) -> str:
    baseline = results.designs[0]
    means = {name: results.mean(baseline, name)["mean"] for name in part.names}
    found = ", ".join(f"{name} {show(mean, METRICS[name].unit)}" for name, mean in means.items())
    held = part.holds(means)
    if held:
        return f"Check of the scenario under {baseline}: {part.text} holds ({found})."
    why = "does not hold" if held is False else "can't be told"
    return f"Warning: the scenario's check {part.text} {why} under {baseline} ({found})."
