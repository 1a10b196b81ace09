"""Twins of contracts/mocks, as far as a rig puts them on both sides."""

from __future__ import annotations

from typing import Any

from sim.engines.base import Call
from sim.mechanisms.kernel import Address, Chain, Contract, Revert
from sim.units import MAX_UINT
from tests.differential.rig import Rig


class Encoded(bytes):
    """The data of a call, for the chain; a twin reads what it was made of."""

    function: str
    args: tuple[Any, ...]


def encoded(rig: Rig, call: Call | None) -> Encoded:
    """The data of a call; empty for none."""
    if call is None:
        return Encoded()
    _, data = rig.contracts.calldata(call)
    code = Encoded.fromhex(data.removeprefix("0x"))
    code.function, code.args = call.function, tuple(call.args)
    return code


class ScriptedBreaker(Contract):
    """A breaker that does as it is told, and counts its calls."""

    def __init__(self, chain: Chain, address: Address) -> None:
        super().__init__(chain, address)
        self._limits: tuple[int, ...] = (MAX_UINT,) * 3  # by action
        self._until: tuple[int, ...] = (0, 0, 0)
        self._next_until: tuple[int, ...] = (0, 0, 0)
        self._slow = (0, 0, 0)  # pace, uplift, until
        self._queue_end = 0
        self.pulses = 0
        self.broken = False
        self.recorded = self._table(0)  # by action, asset

    def set_limit(self, action: int, amount: int) -> None:
        self._limits = _replaced(self._limits, action, amount)

    def set_next_halt(self, action: int, end: int) -> None:
        self._next_until = _replaced(self._next_until, action, end)

    def set_slowdown(self, pace: int, uplift: int, end: int) -> None:
        self._slow = (pace, uplift, end)

    def set_queue(self, end: int) -> None:
        self._queue_end = end

    def set_broken(self, broken: bool) -> None:
        self.broken = broken

    def limit(self, action: int) -> int:
        return _at(self._limits, action)

    def gate(self, action: int, asset: Address, amount: int) -> int:
        self._only_sound()
        return min(amount, _at(self._limits, action))

    def halted_until(self, action: int) -> int:
        self._only_sound()
        return _at(self._until, action)

    def slowdown(self) -> tuple[int, int, int]:
        self._only_sound()
        return self._slow

    def queued_until(self) -> int:
        self._only_sound()
        return self._queue_end

    def pulse(self) -> None:
        self._only_sound()
        self.pulses += 1
        self._until = self._next_until

    def record(self, action: int, asset: Address, amount: int) -> None:
        self.recorded[action, asset] += amount

    def _only_sound(self) -> None:
        if self.broken:
            raise Revert("scripted: broken")


class RogueToken(Contract):
    """A token that refuses to move, or calls its market back while it moves."""

    def __init__(self, chain: Chain, address: Address, market: Address) -> None:
        super().__init__(chain, address)
        self.decimals = 18
        self._market, self._code, self._refuses = market, Encoded(), False

    def set_refuses(self, refuses: bool) -> None:
        self._refuses = refuses

    def set_call(self, code: Encoded) -> None:
        self._code = code

    def transferFrom(self, owner: Address, to: Address, amount: int) -> bool:
        return self._move()

    def transfer(self, to: Address, amount: int) -> bool:
        return self._move()

    def _move(self) -> bool:
        if self._code:
            self._call(self._market, self._code.function, *self._code.args)
        return not self._refuses


class ScriptedTaker(Contract):
    """A receiver of collateral that remembers its call, and may call something itself meanwhile."""

    def __init__(self, chain: Chain, address: Address) -> None:
        super().__init__(chain, address)
        self.seen: tuple[Any, ...] = ()
        self._target, self._code = address, Encoded()

    def set_call(self, target: Address, code: Encoded) -> None:
        self._target, self._code = target, code

    def on_take(self, *seen: Any) -> None:
        *rest, data = seen
        self.seen = (*rest, "0x" + data.hex())
        if self._code:
            self._call(self._target, self._code.function, *self._code.args)


class ScriptedCurve(Contract):
    """A price curve that always answers the same."""

    def __init__(self, chain: Chain, address: Address, answer: int) -> None:
        super().__init__(chain, address)
        self._answer = answer

    def price(self, start_price: int, elapsed: int) -> int:
        return self._answer


class ZeroFeed(Contract):
    """A feed that answers zero."""

    def __init__(self, chain: Chain, address: Address) -> None:
        super().__init__(chain, address)
        self.decimals = 8

    def latestRoundData(self) -> tuple[int, int, int, int, int]:
        now = self._chain.timestamp
        return 1, 0, now, now, 1


def _at(values: tuple[int, ...], index: int) -> int:
    if index >= len(values):
        raise Revert
    return values[index]


def _replaced(values: tuple[int, ...], index: int, value: int) -> tuple[int, ...]:
    return (*values[:index], value, *values[index + 1 :])
