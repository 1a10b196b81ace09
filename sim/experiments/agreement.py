"""Whether two engines tell the same: the whole trace and ledger but for gas."""

from __future__ import annotations

from typing import Any

from sim.engines.base import NATIVE
from sim.experiments.replay import first_row
from sim.trace import Trace

OF_GAS = ["gas_used"]  # columns


def disagreement(one: Trace, other: Trace) -> str:
    """The first one, in words; empty when the engines agree."""
    row = first_row(one.table.drop_columns(OF_GAS), other.table.drop_columns(OF_GAS))
    if row:
        return row
    ours, theirs = _entries(one), _entries(other)
    for entry in sorted(ours.keys() | theirs.keys()):
        if ours.get(entry) != theirs.get(entry):
            return f"ledger: {' of '.join(entry)} was {ours.get(entry)}, now {theirs.get(entry)}"
    return ""


def _entries(trace: Trace) -> dict[tuple[str, str], Any]:
    """Amounts and marks of the ledger, by role or word and token; gas is paid in NATIVE."""
    tokens = trace.ledger["tokens"]
    amounts = {
        (role, token): amount
        for token in tokens
        if token != NATIVE
        for role, amount in tokens[token]["roles"].items()
    }
    return {**amounts, **{("mark", token): mark for token, mark in trace.ledger["mark"].items()}}
