"""The market's arithmetic in exact integers, and the defaults that contract tests deploy with."""

from __future__ import annotations

from typing import Any

from sim.units import RAY, WAD, YEAR_S, to_units, to_wad

FEED_DECIMALS = 8
SHARE_OFFSET = 6  # decimals that shares have more than assets
DAY_S = 86_400
NO_INTEREST = {
    "base_rate": 0,
    "kink": to_wad("0.8"),
    "rate_at_kink": 0,
    "rate_at_full": 0,
    "reserve_factor": 0,
}
INTEREST = {
    "base_rate": to_wad("0.01"),
    "kink": to_wad("0.8"),
    "rate_at_kink": to_wad("0.05"),
    "rate_at_full": to_wad("0.8"),
    "reserve_factor": to_wad("0.1"),
}
TERMS = {
    "ltv": to_wad("0.75"),
    "liquidation_threshold": to_wad("0.8"),
    "cap": 10**30,
    "max_age": 365 * DAY_S,
}
LIMITS = {"min_debt": 100 * 10**6, "borrow_cap": 10**15}


def usd(amount: float | str) -> int:
    """Whole debt tokens (6 decimals) to [debt token]."""
    return to_units(amount, 6)


def answer(price: float | str) -> int:
    """A price to a feed's answer."""
    return to_units(price, FEED_DECIMALS)


def div_up(numerator: int, divisor: int) -> int:
    return -(-numerator // divisor)


def rate(model: dict[str, int], utilisation: int) -> int:
    """Kinked yearly rate [WAD] at a utilisation [WAD], each leg rounded down."""
    kink = model["kink"]
    if utilisation <= kink:
        rise = model["rate_at_kink"] - model["base_rate"]
        return model["base_rate"] + rise * utilisation // kink
    rise = model["rate_at_full"] - model["rate_at_kink"]
    return model["rate_at_kink"] + rise * (utilisation - kink) // (WAD - kink)


def grown(index: int, yearly: int, seconds: int) -> int:
    """The index [RAY] after a time at a yearly rate [WAD], rounded up."""
    return index + div_up(index * yearly * seconds, YEAR_S * WAD)


def debt_at(scaled: int, index: int) -> int:
    """Scaled debt at an index, rounded up [debt token]."""
    return div_up(scaled * index, RAY)


def arguments(contract: Any, **values: Any) -> list[Any]:
    """Constructor arguments in the contract's order, by their names."""
    return [values[i.name] for i in contract.contract_type.constructor.inputs]
