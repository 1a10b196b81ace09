"""One seed, one tree of named streams, no other source of randomness.

A stream depends on the seed and its own name only, so a new agent or a new draw elsewhere does not
move it, and two designs under the same seed face the same draws (common random numbers).
"""

from __future__ import annotations

import hashlib

import numpy as np

from sim.errors import InputError


class SeedTree:
    """Named generators below one seed."""

    def __init__(self, seed: int, prefix: str = "") -> None:
        if seed < 0:
            raise InputError(f"seed {seed}: must not be negative")
        self._seed, self._prefix = seed, prefix

    def branch(self, name: str) -> SeedTree:
        """The streams whose names begin with `name/`."""
        return SeedTree(self._seed, f"{self._prefix}{name}/")

    def stream(self, name: str) -> np.random.Generator:
        """A fresh generator at the start of the stream `name`."""
        digest = hashlib.sha256(f"{self._prefix}{name}".encode()).digest()
        key = tuple(int.from_bytes(digest[i : i + 4], "big") for i in range(0, 16, 4))
        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(self._seed, spawn_key=key))
        )
