"""Gas and bytecode as texts to review: `make snapshots` writes them, a test compares them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sim.engines.anvil import OPTIONS
from sim.engines.artifacts import ROOT, Library
from sim.engines.process import AnvilNode
from tests.snapshots.tour import Metered, tour

HERE = Path(__file__).parent
SIZE_LIMIT = 24_576  # EIP-170 [bytes]
HEADS = {
    "gas.txt": "Gas by external function that writes: the most of its calls in tour.py.",
    "sizes.txt": f"Runtime bytes on the chain, with immutables, of {SIZE_LIMIT:,} (EIP-170).",
}


def deployables() -> set[str]:
    """The names of all contracts but the mocks."""
    paths = (ROOT / "contracts").rglob("[A-Z]*.vy")
    return {path.stem for path in paths if path.parent.name != "mocks"}


def texts() -> dict[str, str]:
    """What belongs into each file, from a tour on a fresh chain."""
    ours = deployables()
    with AnvilNode(OPTIONS) as node:
        g = Metered(node, Library())
        tour(g)
    gas = {f"{name}.{function}": n for (name, function), n in g.gas.items() if name in ours}
    sizes = {name: n for name, n in g.sizes.items() if name in ours}
    return {"gas.txt": _table("gas.txt", gas), "sizes.txt": _table("sizes.txt", sizes)}


def _table(file: str, numbers: Mapping[str, int]) -> str:
    width = max(map(len, numbers))
    rows = (f"{name:<{width}} {n:>9,}\n" for name, n in sorted(numbers.items()))
    return f"# {HEADS[file]}\n# `make snapshots` writes this file.\n" + "".join(rows)


if __name__ == "__main__":
    for name, text in texts().items():
        (HERE / name).write_text(text)
