"""The table of gas: how it is read, and how it is made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.agents.gas import LIMITS
from sim.engines import gas
from sim.engines.artifacts import Library
from sim.experiments.gas import keep, means

TABLE = {
    "Token.transfer": {"ok": 50_000, "reverted": 25_000},
    "DutchAuction.take": {"ok": 200_000},
    "FixedSpread.take": {"ok": 300_000, "reverted": 90_000, "spot: healthy": 60_000},
}


@pytest.fixture(autouse=True)
def _measured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(gas, "table", lambda: TABLE)
    gas.mean.cache_clear()
    yield
    gas.mean.cache_clear()


@pytest.mark.parametrize(
    ("contract", "function", "ok", "used"),
    [
        ("Token", "transfer", True, 50_000),
        ("Token", "transfer", False, 25_000),
        ("DutchAuction", "take", False, 200_000),  # never seen to revert
        ("MyAuction", "take", True, 250_000),  # the mean of the others
        ("MyAuction", "take", False, 145_000),
        ("MyAuction", "unheard", True, 400_000),  # nobody has it: the limit
    ],
)
def test_used__of_a_call__is_what_was_measured_or_comes_nearest(
    contract: str, function: str, ok: bool, used: int
) -> None:
    assert gas.used(contract, function, ok, limit=400_000) == used


def test_used__of_a_revert_for_a_reason__is_that_of_the_reason_if_it_was_seen() -> None:
    used = [
        gas.used("FixedSpread", "take", False, 400_000, reason)
        for reason in ("spot: healthy", "spot: other")
    ]
    assert used == [60_000, 90_000]


def test_used__under_a_lower_limit__is_the_limit() -> None:
    assert gas.used("Token", "transfer", True, limit=40_000) == 40_000


def test_table__as_it_was_measured__has_every_call_that_agents_make() -> None:
    measured = json.loads(gas.PATH.read_text(encoding="utf-8"))
    assert {name.split(".")[1] for name in measured} >= LIMITS.keys()


def test_table__as_it_was_measured__names_functions_that_there_are() -> None:
    library = Library()
    uniswap = {"NonfungiblePositionManager", "SwapRouter", "UniswapV3Pool", "UniswapV3Factory"}
    for name in json.loads(gas.PATH.read_text(encoding="utf-8")):
        contract, function = name.split(".")
        artifact = library.uniswap(contract) if contract in uniswap else library.get(contract)
        assert function in {e.get("name") for e in artifact.abi}, name


def test_keep__after_another_measurement__leaves_what_no_run_has_met(tmp_path: Path) -> None:
    path = tmp_path / "gas.json"
    keep({"A.f": {"ok": 1}, "B.g": {"ok": 2, "reverted": 3}}, path)
    keep({"B.g": {"ok": 4}, "A.a": {"ok": 5}}, path)
    kept = {"A.a": {"ok": 5}, "A.f": {"ok": 1}, "B.g": {"ok": 4, "reverted": 3}}
    assert json.loads(path.read_text()) == kept


def test_means__of_samples__are_by_function_and_outcome() -> None:
    samples = [("B.f", "ok", 10), ("B.f", "ok", 13), ("B.f", "reverted", 3), ("A.g", "ok", 7)]
    assert means(samples) == {"A.g": {"ok": 7}, "B.f": {"ok": 12, "reverted": 3}}
