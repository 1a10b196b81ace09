"""The `reference` engine: the same designs on integer-exact twins of the contracts, in memory.

It gives the trace that `anvil` gives, but for gas, which it takes from a table measured there
(sim/engines/gas.py), and for the hash of a block, which is one of its content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim import mechanisms
from sim.design import Design
from sim.engines import gas
from sim.engines.artifacts import Library
from sim.engines.base import (
    NATIVE,
    Address,
    Block,
    Call,
    Deployment,
    Setup,
    Snapshot,
    Tx,
)
from sim.engines.blocks import Slot
from sim.engines.opening import FREE, open_with, prepare_with
from sim.engines.twin_blocks import TwinMiner
from sim.engines.twin_reader import TwinReader
from sim.engines.twins import Twins, TwinStage, twin_for
from sim.errors import EngineError
from sim.mechanisms.kernel import NOBODY

SETUP_GAS = 10**12  # of a block before the first step [gas]


class ReferenceEngine:
    """One chain of twins, one design, one run. Use as a context manager."""

    name = "reference"

    @staticmethod
    def version() -> str:
        """A hash of the twins' sources and of the table of gas."""
        digest = hashlib.sha256(gas.PATH.read_bytes())
        for path in sorted(Path(mechanisms.__path__[0]).rglob("*.py")):
            digest.update(path.read_bytes())
        return digest.hexdigest()[:16]

    @staticmethod
    def check(contracts: Mapping[str, str]) -> None:
        """Every contract needs a twin. Raises InputError for the first that has none."""
        for key, name in contracts.items():
            twin_for(key, name)

    def __init__(self, library: Library | None = None) -> None:
        self._library = library or Library()
        self._scene: tuple[Setup, Twins, TwinMiner, TwinReader] | None = None

    def __enter__(self) -> ReferenceEngine:
        return self

    def __exit__(self, *exc: object) -> None:
        """There is nothing to end."""

    def deploy(self, design: Design, setup: Setup) -> Deployment:
        """Deploy everything, fund, put the positions in; their tokens come on top of the funding.

        Raises InputError when a contract has no twin or refuses its arguments.
        """
        if self._scene is not None:
            raise EngineError("this engine has a design already: open another for the next run")
        twins = Twins(setup.timestamp)
        stage = TwinStage(twins, self._library)
        deployment, sights = open_with(stage, self._library, design, setup)
        self._scene = setup, twins, TwinMiner(twins), TwinReader(twins, sights)
        return deployment

    def prepare(self, transactions: Sequence[Tx]) -> None:
        """Execute set-up transactions in blocks at the set-up's time, free of gas.

        Raises EngineError when one fails.
        """
        setup, *_ = self._on_stage()
        slot = Slot(setup.timestamp, FREE, SETUP_GAS)
        prepare_with(lambda part: self._mine(slot, part), transactions)

    def mine(
        self, timestamp: int, transactions: Sequence[Tx], base_fee: int | None = None
    ) -> Block:
        """Mine one block with exactly these transactions in this order."""
        setup, *_ = self._on_stage()
        fee = setup.base_fee if base_fee is None else base_fee
        return self._mine(Slot(timestamp, fee, setup.gas_limit), transactions)

    def read(self, timestamp: int) -> Snapshot:
        """State as a call in a block at `timestamp` sees it."""
        *_, reader = self._on_stage()
        return reader.read(timestamp)

    def balances(self, holders: Sequence[Address]) -> Mapping[str, list[int]]:
        """Token balances of the holders in their order, by symbol, and NATIVE."""
        _, _, miner, reader = self._on_stage()
        return {**reader.balances(holders), NATIVE: [miner.coins(holder) for holder in holders]}

    def view(self, call: Call, sender: Address | None = None) -> Any:
        """The result of a read-only call at the last block; EngineError with the revert reason."""
        _, twins, _, _ = self._on_stage()
        return twins.view(sender or NOBODY, call.target, call.function, *call.args)

    def _mine(self, slot: Slot, transactions: Sequence[Tx]) -> Block:
        _, _, miner, reader = self._on_stage()
        block = miner.mine(slot, transactions)
        reader.note(block.events)
        return block

    def _on_stage(self) -> tuple[Setup, Twins, TwinMiner, TwinReader]:
        if self._scene is None:
            raise EngineError("nothing is deployed yet: call deploy first")
        return self._scene
