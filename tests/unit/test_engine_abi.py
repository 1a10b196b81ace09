"""The engine's ABI codec against eth_abi, and what it says when values don't fit."""

from __future__ import annotations

from typing import Any

import eth_abi
import pytest
from eth_abi.tools import get_abi_strategy
from hypothesis import given
from hypothesis import strategies as st

from sim.engines.abi import EventType, Function, Interface, revert_reason, sequence
from sim.errors import EngineError

HOLDER = "0x" + "ab" * 20
TYPES = [
    "uint256",
    "int24",
    "uint8",
    "bool",
    "address",
    "bytes4",
    "bytes32",
    "bytes",
    "string",
    "uint256[3]",
    "int128[]",
    "bytes[]",
    "uint16[2][]",
    "(uint256,address)",
    "(uint256,int24[],bytes)",
    "(uint256,bool)[]",
    "(uint256,string)[2]",
    "((uint8,bytes),uint256[])[]",
]


def entry(kind: str) -> dict[str, Any]:
    """A JSON ABI entry for a type as eth_abi writes it."""
    if not kind.startswith("("):
        return {"name": "x", "type": kind}
    end = kind.rindex(")")
    return {
        "name": "x",
        "type": "tuple" + kind[end + 1 :],
        "components": [entry(part) for part in split(kind[1:end])],
    }


def split(kinds: str) -> list[str]:
    """The parts between the commas outside of brackets."""
    parts, depth = [""], 0
    for letter in kinds:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def plain(value: Any) -> Any:
    """As the engine gives values: bytes as hex text."""
    if isinstance(value, (tuple, list)):
        return tuple(plain(v) for v in value)
    return "0x" + value.hex() if isinstance(value, bytes) else value


@given(data=st.data(), kinds=st.lists(st.sampled_from(TYPES), max_size=4))
def test_encode_and_decode__of_any_values__agree_with_eth_abi(
    data: st.DataObject, kinds: list[str]
) -> None:
    values = [data.draw(get_abi_strategy(kind)) for kind in kinds]
    ours = sequence([entry(kind) for kind in kinds])
    encoded = eth_abi.encode(kinds, values)
    assert ours.encode(values) == encoded.hex()
    assert ours.decode(encoded.hex(), 0) == plain(eth_abi.decode(kinds, encoded))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("uint8", 256),
        ("uint256", -1),
        ("int24", 2**23),
        ("uint256", "5"),
        ("address", "0x12"),
        ("uint256[2]", [1]),
        ("uint256[]", [-1]),
    ],
)
def test_encode__of_a_value_that_does_not_fit__names_it(kind: str, value: Any) -> None:
    with pytest.raises(EngineError, match=r"not a value of type|not an address|does not fit"):
        sequence([entry(kind)]).encode([value])


def test_function__of_a_transfer__has_the_selector_of_the_standard() -> None:
    transfer = Function(
        {"name": "transfer", "inputs": [entry("address"), entry("uint256")], "outputs": []}
    )
    assert transfer.selector == "a9059cbb"
    assert transfer.encode((HOLDER, 1)).startswith("0xa9059cbb")


def test_function__without_outputs__decodes_to_none() -> None:
    assert Function({"name": "f", "inputs": [], "outputs": []}).decode("0x") is None


def test_function__given_too_little__says_whose_answer_it_is() -> None:
    function = Function({"name": "price", "inputs": [], "outputs": [entry("uint256")]})
    with pytest.raises(EngineError, match="not an answer of price"):
        function.decode("0x")


def test_interface__asked_for_an_unknown_function__names_the_known_ones() -> None:
    interface = Interface([{"type": "function", "name": "take", "inputs": [], "outputs": []}])
    with pytest.raises(EngineError, match="no function tkae with 0 arguments; there are take"):
        interface.function("tkae", 0)


def test_event__with_indexed_and_plain_arguments__decodes_by_name() -> None:
    inputs = [
        {"name": "owner", "type": "address", "indexed": True},
        {"name": "note", "type": "string", "indexed": True},
        {"name": "value", "type": "uint256", "indexed": False},
    ]
    event = EventType({"name": "Noted", "inputs": inputs})
    topics = [event.topic, "0x" + "0" * 24 + "ab" * 20, "0x" + "cd" * 32]
    assert event.decode(topics, "0x" + f"{7:064x}") == {
        "owner": HOLDER,
        "note": "0x" + "cd" * 32,
        "value": 7,
    }


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (
            "0x08c379a0" + eth_abi.encode(["string"], ["market: unhealthy"]).hex(),
            "market: unhealthy",
        ),
        ("0x4e487b71" + f"{0x11:064x}", "panic 0x11: arithmetic overflow"),
        ("0x4e487b71" + f"{0x99:064x}", "panic 0x99: unknown"),
        ("0xdeadbeef" + "00" * 32, "custom error 0xdeadbeef"),
        ("0x", "reverted without a reason"),
    ],
)
def test_revert_reason__of_return_data__says_why(output: str, reason: str) -> None:
    assert revert_reason(output) == reason
