"""A run differed from its repetition in the last bit of a borrower's target: numpy takes the
logarithms of a strided view one by one, not by vectors, where the result lies close to it."""

from __future__ import annotations

import numpy as np

from sim.agents.base import log_returns

TRIES = 20_000  # of which about thirty differed


def test_log_returns__of_a_strided_view__are_those_of_its_copy_wherever_they_lie() -> None:
    rng = np.random.default_rng(0)
    heap: list[np.ndarray] = []
    for i in range(TRIES):
        prices = rng.uniform(90, 110, int(rng.integers(20, 400)))
        if i % 3 == 0:
            heap.append(prices.copy())
        if len(heap) > 50:
            heap.pop(int(rng.integers(50)))
        every_fifth = prices[::-1][::5]
        copied = log_returns(np.ascontiguousarray(every_fifth))
        assert np.array_equal(log_returns(every_fifth), copied)
