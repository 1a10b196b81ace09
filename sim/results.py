"""What a comparison leaves behind: DIR/results.json beside the traces in DIR/runs.

Everything but `timing` is the same from one call to the next. The fields:

scenario, engine, versions   what was run, with what (sources: a hash of the project's own)
manifest     seeds, the designs in full
runs         for each design and seed: block_hash, blocks, transactions, reverted, metrics, ledger
             and, where the scenario has a network, `network` (sim/metrics/network.py, summary)
comparison   baseline (the first design); means by design and metric; differences to the baseline,
             paired by seed. Each number comes with n and its 95% t-interval, null for n < 2
amplification  by design (sim/experiments/amplification.py says of what and how), with such
             intervals; missing when it was not asked for
counterfactuals  the runs behind it: design, seed, what is off (`without`), engine, metrics
timing       seconds of this call and of each run
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sim.errors import InputError, OutputError
from sim.trace import Trace

FILE = "results.json"


@dataclass(frozen=True)
class Results:
    """A finished comparison in its folder."""

    out: Path
    data: Mapping[str, Any]

    @property
    def designs(self) -> tuple[str, ...]:
        """Names in the order of the call; the first is the baseline."""
        return tuple(self.data["manifest"]["designs"])

    @property
    def seeds(self) -> tuple[int, ...]:
        return tuple(self.data["manifest"]["seeds"])

    @property
    def runs(self) -> Sequence[Mapping[str, Any]]:
        rows: Sequence[Mapping[str, Any]] = self.data["runs"]
        return rows

    def mean(self, design: str, metric: str) -> Mapping[str, Any]:
        """`mean` (null when no run has a value), `interval_95` and `n`."""
        found: Mapping[str, Any] = self.data["comparison"]["means"][design][metric]
        return found

    def difference(self, design: str, metric: str) -> Mapping[str, Any]:
        """The same for design less baseline, paired by seed."""
        found: Mapping[str, Any] = self.data["comparison"]["differences"][design][metric]
        return found

    @property
    def amplification(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        """By design and quantity: `mean`, `interval_95` and `n`; empty when it was left out."""
        found: Mapping[str, Mapping[str, Mapping[str, Any]]] = self.data.get("amplification", {})
        return found

    def trace(self, design: str, seed: int) -> Trace:
        """The trace of one run. Raises InputError when the file has gone."""
        return Trace.load(trace_path(self.out, design, seed))

    def frame(self) -> pd.DataFrame:
        """Metrics in columns, runs in rows, for notebooks."""
        keys = pd.MultiIndex.from_tuples(
            [(run["design"], run["seed"]) for run in self.runs], names=["design", "seed"]
        )
        return pd.DataFrame([run["metrics"] for run in self.runs], index=keys)

    def write(self) -> None:
        """Write results.json. Raises OutputError."""
        write_json(self.out / FILE, self.data)

    @classmethod
    def load(cls, out: Path) -> Results:
        """Read a folder's results. Raises InputError when there are none."""
        path = Path(out) / FILE
        try:
            return cls(Path(out), json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError as e:
            raise InputError(f"{path}: there are no results; a comparison writes them") from e
        except (OSError, ValueError) as e:
            raise InputError(f"{path}: can't be read ({e}); compare again") from e


def run_name(design: str, seed: int, without: str | None = None) -> str:
    """Of a run, "dutch-3", and of its counterfactuals, "dutch-3~no_panic"."""
    return f"{design}-{seed}~no_{without}" if without else f"{design}-{seed}"


def trace_path(out: Path, design: str, seed: int) -> Path:
    return out / "runs" / f"{run_name(design, seed)}.parquet"


def row_path(out: Path, run: str) -> Path:
    """`run` is its `run_name`."""
    return out / "runs" / f"{run}.json"


def write_json(path: Path, data: object) -> None:
    """Write JSON, whole or not at all. Raises OutputError."""
    write_text(path, json.dumps(data, indent=1, allow_nan=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a file, whole or not at all. Raises OutputError."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as e:
        part.unlink(missing_ok=True)
        reason = e.strerror or e
        raise OutputError(
            f"{path}: could not be written ({reason}); free space or choose another folder"
        ) from e
