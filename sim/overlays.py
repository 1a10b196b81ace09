"""Scenarios on top of a scenario: what the file of an overlay itself says, and not what it
inherits, replaces what lies below, section by section; a list is replaced as a whole, and the
later of two overlays wins. A file that `lays` some sections lays these only.

Prices compose: the overlay's path multiplies the one below by what it has become of its own first
price, both from hour 0. Texts and sources of all are kept, and so are checks. Clock and shock stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.config import extended, find, merged, read
from sim.errors import InputError

TEXTS = ("summary", "story", "market_share")
OWN = {"extends", "name", "sources", "check", "lays", "shock", "clock", "prices", *TEXTS}
Data = Mapping[str, Any]


def stacked(names_or_paths: Sequence[str | Path], folder: Path) -> list[Path]:
    """The files of a scenario and its overlays, which "a+b" may name at once.

    Raises InputError, also when one lies on itself.
    """
    names = [
        name
        for given in names_or_paths
        for name in ([given] if _is_path(given) else str(given).split("+"))
    ]
    paths = [find(name, folder, "scenario") for name in names]
    for i, path in enumerate(paths):
        if path.resolve() in (other.resolve() for other in paths[:i]):
            raise InputError(f"scenario {names[i]} lies on itself; name each once")
    return paths


def laid_over(base: Data, path: Path, folder: Path) -> dict[str, Any]:
    """The mapping of a scenario with the overlay in the file on top. Raises InputError."""
    own, whole = read(path), extended(path, folder, "scenario")
    lays = _list(own, "lays") or own
    data = merged(base, {key: own[key] for key in own if key in lays and key not in OWN})
    name = str(own.get("name", path.stem))
    data["name"] = f"{base.get('name', '')}+{name}"
    data["sources"] = list(dict.fromkeys([*_list(base, "sources"), *_list(own, "sources")]))
    for key in TEXTS:
        if key in own:
            below = str(base.get(key, "")).strip().rstrip(".")
            data[key] = f"{below}; with {name}: {str(own[key]).strip()}"
    data["check"] = " and ".join(str(d["check"]) for d in (base, own) if d.get("check"))
    if "prices" in own and "prices" in lays:
        factors = [*_factors(base.get("prices")), *_factors(whole.get("prices"))]
        data["prices"] = {"kind": "product", "factors": factors}
    return data


def _is_path(given: str | Path) -> bool:
    return isinstance(given, Path) or given.endswith((".yaml", ".yml"))


def _list(data: Data, key: str) -> list[Any]:
    found = data.get(key, [])
    return list(found) if isinstance(found, list) else [found]


def _factors(prices: Any) -> list[Any]:
    if isinstance(prices, dict) and prices.get("kind") == "product":
        return _list(prices, "factors")
    return [prices]
