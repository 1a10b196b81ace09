"""From a design's values to constructor arguments."""

from __future__ import annotations

from typing import Any

import pytest

from sim.engines.artifacts import Artifact
from sim.engines.constructor import Values, arguments, check_scales
from sim.errors import InputError

WETH, WBTC = "0x" + "11" * 20, "0x" + "22" * 20
VALUES = Values(
    symbols=("WETH", "WBTC"),
    decimals={"USDC": 6, "WETH": 18, "wad": 18, "ray": 27},
    addresses={"WETH": WETH, "WBTC": WBTC},
)


@pytest.mark.parametrize(
    ("value", "kind", "read"),
    [
        (0.05, "uint256", 5 * 10**16),
        (7200, "uint256", 7200),
        ("1_000 USDC", "uint256", 10**9),
        ("1.5 WETH", "uint128", 15 * 10**17),
        ("0.99 ray", "uint256", 99 * 10**25),
        ("5 wad", "uint256", 5 * 10**18),
        (-3, "int256", -3),
        ("open", "uint256", 0),
        ("throttle", "uint256", 1),
        ("slow", "uint8", 2),
        ("halt", "uint8", 3),
        (True, "bool", True),
        ("WBTC", "address", WBTC),
        ("0x" + "AB" * 20, "address", "0x" + "ab" * 20),
        (0.05, "uint256[]", [5 * 10**16] * 2),
        ([1, 2], "uint256[]", [1, 2]),
        ({"WBTC": 2, "WETH": 1}, "uint256[]", [1, 2]),
        (["WETH"], "address[]", [WETH]),
        ([0.1, 0.2, 0.3], "uint256[3]", [10**17, 2 * 10**17, 3 * 10**17]),
        ([["open", "halt"], [1, 2]], "uint256[2][2]", [[0, 3], [1, 2]]),
    ],
)
def test_read__of_a_value__gives_what_the_contract_takes(value: Any, kind: str, read: Any) -> None:
    assert VALUES.read(value, kind, "f") == read


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (
            "5 dollars",
            "uint256",
            "f: can't read '5 dollars'; write a number, an amount with a unit",
        ),
        ("much USDC", "uint256", "f: can't read 'much USDC'"),
        (True, "uint256", "f: can't read True"),
        (None, "uint256", "f: can't read None"),
        (float("nan"), "uint256", "f: can't read nan"),
        (float("inf"), "uint256", "f: can't read inf"),
        (-1, "uint256", "f: -1 is out of the range of uint256"),
        (256, "uint8", "f: 256 is out of the range of uint8"),
        (1, "string", "f: an argument of type string can't be given in a design"),
        (1, "bool", "f: must be true or false, not 1"),
        ([1, 2], "uint256[3]", r"f: must be a list of 3, not \[1, 2\]"),
        (1, "uint256[3]", "f: must be a list of 3, not 1"),
        ([1, "x", 3], "uint256[3]", r"f\[1\]: can't read 'x'"),
        ({"WETH": 1}, "uint256[]", "f: must have a value for each of WETH, WBTC and no other"),
        ("GOLD", "address", "f: 'GOLD' is not an address; it may be WETH, WBTC or 0x hex"),
        ("0x" + "zz" * 20, "address", "is not an address"),
    ],
)
def test_read__of_a_value_that_makes_no_sense__names_the_field(
    value: Any, kind: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        VALUES.read(value, kind, "f")


def contract(**inputs: str) -> Artifact:
    """A contract whose constructor takes these types by name."""
    entries = [{"name": name, "type": kind} for name, kind in inputs.items()]
    return Artifact("Seller", [{"type": "constructor", "inputs": entries}], "0x", 0)


SELLER = contract(market="address", bonus="uint256", tail="uint256")
FILLED = {"market": WETH, "owner": WBTC}


def test_arguments__of_a_complete_design__stand_in_the_constructors_order() -> None:
    found = arguments(SELLER, {"tail": 60, "bonus": 0.5}, FILLED, VALUES, "liquidation")
    assert found == [WETH, 5 * 10**17, 60]


def test_arguments__given_what_would_be_filled__take_the_designs() -> None:
    found = arguments(contract(market="address"), {"market": "WBTC"}, FILLED, VALUES, "f")
    assert found == [WBTC]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"bonsu": 0.05, "tail": 60},
            "liquidation.bonsu: Seller has no such parameter; it takes bonus, tail",
        ),
        ({"tail": 60}, "liquidation: Seller misses bonus; it takes bonus, tail"),
        ({"tail": 60, "bonus": "x"}, "liquidation.bonus: can't read 'x'"),
    ],
)
def test_arguments__of_a_wrong_design__say_what_the_contract_takes(
    params: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError) as error:
        arguments(SELLER, params, FILLED, VALUES, "liquidation")
    assert str(error.value).startswith(message)


def test_arguments__of_a_contract_without_a_constructor__are_none() -> None:
    assert arguments(Artifact("Plain", [], "0x", 0), {}, FILLED, VALUES, "f") == []


UNITS = {"step": "WAD", "speed": "WAD/s", "cut": "RAY", "tail": "s"}


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"step": 2}, "f.step: 2 counts as 2e-18 here; write 2.0 if that is meant"),
        ({"step": [0.5, 2, 3]}, "f.step: 2 counts as 2e-18 here"),
        ({"step": {"WETH": 5}}, "f.step: 5 counts as 5e-18 here"),
        ({"speed": -1}, "f.speed: -1 counts as -1e-18 here"),
        ({"cut": 10**9}, "f.cut: 1000000000 counts as 1e-18 here"),
    ],
)
def test_check_scales__of_a_whole_number_that_would_vanish__names_it_and_the_way_out(
    params: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError) as error:
        check_scales(params, UNITS, "f")
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    "params",
    [{"step": 0}, {"step": 2.0}, {"step": 10**18}, {"step": "2 wad"}, {"tail": 2}, {"other": 2}],
)
def test_check_scales__of_anything_else__is_silent(params: dict[str, Any]) -> None:
    check_scales(params, UNITS, "f")
