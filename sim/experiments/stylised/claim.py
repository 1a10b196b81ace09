"""What a claim is, and how runs are read for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Observations = Mapping[str, float | None]
Rows = Mapping[str, Sequence[Observations]]  # by case, in the order of seeds
Values = list[float | None]
Band = tuple[float, float]


@dataclass(frozen=True)
class Claim:
    """One line of the table. Values are by seed; the mean has to lie in the band."""

    fact: int
    what: str
    observed: str
    cases: tuple[str, ...]
    values: Callable[[Rows], Values]
    band: Band
    unit: str = ""
    reproduced: bool = True
    quick: bool = False  # few seeds show it: tests measure it anew
    remark: str = ""  # the reason, where the model can't reproduce it


def of(case: str, name: str) -> Callable[[Rows], Values]:
    """A quantity of one case."""
    return lambda rows: [row.get(name) for row in rows[case]]


def less(one: str, other: str, name: str) -> Callable[[Rows], Values]:
    """A quantity in one case less that in the other, seed by seed."""
    return more(of(one, name), of(other, name))


def over(one: str, other: str, name: str) -> Callable[[Rows], Values]:
    """A quantity in one case over its mean in the other."""
    return lambda rows: ratio(rows, (one, name), (other, name))


def ratio(rows: Rows, above: tuple[str, str], below: tuple[str, str]) -> Values:
    """A quantity of a case over another's mean."""
    known = [v for v in of(*below)(rows) if v is not None]
    mean = sum(known) / len(known) if known else 0.0
    return [None if v is None or not mean else v / mean for v in of(*above)(rows)]


def more(
    one: Callable[[Rows], Values], other: Callable[[Rows], Values]
) -> Callable[[Rows], Values]:
    """The first less the second, seed by seed, of the seeds that both have."""
    return lambda rows: [
        None if a is None or b is None else a - b
        for a, b in zip(one(rows), other(rows), strict=False)
    ]
