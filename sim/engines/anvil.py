"""The `anvil` engine: real contracts on a real EVM, driven over a socket in batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sim.design import Design
from sim.engines.artifacts import Library
from sim.engines.base import (
    Address,
    Block,
    Call,
    Deployment,
    Event,
    Outcome,
    Setup,
    Snapshot,
    Tx,
)
from sim.engines.blocks import Contracts, Mined, Miner, Slot
from sim.engines.opening import FREE, open_with, prepare_with
from sim.engines.process import AnvilNode, find_anvil, version_of
from sim.engines.rpc import Request
from sim.engines.snapshot import Reader, view
from sim.engines.stage import BLOCK_GAS, Stage
from sim.errors import EngineError

OPTIONS = (
    *("--timestamp", "1", "--base-fee", str(FREE), "--gas-limit", str(BLOCK_GAS)),
    *("--chain-id", "31337", "--accounts", "0", "--order", "fifo"),
    *("--no-mining", "--auto-impersonate", "--quiet"),
    *("--prune-history", "--transaction-block-keeper", "64"),  # only the last blocks are asked for
)


class AnvilEngine:
    """One chain, one design, one run. Use as a context manager."""

    name = "anvil"

    @staticmethod
    def version() -> str:
        """Of the Anvil that would be started. Raises EngineError when there is none."""
        return version_of(find_anvil())

    @staticmethod
    def check(contracts: Mapping[str, str]) -> None:
        """It executes whatever compiles."""

    def __init__(self, library: Library | None = None, socket: Path | None = None) -> None:
        self._library = library or Library()
        self.node = AnvilNode(OPTIONS, socket)
        self._contracts = Contracts()
        self._miner = Miner(self.node)
        self._scene: tuple[Setup, Reader] | None = None

    def __enter__(self) -> AnvilEngine:
        self.node.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self.node.__exit__(*exc)

    def deploy(self, design: Design, setup: Setup) -> Deployment:
        """Deploy everything, fund, put the positions in; their tokens come on top of the funding.

        All at the set-up's time and free of gas. Raises InputError when the design can't be
        deployed as it stands, EngineError when the chain refuses.
        """
        if self._scene is not None:
            raise EngineError("this engine has a design already: open another for the next run")
        stage = Stage(self.node, self._contracts, self._miner, setup.timestamp)
        deployment, sights = open_with(stage, self._library, design, setup)
        self._scene = setup, Reader(self.node, self._contracts, sights)
        return deployment

    def prepare(self, transactions: Sequence[Tx]) -> None:
        """Execute set-up transactions in blocks at the set-up's time, free of gas.

        Raises EngineError when one fails.
        """
        setup, _ = self._on_stage()
        slot = Slot(setup.timestamp, FREE, BLOCK_GAS)
        prepare_with(lambda part: self._mine(slot, part), transactions)

    def mine(
        self, timestamp: int, transactions: Sequence[Tx], base_fee: int | None = None
    ) -> Block:
        """Mine one block with exactly these transactions in this order."""
        setup, _ = self._on_stage()
        fee = setup.base_fee if base_fee is None else base_fee
        return self._mine(Slot(timestamp, fee, setup.gas_limit), transactions)

    def read(self, timestamp: int) -> Snapshot:
        """State as a call in a block at `timestamp` sees it."""
        _, reader = self._on_stage()
        return reader.read(self._miner.number, timestamp)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Whatever happens inside is undone at the end, also after an error."""
        _, reader = self._on_stage()
        point = self.node.call("evm_snapshot")
        try:
            with self._miner.undone(), reader.undone():
                yield
        finally:
            if not self.node.call("evm_revert", point):
                raise EngineError("anvil could not go back to an earlier state")

    def encode(self, tx: Tx, nonces: dict[Address, int]) -> Request:
        """The call that sends a transaction; `nonces` counts those sent since the last block."""
        setup, _ = self._on_stage()
        return self._miner.request(self._contracts.message(tx), nonces, setup.base_fee)

    def balances(self, holders: Sequence[Address]) -> Mapping[str, list[int]]:
        """Token balances of the holders in their order, by symbol, and NATIVE."""
        _, reader = self._on_stage()
        return reader.balances(holders)

    def view(self, call: Call, sender: Address | None = None) -> Any:
        """The result of a read-only call at the last block; EngineError with the revert reason."""
        return view(self.node, self._contracts, call, sender)

    def _on_stage(self) -> tuple[Setup, Reader]:
        if self._scene is None:
            raise EngineError("nothing is deployed yet: call deploy first")
        return self._scene

    def _mine(self, slot: Slot, transactions: Sequence[Tx]) -> Block:
        _, reader = self._on_stage()
        messages = [self._contracts.message(tx) for tx in transactions]
        mined = self._miner.mine(slot, messages)
        header, failures = mined.header, mined.failures
        events = tuple(self._events(mined, transactions))
        reader.note(events)
        return Block(
            number=self._miner.number,
            timestamp=slot.timestamp,
            hash=header["hash"],
            gas_used=int(header["gasUsed"], 16),
            base_fee=int(header["baseFeePerGas"], 16),
            outcomes=tuple(
                Outcome(tx, i not in failures, failures.get(i, ""))
                for i, tx in enumerate(transactions)
            ),
            events=events,
        )

    def _events(self, mined: Mined, transactions: Sequence[Tx]) -> Iterator[Event]:
        ids = dict(zip(mined.hashes, (tx.id for tx in transactions), strict=True))
        for log in mined.logs:
            event = self._contracts.event(log)
            if event is not None:
                yield Event(ids[log["transactionHash"]], *event)
