"""Numbers as people read them."""

from __future__ import annotations

import pytest

from sim.metrics import METRICS, compact, show
from sim.metrics.format import SHOWN


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.001, "0"),
        (0.5, "0.50"),
        (12.34, "12.3"),
        (99.96, "100"),
        (999.4, "999"),
        (999.9, "1.00 k"),
        (1_234.0, "1.23 k"),
        (-45_600.0, "-45.6 k"),
        (999_999.0, "1.00 M"),
        (1_234_567.0, "1.23 M"),
        (2.5e9, "2.50 G"),
    ],
)
def test_compact__any_size__three_significant_digits(value, text):
    assert compact(value) == text


def test_show__no_value__a_dash():
    assert show(None, "USD") == "–"


def test_show__seconds__whole_with_thousands():
    assert show(12_345.6, "s") == "12,346"


def test_show__price_that_rounds_to_zero__no_negative_zero():
    assert show(-0.001, "USD/token") == "0"


def test_show__every_unit_of_the_registry__is_known():
    assert {m.unit for m in METRICS.values()} <= SHOWN.keys()
