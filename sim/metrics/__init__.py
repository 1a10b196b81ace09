"""Pure functions from a trace to a number, in one registry."""

from sim.metrics import chain, debt, exits, inclusion, liquidity, network, payers, prices
from sim.metrics.format import compact, show
from sim.metrics.registry import METRICS, Metric, evaluate

__all__ = [
    "METRICS",
    "Metric",
    "chain",
    "compact",
    "debt",
    "evaluate",
    "exits",
    "inclusion",
    "liquidity",
    "network",
    "payers",
    "prices",
    "show",
]
