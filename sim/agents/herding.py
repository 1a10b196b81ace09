"""What somebody sees of the others' panic: all of them, the own contacts, or nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.agents.base import Floats
from sim.people import PanicSpec

Seen = Callable[[NDArray[np.bool_]], Floats | float]  # who has begun -> share of peers, by member


def peers(spec: PanicSpec, count: int, contacts: Sequence[tuple[int, int]]) -> Seen:
    """How the scenario's herding sees the crowd; `contacts` are ties, each once.

    Under `mean_field` everybody sees the same share of all (Kirman 1993, Lux 1995); in a `network`
    each sees the share of the own contacts, so that panic spreads from circle to circle (Watts
    2002).
    """
    if spec.herding == "mean_field":
        return lambda begun: float(begun.mean())
    if spec.herding == "none":
        return lambda begun: 0.0
    one, other = np.array(contacts, dtype=int).T
    me, you = np.concatenate([one, other]), np.concatenate([other, one])
    degree = np.bincount(me, minlength=count)
    return lambda begun: np.asarray(np.bincount(me, begun[you], minlength=count) / degree)
