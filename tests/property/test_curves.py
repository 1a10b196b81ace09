"""CURVE-1: no curve starts above its start price or ever rises."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.units import RAY, WAD

DAY_S = 86_400
CURVES = {
    "linear": ("LinearCurve", [3_600]),
    "stairstep": ("StairstepCurve", [90, 99 * 10**25]),
    "steep": ("ExponentialCurve", [RAY // 2]),
    "flat": ("ExponentialCurve", [RAY - 10**18]),
}


@pytest.fixture(scope="module")
def curves(contracts, owner):
    return {
        name: owner.deploy(getattr(contracts, contract), *args)
        for name, (contract, args) in CURVES.items()
    }


@pytest.mark.parametrize("name", CURVES)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(start=st.integers(1, 10**6 * WAD), elapsed=st.integers(0, DAY_S), more=st.integers(1, 600))
def test_price__later__is_not_higher(curves, name, start, elapsed, more):
    now, later = (curves[name].price(start, t) for t in (elapsed, elapsed + more))
    assert later <= now <= start
    assert curves[name].price(start, 0) == start
