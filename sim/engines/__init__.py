"""Where the contracts execute."""

from __future__ import annotations

from collections.abc import Mapping

from sim.engines.anvil import AnvilEngine
from sim.engines.base import Engine
from sim.engines.reference import ReferenceEngine
from sim.errors import InputError

ENGINES: Mapping[str, type[Engine]] = {e.name: e for e in (AnvilEngine, ReferenceEngine)}


def open_engine(name: str) -> Engine:
    """A new engine by name. Raises InputError listing the known ones."""
    return find_engine(name)()


def find_engine(name: str) -> type[Engine]:
    """The class of that name. Raises InputError listing the known ones."""
    if name not in ENGINES:
        raise InputError(f"engine: there is no engine {name!r}; there is {', '.join(ENGINES)}")
    return ENGINES[name]
