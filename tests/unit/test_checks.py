"""Checks: what they understand, what they say, and that they do nothing else."""

from __future__ import annotations

import pytest

from sim.checks import LONGEST, parse

NUMBERS = {"debt": 100.0, "bad": 2.0, "none": None, "zero": 0.0}


def verdicts(check: str) -> list[bool | None]:
    return [part.holds(NUMBERS) for part in parse(check)]


@pytest.mark.parametrize(
    ("check", "held"),
    [
        ("bad < 0.05 * debt", [True]),
        ("bad > 0.05 * debt", [False]),
        ("0 < bad <= 2 < debt", [True]),
        ("0 < bad < 2", [False]),
        ("debt == 100 and bad >= 3", [True, False]),
        ("-(bad - 4) / 2 == 1 + 0", [True]),
        ("none < 1", [None]),
        ("bad / zero > 1", [None]),
        ("", []),
        ("  \n", []),
    ],
)
def test_check__over_numbers__holds_part_by_part(check, held):
    assert verdicts(check) == held


def test_part__keeps__its_words_and_names_in_order():
    first, second = parse("bad < 5e-2 *\n debt and debt > bad")
    assert (first.text, first.names) == ("bad < 5e-2 * debt", ("bad", "debt"))
    assert (second.text, second.names) == ("debt > bad", ("debt", "bad"))


@pytest.mark.parametrize(
    "check",
    [
        "__import__('os').system('true') == 0",
        "bad.real < 1",
        "bad[0] < 1",
        "(lambda: 1)() < 2",
        "bad ** 999 < 1",
        "'a' < 'b'",
        "True < 2",
        "bad",
        "1 + 1",
        "bad < 1 or bad > 2",
        "not bad < 1",
        "bad != 1",
        "bad in debt",
        "bad < 1; debt > 1",
        "bad <",
        "bad < 1" + "0" * 310,
        "bad < 1e999",
        "x" * LONGEST + " < 1",
        "(" * 300 + "bad" + ")" * 90 + " < 1",
    ],
)
def test_check__of_anything_else__refused(check):
    with pytest.raises(ValueError, match=r"check compares|compare with|longer than"):
        parse(check)
