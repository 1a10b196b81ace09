"""All that a contract can be asked or told: every function, with every argument that makes sense.

What makes sense is known by the name of an argument, or else by its type, so that a new contract
is looked at without a line here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from sim.engines.artifacts import Artifact
from sim.engines.base import Address, Call
from sim.units import FEED, MAX_UINT, WAD

AMOUNTS = (10**9 + 7, MAX_UINT)  # [debt token]
ACTIONS = (0, 1, 2)
COLLATERALS = ("collateral", "asset")  # arguments that are tokens
VIEWS, WRITES = ("view", "pure"), ("nonpayable", "payable")  # by what the ABI calls them


def choices(
    accounts: Sequence[Address],
    lenders: Sequence[Address],
    others: Sequence[Address],
    tokens: Sequence[Address],
) -> dict[str, Sequence[Any]]:
    """What to ask with, by the name of an argument or by its type."""
    return {
        "account": accounts,
        **dict.fromkeys(("owner", "receiver"), lenders),
        **dict.fromkeys(COLLATERALS, tokens),
        **dict.fromkeys(("amount", "max_pay", "assets", "shares"), AMOUNTS),
        "start_price": (2_000 * WAD,),
        "answer": (2_000 * FEED, 1_000 * FEED),
        "elapsed": (0, 1_000),
        "address": (*accounts, *lenders, *others, *tokens),
        "arg1 address": tokens,  # of a mapping by account and then by collateral
        "uint256": ACTIONS,
        "uint80": (1, 2),
    }


def questions(
    key: str,
    artifact: Artifact,
    among: Mapping[str, Sequence[Any]],
    kinds: Sequence[str] = VIEWS,
) -> Iterator[Call]:
    """Every view function, or whatever is of these kinds, with every choice of arguments."""
    for entry in artifact.abi:
        if entry["type"] == "function" and entry["stateMutability"] in kinds:
            for args in product(*(_for(argument, among) for argument in entry["inputs"])):
                yield Call(key, entry["name"], args)


def _for(argument: Mapping[str, Any], among: Mapping[str, Sequence[Any]]) -> Sequence[Any]:
    name, kind = argument["name"], argument["type"]
    return among.get(f"{name} {kind}") or among.get(name) or among[kind]
