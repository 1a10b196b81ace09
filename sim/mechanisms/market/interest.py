"""Twin of contracts/modules/interest.vy: a rate with a kink, linear between two touches.

At a utilisation u the rate rises on a line from `base_rate` to `rate_at_kink` while u <= kink, and
on another from there to `rate_at_full` at 1. After t seconds index becomes
index * (1 + rate * t / year), rounded up.
"""

from __future__ import annotations

from typing import NamedTuple

from sim.mechanisms.kernel import Revert
from sim.mechanisms.maths import mul_div_down, mul_div_up
from sim.units import WAD, YEAR_S

MAX_RATE = 10 * WAD  # [WAD a year]


class Model(NamedTuple):
    """What debt costs by utilisation."""

    base_rate: int  # at no utilisation [WAD a year]
    kink: int  # utilisation at the kink [WAD]
    rate_at_kink: int  # [WAD a year]
    rate_at_full: int  # [WAD a year]
    reserve_factor: int  # share of the interest that goes to the reserve [WAD]


def check(model: Model) -> None:
    """Refuse a senseless model."""
    if not 0 < model.kink < WAD:
        raise Revert("market: bad kink")
    if not model.base_rate <= model.rate_at_kink <= model.rate_at_full:
        raise Revert("market: falling rates")
    if model.rate_at_full > MAX_RATE:
        raise Revert("market: rate too high")
    if model.reserve_factor >= WAD:
        raise Revert("market: bad reserve factor")


def utilisation_down(lent: int, cash: int) -> int:
    """The lent part of what was supplied [WAD], of amounts in [debt token]."""
    return mul_div_down(lent, WAD, lent + cash) if lent else 0


def rate_down(model: Model, utilisation: int) -> int:
    """At a utilisation in [WAD]; [WAD a year]."""
    base, kink, at_kink, at_full, _ = model
    if utilisation <= kink:
        return base + mul_div_down(at_kink - base, utilisation, kink)
    return at_kink + mul_div_down(at_full - at_kink, utilisation - kink, WAD - kink)


def grown_up(index: int, rate: int, elapsed: int) -> int:
    """The index [RAY] after so many seconds at a rate in [WAD a year]."""
    return index + mul_div_up(index, rate * elapsed, YEAR_S * WAD)
