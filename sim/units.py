"""Units: integers on chain, floats off chain, and the only place where one becomes the other."""

from __future__ import annotations

from decimal import Decimal

WAD = 10**18  # ratios and prices
RAY = 10**27  # indexes and decay factors
FEED = 10**8  # answers of a feed
GWEI = 10**9
YEAR_S = 365 * 86_400
MAX_UINT = 2**256 - 1

BORROW, WITHDRAW, LIQUIDATE = 0, 1, 2  # contracts/modules/actions.vy


def to_units(amount: float | int | str | Decimal, decimals: int) -> int:
    """Whole tokens to the token's smallest unit, rounded down.

    The float is read by its shortest decimal form, so 0.1 means a tenth.
    """
    return int(Decimal(str(amount)).scaleb(decimals))


def from_units(amount: int, decimals: int) -> float:
    """The token's smallest unit to whole tokens, as the nearest float."""
    return float(Decimal(amount).scaleb(-decimals))


def to_wad(ratio: float | int | str | Decimal) -> int:
    """A ratio or price to WAD, rounded down."""
    return to_units(ratio, 18)
