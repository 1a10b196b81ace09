"""The designs that a user names, checked before anything starts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.design import Design, load_design
from sim.engines.base import Engine
from sim.engines.deploy import check_design
from sim.errors import InputError


def chosen_designs(named: Sequence[Design | str | Path], engine: type[Engine]) -> list[Design]:
    """Raises InputError for designs that can't be run or told apart."""
    designs = [_loaded(design) for design in named]
    names = [d.name for d in designs]
    if not names:
        raise InputError("designs: name at least one")
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise InputError(f"designs: {', '.join(twice)} is there more than once; give each a name")
    for design in designs:
        _check(design, engine)
    return designs


def _check(design: Design, engine: type[Engine]) -> None:
    try:
        engine.check(check_design(design))
    except InputError as error:
        raise InputError(f"design {design.name}: {error}") from None


def _loaded(design: Design | str | Path) -> Design:
    if isinstance(design, Design):
        return design
    if isinstance(design, str | Path):
        return load_design(design)
    raise InputError(f"designs: {design!r} is neither a Design nor the name of one")
