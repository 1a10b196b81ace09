"""Gas and bytecode as texts to review: `make snapshots` writes them, a test compares them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sim.engines.anvil import OPTIONS
from sim.engines.artifacts import ROOT, Library
from sim.engines.process import AnvilNode
from tests.snapshots.bytecode import SHARED, by_function
from tests.snapshots.tour import Metered, tour

HERE = Path(__file__).parent
REFUSED = "(refused)"
SIZE_LIMIT = 24_576  # EIP-170 [bytes]
HEADS = {
    "gas.txt": "Gas by external function: the most of its calls in tour.py.\n"
    f"# {REFUSED}: it lets nobody through, or only from inside another call.\n"
    "# Views are sent as transactions too, so every number has the 21,000 and the data in it.",
    "sizes.txt": f"Runtime bytes on the chain, with immutables, of {SIZE_LIMIT:,} (EIP-170).\n"
    f"# Of an external function its own; {SHARED}: what they share, internal functions above all.",
}


def deployables() -> dict[str, Path]:
    """The files of all contracts but the mocks, by name."""
    paths = (ROOT / "contracts").rglob("[A-Z]*.vy")
    return {path.stem: path for path in paths if path.parent.name != "mocks"}


def texts() -> dict[str, str]:
    """What belongs into each file, from a tour on a fresh chain."""
    ours = deployables()
    with AnvilNode(OPTIONS) as node:
        g = Metered(node, Library())
        tour(g)
    refused = {
        (name, f"{function} {REFUSED}"): n
        for (name, function), n in g.refused.items()
        if (name, function) not in g.gas
    }
    measured = {**g.gas, **refused}.items()
    gas = {f"{name}.{function}": n for (name, function), n in measured if name in ours}
    sizes: dict[str, int] = {}
    for name in ours.keys() & g.sizes.keys():
        sizes |= _shares(name, g.sizes[name], by_function(ours[name]))
    return {"gas.txt": _table("gas.txt", gas), "sizes.txt": _table("sizes.txt", sizes)}


def _shares(name: str, size: int, functions: Mapping[str, int]) -> dict[str, int]:
    """The rows of a contract, which add up to its size."""
    own = {f"{name}.{function}": n for function, n in functions.items() if function != SHARED}
    return {name: size, **own, f"{name}.{SHARED}": size - sum(own.values())}


def _table(file: str, numbers: Mapping[str, int]) -> str:
    width = max(map(len, numbers))
    rows = (f"{name:<{width}} {n:>9,}\n" for name, n in sorted(numbers.items()))
    return f"# {HEADS[file]}\n# `make snapshots` writes this file.\n" + "".join(rows)


if __name__ == "__main__":
    for name, text in texts().items():
        (HERE / name).write_text(text)
