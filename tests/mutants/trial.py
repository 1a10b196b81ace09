"""Mutants: one textual change each, and what the checks of the invariant's family say to it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.config import read
from sim.engines.anvil import OPTIONS
from sim.engines.artifacts import ROOT, Library
from sim.engines.process import AnvilNode
from tests.helpers.ground import Ground
from tests.invariants.registry import (
    ViolatedError,
    by_stage,
    checks_of,
    families_with,
    family_of,
)

HERE = Path(__file__).parent
CACHE = ROOT / ".cache"


class MisplantedError(Exception):
    """The old text of a mutant does not stand in its file exactly once."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change that breaks one invariant."""

    identifier: str
    number: int  # among those of its invariant, from 1
    what: str  # is wrong then
    file: str  # under contracts/
    old: str
    new: str
    companions: frozenset[str] = frozenset()  # invariants of other families that it breaks too

    @property
    def name(self) -> str:
        """MARKET-8.2 is the second one of MARKET-8."""
        return f"{self.identifier}.{self.number}"

    def plant(self) -> Path:
        """A project folder with the change; what was compiled there before is kept."""
        folder = CACHE / "mutants" / self.name
        contracts = folder / "contracts"
        shutil.rmtree(contracts, ignore_errors=True)
        shutil.copytree(ROOT / "contracts", contracts)
        text = (contracts / self.file).read_text()
        if text.count(self.old) != 1:
            found = f"{self.file} has its old text {text.count(self.old)} times"
            raise MisplantedError(f"{self.name}: {found}")
        (contracts / self.file).write_text(text.replace(self.old, self.new))
        packages = folder / "node_modules"
        if not packages.is_symlink():
            packages.symlink_to(ROOT / "node_modules")
        for compiled in (CACHE / "contracts").glob("*.json"):
            mine = folder / ".cache" / "contracts" / compiled.name
            if not mine.exists():  # good for every contract that the change does not reach
                mine.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(compiled, mine)
        return folder


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks of all families that the change reaches say to a mutant, by ID."""

    violated: Mapping[str, str]  # what the checks hold against it
    failed: Mapping[str, str]  # checks that could not do their work


def mutants() -> dict[str, Mutant]:
    """All mutants by name: those of every YAML file in this folder, for an ID one or a list."""
    entries = [item for path in sorted(HERE.glob("*.yaml")) for item in read(path).items()]
    assert len(entries) == len(dict(entries)), "an ID stands in two files"
    found = [
        _mutant(identifier, number, **fields)
        for identifier, listed in entries
        for number, fields in enumerate(listed if isinstance(listed, list) else [listed], 1)
    ]
    return {mutant.name: mutant for mutant in found}


def _mutant(identifier: str, number: int, companions: Iterable[str] = (), **fields: str) -> Mutant:
    return Mutant(identifier, number, companions=frozenset(companions), **fields)


def attempt(mutant: Mutant) -> Verdict:
    """Run on it all checks of its family, and of every other one that judges a contract with the
    changed file in it; on a chain for each stage."""
    verdicts: list[Verdict] = []
    library = Library(mutant.plant())
    families = {family_of(mutant.identifier), *families_with(mutant.file)}
    for prepare, together in by_stage(families).items():
        with AnvilNode(OPTIONS) as node:
            ground = Ground(node, library)
            prepare(ground)
            verdicts += [_judge(family, ground) for family in together]
    return Verdict(
        {i: said for verdict in verdicts for i, said in verdict.violated.items()},
        {i: said for verdict in verdicts for i, said in verdict.failed.items()},
    )


def _judge(family: str, ground: Ground) -> Verdict:
    """What the family's checks say to what stands on the ground."""
    violated: dict[str, str] = {}
    failed: dict[str, str] = {}
    for identifier, check in checks_of(family).items():
        try:
            with ground.undone():
                check(ground)
        except ViolatedError as e:
            violated[identifier] = str(e)
        except Exception as e:  # whatever it is, it is told by name
            failed[identifier] = f"{type(e).__name__}: {e}"
    return Verdict(violated, failed)
