"""`ape run bench`: what the engines do in a second and a minute, and what a bare chain would."""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

from rich.table import Table

from sim.design import Design
from sim.engines.anvil import AnvilEngine
from sim.engines.bench import Track, ape_rate, liquidation_stream
from sim.experiments.compare import compare
from sim.scenario import Scenario

ROUNDS = 3
RUNS = {"anvil": 1, "reference": 6}  # of a process in a round: about as long on either engine


@dataclass(frozen=True)
class BenchResult:
    """Medians over the rounds."""

    transactions: int  # in one round of the stream
    engine: float  # end to end [transactions/s]
    ceiling: float  # the same ones encoded before, through a bare loop [transactions/s]
    ratio: float  # of the two in one round
    lens: float  # [accounts/s]
    ape: float  # [transactions/s]
    jobs: int  # runs at a time, one for each processor
    anvil_runs: float  # of a scenario, from an empty engine to the trace [runs/min]
    reference_runs: float  # the same [runs/min]
    speed_up: float  # of the two in one round

    def table(self) -> Table:
        """For a terminal."""
        table = Table("what", "rate", "unit", title="Speed of the engines")
        table.columns[1].justify = "right"
        table.add_row("anvil, end to end", f"{self.engine:,.0f}", "transactions/s")
        table.add_row("bare loop, encoded before", f"{self.ceiling:,.0f}", "transactions/s")
        table.add_row("anvil / bare loop", f"{self.ratio:.2f}", "at least 0.5")
        table.add_row("lens", f"{self.lens:,.0f}", "accounts/s")
        table.add_row("Ape's contract objects", f"{self.ape:,.0f}", "transactions/s")
        table.add_section()
        table.add_row(
            f"scenario on anvil, {self.jobs} at a time", f"{self.anvil_runs:.1f}", "runs/min"
        )
        table.add_row(
            f"scenario on reference, {self.jobs} at a time",
            f"{self.reference_runs:.1f}",
            "runs/min",
        )
        table.add_row("reference / anvil", f"{self.speed_up:.1f}", "at least 8")
        return table


def bench(
    scenario: Scenario,
    design: Design,
    rounds: int = ROUNDS,
    on_round: Callable[[int], None] = lambda _: None,
) -> BenchResult:
    """Measure on a design that sells at once, such as `fixed`; `on_round` hears of finished rounds.

    The measurements take turns, each from the same state, so that a busy machine slows all alike.
    """
    stream = liquidation_stream(design)
    jobs = os.cpu_count() or 1
    rows = []
    with AnvilEngine() as engine:
        track = Track(engine, stream)
        for i in range(rounds):
            streamed = (track.engine_rate(), track.ceiling_rate(), track.lens_rate())
            whole = [run_rate(name, scenario, design, n, jobs) for name, n in RUNS.items()]
            rows.append((*streamed, *whole))
            on_round(i + 1)
    rates, ceilings, lens, anvil, reference = zip(*rows, strict=True)
    return BenchResult(
        transactions=stream.size,
        engine=statistics.median(rates),
        ceiling=statistics.median(ceilings),
        ratio=statistics.median(map(_over, rates, ceilings)),
        lens=statistics.median(lens),
        ape=ape_rate(),
        jobs=jobs,
        anvil_runs=statistics.median(anvil),
        reference_runs=statistics.median(reference),
        speed_up=statistics.median(map(_over, reference, anvil)),
    )


def run_rate(engine: str, scenario: Scenario, design: Design, runs: int, jobs: int) -> float:
    """Whole runs a minute as `compare` makes them, from an empty engine to the finished trace, in
    so many processes at a time [runs/min].

    Each process makes one run more beforehand, in which it loads what the first one has to.
    """
    with tempfile.TemporaryDirectory() as out:
        seeds = jobs * (runs + 1)
        done = compare(scenario, [design], seeds, engine, out, jobs, amplification=False)
        seconds = list(done.data["timing"]["runs"].values())[jobs:]  # by seed: as they are begun
    return 60 * jobs / statistics.fmean(seconds)


def _over(one: float, other: float) -> float:
    return one / other
