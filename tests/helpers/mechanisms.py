"""Liquidation modules and breakers for tests: default parameters and exact arithmetic."""

from __future__ import annotations

from typing import Any

from sim.units import MAX_UINT, RAY, WAD, to_units, to_wad
from tests.helpers.ledger import arguments, div_up, usd

LIQUIDATE = 2
ENDLESS = MAX_UINT
ZERO = "0x" + "00" * 20
FIXED = {
    "bonus": [to_wad("0.05"), to_wad("0.08"), to_wad("0.1")],
    "protocol_fee": [0] * 3,
    "close_factor": to_wad("0.5"),
    "full_close_health": to_wad("0.95"),
    "min_base": usd(2_000),
    "min_leftover": usd(1_000),
}
DISCOUNT = {
    "max_discount": to_wad("0.15"),
    "target_health": to_wad(1),
    "cool_off": 60,
    "min_leftover": usd(1_000),
}
TARGET = {
    "min_bonus": [to_wad("0.02")] * 3,
    "max_bonus": [to_wad("0.1")] * 3,
    "protocol_fee": [0] * 3,
    "health_for_max": to_wad("0.92"),
    "target_health": to_wad("1.05"),
    "full_close_share": to_wad("0.9"),
    "min_leftover": usd(1_000),
}
AUCTION = {
    "buffer": to_wad("1.2"),
    "tail": 7_200,
    "cusp": to_wad("0.4"),
    "tip": usd(20),
    "chip": to_wad("0.001"),
    "penalty": to_wad("0.1"),
    "cap": usd(1_000_000),
    "collateral_cap": [usd(1_000_000)] * 3,
    "min_sale": usd(500),
}
ENGLISH = {
    "raise_by": to_wad("0.05"),
    "least_raise": usd(1_000),
    "bid_life": 600,
    "length": 3_600,
    "penalty": to_wad("0.1"),
    "tip": usd(20),
    "min_sale": usd(500),
}
# bids for a target of 11,000: from the smallest unit by 1,000, which is more than 5%
ENGLISH_LADDER = [1] + [usd(1_000) * n + 1 for n in range(1, 11)] + [usd(11_000)]
RESPONSE = {
    "duration": [300, 900, 3_600],
    "rest": 1_800,
    "repeat": to_wad(8),
    "calm": 21_600,
    "liquidation": [1, 2, 3],
    "borrowing": [0, 1, 3],
    "withdrawal": [1, 1, 3],
    "throttle_capacity": usd(5_000),
    "throttle_refill": usd(10),
    "pace": to_wad("0.5"),
    "uplift": to_wad("0.1"),
    "guardian_response": 3_600,
    "price_speed": to_wad("0.00005"),
    "budget": usd(420_000_000),  # all that 8,400 s at that speed can cost at the borrow cap
}
BREAKER = RESPONSE | {
    "half_life": 3_600,
    "clip": to_wad("0.05"),
    "deviation": [to_wad("0.1"), to_wad("0.2"), to_wad("0.3")],
    "release": [to_wad("0.04"), to_wad("0.08"), to_wad("0.12")],
    "anchor_half_life": 86_400,
    "anchor_deviation": to_wad("0.15"),
}
FLOW = RESPONSE | {
    "always": [0, 1, 1],
    "half_life": 3_600,
    "cash_share": to_wad("0.1"),
    "sold_share": to_wad("0.2"),
    "least_flow": usd(100),
    "level": [to_wad(1), to_wad("1.5"), to_wad(2)],
    "release": [to_wad("0.5"), to_wad("0.75"), to_wad(1)],
}
COMPOSITE = RESPONSE | {
    "window": 600,
    "cardinality": 60,
    "band": to_wad("0.1"),
    "flow_half_life": 1_800,
    "half_life": 3_600,
    "clip": to_wad("0.05"),
    "level": [to_wad("0.02"), to_wad("0.1"), to_wad("0.5")],
    "release": [to_wad("0.01"), to_wad("0.05"), to_wad("0.25")],
}
DEVIATION = RESPONSE | {
    "level": [to_wad("0.03"), to_wad("0.06"), to_wad("0.12")],
    "release": [to_wad("0.01"), to_wad("0.03"), to_wad("0.06")],
}
VOLATILITY = RESPONSE | {
    "half_life": 3_600,
    "clip": to_wad("0.05"),
    "variance_half_life": 21_600,
    "multiple": [to_wad(4), to_wad(8), to_wad(12)],
    "release": [to_wad(2), to_wad(4), to_wad(6)],
    "usual_gap": to_wad("0.01"),
    "least_gap": to_wad("0.005"),
    "largest_gap": to_wad("0.05"),
}


def eth(amount: float | str) -> int:
    """Whole tokens to [WETH]."""
    return to_units(amount, 18)


def deploy(owner: Any, contract: Any, **values: Any) -> Any:
    """Deploy with constructor arguments by name."""
    return owner.deploy(contract, *arguments(contract, **values))


def only(receipt: Any, name: str) -> dict[str, Any]:
    """The arguments of the receipt's one event of this name."""
    found = [e.event_arguments for e in receipt.events if e.event_name == name]
    assert len(found) == 1, f"{len(found)} events {name}"
    return dict(found[0])


def mul_half_up(x: int, factor: int) -> int:
    """A product with a factor in [RAY]."""
    return (x * factor + RAY // 2) // RAY


def pow_half_up(base: int, exponent: int) -> int:
    """A power in [RAY] by squaring from the lowest bit."""
    result, square = RAY, base
    while exponent:
        if exponent % 2:
            result = mul_half_up(result, square)
        exponent //= 2
        if exponent:
            square = mul_half_up(square, square)
    return result


def terms(
    owed: int, lot: int, price: int, most: int, least: int, least_lot: int
) -> tuple[int, int]:
    """What a taker pays [USDC] and receives [WETH] at a price [WAD].

    `least` [USDC] and `least_lot` [WETH] stay behind when neither leg is finished.
    """
    scale = 10**30
    cost = div_up(lot * price, scale)
    pay = min(most, owed, cost)
    if pay < min(owed, cost):
        pay = min(pay, max(owed - least, 0), max(lot - least_lot, 0) * price // scale)
    return pay, min(lot, pay * scale // price)


def discounted(price: int, bonus: int) -> int:
    """A price [WAD] less a bonus [WAD], rounded up."""
    return div_up(price * WAD, WAD + bonus)
