"""Any bar is met exactly, on any grid."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.markets.paths import bridge_bar

prices = st.floats(min_value=0.01, max_value=1e6)


@st.composite
def bars(draw):
    """(before, (high, low, close)): where the bar begins may lie outside of it, as after a gap."""
    low, close, high = sorted(draw(st.tuples(prices, prices, prices)))
    return draw(prices), (high, low, close)


@given(bars(), st.integers(min_value=3, max_value=120), st.integers(min_value=0, max_value=2**32))
def test_bridge__any_bar__stays_inside_touches_both_ends_and_closes(bar, points, seed):
    before, (high, low, close) = bar
    path = bridge_bar(before, (high, low, close), points, np.random.default_rng(seed))

    assert len(path) == points
    assert path.max() == high
    assert path.min() == low
    assert path[-1] == close
