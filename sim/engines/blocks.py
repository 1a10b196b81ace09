"""Blocks on Anvil: exactly the given messages in the given order, and what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sim.engines.abi import EventType, Interface, revert_reason
from sim.engines.artifacts import Artifact
from sim.engines.base import Address, Call, Tx, known, resolved
from sim.engines.process import AnvilNode
from sim.engines.rpc import Request, RpcError
from sim.errors import EngineError

NOT_INCLUDED = "not included: the sender's funds or the block's gas ran out"


@dataclass(frozen=True, slots=True)
class Message:
    """A transaction as the chain takes it; a missing `to` deploys."""

    sender: Address
    to: Address | None
    data: str  # 0x hex
    gas: int
    tip: int = 0  # [wei per gas]


@dataclass(frozen=True, slots=True)
class Slot:
    """What a block is told before its transactions."""

    timestamp: int  # [unix s]
    base_fee: int  # [wei per gas]
    gas_limit: int

    def requests(self) -> list[Request]:
        """The calls that tell Anvil."""
        return [
            ("evm_setBlockGasLimit", [hex(self.gas_limit)]),
            ("evm_setNextBlockTimestamp", [self.timestamp]),
            ("anvil_setNextBlockBaseFeePerGas", [hex(self.base_fee)]),
        ]


@dataclass(frozen=True, slots=True)
class Mined:
    """A block as it came back."""

    header: Mapping[str, Any]
    hashes: Sequence[str | None]  # by message; None: refused before the block
    failures: Mapping[int, str]  # reason by position of the message
    logs: Sequence[Mapping[str, Any]]


class Contracts:
    """The deployed contracts by key: how to call them and how to read their logs."""

    def __init__(self) -> None:
        self.addresses: dict[str, Address] = {}
        self.names: dict[str, str] = {}  # of the artifact, by key
        self._interfaces: dict[str, Interface] = {}
        self._events: dict[tuple[Address, str], tuple[str, EventType]] = {}  # by address and topic

    def add(self, key: str, artifact: Artifact, address: Address) -> None:
        self.addresses[key], self.names[key] = address, artifact.name
        self._interfaces[key] = artifact.interface
        for topic, kind in artifact.interface.events.items():
            self._events[address, topic] = key, kind

    def keys_with(self, *functions: str) -> list[str]:
        """The contracts that have all of these functions without arguments."""
        return [
            key
            for key, interface in self._interfaces.items()
            if all(interface.has(name, 0) for name in functions)
        ]

    def message(self, tx: Tx) -> Message:
        """Raises EngineError when the call does not fit the contract."""
        to, data = self.calldata(tx.call)
        return Message(tx.sender, to, data, tx.gas_limit, tx.priority_fee)

    def calldata(self, call: Call) -> tuple[Address, str]:
        """Address and data of a call."""
        function = self._interface(call.target).function(call.function, len(call.args))
        return self.addresses[call.target], function.encode(resolved(call.args, self.addresses))

    def answer(self, call: Call, data: str) -> Any:
        """The result of a call out of its return data."""
        return self._interface(call.target).function(call.function, len(call.args)).decode(data)

    def event(self, log: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]] | None:
        """Key, name and arguments; None for a contract or an event that is not known."""
        topics = log["topics"]
        found = self._events.get((log["address"], topics[0] if topics else ""))
        if found is None:
            return None
        key, kind = found
        return key, kind.name, kind.decode(topics, log["data"])

    def _interface(self, key: str) -> Interface:
        return known(self._interfaces, key)


class Miner:
    """Counts nonces, sends, mines and finds out. One connection, one block at a time."""

    def __init__(self, node: AnvilNode) -> None:
        self._node = node
        self._nonces: dict[Address, int] = {}
        self.number = 0  # of the last block

    def mine(self, slot: Slot, messages: Sequence[Message]) -> Mined:
        """One block. Raises EngineError when Anvil changes the order or the time."""
        self._node.all(slot.requests())
        hashes, failures = self._submit(messages, slot.base_fee)
        header, logs = self._seal(slot)
        failures |= self._left_out(header, hashes, messages)
        with_log = {log["transactionHash"] for log in logs}
        quiet = [
            (i, h)
            for i, h in enumerate(hashes)
            if h is not None and h not in with_log and i not in failures
        ]
        failures |= self._reverted(quiet)
        return Mined(header, hashes, failures, logs)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Forget at the end what was mined inside, as the chain must, also after an error."""
        nonces, number = dict(self._nonces), self.number
        try:
            yield
        finally:
            self._nonces, self.number = nonces, number

    def _submit(
        self, messages: Sequence[Message], base_fee: int
    ) -> tuple[list[str | None], dict[int, str]]:
        """Into the pool.

        A refusal would leave a gap in its sender's nonces, so the rest goes in anew.
        """
        hashes: list[str | None] = [None] * len(messages)
        refused: dict[int, str] = {}
        while True:
            wanted = [i for i in range(len(messages)) if i not in refused]
            nonces: dict[Address, int] = {}
            requests = [self.request(messages[i], nonces, base_fee) for i in wanted]
            replies = self._node.in_order(requests)
            bad = {
                i: r.message
                for i, r in zip(wanted, replies, strict=True)
                if isinstance(r, RpcError)
            }
            if not bad:
                break
            refused |= bad
            self._node.call("anvil_dropAllTransactions")
        self._nonces |= nonces
        for i, reply in zip(wanted, replies, strict=True):
            hashes[i] = reply
        return hashes, refused

    def request(self, message: Message, nonces: dict[Address, int], base_fee: int) -> Request:
        """The call that sends a message; `nonces` are those that the block has used up so far."""
        sender = message.sender
        nonce = nonces.get(sender, self._nonces.get(sender, 0))
        nonces[sender] = nonce + 1
        fields = {
            "from": sender,
            "data": message.data,
            "gas": hex(message.gas),
            "nonce": hex(nonce),
            "maxFeePerGas": hex(base_fee + message.tip),
            "maxPriorityFeePerGas": hex(message.tip),
        }
        if message.to is not None:
            fields["to"] = message.to
        return "eth_sendTransaction", [fields]

    def _seal(self, slot: Slot) -> tuple[Mapping[str, Any], list[Any]]:
        """Mine; header and logs.

        Each call waits for the one before: the calls of one batch may overtake each other.
        """
        self._node.call("evm_mine")
        self.number += 1
        at = hex(self.number)
        header, logs = self._node.all(
            [
                ("eth_getBlockByNumber", [at, False]),
                ("eth_getLogs", [{"fromBlock": at, "toBlock": at}]),
            ]
        )
        if header is None or int(header["timestamp"], 16) != slot.timestamp:
            raise EngineError(f"anvil did not mine block {self.number} at {slot.timestamp}")
        return header, logs

    def _left_out(
        self,
        header: Mapping[str, Any],
        hashes: Sequence[str | None],
        messages: Sequence[Message],
    ) -> dict[int, str]:
        """Messages that the pool took and the block did not; sets their senders' nonces right."""
        mined = header["transactions"]
        if mined == [h for h in hashes if h is not None]:
            return {}
        inside = set(mined)
        left = [i for i, h in enumerate(hashes) if h is not None and h not in inside]
        if mined != [h for h in hashes if h in inside]:
            raise EngineError(f"anvil changed the order of the transactions in block {self.number}")
        self._node.call("anvil_dropAllTransactions")
        senders = sorted({messages[i].sender for i in left})
        counts = self._node.all([("eth_getTransactionCount", [s, "latest"]) for s in senders])
        self._nonces |= {s: int(c, 16) for s, c in zip(senders, counts, strict=True)}
        return dict.fromkeys(left, NOT_INCLUDED)

    def _reverted(self, quiet: Iterable[tuple[int, str]]) -> dict[int, str]:
        """Which transactions without a log reverted, and why, at their very place in the block.

        Anvil keeps the trace of every execution, so it costs the same wherever it stands; a receipt
        costs more the larger the block is.
        """
        pairs = list(quiet)
        traces = self._node.all([("trace_transaction", [h]) for _, h in pairs])
        return {i: _reason(t) for (i, _), t in zip(pairs, traces, strict=True) if t[0].get("error")}


def _reason(trace: Sequence[Mapping[str, Any]]) -> str:
    """Why the outermost call failed; running out of gas inside counts when nobody gave a reason."""
    result = trace[0].get("result") or {}
    output = result.get("output") or result.get("code") or "0x"  # a constructor's is called code
    if trace[0]["error"] != "Reverted":
        return str(trace[0]["error"]).lower()
    if output == "0x" and any(t.get("error") == "Out of gas" for t in trace):
        return "out of gas"
    return revert_reason(output)
