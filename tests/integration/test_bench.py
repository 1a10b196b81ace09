"""The measurement behind `ape run bench`."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import pytest
from rich.console import Console

from sim.design import load_design
from sim.engines.anvil import AnvilEngine
from sim.engines.bench import Track, ape_rate, liquidation_stream
from sim.errors import EngineError
from sim.experiments.bench import BenchResult, bench
from sim.scenario import load_scenario


@pytest.fixture(scope="module")
def track() -> Iterator[Track]:
    stream = liquidation_stream(load_design("fixed"), blocks=2, size=100)
    with AnvilEngine() as engine:
        yield Track(engine, stream)


def test_rates__of_engine_and_bare_loop__come_from_the_same_blocks(track: Track) -> None:
    # the bare loop raises when it ends with another block than the engine
    assert track.engine_rate() > 0
    assert track.ceiling_rate() > 0
    assert track.engine_rate() > 0


def test_rates__of_blocks_that_differ__are_refused(
    track: Track, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(track, "_last_hash", "0x12")
    with pytest.raises(EngineError, match="did not mine the engine's block"):
        track.ceiling_rate()


def test_bench__of_the_fixed_design__measures_every_rate_in_each_round() -> None:
    rounds: list[int] = []
    overrides = ["population.borrowers.count=60", "population.panic_sellers.count=20"]
    short = load_scenario("flash_crash", overrides=overrides)
    few = short.clock.model_copy(update={"block_spacing_s": 1200})
    scenario = short.model_copy(update={"clock": few})
    result = bench(scenario, load_design("fixed"), rounds=2, on_round=rounds.append)
    assert rounds == [1, 2]
    assert result.transactions == 900
    assert result.ratio > 0  # how fast is for `ape run bench` to say, not for a test
    assert min(result.engine, result.ape) > 0
    assert result.ceiling > 0
    assert result.lens > 0
    assert min(result.anvil_runs, result.reference_runs, result.speed_up) > 0


def test_ape_rate__of_a_few_transfers__is_a_rate() -> None:
    assert ape_rate(transactions=2) > 0


def test_table__of_a_result__has_a_unit_for_every_rate() -> None:
    result = BenchResult(900, 2_000.0, 3_000.0, 0.67, 60_000.0, 20.0, 4, 3.1, 40.3, 13.0)
    console = Console(file=StringIO(), width=100)
    console.print(result.table())
    text = console.file.getvalue()
    assert "2,000" in text
    assert "0.67" in text
    assert text.count("transactions/s") == 3
    assert text.count("accounts/s") == 1
    assert text.count("runs/min") == 2
    assert "13.0" in text
    assert text.count("4 at a time") == 2
