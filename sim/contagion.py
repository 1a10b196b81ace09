"""The contagion matrix of a network of markets, as it was measured.

One market j at a time is shocked, under the same seeds. With D_j the extra debt that it liquidates
when nobody moves a price (impact off), and E_ij the extra debt that market i liquidates with
impact on, the response is R_ij = E_ij / D_j. If each dollar liquidated in j sets off G_ij dollars
in i, and these set off others, then

    R = 1 + G + G^2 + ... = (1 - G)^-1        so        G = 1 - R^-1

G is the contagion matrix; of one market alone it is the branching ratio phi of the linear cascade,
R = 1 / (1 - phi) (sim/games/cascade.py). Its spectral radius, the largest |eigenvalue|, says
whether the network damps what it is dealt (below 1) or not (Watts 2002; Gai and Kapadia 2010).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.results import Results, write_json

FILE = "contagion.json"
Matrix = tuple[tuple[float, ...], ...]  # by market that feels it, by market that was shocked


@dataclass(frozen=True)
class Contagion:
    """Means over seeds, in USD and in USD a USD."""

    markets: tuple[str, ...]
    design: str  # of the first market
    seeds: tuple[int, ...]
    shock: float  # by how much the health factors of the shocked market were lower, a ratio
    direct: tuple[float, ...]  # D_j
    response: Matrix  # R
    matrix: Matrix  # G
    matrix_error: Matrix | None  # one standard error by jackknife over seeds; None: a single seed
    radius: float
    radius_error: float | None
    bad_debt: Matrix  # extra bad debt for a USD of D_j
    base: tuple[str, ...]  # hashes of the last blocks of the runs without a shock

    def write(self, out: Path) -> None:
        """Raises OutputError."""
        write_json(out / FILE, asdict(self))

    @classmethod
    def of(cls, results: Results) -> Contagion | None:
        """What was measured on the runs of a comparison; None where nothing was, or on others."""
        path = results.out / FILE
        if not path.is_file():
            return None
        try:
            data: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            found = cls(**{key: _frozen(value) for key, value in data.items()})
        except (OSError, ValueError, TypeError) as e:
            raise InputError(f"{path}: can't be read ({e}); measure again") from e
        return found if found.base == hashes(results, found.design) else None


def hashes(results: Results, design: str) -> tuple[str, ...]:
    """Of the last blocks of a design's runs."""
    return tuple(run["block_hash"] for run in results.runs if run["design"] == design)


def contagion_matrix(response: NDArray[np.float64]) -> NDArray[np.float64]:
    """G of R. Raises InputError when R has no inverse."""
    try:
        return np.asarray(np.eye(len(response)) - np.linalg.inv(response))
    except np.linalg.LinAlgError:
        raise InputError(
            "contagion: two markets answer to every shock alike, so who sets off whom can't be told"
        ) from None


def spectral_radius(matrix: NDArray[np.float64]) -> float:
    """The largest modulus of an eigenvalue."""
    return float(np.abs(np.linalg.eigvals(matrix)).max())


def jackknife(values: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """One standard error of an estimate, from the estimates that each leave one of n seeds out:
    root of (n - 1) / n x the sum of squares about their mean (Tukey 1958)."""
    left = np.array(values)
    n = len(left)
    return np.asarray(np.sqrt((n - 1) / n * ((left - left.mean(axis=0)) ** 2).sum(axis=0)))


def as_matrix(values: NDArray[np.float64]) -> Matrix:
    return tuple(tuple(float(v) for v in row) for row in values)


def _frozen(value: Any) -> Any:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(_frozen(item) for item in value)
    return value
