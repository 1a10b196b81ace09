"""The contracts of a design as twins: a Deployer for the plan, and calls and events by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sim.engines.addresses import created, pools_of
from sim.engines.artifacts import Artifact, Library
from sim.engines.base import Address, Call, Event, Position, known, resolved
from sim.engines.opening import BLOCK_SIZE, OWNER, Funding, coins, deposits, mints
from sim.engines.uniswap import Pair
from sim.errors import EngineError, InputError
from sim.mechanisms.kernel import NOBODY, Chain, Log, Receipt, Revert
from sim.mechanisms.registry import twin_of

WITHOUT_COIN = ("SwapRouter", "NonfungiblePositionManager")  # their twins know no wrapped coin


class Twins:
    """Twins on a chain in memory, by their keys in `Deployment.addresses`."""

    def __init__(self, timestamp: int) -> None:
        self.chain = Chain(timestamp)
        self.addresses: dict[str, Address] = {}
        self.names: dict[str, str] = {}  # of the contract, by key
        self.coins: dict[Address, int] = defaultdict(int)  # the chain's own [wei]
        self._keys: dict[Address, str] = {}

    def add(self, key: str, name: str, address: Address) -> None:
        """Remember a twin that stands on the chain."""
        self.addresses[key], self.names[key], self._keys[address] = address, name, key

    def keys_with(self, *functions: str) -> list[str]:
        """The contracts that have all of these functions."""
        return [
            key
            for key, address in self.addresses.items()
            if all(hasattr(self.chain.contracts[address], name) for name in functions)
        ]

    @contextmanager
    def at(self, timestamp: int) -> Iterator[None]:
        """Calls inside see this time [unix s] and write nothing."""
        before, self.chain.timestamp = self.chain.timestamp, timestamp
        try:
            with self.chain.still():
                yield
        finally:
            self.chain.timestamp = before

    def transact(self, sender: Address, call: Call) -> Receipt:
        """A transaction of the block that the chain is at. EngineError when nobody has the call."""
        target, args = self._target(call.target, call.function), call.args
        return self.chain.transact(sender, target, call.function, *resolved(args, self.addresses))

    def view(self, sender: Address, key: str, function: str, *args: Any) -> Any:
        """The result of a read-only call. Raises EngineError with the revert reason."""
        target = self._target(key, function)
        try:
            return self.chain.view(sender, target, function, *resolved(args, self.addresses))
        except Revert as failure:
            raise EngineError(f"{key}.{function}: {failure.reason}") from failure

    def events(self, tx_id: int, logs: Iterable[Log]) -> Iterator[Event]:
        """What the contracts that have a key have logged."""
        for log in logs:
            key = self._keys.get(log.address)
            if key is not None:
                yield Event(tx_id, key, log.name, log.args)

    def _target(self, key: str, function: str) -> Address:
        address = known(self.addresses, key)
        if function.startswith("_") or not hasattr(self.chain.contracts[address], function):
            raise EngineError(f"the twin of {self.names[key]} has no function {function}")
        return address


class TwinStage:
    """The Opener on twins.

    It counts the owner's transactions and the blocks as they are on Anvil: addresses follow from
    the ones, and the rows of a trace name the others.
    """

    def __init__(self, twins: Twins, library: Library) -> None:
        self._twins, self._library = twins, library
        self._nonce = 0
        self._sizes: dict[str, int] = {}

    def deploy(self, key: str, artifact: Artifact, args: Sequence[Any]) -> Address:
        """Raises InputError when the contract has no twin or its constructor refuses."""
        address = created(OWNER, self._nonce)
        wanted = self._arguments(artifact.name, address, args)
        self._count()
        try:
            self._twins.chain.deploy(OWNER, twin_for(key, artifact.name), address, *wanted)
        except Revert as failure:
            raise InputError(
                f"{key}: {artifact.name} can't be deployed: {failure.reason}"
            ) from failure
        self._twins.chain.commit()
        self.attach(key, artifact, address)
        return address

    def attach(self, key: str, artifact: Artifact, address: Address) -> None:
        self._sizes[artifact.name] = artifact.code_size
        self._twins.add(key, artifact.name, address)

    def call(self, key: str, function: str, *args: Any) -> None:
        self._run([(OWNER, Call(key, function, args))])

    def view(self, key: str, function: str, *args: Any) -> Any:
        return self._twins.view(NOBODY, key, function, *args)

    def fund(self, funding: Funding) -> None:
        self._twins.coins.update(coins(funding))
        self._run([(OWNER, call) for call in mints(funding)])

    def put_positions(
        self, positions: Sequence[Position], pair: Pair, symbols: tuple[str, str]
    ) -> tuple[int, ...]:
        logs = self._run(list(deposits(OWNER, positions, pair, symbols)))
        return tuple(log.args["tokenId"] for log in logs if log.name == "IncreaseLiquidity")

    def code_sizes(self) -> Mapping[str, int]:
        return self._sizes

    def _arguments(self, name: str, address: Address, args: Sequence[Any]) -> Sequence[Any]:
        """Of the twin's constructor, which differ for Uniswap: see sim/mechanisms/uniswap."""
        if name == "UniswapV3Factory":
            return [pools_of(address, self._library.uniswap("UniswapV3Pool").bytecode)]
        return args[:1] if name in WITHOUT_COIN else args

    def _run(self, acts: Sequence[tuple[Address, Call]]) -> list[Log]:
        """In as many blocks as they need; all logs. Raises EngineError when one fails."""
        logs: list[Log] = []
        for start in range(0, len(acts), BLOCK_SIZE):
            self._twins.chain.number += 1
            for sender, call in acts[start : start + BLOCK_SIZE]:
                self._nonce += sender == OWNER
                receipt = self._twins.transact(sender, call)
                if not receipt.ok:
                    raise EngineError(f"setting the stage: {receipt.reason}")
                logs += receipt.logs
        self._twins.chain.commit()
        return logs

    def _count(self) -> None:
        """One more transaction of the owner, alone in a block."""
        self._nonce += 1
        self._twins.chain.number += 1


def twin_for(key: str, name: str) -> Any:
    """The class of a contract's twin. Raises InputError naming the key when there is none."""
    try:
        return twin_of(name)
    except InputError as e:
        raise InputError(f"{key}: {e}") from e
