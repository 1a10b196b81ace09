"""Seeds as users write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sim.errors import InputError

HOW = "give a count (3: seeds 0, 1, 2) or a range without its end (101:107: seeds 101 to 106)"
MOST = 10_000  # seeds in a call: months of work


def parse_seeds(seeds: int | str | Iterable[int]) -> tuple[int, ...]:
    """3 or "3": the first three seeds, 0 to 2. "101:107": as Python's range, without its end.

    A list of seeds is taken as it is. Raises InputError for none, a negative or a repeated one.
    """
    if isinstance(seeds, int | str):
        return _parse(str(seeds).strip())
    listed = tuple(seeds)
    if not all(isinstance(seed, int) for seed in listed):
        raise InputError(f"seeds {list(listed)}: a seed is a whole number")
    if not listed or min(listed) < 0 or len(set(listed)) < len(listed):
        raise InputError(f"seeds {list(listed)}: at least one, none negative, none twice")
    return listed


def _parse(text: str) -> tuple[int, ...]:
    if "-" in text:
        raise InputError(f"seeds {text!r}: a seed can't be negative; {HOW}")
    match = re.fullmatch(r"(?:(\d{1,18}):)?(\d{1,18})", text)
    if match is None:
        raise InputError(f"seeds {text!r}: can't be read; {HOW}")
    seeds = range(int(match[1] or 0), int(match[2]))
    if not seeds:
        raise InputError(f"seeds {text!r}: that is no seed at all; {HOW}")
    if len(seeds) > MOST:
        raise InputError(f"seeds {text!r}: these are {len(seeds):,}; one call takes up to {MOST:,}")
    return tuple(seeds)
