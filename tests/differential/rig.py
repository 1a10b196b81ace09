"""The same contracts twice, on Anvil and as twins, and the same operations on both."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from eth_abi import encode
from eth_abi.packed import encode_packed
from eth_utils.crypto import keccak

from sim.engines.abi import revert_reason
from sim.engines.artifacts import Artifact, Library
from sim.engines.base import Address, Call, address_of, resolved
from sim.engines.blocks import Contracts, Message, Mined, Miner, Slot
from sim.engines.process import AnvilNode
from sim.engines.rpc import RpcError
from sim.engines.stage import BLOCK_GAS, FREE, OWNER, Stage
from sim.errors import InputError
from sim.mechanisms.kernel import NOBODY, Chain, Contract, Revert
from sim.mechanisms.token import Token
from sim.mechanisms.uniswap.factory import UniswapV3Factory
from sim.mechanisms.uniswap.positions import NonfungiblePositionManager
from sim.mechanisms.uniswap.router import SwapRouter

START = 1_700_000_000  # [unix s]
TX_GAS = 15_000_000  # a walk through an empty pool from end to end takes 4 million
USERS = tuple(address_of("user", i) for i in range(3))
PURSE = 2**250  # of each user, of each token
TOKENS = ("AAA", "BBB")


@dataclass(frozen=True, slots=True)
class Act:
    """A transaction: who calls what."""

    sender: Address
    call: Call


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a transaction; events as (contract, name, arguments in order)."""

    reason: str  # empty when it succeeded
    events: tuple[tuple[Address, str, tuple[tuple[str, Any], ...]], ...]
    result: Any = None  # that it returned


class Rig:
    """Both sides. Keys name the contracts, as in the engines."""

    def __init__(self, node: AnvilNode, library: Library) -> None:
        self.node, self.library = node, library
        self.contracts, self._miner = Contracts(), Miner(node)
        self._encoded: dict[Call, tuple[Address, str]] = {}  # that were compared, with their data
        self._stage = Stage(node, self.contracts, self._miner, START)
        self.chain = Chain(START)
        self.time = START
        self._deploy()

    @property
    def tokens(self) -> tuple[Address, Address]:
        """Addresses of token0 and token1."""
        first, second = sorted(self.contracts.addresses[t] for t in TOKENS)
        return first, second

    def run(self, seconds: int, acts: Sequence[Act]) -> list[Fate]:
        """One block so much later on both sides; the fates, which must be equal."""
        self.time += seconds
        self.chain.timestamp = self.time
        twins = [self._on_twins(act) for act in acts]
        real = self._on_anvil(acts)
        for act, fate, twin in zip(acts, real, twins, strict=True):
            assert twin == fate, act
        return real

    def compare(self, calls: Sequence[Call]) -> list[Any]:
        """The answers to read-only calls, which must be equal; a Revert stands for its reason."""
        now = [{}, {"time": hex(self.time)}]
        requests = []
        for call in calls:
            if call not in self._encoded:
                self._encoded[call] = self.contracts.calldata(_on_the_wire(call))
            to, data = self._encoded[call]
            fields = {"to": to, "data": data, "gas": hex(TX_GAS)}
            requests.append(("eth_call", [fields, "latest", *now]))
        answers = self.node.batch(requests)
        real = [self._answer(c, a) for c, a in zip(calls, answers, strict=True)]
        for call, answer in zip(calls, real, strict=True):
            assert self.view(call) == answer, call
        return real

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Whatever happens inside is undone at the end, on both sides, with the names given."""
        point, mark, time = self.node.call("evm_snapshot"), self.chain.mark(), self.time
        named = {table: dict(entries) for table, entries in vars(self.contracts).items()}
        try:
            with self._miner.undone():
                yield
        finally:
            assert self.node.call("evm_revert", point)
            self.chain.rollback(mark)
            self.time = self.chain.timestamp = time
            if vars(self.contracts) != named:  # a design has keys that stood for others before
                vars(self.contracts).update(named)
                self._encoded.clear()

    def add_pool(self, token0: Address, token1: Address, fee: int) -> None:
        """Name the pool of two tokens, which need not exist yet."""
        artifact = self.library.uniswap("UniswapV3Pool")
        self.name("pool", artifact, self.place(token0, token1, fee))

    def deploy(self, key: str, kind: type[Contract], *args: Any) -> None:
        """A contract of the project and its twin, which has the contract's name.

        A key in angle brackets stands for an address.
        """
        args = resolved(args, self.contracts.addresses)
        self.put(key, self.library.get(kind.__name__), args, kind, *args)

    def refusal(self, kind: type[Contract], *args: Any) -> str:
        """Why a constructor refuses its arguments, which has to be the same on both sides."""
        args = resolved(args, self.contracts.addresses)
        twin = ""
        try:
            self.chain.deploy(OWNER, kind, address_of("refused"), *args)
        except Revert as failure:
            twin = failure.reason
        with pytest.raises(InputError, match=f": {re.escape(twin)}$"):
            self.put_real("refused", self.library.get(kind.__name__), args)
        return twin

    def put(
        self, key: str, artifact: Artifact, args: Sequence[Any], kind: type[Contract], *twins: Any
    ) -> Address:
        """On both sides, at the same address, by the owner; `twins` are the twin's arguments."""
        address = self.put_real(key, artifact, args)
        self.chain.timestamp = self.time
        self.chain.deploy(OWNER, kind, address, *twins)
        return address

    def name(self, key: str, artifact: Artifact, address: Address) -> None:
        """Know a contract by a key from now on."""
        self.contracts.add(key, artifact, address)
        self._encoded.clear()

    def put_real(self, key: str, artifact: Artifact, args: Sequence[Any]) -> Address:
        """On the chain alone."""
        self._stage.slot = Slot(self.time, FREE, BLOCK_GAS)
        self._encoded.clear()
        return self._stage.deploy(key, artifact, args)

    def place(self, token0: Address, token1: Address, fee: int) -> Address:
        """Where the factory puts a pool (EIP-1014)."""
        code = bytes.fromhex(self.library.uniswap("UniswapV3Pool").bytecode[2:])
        key = keccak(encode(["address", "address", "uint24"], [token0, token1, fee]))
        factory = bytes.fromhex(self.contracts.addresses["factory"][2:])
        return "0x" + keccak(b"\xff" + factory + key + keccak(code))[12:].hex()

    def _deploy(self) -> None:
        """Tokens that every user has and has approved, and Uniswap without a pool."""
        for symbol in TOKENS:
            self.deploy(symbol, Token, symbol, symbol, 18)
        uniswap = self.library.uniswap
        artifact = uniswap("UniswapV3Factory")
        factory = self.put("factory", artifact, [], UniswapV3Factory, self.place)
        artifact = uniswap("SwapRouter")
        router = self.put("router", artifact, [factory, NOBODY], SwapRouter, factory)
        artifact, args = uniswap("NonfungiblePositionManager"), [factory, NOBODY, NOBODY]
        manager = self.put("positions", artifact, args, NonfungiblePositionManager, factory)
        self.run(0, list(self._purses(router, manager)))
        self.chain.commit()

    def _purses(self, *spenders: Address) -> Iterator[Act]:
        for token in TOKENS:
            for user in USERS:
                yield Act(OWNER, Call(token, "mint", (user, PURSE)))
                for spender in spenders:
                    yield Act(user, Call(token, "approve", (spender, 2**256 - 1)))

    def _on_anvil(self, acts: Sequence[Act]) -> list[Fate]:
        messages = [Message(act.sender, *self.contracts.calldata(act.call), TX_GAS) for act in acts]
        mined = self._miner.mine(Slot(self.time, FREE, BLOCK_GAS), messages)
        traces = self.node.all([("trace_transaction", [hash_]) for hash_ in mined.hashes])
        pairs = enumerate(zip(acts, traces, strict=True))
        return [self._fate(mined, i, act.call, trace) for i, (act, trace) in pairs]

    def _fate(self, mined: Mined, i: int, call: Call, trace: Any) -> Fate:
        reason = mined.failures.get(i, "")
        events = tuple(self._events(mined, mined.hashes[i]))
        if reason:
            return Fate(reason, events)
        return Fate(reason, events, self.contracts.answer(call, trace[0]["result"]["output"]))

    def _events(self, mined: Mined, hash_: str | None) -> Iterator[tuple[Address, str, Any]]:
        for log in mined.logs:
            event = self.contracts.event(log) if log["transactionHash"] == hash_ else None
            if event is not None:
                yield log["address"], event[1], tuple(event[2].items())

    def _on_twins(self, act: Act) -> Fate:
        to, function = self.contracts.addresses[act.call.target], act.call.function
        receipt = self.chain.transact(act.sender, to, function, *act.call.args)
        events = ((log.address, log.name, tuple(log.args.items())) for log in receipt.logs)
        return Fate(receipt.reason, tuple(events), receipt.result)

    def _answer(self, call: Call, answer: Any) -> Any:
        if isinstance(answer, RpcError):
            return revert_reason(answer.data)
        return self.contracts.answer(_on_the_wire(call), answer)

    def view(self, call: Call, later: int = 0) -> Any:
        """The twin's answer, so many seconds later; the reason when it reverts."""
        to = self.contracts.addresses[call.target]
        self.chain.timestamp = self.time + later
        try:
            return self.chain.view(NOBODY, to, call.function, *call.args)
        except Revert as failure:
            return failure.reason
        finally:
            self.chain.timestamp = self.time


def _on_the_wire(call: Call) -> Call:
    """A pool knows a position by a hash, its twin by what the hash is made of."""
    if (call.target, call.function) != ("pool", "positions"):
        return call
    packed = encode_packed(["address", "int24", "int24"], call.args)
    return Call("pool", "positions", (keccak(packed),))
