"""The bytecode of the breakers that watch a price, and their twins."""

from __future__ import annotations

import re
from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sim.mechanisms.breakers.price_breaker import PriceBreaker
from sim.mechanisms.breakers.volatility_breaker import VolatilityBreaker
from sim.mechanisms.kernel import NOBODY, Contract
from sim.units import MAX_UINT, WAD
from tests.differential.breaker_programs import Watch, arguments, open_market
from tests.differential.rig import Rig
from tests.helpers.source import ROOT

DAY_S = 86_400
KINDS = (PriceBreaker, VolatilityBreaker)
MODULES = ("ladder", "response", "observer", "price_reference", "token_bucket")
# what a constructor refuses is held to its twin by a test of its own
REASONS = {
    *("", "breaker: not the market", "breaker: only guardian", "breaker: not locked"),
    *("market: halted", "market: throttled"),
}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"rest": 0}, "breaker: zero rest"),
    ({"calm": 1_800}, "breaker: calm within the rest"),
    ({"calm": 30 * DAY_S + 1}, "breaker: a time above 30 days"),
    ({"duration": (1, 2, 30 * DAY_S + 1)}, "breaker: a time above 30 days"),
    ({"duration": (0, 2, 3)}, "breaker: zero duration"),
    ({"duration": (1, 3, 2)}, "breaker: durations fall"),
    ({"repeat": 6 * WAD}, "breaker: repeat within the rest"),
    ({"repeat": MAX_UINT}, "reverted without a reason"),
    ({"collateral": NOBODY}, "breaker: unknown collateral"),
    ({"collateral": "0x" + "1" * 40}, "breaker: unknown collateral"),
    ({"liquidation": (0, 0, 4)}, "breaker: unknown mode"),
    ({"borrowing": (2, 1, 2)}, "breaker: a deeper tier loosens"),
    ({"withdrawal": (1, 2, 2)}, "breaker: lenders leave first"),
    ({"withdrawal": (0, 1, 3)}, "breaker: lenders leave first"),
    ({"throttle_capacity": 0}, "breaker: zero throttle"),
    ({"throttle_capacity": 10**8 - 1}, "breaker: capacity below the smallest debt"),
    ({"throttle_capacity": 2**128 + 1}, "bucket: too large"),
    ({"pace": 0}, "breaker: pace not between 0 and 1"),
    ({"uplift": WAD + 1}, "breaker: uplift above 1"),
    ({"guardian_response": 30 * DAY_S + 1}, "breaker: a time above 30 days"),
    ({"price_speed": WAD + 1}, "breaker: price speed above 1"),
    ({"budget": 420 * 10**12 - 1}, "breaker: budget exceeded"),
    ({"half_life": 0}, "breaker: zero half-life"),
    (
        {"half_life": 366 * DAY_S, "anchor_half_life": 367 * DAY_S},
        "breaker: half-life above a year",
    ),
    ({"clip": 0}, "breaker: clip not between 0 and 1"),
]
REFUSED_BY_PRICE: list[tuple[dict[str, Any], str]] = [
    ({"deviation": (0, 1, 2)}, "breaker: zero level"),
    ({"deviation": (1, 1, 2)}, "breaker: levels don't rise"),
    ({"release": (0, WAD // 5, 0)}, "breaker: release not inside its level"),
    ({"anchor_half_life": 3_600}, "breaker: anchor not slower"),
    ({"anchor_deviation": 0}, "breaker: zero anchor deviation"),
    ({"anchor_deviation": WAD}, "breaker: deviation of 1 or more"),
]
REFUSED_BY_VOLATILITY: list[tuple[dict[str, Any], str]] = [
    ({"multiple": (0, 1, 2)}, "breaker: zero level"),
    ({"multiple": (WAD - 1, WAD, 2 * WAD), "release": (0, 0, 0)}, "breaker: multiple below 1"),
    ({"least_gap": 0}, "breaker: zero gap"),
    ({"least_gap": WAD // 100 + 1}, "breaker: gaps out of order"),
    ({"usual_gap": WAD // 20 + 1}, "breaker: gaps out of order"),
    ({"multiple": (4 * WAD, 8 * WAD, 20 * WAD)}, "breaker: deviation of 1 or more"),
    ({"multiple": (4 * WAD, 8 * WAD, MAX_UINT)}, "reverted without a reason"),
    ({"variance_half_life": 0}, "breaker: zero half-life"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_programs__on_bytecode_and_twin__agree_and_reach_every_branch(
    both: Rig, kind: type[Contract]
) -> None:
    reached: Counter[str] = Counter()

    @settings(max_examples=12, deadline=None, derandomize=True, phases=[Phase.generate])
    @given(seed=st.integers(0, 2**32 - 1))
    def agree(seed: int) -> None:
        with both.undone():
            watch = Watch(both, Random(seed), kind)
            for _ in range(40):
                reached.update(watch.block())

    agree()
    missing = (REASONS | events(kind)) - set(reached)
    assert not missing, f"never reached: {sorted(missing)} of {reached}"


@pytest.mark.parametrize(
    ("kind", "changes", "reason"),
    [
        *((PriceBreaker, *case) for case in REFUSED + REFUSED_BY_PRICE),
        *((VolatilityBreaker, *case) for case in REFUSED + REFUSED_BY_VOLATILITY),
    ],
)
def test_deployment__with_senseless_parameters__is_refused_alike(
    both: Rig, kind: type[Contract], changes: dict[str, Any], reason: str
) -> None:
    with both.undone():
        open_market(both)
        assert both.refusal(kind, *arguments(both, kind, **changes)) == reason


def events(kind: type[Contract]) -> set[str]:
    """All that the contract and its modules log."""
    paths = [f"breakers/{kind.__name__}", *(f"modules/{name}" for name in MODULES)]
    text = "".join((ROOT / f"contracts/{path}.vy").read_text() for path in paths)
    return set(re.findall(r"^ +log (\w+)\(", text, re.MULTILINE))
