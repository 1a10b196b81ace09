"""Setting the stage: contracts, funds and positions on a fresh chain, at once and free of gas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.engines.artifacts import Artifact
from sim.engines.base import Address, Call, Position
from sim.engines.blocks import Contracts, Message, Mined, Miner, Slot
from sim.engines.opening import BLOCK_SIZE, FREE, OWNER, Funding, coins, deposits, mints
from sim.engines.process import AnvilNode
from sim.engines.snapshot import view
from sim.engines.uniswap import Pair
from sim.errors import EngineError, InputError

BLOCK_GAS = 10**12  # room for thousands of transactions [gas]
TX_GAS = 15_000_000  # below the cap of EIP-7825 [gas]


class Stage:
    """The Opener on an Anvil chain."""

    def __init__(self, node: AnvilNode, contracts: Contracts, miner: Miner, timestamp: int) -> None:
        self._node, self._contracts, self._miner = node, contracts, miner
        self.slot = Slot(timestamp, FREE, BLOCK_GAS)

    def deploy(self, key: str, artifact: Artifact, args: Sequence[Any]) -> Address:
        """Raises InputError with the reason when the constructor refuses its arguments."""
        data = artifact.bytecode + artifact.interface.constructor.encode(args)
        mined = self._miner.mine(self.slot, [Message(OWNER, None, data, TX_GAS)])
        if mined.failures:
            raise InputError(f"{key}: {artifact.name} can't be deployed: {mined.failures[0]}")
        receipt = self._node.call("eth_getTransactionReceipt", mined.hashes[0])
        address: Address = receipt["contractAddress"].lower()
        self.attach(key, artifact, address)
        return address

    def attach(self, key: str, artifact: Artifact, address: Address) -> None:
        self._contracts.add(key, artifact, address)

    def call(self, key: str, function: str, *args: Any) -> None:
        self._run([self._message(OWNER, Call(key, function, args))])

    def view(self, key: str, function: str, *args: Any) -> Any:
        return view(self._node, self._contracts, Call(key, function, args))

    def fund(self, funding: Funding) -> None:
        given = coins(funding).items()
        self._node.all([("anvil_setBalance", [who, hex(amount)]) for who, amount in given])
        self._run([self._message(OWNER, call) for call in mints(funding)])

    def put_positions(
        self, positions: Sequence[Position], pair: Pair, symbols: tuple[str, str]
    ) -> tuple[int, ...]:
        calls = deposits(OWNER, positions, pair, symbols)
        messages = [self._message(sender, call) for sender, call in calls]
        logs = (log for mined in self._run(messages) for log in mined.logs)
        events = [event for event in map(self._contracts.event, logs) if event is not None]
        return tuple(args["tokenId"] for _, name, args in events if name == "IncreaseLiquidity")

    def code_sizes(self) -> dict[str, int]:
        addresses = self._contracts.addresses
        codes = self._node.all([("eth_getCode", [a, "latest"]) for a in addresses.values()])
        names = (self._contracts.names[key] for key in addresses)
        return {name: len(code) // 2 - 1 for name, code in zip(names, codes, strict=True)}

    def _message(self, sender: Address, call: Call) -> Message:
        return Message(sender, *self._contracts.calldata(call), TX_GAS)

    def _run(self, messages: Sequence[Message]) -> list[Mined]:
        """In as many blocks as they need. Raises EngineError when one fails."""
        blocks = []
        for start in range(0, len(messages), BLOCK_SIZE):
            part = messages[start : start + BLOCK_SIZE]
            mined = self._miner.mine(self.slot, part)
            if mined.failures:
                raise EngineError(f"setting the stage: {next(iter(mined.failures.values()))}")
            blocks.append(mined)
        return blocks
