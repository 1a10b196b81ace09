"""A contract's parameters as a design gives them, as text with units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.design import ContractSpec
from sim.engines.artifacts import Library


def parameters(spec: ContractSpec, library: Library) -> tuple[tuple[str, str], ...]:
    """Names and values; a whole number has the unit that the contract's own comment gives it, or
    the comment of the module that takes it."""
    units = library.units(spec.contract)
    return tuple(
        (name, _text(value, units.get(name, ""), library)) for name, value in spec.params.items()
    )


def _text(value: Any, unit: str, library: Library) -> str:
    if isinstance(value, Mapping) and "contract" in value:
        spec = ContractSpec(**value)
        inner = ", ".join(" ".join(both) for both in parameters(spec, library))
        return f"{spec.contract} ({inner})" if inner else spec.contract
    if isinstance(value, Mapping):
        return " / ".join(f"{k}: {_text(v, unit, library)}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return " / ".join(_text(v, unit, library) for v in value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,} {unit}".strip()
    text = f"{value:.6g}" if isinstance(value, float) else _amount(str(value))
    return f"{text}/s" if unit.endswith("/s") else text


def _amount(text: str) -> str:
    """Words, and amounts with a unit: a scale is none."""
    amount, _, unit = text.partition(" ")
    if amount.isdigit():
        amount = f"{int(amount):,}"
    return amount if unit in ("", "ray", "wad") else f"{amount} {unit}"
