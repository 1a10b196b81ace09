"""The three price curves against exact integers and the published examples of Liquidations 2.0."""

import ape
import pytest

from sim.units import RAY, WAD
from tests.helpers.mechanisms import mul_half_up, pow_half_up

START = 1_300 * WAD  # 130% of a price of 1,000
PER_SECOND = 999_900_000_000_000_000_000_000_000  # [RAY]


@pytest.fixture(scope="module")
def linear(contracts, owner):
    return owner.deploy(contracts.LinearCurve, 3_600)


@pytest.fixture(scope="module")
def exponential(contracts, owner):
    return owner.deploy(contracts.ExponentialCurve, PER_SECOND)


@pytest.mark.parametrize(
    ("elapsed", "part"), [(0, 1), (1_800, 2), (2_700, 4), (3_600, 0), (10**9, 0)]
)
def test_linear__after_a_time__is_the_rest_of_the_duration(linear, elapsed, part):
    assert linear.price(START, elapsed) == (START // part if part else 0)


@pytest.mark.parametrize("elapsed", [1, 7, 1_234, 3_599])
def test_linear__uneven_time__is_exact(linear, elapsed):
    assert linear.price(START, elapsed) == mul_half_up(START, (3_600 - elapsed) * RAY // 3_600)


def test_stairstep__27_steps_of_90_s_at_99_percent__falls_from_130_percent_below_par(curve):
    """The example of the Liquidations 2.0 paper: 1.3 * 0.99**26 > 1 > 1.3 * 0.99**27."""
    assert curve.price(START, 27 * 90 - 1) == mul_half_up(START, pow_half_up(99 * 10**25, 26))
    assert curve.price(START, 27 * 90 - 1) > 1_000 * WAD
    assert curve.price(START, 27 * 90) < 1_000 * WAD


@pytest.mark.parametrize("elapsed", [0, 89, 90, 91, 7_200, 10**6])
def test_stairstep__any_time__is_exact(curve, elapsed):
    expected = mul_half_up(START, pow_half_up(99 * 10**25, elapsed // 90))
    assert curve.price(START, elapsed) == expected


@pytest.mark.parametrize("elapsed", [0, 1, 2, 3_600, 10**6])
def test_exponential__any_time__is_exact(exponential, elapsed):
    expected = mul_half_up(START, pow_half_up(PER_SECOND, elapsed))
    assert exponential.price(START, elapsed) == expected


def test_parameters__as_given__can_be_read(linear, curve, exponential):
    assert linear.DURATION() == 3_600
    assert (curve.STEP(), curve.CUT()) == (90, 99 * 10**25)
    assert exponential.CUT() == PER_SECOND


@pytest.mark.parametrize(
    ("name", "args", "reason"),
    [
        ("LinearCurve", [0], "curve: zero duration"),
        ("StairstepCurve", [0, RAY - 1], "curve: zero step"),
        ("StairstepCurve", [90, 0], "curve: cut not between 0 and 1"),
        ("StairstepCurve", [90, RAY], "curve: cut not between 0 and 1"),
        ("ExponentialCurve", [0], "curve: cut not between 0 and 1"),
        ("ExponentialCurve", [RAY], "curve: cut not between 0 and 1"),
    ],
)
def test_deploy__bad_parameter__reverts(contracts, stranger, name, args, reason):
    with ape.reverts(reason):
        stranger.deploy(getattr(contracts, name), *args)
