"""Twins by the names of their contracts, found by scanning this package: nothing lists them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache

from sim import mechanisms
from sim.errors import InputError
from sim.mechanisms.kernel import Contract


def twin_of(name: str) -> type[Contract]:
    """Raises InputError when the contract has no twin."""
    twin = _classes().get(name)
    if twin is None:
        raise InputError(
            f"the contract {name} has no twin under sim/mechanisms: run it on `anvil`, or write one"
        )
    return twin


@cache
def _classes() -> dict[str, type[Contract]]:
    """Every class of a contract in the package, once, by its name."""
    found: dict[str, type[Contract]] = {}
    for module in map(importlib.import_module, _modules()):
        for kind in vars(module).values():
            if not isinstance(kind, type) or not issubclass(kind, Contract):
                continue
            if found.setdefault(kind.__name__, kind) is not kind:
                raise InputError(f"{kind.__name__} is there more than once under sim/mechanisms")
    return found


def _modules() -> Iterator[str]:
    found = pkgutil.walk_packages(mechanisms.__path__, mechanisms.__name__ + ".")
    return (module.name for module in found)
