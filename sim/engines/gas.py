"""Gas of a call on the reference engine: the mean of what it used on Anvil.

The table is by contract and function, and by whether the call succeeded or why it reverted: who
comes too late is told so early, and cheaply. `ape run gas` measures it
anew (sim/experiments/gas.py). `clear`, which few runs come to, is as tests/snapshots measure it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from statistics import fmean

PATH = Path(__file__).with_name("gas.json")
OK, REVERTED = "ok", "reverted"

# "LendingMarket.borrow" -> {"ok": ..., "reverted": of all that did, "market: unhealthy": ...}
Table = Mapping[str, Mapping[str, int]]


def used(contract: str, function: str, ok: bool, limit: int, reason: str = "") -> int:
    """Of a call under a gas limit [gas]; `reason` of its revert.

    What was never seen to revert reverts at the price of success. A contract that was not measured
    takes the function's mean over the others, and all of the limit when none has it.
    """
    return min(mean(contract, function, ok, reason) or limit, limit)


@cache
def mean(contract: str, function: str, ok: bool, reason: str = "") -> int:
    """As it was measured, or what comes nearest; 0: not known [gas]."""
    row = table().get(f"{contract}.{function}", {})
    return _row(row, ok, reason) or _elsewhere(function, ok, reason)


def _elsewhere(function: str, ok: bool, reason: str) -> int:
    rows = [row for name, row in table().items() if name.endswith(f".{function}")]
    return round(fmean([_row(row, ok, reason) for row in rows])) if rows else 0


def _row(row: Mapping[str, int], ok: bool, reason: str) -> int:
    order = (OK, REVERTED) if ok else (reason, REVERTED, OK)
    return next((row[outcome] for outcome in order if outcome in row), 0)


@cache
def table() -> Table:
    """As it was measured."""
    found: Table = json.loads(PATH.read_text(encoding="utf-8"))
    return found
