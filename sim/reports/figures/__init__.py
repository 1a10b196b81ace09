"""Figures of a comparison, in the order of the report."""

from collections.abc import Callable

from sim.reports.figures.amplification import amplification
from sim.reports.figures.base import Evidence, Figure
from sim.reports.figures.chain import chain
from sim.reports.figures.debts import debts
from sim.reports.figures.exits import exits
from sim.reports.figures.health import health
from sim.reports.figures.inclusion import inclusion
from sim.reports.figures.network import contagion, network
from sim.reports.figures.payers import payers
from sim.reports.figures.prices import prices
from sim.reports.figures.risk import risk
from sim.reports.figures.sales import sales

FIGURES: tuple[Callable[[Evidence], Figure | None], ...] = (
    prices,
    amplification,
    debts,
    payers,
    sales,
    health,
    exits,
    risk,
    inclusion,
    chain,
)

OF_NETWORKS: tuple[Callable[[Evidence], Figure | None], ...] = (
    network,
    contagion,
)  # None elsewhere

__all__ = ["FIGURES", "OF_NETWORKS", "Evidence", "Figure"]
