"""Calls and logs to and from the contract ABI.

Hex text is sliced in place, about ten times as fast as a general library, which lets the engine
keep up with the chain. The layout is that of the Solidity ABI specification, "Formal Specification
of the Encoding".
Decoded addresses and bytes are lower-case 0x hex, tuples and arrays are tuples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.crypto import keccak

from sim.errors import EngineError

Entry = Mapping[str, Any]  # of a JSON ABI: name, type, components
WORD = 64  # hex digits

PANICS = {
    0x01: "assertion failed",
    0x11: "arithmetic overflow",
    0x12: "division by zero",
    0x21: "value outside the enum",
    0x31: "pop of an empty array",
    0x32: "index out of bounds",
    0x41: "out of memory",
    0x51: "call of an uninitialised function",
}


@dataclass(frozen=True, slots=True)
class Codec:
    """How values of one type are written and read."""

    name: str  # canonical, tuples written out
    size: int  # in the head of a sequence [hex digits]; of a dynamic value, one word of offset
    dynamic: bool
    encode: Callable[[Any], str]  # to hex digits
    decode: Callable[[str, int], Any]  # from hex digits, beginning at a position


def codec(entry: Entry) -> Codec:
    """The codec of an ABI entry."""
    kind: str = entry["type"]
    if kind.endswith("]"):
        base, _, count = kind.rpartition("[")
        inner = codec({**entry, "type": base})
        return (
            _sequence([inner] * int(count[:-1]), inner.name + "[" + count)
            if count != "]"
            else _array(inner)
        )
    if kind == "tuple":
        parts = [codec(c) for c in entry["components"]]
        return _sequence(parts, f"({','.join(p.name for p in parts)})")
    if kind in ("bytes", "string"):
        return _text(kind)
    return Codec(kind, WORD, False, *_word(kind))


def sequence(entries: Sequence[Entry]) -> Codec:
    """The codec of arguments, outputs, or a log's data."""
    return codec({"type": "tuple", "components": entries})


def _word(kind: str) -> tuple[Callable[[Any], str], Callable[[str, int], Any]]:
    if kind == "address":
        return _encode_address, lambda data, at: "0x" + data[at + 24 : at + WORD]
    if kind == "bool":
        return lambda value: f"{bool(value):064x}", lambda data, at: data[at + WORD - 1] == "1"
    if kind.startswith("bytes"):
        digits = 2 * int(kind.removeprefix("bytes"))
        return lambda value: _hex(value).ljust(
            WORD, "0"
        ), lambda data, at: "0x" + data[at : at + digits]
    if kind.startswith("int"):
        return _number(kind), lambda data, at: _signed(int(data[at : at + WORD], 16))
    return _number(kind), lambda data, at: int(data[at : at + WORD], 16)


def _number(kind: str) -> Callable[[Any], str]:
    bits = int(kind.removeprefix("u").removeprefix("int"))
    low, high = (0, 1 << bits) if kind.startswith("u") else (-1 << bits - 1, 1 << bits - 1)

    def encode(value: Any) -> str:
        if not isinstance(value, int) or not low <= value < high:
            raise EngineError(f"{value!r} is not a value of type {kind}")
        return f"{value & (1 << 256) - 1:064x}"

    return encode


def _encode_address(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 42:
        raise EngineError(f"{value!r} is not an address")
    return value[2:].lower().rjust(WORD, "0")


def _signed(number: int) -> int:
    return number - (1 << 256) if number >> 255 else number


def _hex(value: bytes | str) -> str:
    return value.hex() if isinstance(value, bytes) else value.removeprefix("0x")


def _text(kind: str) -> Codec:
    def encode(value: Any) -> str:
        digits = value.encode().hex() if kind == "string" else _hex(value)
        return f"{len(digits) // 2:064x}" + digits.ljust(-(-len(digits) // WORD) * WORD, "0")

    def decode(data: str, at: int) -> str:
        start = at + WORD
        digits = data[start : start + 2 * int(data[at:start], 16)]
        return bytes.fromhex(digits).decode(errors="replace") if kind == "string" else "0x" + digits

    return Codec(kind, WORD, True, encode, decode)


def _sequence(parts: Sequence[Codec], name: str) -> Codec:
    heads = [WORD if p.dynamic else p.size for p in parts]
    size, dynamic = sum(heads), any(p.dynamic for p in parts)
    offsets = [sum(heads[:i]) for i in range(len(parts))]
    readers = [(p.decode, offset) for p, offset in zip(parts, offsets, strict=True)]

    def encode(values: Any) -> str:
        if not isinstance(values, (tuple, list)) or len(values) != len(parts):
            raise EngineError(f"{values!r} does not fit {name}")
        if not dynamic:
            return "".join([p.encode(v) for p, v in zip(parts, values, strict=True)])
        head, tail = [], ""
        for part, value in zip(parts, values, strict=True):
            code = part.encode(value)
            head.append(f"{(size + len(tail)) // 2:064x}" if part.dynamic else code)
            tail += code if part.dynamic else ""
        return "".join(head) + tail

    def decode_words(data: str, at: int) -> tuple[Any, ...]:
        return tuple([read(data, at + offset) for read, offset in readers])

    def decode(data: str, at: int) -> tuple[Any, ...]:
        places = (
            at + 2 * int(data[at + offset : at + offset + WORD], 16) if p.dynamic else at + offset
            for p, offset in zip(parts, offsets, strict=True)
        )
        return tuple([p.decode(data, place) for p, place in zip(parts, places, strict=True)])

    return Codec(name, size, dynamic, encode, decode if dynamic else decode_words)


def _array(inner: Codec) -> Codec:
    name = inner.name + "[]"

    def encode(values: Any) -> str:
        return f"{len(values):064x}" + _sequence([inner] * len(values), name).encode(values)

    def decode(data: str, at: int) -> Any:
        count, start = int(data[at : at + WORD], 16), at + WORD
        if not inner.dynamic:
            return tuple([inner.decode(data, start + i * inner.size) for i in range(count)])
        heads = range(start, start + count * WORD, WORD)
        return tuple([inner.decode(data, start + 2 * int(data[h : h + WORD], 16)) for h in heads])

    return Codec(name, WORD, True, encode, decode)


class Function:
    """One function of a contract."""

    def __init__(self, entry: Entry) -> None:
        self.name: str = entry["name"]
        self._inputs = sequence(entry["inputs"])
        self._outputs = sequence(entry["outputs"])
        self.selector = keccak(text=self.name + self._inputs.name)[:4].hex()

    def encode(self, args: Sequence[Any]) -> str:
        """Calldata as 0x hex. Raises EngineError when the arguments don't fit."""
        return "0x" + self.selector + self._inputs.encode(args)

    def decode(self, answer: str) -> Any:
        """The result: one value, a tuple of several, or None. EngineError when it can't be."""
        try:
            values = self._outputs.decode(answer.removeprefix("0x"), 0)
        except (ValueError, IndexError) as e:
            raise EngineError(f"{answer[:40]!r} is not an answer of {self.name}: {e}") from e
        return values[0] if len(values) == 1 else values or None


class EventType:
    """One event of a contract."""

    def __init__(self, entry: Entry) -> None:
        self.name: str = entry["name"]
        self.topic = "0x" + keccak(text=self.name + sequence(entry["inputs"]).name).hex()
        # the log keeps only the hash of an indexed value that is longer than a word
        indexed = [
            e if _is_word(e) else {**e, "type": "bytes32"} for e in entry["inputs"] if e["indexed"]
        ]
        plain = [e for e in entry["inputs"] if not e["indexed"]]
        self._names = [e["name"] for e in indexed + plain]
        self._topics, self._data = sequence(indexed), sequence(plain)
        self._all = None if self._data.dynamic else sequence(indexed + plain)

    def decode(self, topics: Sequence[str], data: str) -> dict[str, Any]:
        """The arguments by name."""
        words = "".join([topic[2:] for topic in topics[1:]])
        if self._all is not None:  # topics and data are words in a row
            return dict(zip(self._names, self._all.decode(words + data[2:], 0), strict=True))
        values = self._topics.decode(words, 0) + self._data.decode(data, 2)
        return dict(zip(self._names, values, strict=True))


def _is_word(entry: Entry) -> bool:
    return entry["type"] not in ("bytes", "string", "tuple") and not entry["type"].endswith("]")


class Interface:
    """What can be called on a contract and what it logs."""

    def __init__(self, abi: Sequence[Entry]) -> None:
        self._functions: dict[tuple[str, int], Function] = {}
        self.events: dict[str, EventType] = {}  # by topic
        self.constructor = sequence([])
        for entry in abi:
            if entry["type"] == "function":
                self._functions[entry["name"], len(entry["inputs"])] = Function(entry)
            elif entry["type"] == "event" and not entry.get("anonymous"):
                event = EventType(entry)
                self.events[event.topic] = event
            elif entry["type"] == "constructor":
                self.constructor = sequence(entry["inputs"])

    def has(self, name: str, arity: int) -> bool:
        """Whether there is a function with so many arguments."""
        return (name, arity) in self._functions

    def function(self, name: str, arity: int) -> Function:
        """Raises EngineError when there is none with so many arguments."""
        try:
            return self._functions[name, arity]
        except KeyError:
            known = ", ".join(sorted({n for n, _ in self._functions}))
            raise EngineError(
                f"no function {name} with {arity} arguments; there are {known}"
            ) from None


def revert_reason(output: str) -> str:
    """The reason in the return data of a call that reverted."""
    data = output.removeprefix("0x")
    if data.startswith("08c379a0"):  # Error(string)
        return str(sequence([{"type": "string"}]).decode(data, 8)[0])
    if data.startswith("4e487b71"):  # Panic(uint256)
        code = int(data[8:], 16)
        return f"panic 0x{code:02x}: {PANICS.get(code, 'unknown')}"
    return f"custom error 0x{data[:8]}" if data else "reverted without a reason"
