"""Every contract has a twin of its name, with its functions, arguments, reasons and events."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.engines.artifacts import Library
from sim.mechanisms.kernel import CHECKS, IGNORES, TAKES, Contract
from sim.mechanisms.registry import twin_of
from tests.helpers.source import ROOT

LIBRARY = Library()
SOURCES = [p for p in sorted((ROOT / "contracts").rglob("*.vy")) if p.parent.name != "mocks"]
NAMES = [path.stem for path in SOURCES if path.stem[0].isupper()]
REASON = r'"([a-z][a-z0-9 ]*: [a-z][^"\n]*)"'
PACKAGE = "sim.mechanisms."
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


@pytest.mark.parametrize("name", NAMES)
def test_twin__of_a_contract__gives_its_reasons(name: str) -> None:
    told = found(REASON, spoken(twin_of(name)))
    written = found(REASON, "\n".join(path.read_text() for path in parts_of(name)))
    code = bytes.fromhex(LIBRARY.get(name).bytecode[2:])
    assert {reason for reason in written if is_in(code, reason)} <= told <= written


@pytest.mark.parametrize("name", NAMES)
def test_twin__of_a_contract__logs_its_events(name: str) -> None:
    events = {entry["name"] for entry in LIBRARY.get(name).abi if entry["type"] == "event"}
    assert found(r'_log\w*\(\s*"(\w+)"', spoken(twin_of(name))) == events


def found(pattern: str, text: str) -> set[str]:
    """What the pattern's group matches outside of docstrings."""
    return set(re.findall(pattern, re.sub(r'""".*?"""', "", text, flags=re.DOTALL)))


def is_in(code: bytes, reason: str) -> bool:
    """Whether bytecode holds a text, word by word. It holds nothing that nobody calls."""
    return all(reason[i : i + 32].encode() in code for i in range(0, len(reason), 32))


def spoken(twin: type[Contract]) -> str:
    """The source of a twin with its bases, and of the functions of the package that they name."""
    parts: dict[Any, str] = {}
    new: list[Any] = [kind for kind in twin.__mro__ if kind not in (Contract, object)]
    while new:
        part = new.pop()
        parts[part] = inspect.getsource(part)
        new += [other for other in named(part, parts[part]) if other not in parts]
    return "\n".join(parts.values())


def named(part: Any, source: str) -> Iterator[Any]:
    """Functions of the package that a source names, of its own module or of one it imports."""
    names = set(re.findall(r"\w+", source))
    own = vars(sys.modules[part.__module__])
    for space in (own, *(vars(own[n]) for n in names if inspect.ismodule(own.get(n)))):
        for function in (space[name] for name in names & space.keys()):
            if inspect.isfunction(function) and function.__module__.startswith(PACKAGE):
                yield function


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
