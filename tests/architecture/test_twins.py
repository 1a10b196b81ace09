"""Every contract has a twin of its name, with its functions, arguments, reasons and events."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.engines.artifacts import Library
from sim.mechanisms.kernel import CHECKS, IGNORES, TAKES, Contract
from sim.mechanisms.registry import twin_of
from tests.helpers.source import ROOT, python_files

LIBRARY = Library()
SOURCES = [p for p in sorted((ROOT / "contracts").rglob("*.vy")) if p.parent.name != "mocks"]
NAMES = [path.stem for path in SOURCES if path.stem[0].isupper()]
TWINS = [p for p in python_files("sim/mechanisms") if p.parent.name != "uniswap"]
REASON = r'"([a-z][a-z0-9 ]*: [a-z][^"\n]*)"'
OF_EVERY_TWIN = {"address", "guarded", "unlocked"}


@pytest.mark.parametrize("name", NAMES)
def test_twin__of_a_contract__takes_the_same_arguments_in_the_same_order(name: str) -> None:
    contract, twin = LIBRARY.get(name), twin_of(name)
    _, _, *own = parameters(twin.__init__)  # chain, address
    expected = arguments(contract.constructor)
    if own and own[-1].startswith("*"):
        assert len(expected) >= len(own)
        expected[len(own) - 1 :] = [own[-1]]
    assert own == expected
    for entry in functions(contract.abi):
        function = getattr(twin, entry["name"], None)
        if function is not None:
            assert parameters(function) == arguments(entry["inputs"]), entry["name"]


@pytest.mark.parametrize("name", NAMES)
def test_twin__of_a_contract__has_its_outside_and_nothing_else(name: str) -> None:
    twin = twin_of(name)
    outside = {entry["name"] for entry in functions(LIBRARY.get(name).abi)}
    own = {n for kind in twin.__mro__ if kind is not Contract for n in outward(kind)}
    assert own - OF_EVERY_TWIN == outside


@pytest.mark.parametrize("name", NAMES)
def test_twin__of_a_contract__locks_where_it_writes(name: str) -> None:
    twin = twin_of(name)
    assert twin.guarded
    for entry in functions(LIBRARY.get(name).abi):
        function = getattr(twin, entry["name"], None)
        lock = getattr(function, "lock", TAKES)
        reads = entry["stateMutability"] in ("view", "pure")
        assert function is None or lock != (TAKES if reads else CHECKS), entry["name"]


@pytest.mark.parametrize("name", NAMES)
def test_twin__of_a_contract__can_be_read_while_it_is_locked_where_the_contract_can(
    name: str,
) -> None:
    twin = twin_of(name)
    outside = {entry["name"] for entry in functions(LIBRARY.get(name).abi)}
    methods = {n for n in outside if getattr(getattr(twin, n, None), "lock", None) == IGNORES}
    capitals = {n for n in outside if n.isupper()}
    assert (twin.unlocked & outside) | methods | capitals == left_open(parts_of(name)) & outside


def test_reasons__of_contracts_and_twins__are_the_same() -> None:
    assert found(REASON, TWINS) == found(REASON, SOURCES)


def test_events__of_contracts_and_twins__have_the_same_names() -> None:
    assert found(r'_log\w*\(\s*"(\w+)"', TWINS) == found(r"\n +log (?:\w+\.)?(\w+)\(", SOURCES)


def found(pattern: str, files: list[Path]) -> set[str]:
    """What the pattern's group matches outside of docstrings."""
    text = "\n".join(re.sub(r'""".*?"""', "", path.read_text(), flags=re.DOTALL) for path in files)
    return set(re.findall(pattern, text))


def left_open(files: Iterable[Path]) -> set[str]:
    """Constants, immutable and reentrant variables, reentrant functions."""
    text = "".join(path.read_text() for path in files)
    marked = re.findall(r"\n((?:@\w+\n)+)def (\w+)", text)
    variables = re.findall(r"\n(\w+): public\((?:immutable|constant|reentrant)\(", text)
    return {*variables, *(name for marks, name in marked if "@reentrant" in marks)}


def parts_of(name: str) -> set[Path]:
    """The source of a contract and of all the modules in it."""
    parts: set[Path] = set()
    new = {path for path in SOURCES if path.stem == name}
    while new:
        parts |= new
        text = "".join(path.read_text() for path in new)
        names = set(re.findall(r"\n(?:from \S+ )?import (\w+)", text))
        new = {path for path in SOURCES if path.stem in names} - parts
    return parts


def functions(abi: Any) -> Iterator[dict[str, Any]]:
    return (entry for entry in abi if entry["type"] == "function")


def arguments(inputs: Any) -> list[str]:
    return [entry["name"].rstrip("_") for entry in inputs]


def parameters(function: Any) -> list[str]:
    """Without `self`; what takes all the rest has a star."""
    listed = list(inspect.signature(function).parameters.values())[1:]
    return [str(p).split(":")[0].rstrip("_") for p in listed]


def outward(kind: type) -> Iterator[str]:
    """Names without an underscore that a class defines or that its methods assign to `self`."""
    if not issubclass(kind, Contract):
        return
    (tree,) = ast.parse(inspect.getsource(kind)).body
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield from [node.name] if node.name[0] != "_" else []
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            of_self = isinstance(node.value, ast.Name) and node.value.id == "self"
            yield from [node.attr] if of_self and node.attr[0] != "_" else []
