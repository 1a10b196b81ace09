"""Contracts on a local chain, driven by hand: one transaction a block, time moves when told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sim.design import Design
from sim.engines.abi import revert_reason
from sim.engines.artifacts import Library
from sim.engines.base import Address, Call
from sim.engines.blocks import Contracts, Message, Miner, Slot
from sim.engines.deploy import Plan, Terms
from sim.engines.opening import FREE
from sim.engines.process import AnvilNode
from sim.engines.rpc import RpcError
from sim.engines.stage import BLOCK_GAS, Stage
from sim.errors import InputError

START = 1_700_000_000  # [unix s]
TX_GAS = 15_000_000


class RefusedError(Exception):
    """A transaction or a view reverted; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a transaction has done."""

    reason: str  # of its revert; empty when it succeeded
    gas: int
    events: tuple[tuple[str, str, Mapping[str, Any]], ...]  # key, name, arguments

    def only(self, name: str) -> Mapping[str, Any]:
        """The arguments of its one event of this name."""
        (found,) = [args for _, event, args in self.events if event == name]
        return found

    def all(self, name: str) -> list[Mapping[str, Any]]:
        """The arguments of its events of this name."""
        return [args for _, event, args in self.events if event == name]


class Ground:
    """Contracts by key. `ground["market"]` is an address."""

    def __init__(self, node: AnvilNode, library: Library) -> None:
        self.now = START
        self._node, self._library = node, library
        self._contracts, self._miner = Contracts(), Miner(node)
        self._stage = Stage(node, self._contracts, self._miner, START)

    def __getitem__(self, key: str) -> Address:
        return self._contracts.addresses[key]

    def deploy(self, key: str, contract: str, /, **values: Any) -> Address:
        """By the owner, with constructor arguments by name."""
        artifact = self._library.get(contract)
        self._stage.slot = self._slot()
        args = [values.pop(entry["name"]) for entry in artifact.constructor]
        assert not values, f"{contract} takes no {', '.join(values)}"
        return self._stage.deploy(key, artifact, args)

    def deploy_design(self, design: Design, terms: Terms) -> dict[str, Address]:
        """All of it, as an engine deploys it; the addresses by key."""
        self._stage.slot = self._slot()
        plan = Plan(self._stage, self._library, design, terms)
        plan.run()
        return plan.addresses

    def deploy_uniswap(self, key: str, contract: str, *args: Any) -> Address:
        """A contract of Uniswap v3."""
        self._stage.slot = self._slot()
        return self._stage.deploy(key, self._library.uniswap(contract), args)

    def attach_uniswap(self, key: str, contract: str, address: Address) -> None:
        """A contract of Uniswap v3 that another one has deployed."""
        self._stage.attach(key, self._library.uniswap(contract), address)

    def undeployable(self, contract: str, /, **values: Any) -> str:
        """Why a constructor refuses its arguments; empty when it takes them."""
        try:
            self.deploy("tried", contract, **values)
        except InputError as e:
            return str(e).partition("can't be deployed: ")[2]
        return ""

    def attempt(self, sender: Address, key: str, function: str, *args: Any) -> Receipt:
        """Send a transaction, whatever becomes of it."""
        to, data = self._contracts.calldata(Call(key, function, args))
        mined = self._miner.mine(self._slot(), [Message(sender, to, data, TX_GAS)])
        events = (e for log in mined.logs if (e := self._contracts.event(log)) is not None)
        return Receipt(mined.failures.get(0, ""), int(mined.header["gasUsed"], 16), tuple(events))

    def let_send(self, contract: Address) -> None:
        """A contract may send transactions: its nonce begins at 1, and ours count from 0."""
        self._node.call("anvil_setNonce", contract, "0x0")

    def send(self, sender: Address, key: str, function: str, *args: Any) -> Receipt:
        """Send a transaction. Raises RefusedError when it reverts."""
        receipt = self.attempt(sender, key, function, *args)
        if receipt.reason:
            raise RefusedError(f"{key}.{function}: {receipt.reason}")
        return receipt

    def ask(self, key: str, function: str, *args: Any) -> Any:
        """The answer of a view now. Raises RefusedError when it reverts."""
        call = Call(key, function, args)
        to, data = self._contracts.calldata(call)
        fields = {"to": to, "data": data, "gas": hex(BLOCK_GAS)}
        request = ("eth_call", [fields, "latest", {}, {"time": hex(self.now)}])
        (answer,) = self._node.batch([request])
        if isinstance(answer, RpcError):
            raise RefusedError(f"{key}.{function}: {revert_reason(answer.data)}")
        return self._contracts.answer(call, answer)

    def refusal(self, key: str, function: str, *args: Any) -> str:
        """Why a view reverts now; empty when it answers."""
        try:
            self.ask(key, function, *args)
        except RefusedError as e:
            return str(e)
        return ""

    def calldata(self, key: str, function: str, *args: Any) -> str:
        """What a contract sends to make this call [0x hex]."""
        return self._contracts.calldata(Call(key, function, args))[1]

    def wait(self, seconds: int) -> None:
        """Later transactions and views happen so much later."""
        self.now += seconds

    def contract_of(self, key: str) -> str:
        """The name of the contract that stands behind a key."""
        return self._contracts.names[key]

    def code_size(self, key: str) -> int:
        """Runtime bytes on the chain."""
        return len(self._node.call("eth_getCode", self[key], "latest")) // 2 - 1

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Whatever happens inside is undone at the end."""
        point, now = self._node.call("evm_snapshot"), self.now
        try:
            with self._miner.undone():
                yield
        finally:
            assert self._node.call("evm_revert", point)
            self.now = now

    def _slot(self) -> Slot:
        return Slot(self.now, FREE, BLOCK_GAS)
