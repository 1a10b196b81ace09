"""Debt at risk and clusters, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sim.metrics.risk import Cluster, at_risk, drops, next_cluster

DEBT = np.array([100.0, 30.0, 50.0, 40.0, 0.0])
HEALTH = np.array([1.6, 0.9, 1.0, 1.62, np.inf])


def test_drop__of_an_account__takes_its_health_factor_to_one():
    assert HEALTH[:4] * (1 - drops(HEALTH[:4])) == pytest.approx(1)
    assert drops(np.array([np.inf])) == 1


def test_at_risk__fall__counts_health_below_one_only():
    falls = np.array([0.0, 0.001, 0.375, 0.3751, 0.5, 0.99])
    assert at_risk(DEBT, HEALTH, falls).tolist() == [30, 80, 80, 180, 220, 220]


def test_next_cluster__two_accounts_within_a_percent__go_together():
    found = next_cluster(DEBT, HEALTH)
    assert found == Cluster(pytest.approx(0.375), 140)


def test_next_cluster__equal_ones__is_the_nearest():
    found = next_cluster(np.array([10.0, 10.0]), np.array([1.5, 1.2]))
    assert found is not None
    assert found.drop == pytest.approx(1 - 1 / 1.2)


@pytest.mark.parametrize("health", [0.9, 2.1, np.inf])
def test_next_cluster__nobody_within_reach__is_none(health: float):
    assert next_cluster(np.array([10.0]), np.array([health])) is None
