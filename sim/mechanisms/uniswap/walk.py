"""The steps of a swap over the ticks (WP 6.2.3, 6.3.1)."""

from __future__ import annotations

from dataclasses import dataclass

from sim.mechanisms.uniswap.curve import step
from sim.mechanisms.uniswap.ticks import (
    MAX_TICK,
    MIN_TICK,
    next_tick,
    sqrt_price_at,
    tick_at,
)
from sim.mechanisms.words import wrapped


@dataclass(slots=True)
class Walk:
    """Where a swap stands."""

    s: int  # square root of the price [Q64.96]
    tick: int
    liquidity: int
    rest: int  # left of an exact input, or of an exact output below zero
    growth: int  # of fees in the token that comes in [token / liquidity, Q128]
    counter: int = 0  # the other side: paid out below zero, or taken in

    def step(
        self,
        words: dict[int, int],
        spacing: int,
        fee: int,
        down: bool,
        limit: int,
        exact_in: bool,
    ) -> int | None:
        """Go to the next tick of the bitmap's word or as far as the rest or the limit allow.

        Returns the tick when it is initialised and reached: then its liquidity has to be changed.
        """
        tick, initialised = next_tick(words, self.tick, spacing, down)
        tick = max(tick, MIN_TICK) if down else min(tick, MAX_TICK)
        at_tick, start = sqrt_price_at(tick), self.s
        target = max(at_tick, limit) if down else min(at_tick, limit)
        self.s, taken, given, charge = step(start, target, self.liquidity, self.rest, fee)
        if exact_in:
            self.rest -= taken + charge
            self.counter -= given
        else:
            self.rest += given
            self.counter += taken + charge
        if self.liquidity:
            self.growth = wrapped(self.growth + (charge << 128) // self.liquidity)
        if self.s == at_tick:
            self.tick = tick - 1 if down else tick
            return tick if initialised else None
        if self.s != start:
            self.tick = tick_at(self.s)
        return None
