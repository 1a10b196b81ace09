"""Run a trace again from its own manifest and compare every row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from sim.errors import InputError
from sim.experiments.runs import OnStep, Run, execute
from sim.trace import Trace


@dataclass(frozen=True)
class ReplayResult:
    """What came of a replay."""

    run: str  # "dutch-3": design and seed
    difference: str  # the first one found; empty: none
    versions: tuple[str, ...]  # "vyper 0.4.3 -> 0.4.4": what differs from the trace's own
    rows: int
    block_hash: str  # of the last block, now

    @property
    def identical(self) -> bool:
        return not self.difference

    def __str__(self) -> str:
        changed = f" (versions differ: {', '.join(self.versions)})" if self.versions else ""
        if self.identical:
            same = f"the same {self.rows:,} rows and the same final block {self.block_hash}"
            return f"{self.run}: identical: {same}{changed}"
        return f"{self.run}: not identical: {self.difference}{changed}"


def replay(trace_path: Path | str, on_step: OnStep = lambda done, of: None) -> ReplayResult:
    """Run again what a trace says about itself, and compare. Raises InputError and EngineError."""
    old = Trace.load(Path(trace_path))
    try:
        run = Run.from_json(old.manifest)
    except (KeyError, TypeError, ValueError) as e:
        raise InputError(
            f"{trace_path}: its manifest does not fit this version of Firesale; "
            "replay it with the one that wrote it"
        ) from e
    new = execute(run, on_step)
    return ReplayResult(
        run.name,
        first_difference(old, new),
        _changed_versions(old, new),
        new.table.num_rows,
        new.manifest["block_hash"],
    )


def first_difference(old: Trace, new: Trace) -> str:
    """In words; empty when the traces are the same."""
    row = first_row(old.table, new.table)
    if row:
        return row
    if old.manifest["block_hash"] != new.manifest["block_hash"]:
        hashes = f"{old.manifest['block_hash']}, now {new.manifest['block_hash']}"
        return f"all rows are the same, but the final block was {hashes}"
    if old.ledger != new.ledger:
        return "all rows are the same, but the ledger is not"
    return ""


def first_row(old: pa.Table, new: pa.Table) -> str:
    """The first row in which two tables differ, in words; empty when they are the same."""
    if old.column_names != new.column_names:
        return "the trace was written with other columns"
    found = [
        (row, name, was, now)
        for name in old.column_names
        for row, was, now in [_first_value(old[name], new[name])]
        if row is not None
    ]
    if found:
        row, name, was, now = min(found, key=lambda f: f[0])
        return f"row {row} ({_where(old, row)}): {name} was {was}, now {now}"
    if old.num_rows != new.num_rows:
        return f"there were {old.num_rows:,} rows, now {new.num_rows:,}"
    return ""


def _first_value(old: pa.ChunkedArray, new: pa.ChunkedArray) -> tuple[int | None, Any, Any]:
    """The first row in which a column differs, as far as both go."""
    if old.equals(new):
        return None, None, None
    pairs = zip(old.to_pylist(), new.to_pylist(), strict=False)
    differing = ((i, a, b) for i, (a, b) in enumerate(pairs) if a != b)
    return next(differing, (None, None, None))


def _where(table: pa.Table, row: int) -> str:
    kind, block = table["kind"][row].as_py(), table["block"][row].as_py()
    return f"a {kind} row of block {block}"


def _changed_versions(old: Trace, new: Trace) -> tuple[str, ...]:
    was, now = old.manifest["versions"], new.manifest["versions"]
    names = sorted(was.keys() | now.keys())
    return tuple(
        f"{n} {was.get(n, 'none')} -> {now.get(n, 'none')}"
        for n in names
        if was.get(n) != now.get(n)
    )
