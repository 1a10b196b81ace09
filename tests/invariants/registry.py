"""Which program checks which invariant of contracts/README.md, and on which contracts it runs."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

from tests.helpers.ground import Ground
from tests.helpers.source import vyper_files

Program = Callable[[Ground], None]
P = TypeVar("P", bound=Program)

FAMILIES = Path(__file__).parent / "families"
_checks: dict[str, Program] = {}  # by ID
_stages: dict[str, Program] = {}  # by family
_judged: dict[str, tuple[str, ...]] = {}  # contracts by family


class ViolatedError(AssertionError):
    """A contract broke the invariant. Whatever else a check raises is a fault of the check."""


def invariant(identifier: str) -> Callable[[P], P]:
    """Register a check; it raises ViolatedError when the invariant does not hold."""

    def register(check: P) -> P:
        assert identifier not in _checks, f"{identifier} has two checks"
        _checks[identifier] = check
        return check

    return register


def stage(**judged: tuple[str, ...]) -> Callable[[P], P]:
    """Register what deploys the contracts that the checks of these families run on, and which of
    them each family judges."""

    def register(prepare: P) -> P:
        _stages.update(dict.fromkeys(judged, prepare))
        _judged.update(judged)
        return prepare

    return register


def hold(condition: bool, what: str) -> None:
    """The invariant holds on this condition; `what` says what is wrong without it."""
    if not condition:
        raise ViolatedError(what)


def family_of(identifier: str) -> str:
    """MARKET of MARKET-5."""
    return identifier.rpartition("-")[0]


@cache
def checks() -> Mapping[str, Program]:
    """All checks by ID: those of every file in families/."""
    for path in sorted(FAMILIES.glob("*.py")):
        importlib.import_module(f"tests.invariants.families.{path.stem}")
    return _checks


def checks_of(family: str) -> dict[str, Program]:
    """The checks of a family by ID."""
    return {i: check for i, check in checks().items() if family_of(i) == family}


def judged() -> Mapping[str, tuple[str, ...]]:
    """The contracts that each family judges."""
    checks()
    return _judged


def families_with(file: str) -> set[str]:
    """Those that judge a contract which has this file of contracts/ in it."""
    return {
        family
        for family, contracts in judged().items()
        if any(file in vyper_files(contract) for contract in contracts)
    }


def by_stage(families: Iterable[str]) -> dict[Program, list[str]]:
    """Families by what deploys the contracts that their checks run on."""
    checks()
    found: dict[Program, list[str]] = {}
    for family in sorted(families):
        found.setdefault(_stages[family], []).append(family)
    return found


def prepare(family: str, ground: Ground) -> None:
    """Deploy what the family's checks run on."""
    checks()
    _stages[family](ground)
