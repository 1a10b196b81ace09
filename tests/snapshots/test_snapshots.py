"""Gas and bytecode change only where somebody has looked at the change."""

from __future__ import annotations

import pytest

from sim.engines.artifacts import Library
from tests.helpers.source import vyper_files
from tests.snapshots.bytecode import SHARED
from tests.snapshots.record import HEADS, HERE, REFUSED, deployables, texts


@pytest.fixture(scope="module")
def measured() -> dict[str, str]:
    return texts()


@pytest.mark.parametrize("file", HEADS)
def test_measurement__of_the_contracts__is_what_was_reviewed(
    measured: dict[str, str], file: str
) -> None:
    reviewed = (HERE / file).read_text()
    assert measured[file] == reviewed, "run `make snapshots` and review the diff"


def names(file: str) -> set[str]:
    """The first word of every line but the head."""
    lines = (HERE / file).read_text().splitlines()
    return {line.split()[0] for line in lines if not line.startswith("#")}


def refused() -> set[str]:
    """Functions that let no call of the tour through."""
    lines = (HERE / "gas.txt").read_text().splitlines()
    return {line.split()[0] for line in lines if REFUSED in line and not line.startswith("#")}


def test_snapshots__of_gas_and_sizes__leave_nothing_out() -> None:
    library, contracts = Library(), deployables()
    functions = {
        f"{name}.{entry['name']}"
        for name in contracts
        for entry in library.get(name).abi
        if entry["type"] == "function"
    }
    missing = "run `make snapshots`; what is missing then wants a call of its own in tour.py"
    assert names("gas.txt") == functions, missing
    at_once = [name for name in contracts if "modules/spot_sale.vy" in vyper_files(name)]
    never = {f"{name}.{function}" for name in at_once for function in ("start", "restart")}
    assert refused() == never | {"FlashKeeper.on_take"}, "give the others a call in tour.py"
    shared = {f"{name}.{SHARED}" for name in contracts}
    assert names("sizes.txt") == contracts.keys() | functions | shared
