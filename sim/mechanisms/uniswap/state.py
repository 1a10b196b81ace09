"""What a pool remembers of each tick and position, and how it changes (WP 6.3, 6.4).

Records have the fields, order and units of the pool's own getters. Growths are sums from the pool's
beginning modulo 2**256, of which only differences mean anything [token / liquidity, Q128].
"""

from __future__ import annotations

from typing import NamedTuple

from sim.mechanisms.kernel import Revert
from sim.mechanisms.words import sint, wrapped, wrapped_sint


class Growth(NamedTuple):
    """Sums that a tick remembers from its other side."""

    fee0: int  # [token0 / liquidity, Q128]
    fee1: int
    ticks: int  # [tick s]
    per_liquidity: int  # [s / liquidity, Q128]
    seconds: int  # [s]

    def since(self, earlier: Growth) -> Growth:
        """The difference, in the width of each."""
        return Growth(
            wrapped(self.fee0 - earlier.fee0),
            wrapped(self.fee1 - earlier.fee1),
            wrapped_sint(self.ticks - earlier.ticks, 56),
            wrapped(self.per_liquidity - earlier.per_liquidity, 160),
            wrapped(self.seconds - earlier.seconds, 32),
        )


NONE = Growth(0, 0, 0, 0, 0)


class Tick(NamedTuple):
    """One end of positions."""

    gross: int = 0  # liquidity of all positions that end here
    net: int = 0  # liquidity that comes in when the price rises through it
    outside: Growth = NONE

    def changed(self, delta: int, upper: bool, below: bool, now: Growth, most: int) -> Tick:
        """With `delta` more liquidity of a position that ends here, as its upper end or lower.

        A new tick takes all growth so far to lie below it when it is at or below the price
        (WP 6.21). Reverts with LO above `most`.
        """
        gross = add_liquidity(self.gross, delta)
        if gross > most:
            raise Revert("LO")
        outside = self.outside if self.gross else now if below else NONE
        net = sint(self.net - delta if upper else self.net + delta, 128)
        return Tick(gross, net, outside)

    def crossed(self, now: Growth) -> Tick:
        """What lay outside is inside now, and the other way (WP 6.26)."""
        return Tick(self.gross, self.net, now.since(self.outside))

    def record(self) -> tuple[int, int, int, int, int, int, int, bool]:
        """As the pool's getter `ticks` gives it."""
        o = self.outside
        outside = (o.fee0, o.fee1, o.ticks, o.per_liquidity, o.seconds)
        return (self.gross, self.net, *outside, self.gross > 0)


def growth_inside(
    lower: Tick, upper: Tick, below: bool, above: bool, fee0: int, fee1: int
) -> tuple[int, int]:
    """Fee growth between two ticks: all of it less what lies below and above (WP 6.17 to 6.19).

    `below` and `above`: whether the price is under the lower or not under the upper tick.
    """
    low, high = lower.outside, upper.outside
    if below:
        return wrapped(low.fee0 - high.fee0), wrapped(low.fee1 - high.fee1)
    if above:
        return wrapped(high.fee0 - low.fee0), wrapped(high.fee1 - low.fee1)
    return wrapped(fee0 - low.fee0 - high.fee0), wrapped(fee1 - low.fee1 - high.fee1)


class Position(NamedTuple):
    """Somebody's liquidity in one range."""

    liquidity: int = 0
    inside0: int = 0  # fee growth inside at the last change [token0 / liquidity, Q128]
    inside1: int = 0
    owed0: int = 0  # to be collected [token0], modulo 2**128
    owed1: int = 0

    def changed(self, delta: int, inside0: int, inside1: int) -> Position:
        """With the fees since the last change, and `delta` more liquidity.

        Reverts with NP when there is nothing to bring up to date.
        """
        if not delta and not self.liquidity:
            raise Revert("NP")
        return Position(
            add_liquidity(self.liquidity, delta),
            inside0,
            inside1,
            self.owed0 + earned(self.liquidity, inside0, self.inside0) & UINT128,
            self.owed1 + earned(self.liquidity, inside1, self.inside1) & UINT128,
        )

    def owing(self, amount0: int, amount1: int) -> Position:
        """With so much more owed."""
        owed0, owed1 = self.owed0 + amount0 & UINT128, self.owed1 + amount1 & UINT128
        return Position(self.liquidity, self.inside0, self.inside1, owed0, owed1)


UINT128 = (1 << 128) - 1


def earned(liquidity: int, inside: int, inside_before: int) -> int:
    """Fees of some liquidity between two readings of the growth inside (WP 6.28), cut."""
    return (wrapped(inside - inside_before) * liquidity >> 128) & UINT128


def add_liquidity(liquidity: int, delta: int) -> int:
    """The sum in 128 bits. Reverts with LS below zero and LA above."""
    total = liquidity + delta
    if total < 0:
        raise Revert("LS")
    if total > UINT128:
        raise Revert("LA")
    return total
