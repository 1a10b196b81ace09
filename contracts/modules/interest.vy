# pragma version 0.4.3
"""
@title What debt costs: a rate with a kink, paid linearly between two touches of the market
"""

from . import maths

MAX_RATE: constant(uint256) = 10 * maths.WAD  # a bound on typing errors [WAD a year]


struct Model:
    base_rate: uint256  # at no utilisation [WAD a year]
    kink: uint256  # utilisation at the kink [WAD]
    rate_at_kink: uint256  # [WAD a year]
    rate_at_full: uint256  # [WAD a year]
    reserve_factor: uint256  # share of the interest that goes to the reserve [WAD]


@pure
def _check(model: Model):
    assert 0 < model.kink and model.kink < maths.WAD, "market: bad kink"
    assert model.base_rate <= model.rate_at_kink, "market: falling rates"
    assert model.rate_at_kink <= model.rate_at_full, "market: falling rates"
    assert model.rate_at_full <= MAX_RATE, "market: rate too high"
    assert model.reserve_factor < maths.WAD, "market: bad reserve factor"


@pure
def _utilisation_down(lent: uint256, cash: uint256) -> uint256:
    """
    @param lent [debt token]
    @param cash [debt token]
    @return [WAD]
    """
    if lent == 0:
        return 0
    return maths._mul_div_down(lent, maths.WAD, lent + cash)


@pure
def _rate_down(model: Model, utilisation: uint256) -> uint256:
    """
    @param utilisation [WAD]
    @return [WAD a year]
    """
    if utilisation <= model.kink:
        rise: uint256 = model.rate_at_kink - model.base_rate
        return model.base_rate + maths._mul_div_down(rise, utilisation, model.kink)
    rise: uint256 = model.rate_at_full - model.rate_at_kink
    beyond: uint256 = utilisation - model.kink
    return model.rate_at_kink + maths._mul_div_down(rise, beyond, maths.WAD - model.kink)


@pure
def _grown_up(index: uint256, rate: uint256, elapsed: uint256) -> uint256:
    """
    @param index   [RAY]
    @param rate    [WAD a year]
    @param elapsed [s]
    @return the index after that time, rounded up [RAY]
    """
    return index + maths._mul_div_up(index, rate * elapsed, maths.YEAR * maths.WAD)
