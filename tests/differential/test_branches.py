"""What counts as a branch that was reached."""

from __future__ import annotations

import pytest

from sim.design import ContractSpec, load_design
from sim.engines.artifacts import Library
from sim.engines.base import Call
from tests.differential.branches import ALWAYS, Tally, duties, expected
from tests.differential.rig import Act, Fate

TAKE = Act("keeper", Call("liquidation", "take", ()))


def counted(*fates: Fate, most: int = 0) -> dict[str, int]:
    """Of takes by which somebody could pay so much."""
    tally = Tally({})
    for fate in fates:
        tally.note(TAKE, fate, 0, most)
    return dict(+tally.counts)


def taken(paid: int) -> Fate:
    """All of a lot."""
    return Fate("", (("0x", "Taken", (("paid", paid), ("lot_left", 0))),))


@pytest.mark.parametrize(("left", "throttled"), [(1, {}), (0, {"throttle": 1})])
def test_throttle__of_a_bucket__counts_when_it_is_emptied(
    left: int, throttled: dict[str, int]
) -> None:
    assert counted(Fate("", (("0x", "Spent", (("left", left),)),))) == throttled


def test_throttle__of_a_refusal__counts() -> None:
    assert counted(Fate("market: throttled", ())) == {"throttle": 1}


@pytest.mark.parametrize(("paid", "shrunk"), [(9, {}), (7, {}), (6, {"dust shrink": 1})])
def test_dust_shrink__of_a_take__counts_when_more_was_offered(
    paid: int, shrunk: dict[str, int]
) -> None:
    assert counted(taken(paid), most=9) == {"take": 1} | shrunk


def test_resume__of_a_sale__counts_once_after_a_refusal() -> None:
    halted, sold = Fate("auction: halted", ()), taken(5)
    assert counted(sold, halted, halted, sold, sold) == {"halt": 2, "resume": 1, "take": 3}


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("fixed", {"dust shrink"}),
        ("morpho", set()),
        ("dutch", {"start", "restart", "dust shrink"}),
        ("english", {"start", "restart", "outbid"}),
    ],
)
def test_expected__of_a_design__is_what_its_mechanism_can_do(name: str, own: set[str]) -> None:
    assert expected(load_design(name), Library()) == ALWAYS | own


@pytest.mark.parametrize(("least", "dust"), [("5 USDC", {"dust shrink"}), ("0 USDC", set())])
def test_duties__of_a_mechanism_nobody_has_listed__follow_from_what_it_logs(
    least: str, dust: set[str]
) -> None:
    unlisted = ContractSpec.model_validate({"contract": "Mine", "min_rest": least, "min_ratio": 2})
    assert duties(unlisted, {"Taken", "SaleStarted"}) == {"start"} | dust
