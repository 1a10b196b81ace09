"""Metrics of several markets, on traces made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from sim.metrics import METRICS, network
from sim.trace import Recorder, Trace
from tests.helpers.synthetic import STEP, ledger, manifest


def trace_of(done: dict[str, list[float]], bad: float = 0.0) -> Trace:
    """Debt liquidated in each minute, by market; the second minute of `b` writes off `bad`."""
    recorder = Recorder()
    steps = len(next(iter(done.values())))
    for i in range(steps):
        for market, amounts in done.items():
            recorder.add(
                "block",
                **{
                    **STEP,
                    "market": None if market == "a" else market,
                    "block": i,
                    "time_s": 60 * (i + 1),
                    "venue": 2000.0,
                    "pool": 2000.0,
                    "executed_debt": sum(amounts[: i + 1]),
                    "bad_debt": bad if market == "b" and i else 0.0,
                },
            )
    about = manifest()
    markets = {m: {"design": about["design"], "pool": "pool"} for m in done}
    extra: dict[str, Any] = {"markets": markets} if len(done) > 1 else {}
    return Trace({**about, **extra}, ledger(), recorder.trace({}, {}).table)


def test_synchrony__same_minutes_and_sizes__is_perfect() -> None:
    trace = trace_of({"a": [0.0, 5.0, 0.0, 20.0], "b": [0.0, 10.0, 0.0, 40.0]})
    assert METRICS["liquidation_synchrony_pct"].compute(trace) == pytest.approx(100)


def test_synchrony__by_turns__is_negative() -> None:
    trace = trace_of({"a": [10.0, 0.0, 10.0, 0.0], "b": [0.0, 10.0, 0.0, 10.0]})
    assert METRICS["liquidation_synchrony_pct"].compute(trace) == pytest.approx(-100)


def test_synchrony__one_market_alone_or_idle__is_nothing() -> None:
    assert METRICS["liquidation_synchrony_pct"].compute(trace_of({"a": [1.0, 2.0]})) is None
    idle = trace_of({"a": [1.0, 2.0], "b": [0.0, 0.0]})
    assert METRICS["liquidation_synchrony_pct"].compute(idle) is None


def test_elsewhere__sums_the_other_markets_and_not_the_first() -> None:
    trace = trace_of({"a": [100.0, 0.0], "b": [3.0, 4.0], "c": [5.0, 0.0]}, bad=2.0)
    assert METRICS["liquidated_elsewhere_usd"].compute(trace) == pytest.approx(12)
    assert METRICS["bad_debt_elsewhere_usd"].compute(trace) == pytest.approx(2)
    assert network.by_market(trace)["b"]["liquidated"] == pytest.approx(7)


def test_elsewhere__without_a_network__is_nothing() -> None:
    assert METRICS["liquidated_elsewhere_usd"].compute(trace_of({"a": [1.0]})) is None
    assert network.summary(trace_of({"a": [1.0]})) is None
