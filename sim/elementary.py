"""Elementary functions of arrays that give the same bits on every processor.

numpy and BLAS take the instructions that the processor offers, and the last bits with them; a trace
that is repeated elsewhere would differ. Here the C library is asked for one element after another.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_LARGEST = math.log(np.finfo(float).max)


def log(x: ArrayLike) -> Floats:
    """Natural logarithm by element, in the shape of `x`. Raises ValueError unless all are above
    zero."""
    return np.asarray(_log(x), dtype=float)


def exp(x: ArrayLike) -> Floats:
    """Exponential function by element, in the shape of `x`; infinite where it is too large."""
    return np.asarray(_exp(x), dtype=float)


def power(base: ArrayLike, exponent: float) -> Floats:
    """Of positive numbers, by element, in the shape of `base`."""
    return np.asarray(_power(np.asarray(base, dtype=float), exponent), dtype=float)


_log = np.frompyfunc(math.log, 1, 1)
_exp = np.frompyfunc(lambda x: math.exp(x) if x <= _LARGEST else math.inf, 1, 1)
_power = np.frompyfunc(math.pow, 2, 1)
