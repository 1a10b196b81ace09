"""Seeds as users write them."""

from __future__ import annotations

import pytest

from sim.errors import InputError
from sim.experiments.seeds import parse_seeds


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        (3, (0, 1, 2)),
        ("3", (0, 1, 2)),
        (" 1 ", (0,)),
        ("101:107", (101, 102, 103, 104, 105, 106)),
        ("0:1", (0,)),
        ([7, 3], (7, 3)),
        (range(2), (0, 1)),
    ],
)
def test_parse_seeds__count_range_or_list__seeds_in_order(text, seeds):
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (-1, "seeds '-1': a seed can't be negative"),
        ("-3:4", "seeds '-3:4': a seed can't be negative"),
        (0, "seeds '0': that is no seed at all"),
        ("5:5", "seeds '5:5': that is no seed at all"),
        ("7:3", "seeds '7:3': that is no seed at all"),
        ("", "seeds '': can't be read"),
        ("3.5", "seeds '3.5': can't be read"),
        ("a:b", "seeds 'a:b': can't be read"),
        ("1:2:3", "seeds '1:2:3': can't be read"),
        ("1000000000", "seeds '1000000000': these are 1,000,000,000; one call takes up to 10,000"),
        ("9" * 5000, "seeds '9+': can't be read"),
        (["1"], r"seeds \['1'\]: a seed is a whole number"),
        ([], r"seeds \[\]: at least one, none negative, none twice"),
        ([1, -1], r"seeds \[1, -1\]: at least one, none negative, none twice"),
        ([1, 1], r"seeds \[1, 1\]: at least one, none negative, none twice"),
    ],
)
def test_parse_seeds__anything_else__says_what_is_wrong(text, complaint):
    with pytest.raises(InputError, match=complaint):
        parse_seeds(text)


def test_parse_seeds__wrong_text__says_how_to_write_it():
    with pytest.raises(InputError, match=r"give a count \(3: seeds 0, 1, 2\) or a range"):
        parse_seeds("first")
