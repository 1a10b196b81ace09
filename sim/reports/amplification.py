"""Whose doing the fall was, as rows of numbers for terminal and page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.results import Results


@dataclass(frozen=True)
class Quantity:
    """A line of the table."""

    name: str
    unit: str
    meaning: str
    digits: int


QUANTITIES = (
    Quantity("fall_pct", "%", "Fall of the venue's price from its first to its lowest", 1),
    Quantity("fall_without_impact_pct", "%", "The same when nobody moves the price", 1),
    Quantity("amplification", "", "Their ratio, in logarithms", 2),
    Quantity("branching", "", "1 - 1 / amplification: what one sale sets off", 2),
    Quantity(
        "owed_to_liquidations_pct", "%", "Part of the fall that goes when keepers are away", 1
    ),
    Quantity("owed_to_panic_pct", "%", "Part of the fall that goes without panic sellers", 1),
    Quantity(
        "owed_to_withdrawal_pct",
        "%",
        "Part of the fall that goes when lenders and liquidity providers stay",
        1,
    ),
    Quantity(
        "induced_liquidations_pct", "%", "Liquidated debt that would not be without impact", 1
    ),
)
NOTE = (
    "Each run again with one thing off: impact, liquidations, panic, withdrawal. Parts of the fall "
    "overlap and need not add up; one below zero says that what was switched off held the price."
)


def shown(results: Results, design: str, quantity: Quantity) -> str:
    """ "12.3 ± 0.4", or a dash."""
    found = results.amplification[design][quantity.name]
    if found["mean"] is None:
        return "–"
    return f"{number(found['mean'], quantity.digits)}{_spread(found, quantity.digits)}"


def _spread(found: Mapping[str, Any], digits: int) -> str:
    interval = found["interval_95"]
    if not interval or interval[0] == interval[1]:
        return ""
    return f" ± {number((interval[1] - interval[0]) / 2, digits)}"


def number(value: float, digits: int) -> str:
    """Rounded, and without a sign where nothing is left of it."""
    text = f"{value:.{digits}f}"
    return (text if float(text) else f"{0:.{digits}f}").replace("-", "−")


def sentence(results: Results) -> str:
    """What the baseline's numbers say."""
    design = results.designs[0]
    means = {name: found["mean"] for name, found in results.amplification[design].items()}
    if means["amplification"] is None:
        return f"The price did not fall under {design}."
    parts = {
        "Liquidations": means["owed_to_liquidations_pct"],
        "panic": means["owed_to_panic_pct"],
        "withdrawal": means["owed_to_withdrawal_pct"],
    }
    said = ", ".join(
        f"{who} {'made ' if i == 0 else ''}{number(part, 1)}%"
        for i, (who, part) in enumerate(parts.items())
        if part is not None
    )
    return (
        f"{said} of the fall under {design}, which was {number(means['amplification'], 2)} times "
        "the one without anybody's impact."
    )
