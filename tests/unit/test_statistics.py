"""Intervals and paired differences against numbers computed by hand."""

from __future__ import annotations

import pytest

from sim.experiments.statistics import comparison, mean_interval, paired_difference


def test_mean_interval__three_values__student_with_two_degrees_of_freedom():
    found = mean_interval([1.0, 2.0, 3.0])

    half = 4.302652729696142 / 3**0.5  # t(0.975, 2) x s / sqrt(3), s = 1
    assert found["mean"] == 2.0
    assert found["interval_95"] == pytest.approx([2.0 - half, 2.0 + half])
    assert found["n"] == 3


def test_mean_interval__one_value__no_interval():
    assert mean_interval([7.0]) == {"mean": 7.0, "interval_95": None, "n": 1}


def test_mean_interval__no_values__no_mean():
    assert mean_interval([None, None]) == {"mean": None, "interval_95": None, "n": 0}


def test_mean_interval__equal_values__interval_of_no_width():
    assert mean_interval([4.0, 4.0])["interval_95"] == [4.0, 4.0]


def test_paired_difference__missing_values__leave_out_their_pairs():
    found = paired_difference([5.0, None, 9.0, 1.0], [1.0, 2.0, 3.0, None])

    assert found["mean"] == 5.0
    assert found["n"] == 2


def test_paired_difference__common_shift__is_exact_however_wide_the_values_scatter():
    found = paired_difference([101.0, 1.0, 9_001.0], [100.0, 0.0, 9_000.0])

    assert found == {"mean": 1.0, "interval_95": [1.0, 1.0], "n": 3}


def test_comparison__three_designs__the_first_is_the_baseline_of_the_others():
    found = comparison(
        {"a": [{"m": 1.0}, {"m": 2.0}], "b": [{"m": 2.0}, {"m": 4.0}], "c": [{"m": 1.0}] * 2}
    )

    assert found["baseline"] == "a"
    assert found["means"]["b"]["m"]["mean"] == 3.0
    assert found["differences"].keys() == {"b", "c"}
    assert found["differences"]["b"]["m"]["mean"] == 1.5
