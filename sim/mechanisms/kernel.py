"""The machine that twins run on: contracts at addresses, calls between them, time, events, and the
undoing of all that a reverted call has written.

A twin is a class of a contract's name whose external functions have the names, the order of
arguments and the reason strings of the contract's. Its attributes are its storage. A name that
begins with an underscore is internal; every other one is external, and a public variable is read
like a function without arguments, or by its keys when it is a `Table`.

Writing goes through a journal of (dict, key, value before). To undo is to walk it backwards, so a
call that succeeds pays one list entry a write, and nothing is ever copied. Storage therefore holds
immutable values: numbers, text, tuples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial, wraps
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar, cast

Address = str  # 0x and 40 lower-case hex digits
NOBODY: Address = "0x" + "0" * 40

K = TypeVar("K")
V = TypeVar("V")
F = TypeVar("F", bound=Callable[..., Any])

Journal = list[tuple[dict[Any, Any], Any, Any]]  # dict, key, value before
ABSENT = object()

# What an external function does with the lock of a guarded contract.
IGNORES, CHECKS, TAKES = range(3)


class Revert(Exception):  # noqa: N818 - the machine's own word, and no error of ours
    """The call fails, and all that it has written is undone."""

    def __init__(self, reason: str = "reverted without a reason") -> None:
        super().__init__(reason)
        self.reason = reason


def view(function: F) -> F:
    """Marks an external function that writes nothing: it checks the lock and does not take it."""
    vars(function)["lock"] = CHECKS
    return function


def reentrant(function: F) -> F:
    """Marks an external function that may be called while the contract is locked."""
    vars(function)["lock"] = IGNORES
    return function


def steady(function: F) -> F:
    """Keeps the answers of a reading function while the chain stands still (`Chain.still`).

    Not for one that asks who calls.
    """
    name = function.__name__

    @wraps(function)
    def asked(self: Contract, *args: Any) -> Any:
        kept = self._chain.kept
        if kept is None:
            return function(self, *args)
        question = (self.address, name, *args)
        answer = kept.get(question, ABSENT)
        if answer is ABSENT:
            answer = kept[question] = function(self, *args)
        return answer

    return cast(F, asked)


class Table(dict[K, V], Generic[K, V]):
    """A mapping in storage; keys that were never written read as the default.

    Called, it is a public variable's getter: `balanceOf(owner)`, `allowance(owner, spender)`, where
    several keys make a tuple.
    """

    lock = CHECKS

    def __init__(self, journal: Journal, default: V) -> None:
        super().__init__()
        self._journal, self._default = journal, default
        self._watch: set[K] | None = None

    def watched(self) -> set[K]:
        """Keys that are written from now on, also by what is undone; the caller empties it."""
        self._watch = set()
        return self._watch

    def __missing__(self, key: K) -> V:
        return self._default

    def __setitem__(self, key: K, value: V) -> None:
        self._journal.append((self, key, self.get(key, ABSENT)))
        if self._watch is not None:
            self._watch.add(key)
        super().__setitem__(key, value)

    def __delitem__(self, key: K) -> None:
        if key in self:
            self._journal.append((self, key, self[key]))
            if self._watch is not None:
                self._watch.add(key)
            super().__delitem__(key)

    def __call__(self, *keys: Any) -> V:
        key: Any = keys[0] if len(keys) == 1 else keys
        return self[key]


class Log(NamedTuple):
    """An event, its arguments in the order in which a log is decoded: indexed ones first."""

    address: Address
    name: str
    args: Mapping[str, Any]


class Receipt(NamedTuple):
    """What became of a transaction."""

    ok: bool
    reason: str  # empty when ok
    result: Any  # None when not ok
    logs: tuple[Log, ...]


class Contract:
    """Base of all twins. Writing an attribute writes storage.

    A twin is made with the chain, its address, and the arguments of the contract's constructor.
    """

    guarded: ClassVar[bool] = False  # Vyper's `# pragma nonreentrancy on`
    # Public variables that can be read while the contract is locked: immutable and reentrant ones,
    # but for those in capitals, which are immutable.
    unlocked: ClassVar[frozenset[str]] = frozenset()

    locks: ClassVar[dict[str, int]] = {}  # what external functions do with the lock, by name

    def __init_subclass__(cls) -> None:
        bases = (base for base in cls.__bases__ if issubclass(base, Contract))
        cls.unlocked = cls.unlocked.union(*(base.unlocked for base in bases))
        functions = ((name, getattr(cls, name)) for name in dir(cls) if not name.startswith("_"))
        cls.locks = {
            **{name: getattr(f, "lock", TAKES) for name, f in functions if callable(f)},
            **dict.fromkeys(cls.unlocked, IGNORES),
        }

    def __init__(self, chain: Chain, address: Address) -> None:
        vars(self).update(_chain=chain, address=address)
        chain.contracts[address] = self

    def __setattr__(self, name: str, value: Any) -> None:
        storage = vars(self)
        self._chain.journal.append((storage, name, storage.get(name, ABSENT)))
        storage[name] = value

    _chain: Chain
    address: Address

    def _table(self, default: V) -> Table[Any, V]:
        """New storage for a mapping."""
        return Table(self._chain.journal, default)

    def _call(self, target: Address, function: str, *args: Any) -> Any:
        """Call another contract as this one."""
        return self._chain.call(self.address, target, function, *args)

    def _log(self, event: str, **args: Any) -> None:
        self._chain.logs.append(Log(self.address, event, args))


class Chain:
    """The contracts and the clock. The engine sets `number` and `timestamp` before each block."""

    def __init__(self, timestamp: int = 1) -> None:
        self.number, self.timestamp = 0, timestamp  # of the block, [unix s]
        self.sender = NOBODY  # msg.sender of the call that runs
        self.journal: Journal = []
        self.logs: list[Log] = []  # of the transaction that runs
        self.contracts: Table[Address, Contract | None] = Table(self.journal, None)
        self.kept: dict[Any, Any] | None = None  # answers of steady functions; None: in motion
        self._locked: set[Address] = set()
        self._doors: dict[tuple[Address, str], tuple[Callable[..., Any], int]] = {}

    def deploy(
        self, sender: Address, kind: Callable[..., Contract], address: Address, *args: Any
    ) -> None:
        """Put a new twin at an address; `args` are the constructor's. Raises Revert."""
        mark = self.mark()
        outer, self.sender = self.sender, sender
        try:
            kind(self, address, *args)
        except Revert:
            self.rollback(mark)
            raise
        finally:
            self.sender = outer

    def call(self, sender: Address, target: Address, function: str, *args: Any) -> Any:
        """The result of a call from within a transaction. A Revert goes through to the caller."""
        door = self._doors.get((target, function)) or self._door(target, function)
        member, lock = door
        if self.kept is not None:
            return member(*args)
        if lock and target in self._locked:
            raise Revert
        outer, self.sender = self.sender, sender
        if lock == TAKES:
            self._locked.add(target)
        try:
            return member(*args)
        finally:
            self.sender = outer
            if lock == TAKES:
                self._locked.remove(target)

    def _door(self, target: Address, function: str) -> tuple[Callable[..., Any], int]:
        """What a call of this function runs, and what it does with the contract's lock."""
        contract = self.contracts.get(target)
        member = getattr(contract, function, None)
        if contract is None or member is None:  # neither code nor fallback
            raise Revert
        lock = contract.locks.get(function, CHECKS) if contract.guarded else IGNORES
        if function.isupper():
            lock = IGNORES
        if not callable(member):
            member = partial(getattr, contract, function)  # a public variable
        self._doors[target, function] = door = member, lock
        return door

    def attempt(
        self, sender: Address, target: Address, function: str, *args: Any
    ) -> tuple[bool, Any]:
        """As `call`, but the caller goes on after a revert: (False, reason), and all undone."""
        mark = self.mark()
        try:
            return True, self.call(sender, target, function, *args)
        except Revert as failure:
            self.rollback(mark)
            return False, failure.reason

    def transact(self, sender: Address, target: Address, function: str, *args: Any) -> Receipt:
        """A transaction: all of the call or nothing of it."""
        first = len(self.logs)
        ok, result = self.attempt(sender, target, function, *args)
        logs = tuple(self.logs[first:])
        del self.logs[first:]
        return Receipt(ok, "" if ok else result, result if ok else None, logs)

    def view(self, sender: Address, target: Address, function: str, *args: Any) -> Any:
        """The result of a call that leaves nothing behind. Raises Revert."""
        mark = self.mark()
        try:
            return self.call(sender, target, function, *args)
        finally:
            self.rollback(mark)

    @contextmanager
    def still(self) -> Iterator[None]:
        """Nothing is written inside, and time stands, so what was answered once stays true; only
        views are called, which do not ask who calls."""
        self.kept = {}
        try:
            yield
        finally:
            self.kept = None

    def mark(self) -> tuple[int, int]:
        """A point to roll back to, until the next commit."""
        return len(self.journal), len(self.logs)

    def rollback(self, mark: tuple[int, int]) -> None:
        """Undo all that was written and logged since the mark."""
        written, logged = mark
        for storage, key, before in reversed(self.journal[written:]):
            if storage is self.contracts:
                self._doors.clear()
            if before is ABSENT:
                dict.pop(storage, key)
            else:
                dict.__setitem__(storage, key, before)
        del self.journal[written:]
        del self.logs[logged:]

    def commit(self) -> None:
        """Keep what was written for good: forget how to undo it."""
        self.journal.clear()
