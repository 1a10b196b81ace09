"""What the suite says in its closing lines: mutants killed of mutants tried, branches reached.

Tests note it as properties, which reach the process that prints from whichever one ran the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

MUTANT, BRANCHES = "mutant", "branches"  # names of properties


def lines(reporter: pytest.TerminalReporter) -> Iterator[str]:
    """All closing lines."""
    yield from _mutants(sorted(_noted(reporter, MUTANT), key=lambda entry: entry[1]))
    yield from _branches(sorted(_noted(reporter, BRANCHES), key=lambda entry: entry[1][0]))


def _noted(reporter: pytest.TerminalReporter, name: str) -> list[tuple[bool, Any]]:
    """Whether the test passed, and what it noted."""
    return [
        (report.passed, value)
        for reports in reporter.stats.values()
        for report in reports
        for noted, value in getattr(report, "user_properties", ())
        if noted == name and report.when == "call"
    ]


def _mutants(tried: list[tuple[bool, str]]) -> Iterator[str]:
    if tried:
        killed = sum(passed for passed, _ in tried)
        yield f"mutants: {killed} killed of {len(tried)} tried"
    for passed, line in tried:
        yield f"  {'killed  ' if passed else 'SURVIVED'} {line}"


def _branches(reached: list[tuple[bool, tuple[str, dict[str, int]]]]) -> Iterator[str]:
    if reached:
        yield "branches reached on bytecode and twins alike, by design:"
    for _, (design, counts) in reached:
        yield f"  {design}: " + ", ".join(f"{b} {n}" for b, n in sorted(counts.items()))
