"""Who knows whom: a small world, drawn once from the seed.

Watts and Strogatz (1998): everybody on a ring knows the `neighbours` nearest, then each tie is bent
with probability `rewiring` to somebody drawn at random. Little rewiring leaves circles of friends
and a few long ties, along which panic jumps; a rewiring of one is a random graph.
"""

from __future__ import annotations

import numpy as np

Edges = tuple[tuple[int, int], ...]


def small_world(count: int, neighbours: int, rewiring: float, rng: np.random.Generator) -> Edges:
    """Ties among `count` people, each once; `neighbours` is even and below `count`.

    Everybody keeps the half of the own ties that starts there, so nobody is left alone.
    """
    ties = {i: {(i + step) % count for step in _steps(neighbours)} for i in range(count)}
    known = {
        i: {(i + s) % count for step in _steps(neighbours) for s in (step, -step)} for i in ties
    }
    for step in _steps(neighbours):
        for i in range(count):
            bent, other = rng.random() < rewiring, int(rng.integers(count))
            old = (i + step) % count
            if bent and other != i and other not in known[i]:
                ties[i] = ties[i] - {old} | {other}
                known[i] = known[i] - {old} | {other}
                known[old].discard(i)
                known[other].add(i)
    return tuple((i, j) for i, others in ties.items() for j in sorted(others))


def _steps(neighbours: int) -> range:
    return range(1, neighbours // 2 + 1)
