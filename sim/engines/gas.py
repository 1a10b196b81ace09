"""Gas of a call on the reference engine: the mean of what it used on Anvil.

The table is by contract and function, and by whether the call succeeded. `ape run gas` measures it
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

Table = Mapping[str, Mapping[str, int]]  # "LendingMarket.borrow" -> {"ok": ..., "reverted": ...}


def used(contract: str, function: str, ok: bool, limit: int) -> int:
    """Of a call under a gas limit [gas].

    What was never seen to revert reverts at the price of success. A contract that was not measured
    takes the function's mean over the others, and all of the limit when none has it.
    """
    return min(mean(contract, function, ok) or limit, limit)


@cache
def mean(contract: str, function: str, ok: bool) -> int:
    """As it was measured, or what comes nearest; 0: not known [gas]."""
    return _row(table().get(f"{contract}.{function}", {}), ok) or _elsewhere(function, ok)


def _elsewhere(function: str, ok: bool) -> int:
    rows = [row for name, row in table().items() if name.endswith(f".{function}")]
    return round(fmean([_row(row, ok) for row in rows])) if rows else 0


def _row(row: Mapping[str, int], ok: bool) -> int:
    order = (OK, REVERTED) if ok else (REVERTED, OK)
    return next((row[outcome] for outcome in order if outcome in row), 0)


@cache
def table() -> Table:
    """As it was measured."""
    found: Table = json.loads(PATH.read_text(encoding="utf-8"))
    return found
