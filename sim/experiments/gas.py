"""Measures on Anvil, by running scenarios, the table of gas that the reference engine uses."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import fmean

from sim.design import Design
from sim.engines.anvil import AnvilEngine
from sim.engines.base import Block, Tx
from sim.engines.blocks import Slot
from sim.engines.gas import OK, PATH, REVERTED
from sim.results import write_json
from sim.scenario import Scenario
from sim.world.loop import simulate

SEED = 0
Sample = tuple[str, str, int]  # "LendingMarket.borrow", outcome or reason, gas


class Meter(AnvilEngine):
    """Anvil, and what each transaction has used, of the set-up and of the run."""

    def __init__(self) -> None:
        super().__init__()
        self.before: list[Sample] = []
        self.samples: list[Sample] = []

    def prepare(self, transactions: Sequence[Tx]) -> None:
        super().prepare(transactions)
        self.before, self.samples = self.samples, []

    def _mine(self, slot: Slot, transactions: Sequence[Tx]) -> Block:
        """Receipts are slow, which matters to nobody here."""
        block = super()._mine(slot, transactions)
        receipts = self.node.call("eth_getBlockReceipts", hex(block.number))
        if len(receipts) == len(block.outcomes):  # else some were left out, and which is not said
            for outcome, receipt in zip(block.outcomes, receipts, strict=True):
                call = outcome.tx.call
                name = f"{self._contracts.names[call.target]}.{call.function}"
                spent = int(receipt["gasUsed"], 16)
                kinds = (OK,) if outcome.ok else (REVERTED, outcome.reason)
                self.samples += [(name, kind, spent) for kind in kinds if kind]
        return block


def measure(
    scenarios: Sequence[Scenario],
    designs: Sequence[Design],
    on_run: Callable[[str], None] = lambda run: None,
) -> dict[str, dict[str, int]]:
    """The mean gas of each contract's functions over all runs; `on_run` hears of each before.

    What no run has called counts as the set-up used it.
    """
    before: list[Sample] = []
    samples: list[Sample] = []
    for scenario in scenarios:
        for design in designs:
            on_run(f"{scenario.name}, {design.name}")
            meter = Meter()
            with meter:
                simulate(scenario, design, SEED, meter)
            before += meter.before
            samples += meter.samples
    return dict(sorted({**means(before), **means(samples)}.items()))


def means(samples: Iterable[Sample]) -> dict[str, dict[str, int]]:
    """By contract and function, by outcome, in the order of their names."""
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for name, kind, gas in samples:
        found[name][kind].append(gas)
    return {
        name: {kind: round(fmean(values)) for kind, values in sorted(kinds.items())}
        for name, kinds in sorted(found.items())
    }


def keep(table: Mapping[str, Mapping[str, int]], path: Path = PATH) -> None:
    """Write it where the reference engine looks; outcomes that no run has met stay as they were.

    Raises OutputError.
    """
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    names = sorted(before.keys() | table.keys())
    rows = {name: {**before.get(name, {}), **table.get(name, {})} for name in names}
    write_json(path, {name: dict(sorted(row.items())) for name, row in rows.items()})
