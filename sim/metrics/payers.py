"""Who earned and who paid, from the ledger at the final mark."""

from __future__ import annotations

from sim.metrics.registry import metric
from sim.trace import Trace


@metric("USD", "neither", "What keepers earned after gas, at the final mark")
def keeper_profit_usd(trace: Trace) -> float:
    return float(trace.ledger["value_usd"]["keepers"])
