"""Eligible, executed, bad: three numbers that are never mixed, and what was sold for them."""

from __future__ import annotations

from sim.metrics.registry import metric
from sim.metrics.series import decimals_of, events, takes, total
from sim.trace import Trace


def _last(trace: Trace, column: str) -> float:
    return float(trace.rows("block")[column].iloc[-1])


@metric(
    "USD",
    "lower",
    "Debt that could be liquidated at some time: sum over accounts of the most that ever was",
)
def eligible_debt_usd(trace: Trace) -> float:
    return _last(trace, "eligible_debt_ever")


@metric("USD", "neither", "Debt that liquidations repaid")
def liquidated_debt_usd(trace: Trace) -> float:
    return _last(trace, "executed_debt")


@metric("USD", "lower", "Debt written off because no collateral was left behind it")
def bad_debt_usd(trace: Trace) -> float:
    return _last(trace, "bad_debt")


@metric("USD", "lower", "Debt that could still be liquidated or stood in auctions at the run's end")
def uncleared_debt_usd(trace: Trace) -> float:
    return _last(trace, "eligible_debt") + _last(trace, "debt_in_sale")


@metric("USD", "lower", "Collateral that liquidations sold, at the venue's price of the moment")
def collateral_sold_usd(trace: Trace) -> float:
    return float(takes(trace)["value"].sum())


@metric(
    "USD",
    "lower",
    "What liquidation cost borrowers: collateral sold at the venue's price less the debt it repaid",
)
def borrower_loss_usd(trace: Trace) -> float:
    sold = takes(trace)
    return float(sold["value"].sum() - sold["repaid"].sum())


@metric("USD", "neither", "Penalties that liquidations paid into the protocol's reserve")
def penalty_usd(trace: Trace) -> float:
    return float(takes(trace)["fee"].sum())


@metric("USD", "lower", "Bad debt that fell on the lenders' share price")
def lender_loss_usd(trace: Trace) -> float:
    return total(events(trace, "BadDebt"), "from_lenders", decimals_of(trace)[0])


@metric("USD", "lower", "Bad debt that the protocol's reserve bore")
def reserve_loss_usd(trace: Trace) -> float:
    return total(events(trace, "BadDebt"), "from_reserve", decimals_of(trace)[0])


@metric(
    "%",
    "lower",
    "How far takers paid below the venue's price, weighted by value; none without a take",
)
def sale_discount_pct(trace: Trace) -> float | None:
    sold = takes(trace)
    value = float(sold["value"].sum())
    if value == 0:
        return None
    return 100 * (1 - float((sold["repaid"] + sold["fee"]).sum()) / value)
