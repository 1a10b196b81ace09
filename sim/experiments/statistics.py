"""Means over seeds and paired differences between designs, with 95% intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from scipy.special import stdtrit  # scipy.stats takes a second to load

Metrics = Mapping[str, float | None]


def mean_interval(values: Sequence[float | None]) -> dict[str, Any]:
    """Mean, 95% t-interval of the mean and n, over the values that are there.

    The interval is mean -+ t(0.975, n-1) * s / sqrt(n): null for fewer than two values.
    """
    known = [v for v in values if v is not None]
    if not known:
        return {"mean": None, "interval_95": None, "n": 0}
    mean, n = fmean(known), len(known)
    if n == 1:
        return {"mean": mean, "interval_95": None, "n": 1}
    half = float(stdtrit(n - 1, 0.975)) * stdev(known) / math.sqrt(n)
    return {"mean": mean, "interval_95": [mean - half, mean + half], "n": n}


def paired_difference(
    values: Sequence[float | None], baseline: Sequence[float | None]
) -> dict[str, Any]:
    """Of values less baseline, pair by pair; pairs that lack a value are left out."""
    pairs = zip(values, baseline, strict=True)
    return mean_interval([None if a is None or b is None else a - b for a, b in pairs])


def comparison(metrics: Mapping[str, Sequence[Metrics]]) -> dict[str, Any]:
    """Compare designs with the first one.

    `metrics` has for each design its runs' metrics, in the same order of seeds.
    """
    baseline, *others = metrics
    names = list(metrics[baseline][0])
    columns = {d: {m: [run[m] for run in runs] for m in names} for d, runs in metrics.items()}
    return {
        "baseline": baseline,
        "means": {d: {m: mean_interval(columns[d][m]) for m in names} for d in metrics},
        "differences": {
            d: {m: paired_difference(columns[d][m], columns[baseline][m]) for m in names}
            for d in others
        },
    }
