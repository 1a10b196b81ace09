"""The English auction's bytecode and its twin: the same bids, deals, events and refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sim.engines.opening import OWNER
from sim.mechanisms.liquidation.english_auction import EnglishAuction
from sim.units import MAX_UINT, WAD
from tests.differential.auctions import (
    BLOCK_S,
    BORROWER,
    DEBTOR,
    GUARDIAN,
    KEEPER,
    LENDER,
    LIQUIDATE,
    RIVAL,
    Scene,
)
from tests.differential.rig import Rig
from tests.helpers.ledger import usd
from tests.helpers.mechanisms import ENGLISH, ENGLISH_LADDER

TARGET = usd(11_000)  # the borrower's debt with a penalty of 10%
LIFE, LENGTH = ENGLISH["bid_life"], ENGLISH["length"]
BIDDERS = (KEEPER, RIVAL)


def a_scene(both: Rig, **changes: Any) -> Scene:
    return Scene(both, EnglishAuction, *(ENGLISH | changes).values())


@pytest.fixture
def scene(both: Rig) -> Iterator[Scene]:
    """WETH has fallen to 1,200, so that borrower and debtor can be liquidated."""
    with both.undone():
        scene = a_scene(both)
        scene.price("WETH", 1_200)
        yield scene


@pytest.fixture
def started(scene: Scene) -> Scene:
    """With a sale of 10 WETH for up to 11,000."""
    assert scene.start() == ""
    return scene


def bid_up_to(scene: Scene, bids: int) -> None:
    """So many bids of two bidders in turn."""
    for i in range(bids):
        assert scene.take(by=BIDDERS[i % 2]) == ""


# --- start ------------------------------------------------------------------------------------


def test_start__in_every_state__is_refused_alike(both: Rig) -> None:
    with both.undone():
        scene = a_scene(both)
        assert scene.start() == "english: healthy"
        scene.price("WETH", 1_200)
        assert scene.start(BORROWER, "GOLD") == "english: no collateral"
        assert scene.start() == ""
        supply = (scene.at("WETH"), 10 * 10**18, BORROWER)
        assert scene.do(BORROWER, "market", "supply_collateral", *supply) == ""
        assert scene.do(BORROWER, "market", "borrow", usd(8_000), BORROWER) == ""
        scene.price("WETH", 700)
        assert scene.start() == "english: sale is open"
        scene.wait(366 * 86_400)
        assert scene.start() == "market: stale price"
        assert scene.ask("auction", "startable", DEBTOR) is False


def test_start__of_a_worthless_lot__is_refused_alike(scene: Scene) -> None:
    scene.price("GOLD", 0.01)
    supply = (scene.at("GOLD"), 1, BORROWER)
    assert scene.do(KEEPER, "market", "supply_collateral", *supply) == ""
    assert scene.start(BORROWER, "GOLD") == "english: worthless lot"


def test_start__of_both_collaterals__shares_the_debt_alike(scene: Scene) -> None:
    assert scene.start(DEBTOR, "GOLD") == ""
    assert scene.start(DEBTOR) == ""
    debts = [scene.sale(DEBTOR, symbol).debt for symbol in ("WETH", "GOLD")]
    assert sum(debts) == usd(10_000)


@pytest.mark.parametrize("changes", [{"min_sale": TARGET + 1}, {"tip": usd(10_000)}])
def test_tips__of_dust_and_above_the_reserve__are_alike(both: Rig, changes: dict[str, int]) -> None:
    with both.undone():
        scene = a_scene(both, **changes)
        scene.price("WETH", 1_200)
        assert scene.start() == ""
        scene.wait(LENGTH)
        assert scene.restart() == ""


# --- bids -------------------------------------------------------------------------------------


def test_bids__from_the_smallest_unit_to_the_target__climb_alike(started: Scene) -> None:
    for i, pay in enumerate(ENGLISH_LADDER):
        assert started.take(by=BIDDERS[i % 2]) == ""
        assert started.sale().bid == pay
    assert started.take(by=BIDDERS[len(ENGLISH_LADDER) % 2], to=LENDER) == ""  # for a smaller lot
    assert started.sale().lot < 10 * 10**18
    assert started.ask("market", "reserve") > usd(1_000)  # with the penalty


def test_bids__raised_by_a_share__climb_alike(both: Rig) -> None:
    with both.undone():
        scene = a_scene(both, raise_by=WAD, least_raise=1)
        scene.price("WETH", 1_200)
        assert scene.start() == ""
        bid_up_to(scene, 60)
        assert 0 < scene.sale().lot < 10**12  # halved by each bid after the target


def test_bids__for_no_lot__are_refused_alike(both: Rig) -> None:
    with both.undone():
        scene = a_scene(both, raise_by=WAD, least_raise=TARGET)
        gold = (scene.at("GOLD"), 1, BORROWER)
        assert scene.do(KEEPER, "market", "supply_collateral", *gold) == ""
        scene.price("GOLD", 10**9)
        scene.price("WETH", 0.01)
        assert scene.do(KEEPER, "market", "supply_collateral", *gold) == ""
        scene.price("GOLD", 10**6)
        assert scene.start(BORROWER, "GOLD") == ""
        assert scene.sale(BORROWER, "GOLD").held == 2
        bid = {"symbol": "GOLD"}
        for bidder in (KEEPER, RIVAL, KEEPER):  # the first, the target, half of the lot
            assert scene.take(by=bidder, **bid) == ""
        assert scene.take(by=RIVAL, **bid) == "english: bid too low"  # nothing is half of 1


def test_bids__that_do_not_stand__are_refused_alike(started: Scene) -> None:
    assert started.take(account=DEBTOR) == "english: no sale"
    assert started.take(data=b"sell") == "english: no callback"
    assert started.take(0) == "english: bid too low"
    assert started.take(1, 10 * 10**18 + 1) == "english: too little"
    assert started.take(1, 10 * 10**18) == ""
    assert started.take() == "english: already the highest"
    assert started.take(usd(1_000), by=RIVAL) == "english: bid too low"
    assert started.do(RIVAL, "USDC", "approve", started.at("auction"), 1) == ""
    assert started.take(by=RIVAL) == "erc20: insufficient allowance"


def test_bids__around_the_deadline__are_too_late_alike(started: Scene) -> None:
    assert started.take() == ""
    started.wait(LIFE - 2 * BLOCK_S)
    assert started.take(by=RIVAL) == ""
    assert started.restart() == "english: still open"
    started.wait(LIFE - 2 * BLOCK_S)
    assert started.take() == "english: too late"
    assert started.restart() == ""


def test_bids__near_the_end_of_the_sale__do_not_live_beyond_it_alike(started: Scene) -> None:
    started.wait(LENGTH - 5 * BLOCK_S)
    assert started.take() == ""
    assert started.sale().deadline == started.sale().ends_at


# --- the end ----------------------------------------------------------------------------------


def test_deal__of_a_lone_bidder__loses_the_debt_alike(started: Scene) -> None:
    before = started.ask("market", "totalAssets")
    assert started.take(1) == ""
    started.wait(LIFE)
    assert started.restart() == ""
    assert started.reached["BadDebt"] == 1
    assert started.ask("market", "totalAssets") < before - usd(9_000)


def test_deal__after_bids_for_less__returns_the_rest_alike(started: Scene) -> None:
    bid_up_to(started, len(ENGLISH_LADDER) + 3)
    started.wait(LIFE)
    assert started.restart() == ""
    assert started.reached["BadDebt"] == 0
    assert started.ask("market", "collateral_of", BORROWER, started.at("WETH")) > 0


def test_deal__beside_other_collateral__returns_the_debt_alike(scene: Scene) -> None:
    assert scene.start(DEBTOR) == ""
    assert scene.take(account=DEBTOR) == ""
    scene.wait(LIFE)
    assert scene.restart(DEBTOR) == ""
    assert scene.ask("market", "debt_of", DEBTOR) > 0


def test_deal__beside_another_sale__leaves_the_loss_to_it_alike(scene: Scene) -> None:
    for symbol in ("WETH", "GOLD"):
        assert scene.start(DEBTOR, symbol) == ""
        assert scene.take(account=DEBTOR, symbol=symbol) == ""
    scene.wait(LIFE)
    assert scene.restart(DEBTOR) == ""
    assert scene.reached["BadDebt"] == 0
    assert scene.restart(DEBTOR, "GOLD") == ""
    assert scene.reached["BadDebt"] == 1


def test_tick__without_a_bid__opens_the_sale_again_alike(started: Scene) -> None:
    assert started.restart(DEBTOR) == "english: no sale"
    started.wait(LENGTH - 3 * BLOCK_S)
    assert started.restart() == "english: still open"
    assert started.take() == "english: too late"
    assert started.restart() == ""
    assert started.take() == ""


def test_cancel__with_and_without_a_bid__is_alike(started: Scene) -> None:
    weth = started.at("WETH")
    assert started.do(GUARDIAN, "auction", "cancel", BORROWER, weth) == "english: only owner"
    assert started.do(OWNER, "auction", "cancel", DEBTOR, weth) == "english: no sale"
    assert started.do(OWNER, "auction", "cancel", BORROWER, weth) == ""
    assert started.start() == ""
    assert started.take() == ""
    assert started.do(OWNER, "auction", "cancel", BORROWER, weth) == "english: a bid stands"


# --- breakers ---------------------------------------------------------------------------------


def test_halt__while_a_bid_stands__stops_its_clock_alike(started: Scene) -> None:
    assert started.take() == ""
    started.tell("set_next_halt", LIQUIDATE, started.rig.time + 10_000)
    started.tell("set_limit", LIQUIDATE, 0)
    assert started.take(by=RIVAL) == "english: halted"
    assert started.start(DEBTOR) == "english: halted"
    started.wait(9_000)
    assert started.restart() == "english: still open"
    started.tell("set_limit", LIQUIDATE, MAX_UINT)
    assert started.take(by=RIVAL) == ""


def test_slowdown__while_a_bid_stands__lets_it_live_longer_alike(started: Scene) -> None:
    assert started.take() == ""
    started.tell("set_slowdown", WAD // 3, WAD // 10, started.rig.time + 10_000)
    started.wait(2 * LIFE)
    assert started.restart() == "english: still open"
    started.wait(LIFE)
    assert started.restart() == ""


def test_throttle__below_a_raise__refuses_it_alike(started: Scene) -> None:
    assert started.take() == ""
    started.tell("set_limit", LIQUIDATE, usd(999))
    assert started.take(by=RIVAL) == "english: bid too low"
    started.tell("set_limit", LIQUIDATE, usd(1_000))
    assert started.take(by=RIVAL) == ""


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"penalty": WAD + 1}, "english: penalty above 1"),
        ({"raise_by": 0}, "english: raise_by not between 0 and 1"),
        ({"raise_by": WAD + 1}, "english: raise_by not between 0 and 1"),
        ({"least_raise": 0}, "english: zero least_raise"),
        ({"bid_life": 0}, "english: bid_life not up to length"),
        ({"bid_life": LENGTH + 1}, "english: bid_life not up to length"),
    ],
)
def test_deployment__with_senseless_parameters__is_refused_alike(
    both: Rig, changes: dict[str, int], reason: str
) -> None:
    with both.undone():
        a_scene(both)
        assert both.refusal(EnglishAuction, "<market>", *(ENGLISH | changes).values()) == reason
