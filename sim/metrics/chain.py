"""Time and block space: how long it took, and what the chain had to carry."""

from __future__ import annotations

import numpy as np

from sim.metrics.registry import metric
from sim.metrics.series import events
from sim.trace import EVERYWHERE, Trace


def _time_to_clear(trace: Trace, percentile: float) -> float | None:
    """Over accounts' spells below health factor 1; an open one counts up to the run's end."""
    spells = trace.rows("episode")
    if spells.empty:
        return None
    end = trace.rows("block")["time_s"].iloc[-1]
    return float(np.percentile(spells["cleared_s"].fillna(end) - spells["time_s"], percentile))


@metric("s", "lower", "Median time that an account stayed below health factor 1; none if none fell")
def time_to_clear_p50_s(trace: Trace) -> float | None:
    return _time_to_clear(trace, 50)


@metric("s", "lower", "95th percentile of the time that an account stayed below health factor 1")
def time_to_clear_p95_s(trace: Trace) -> float | None:
    return _time_to_clear(trace, 95)


@metric("s", "neither", "How long breakers halted liquidation; overlapping halts count once")
def halted_seconds(trace: Trace) -> float:
    return float(trace.rows("block")["halted_seconds"].iloc[-1])


@metric("", "neither", "Auctions opened")
def auctions_started(trace: Trace) -> float:
    return float(len(events(trace, "SaleStarted")))


@metric("", "lower", "Auctions that went stale and were started again")
def auctions_restarted(trace: Trace) -> float:
    return float(len(events(trace, "SaleRestarted")))


@metric("blocks", "lower", "Blocks in which something had to wait for space")
def blocks_full(trace: Trace) -> float:
    return float(trace.rows("block")["full"].fillna(False).astype(bool).sum())


@metric("", "lower", "Transactions that expired before a block had space for them")
def transactions_expired(trace: Trace) -> float:
    return float(trace.rows("block")["expired"].sum())


@metric("%", "lower", "Share of mined transactions that reverted; none without a transaction")
def reverted_pct(trace: Trace) -> float | None:
    ok = trace.rows("transaction", EVERYWHERE)["ok"]
    return None if ok.empty else 100 * (1 - float(ok.astype(bool).mean()))


@metric("gas", "neither", "Gas that all blocks of the run used")
def gas_used(trace: Trace) -> float:
    return float(trace.rows("block")["gas_used"].sum())
