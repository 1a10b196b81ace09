"""`ape run bench`: what the engine does in a second, and what of it the chain alone would do."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass

from rich.table import Table

from sim.design import Design
from sim.engines.anvil import AnvilEngine
from sim.engines.bench import Track, ape_rate, liquidation_stream

ROUNDS = 5


@dataclass(frozen=True)
class BenchResult:
    """Medians over the rounds."""

    transactions: int  # in one round
    engine: float  # end to end [transactions/s]
    ceiling: float  # the same ones encoded before, through a bare loop [transactions/s]
    ratio: float  # of the two in one round
    lens: float  # [accounts/s]
    ape: float  # [transactions/s]

    def table(self) -> Table:
        """For a terminal."""
        table = Table("what", "rate", "unit", title="Speed on Anvil")
        table.columns[1].justify = "right"
        table.add_row("engine, end to end", f"{self.engine:,.0f}", "transactions/s")
        table.add_row("bare loop, encoded before", f"{self.ceiling:,.0f}", "transactions/s")
        table.add_row("engine / bare loop", f"{self.ratio:.2f}", "at least 0.5")
        table.add_row("lens", f"{self.lens:,.0f}", "accounts/s")
        table.add_row("Ape's contract objects", f"{self.ape:,.0f}", "transactions/s")
        return table


def bench(
    design: Design, rounds: int = ROUNDS, on_round: Callable[[int], None] = lambda _: None
) -> BenchResult:
    """Measure on a design that sells at once, such as `fixed`; `on_round` hears of finished rounds.

    The measurements take turns, each from the same state, so that a busy machine slows all alike.
    """
    stream = liquidation_stream(design)
    rows = []
    with AnvilEngine() as engine:
        track = Track(engine, stream)
        for i in range(rounds):
            rows.append((track.engine_rate(), track.ceiling_rate(), track.lens_rate()))
            on_round(i + 1)
    rates, ceilings, lens = zip(*rows, strict=True)
    return BenchResult(
        transactions=stream.size,
        engine=statistics.median(rates),
        ceiling=statistics.median(ceilings),
        ratio=statistics.median(e / c for e, c, _ in rows),
        lens=statistics.median(lens),
        ape=ape_rate(),
    )
