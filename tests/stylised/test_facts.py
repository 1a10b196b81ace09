"""The stylised facts that few seeds show, measured anew; sim/README.md has all over many."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sim.experiments.stylised.claim import Claim
from sim.experiments.stylised.facts import CLAIMS
from sim.experiments.stylised.measure import measure

QUICK = [claim for claim in CLAIMS if claim.quick]
SEEDS = 3
SLACK = 0.1  # that a mean over few seeds may lie outside a band, of the band's ends


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, str], dict[str, Any]]:
    found = measure(tmp_path_factory.mktemp("stylised"), QUICK, most_seeds=SEEDS)
    return {(claim["fact"], claim["what"]): claim for claim in found["claims"]}


@pytest.mark.parametrize("claim", QUICK, ids=lambda claim: f"{claim.fact}: {claim.what}")
def test_fact__over_three_seeds__holds_in_the_mean(
    claim: Claim, measured: dict[tuple[int, str], dict[str, Any]]
) -> None:
    ours = measured[claim.fact, claim.what]["ours"]
    low, high = (
        end + sign * SLACK * abs(end) if math.isfinite(end) else end
        for end, sign in zip(claim.band, (-1, 1), strict=True)
    )
    assert ours["n"] > 0
    assert low <= ours["mean"] <= high
