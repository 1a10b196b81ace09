"""Cash: how much of it is out, and who still got some."""

from __future__ import annotations

from sim.metrics.registry import metric
from sim.metrics.series import decimals_of, events, total
from sim.trace import Trace


@metric("%", "lower", "Most of the lenders' money that was out at once: debt of debt and cash")
def peak_utilisation_pct(trace: Trace) -> float:
    steps = trace.rows("block")
    lent = steps["total_debt"] + steps["debt_in_sale"]
    return 100 * float((lent / (lent + steps["cash"])).fillna(0.0).max())


@metric("USD", "neither", "What lenders withdrew")
def withdrawn_usd(trace: Trace) -> float:
    return total(events(trace, "Withdraw"), "assets", decimals_of(trace)[0])
