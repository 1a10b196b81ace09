"""Twins of contracts/curves: what is left of a start price after some seconds, rounded half up."""

from __future__ import annotations

from sim.mechanisms.kernel import Address, Chain, Contract, Revert, view
from sim.mechanisms.ray_maths import mul_half_up, pow_half_up
from sim.mechanisms.words import uint
from sim.units import RAY


class LinearCurve(Contract):
    """Along a straight line to zero: (duration - t) / duration."""

    guarded = True

    def __init__(self, chain: Chain, address: Address, duration: int) -> None:
        super().__init__(chain, address)
        if not duration:
            raise Revert("curve: zero duration")
        self.DURATION = duration  # [s]

    @view
    def price(self, start_price: int, elapsed: int) -> int:
        """After `elapsed` seconds."""
        if elapsed >= self.DURATION:
            return 0
        left = uint((self.DURATION - elapsed) * RAY) // self.DURATION
        return mul_half_up(start_price, left)


class ExponentialCurve(Contract):
    """The same factor every second: cut ** t."""

    guarded = True

    def __init__(self, chain: Chain, address: Address, cut: int) -> None:
        super().__init__(chain, address)
        _check_cut(cut)
        self.CUT = cut  # [RAY]

    @view
    def price(self, start_price: int, elapsed: int) -> int:
        """After `elapsed` seconds."""
        return mul_half_up(start_price, pow_half_up(self.CUT, elapsed))


class StairstepCurve(Contract):
    """The same factor every `step` seconds: cut ** floor(t / step)."""

    guarded = True

    def __init__(self, chain: Chain, address: Address, step: int, cut: int) -> None:
        super().__init__(chain, address)
        if not step:
            raise Revert("curve: zero step")
        _check_cut(cut)
        self.STEP, self.CUT = step, cut  # [s], [RAY]

    @view
    def price(self, start_price: int, elapsed: int) -> int:
        """After `elapsed` seconds."""
        return mul_half_up(start_price, pow_half_up(self.CUT, elapsed // self.STEP))


def _check_cut(cut: int) -> None:
    if not 0 < cut < RAY:
        raise Revert("curve: cut not between 0 and 1")
