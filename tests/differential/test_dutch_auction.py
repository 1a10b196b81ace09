"""The Dutch auction's bytecode and its twin: the same sales, amounts, events and refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sim.engines.base import Call
from sim.engines.opening import OWNER
from sim.mechanisms.liquidation.dutch_auction import DutchAuction
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
    STEP_S,
    Scene,
)
from tests.differential.mocks import ScriptedCurve, encoded
from tests.differential.rig import Rig
from tests.helpers.ledger import usd
from tests.helpers.mechanisms import AUCTION

TARGET = usd(11_000)  # the borrower's debt with a penalty of 10%
TAIL = AUCTION["tail"]
PARAMETERS = {"curve": "<curve>", **AUCTION, "collateral_cap": [usd(1_000_000)] * 2}
SILENT = "reverted without a reason"


def a_scene(both: Rig, **changes: Any) -> Scene:
    return Scene(both, DutchAuction, *(PARAMETERS | changes).values())


@pytest.fixture
def scene(both: Rig) -> Iterator[Scene]:
    """WETH has fallen to 1,200, so that borrower and debtor can be liquidated."""
    with both.undone():
        scene = a_scene(both)
        scene.price("WETH", 1_200)
        yield scene


@pytest.fixture
def started(scene: Scene) -> Scene:
    """With a sale of 10 WETH for 11,000, from 1,440 on."""
    assert scene.start() == ""
    return scene


# --- start ------------------------------------------------------------------------------------


def test_start__healthy__is_refused_alike(both: Rig) -> None:
    with both.undone():
        scene = a_scene(both)
        assert scene.start() == "auction: healthy"
        scene.price("WETH", 1_250)  # exactly healthy
        assert scene.start() == "auction: healthy"


def test_start__of_both_collaterals__shares_the_debt_alike(scene: Scene) -> None:
    assert scene.start(DEBTOR, "GOLD") == ""
    assert scene.start(DEBTOR, "GOLD") == "auction: sale is open"
    assert scene.start(DEBTOR) == ""
    debts = [scene.sale(DEBTOR, symbol).debt for symbol in ("WETH", "GOLD")]
    assert sum(debts) == usd(10_000)
    assert scene.start(BORROWER, "GOLD") == "auction: no collateral"


def test_start__of_a_worthless_lot__is_refused_alike(scene: Scene) -> None:
    gold = scene.at("GOLD")
    scene.price("GOLD", 0.01)
    assert scene.do(KEEPER, "market", "supply_collateral", gold, 1, BORROWER) == ""
    assert scene.start(BORROWER, "GOLD") == "auction: worthless lot"


def test_start__without_a_price__is_refused_alike(scene: Scene) -> None:
    scene.wait(366 * 86_400)
    assert scene.start() == "market: stale price"
    assert scene.ask("auction", "startable", BORROWER) is False


@pytest.mark.parametrize(
    ("changes", "debt"),
    [
        ({"cap": usd(4_000)}, usd(4_000)),  # part of the debt, part of the lot
        ({"cap": usd(9_500) + 1}, usd(10_000)),  # the rest would be dust
        ({"collateral_cap": [usd(3_000), usd(500)]}, usd(3_000)),
        ({"cap": usd(10_000)}, usd(10_000)),
    ],
)
def test_start__under_a_cap__takes_as_much_alike(
    both: Rig, changes: dict[str, Any], debt: int
) -> None:
    with both.undone():
        scene = a_scene(both, **changes)
        scene.price("WETH", 1_200)
        assert scene.start() == ""
        assert scene.sale().debt == debt


def test_start__with_the_cap_used_up__is_refused_alike(both: Rig) -> None:
    with both.undone():
        scene = a_scene(both, cap=usd(10_400))
        scene.price("WETH", 1_000)
        assert scene.start() == ""
        assert scene.start(DEBTOR) == "auction: cap reached"  # room for 400


def test_start__of_dust_and_with_little_reserve__pays_as_much_alike(both: Rig) -> None:
    with both.undone():
        scene = a_scene(both, min_sale=usd(20_000))  # every sale is dust
        scene.price("WETH", 1_200)
        assert scene.start() == ""
    with both.undone():
        scene = a_scene(both, tip=usd(10_000))  # the reserve has 500
        scene.price("WETH", 1_200)
        assert scene.start() == ""


def test_start__of_a_fortune__overflows_alike(both: Rig) -> None:
    with both.undone():
        scene = a_scene(both, buffer=2**250)
        scene.price("WETH", 1_200)
        assert scene.start() == SILENT


# --- take -------------------------------------------------------------------------------------


def test_take__without_a_sale__is_refused_alike(scene: Scene) -> None:
    assert scene.take() == "auction: no sale"
    assert scene.take(0) == "auction: nothing offered"


def test_take__of_a_part_and_of_the_rest__pays_debt_before_penalty_alike(started: Scene) -> None:
    assert started.take(usd(4_000)) == ""
    assert started.take(usd(6_200), by=RIVAL, to=KEEPER) == ""
    assert started.sale().debt == 0  # only penalty is left to raise
    assert started.sale().target == usd(800)
    assert started.take() == ""
    assert started.sale().lot == 0
    assert started.ask("market", "collateral_of", BORROWER, started.at("WETH")) > 0


def test_take__for_less_than_asked__is_refused_alike(started: Scene) -> None:
    assert started.take(usd(1_440), 10**18 + 1) == "auction: too little"
    assert started.take(usd(1_440), 10**18) == ""


@pytest.mark.parametrize("spare", [1, usd(499)])
def test_take__that_would_leave_dust__is_shrunk_alike(started: Scene, spare: int) -> None:
    assert started.take(TARGET - spare) == ""
    assert started.sale().target == usd(500)
    assert started.take(usd(499)) == "auction: would leave dust"
    assert started.take(usd(500)) == ""


def test_take__that_would_leave_dust_of_the_lot__is_shrunk_alike(started: Scene) -> None:
    started.wait(60 * STEP_S)  # 54.7% of 1,440: the lot is worth less than the debt
    cost, lot = started.ask("auction", "quote", BORROWER, started.at("WETH"), MAX_UINT)
    assert lot == 10 * 10**18
    assert started.take(cost - 1) == ""
    assert started.sale().lot > 0
    assert started.take(usd(100)) == "auction: would leave dust"
    assert started.take() == ""
    assert started.reached["BadDebt"] == 1


def test_take__by_whom_lacks_money__fails_alike(started: Scene) -> None:
    assert started.do(KEEPER, "USDC", "approve", started.at("auction"), usd(10)) == ""
    assert started.take() == "erc20: insufficient allowance"
    everything = started.ask("USDC", "balanceOf", RIVAL)
    assert started.do(RIVAL, "USDC", "transfer", LENDER, everything) == ""
    assert started.take(by=RIVAL) == "erc20: insufficient balance"


def test_take__with_data__calls_the_receiver_alike(started: Scene) -> None:
    taker = started.at("taker")
    assert started.take(usd(2_000), to=taker, data=b"sold?") == ""
    account, *_, data = started.ask("taker", "seen")
    assert (account, data) == (BORROWER, "0x" + b"sold?".hex())
    assert started.take(usd(2_000), to=RIVAL, data=b"nobody answers") == SILENT


def test_callback__into_the_auction__is_refused_alike(started: Scene) -> None:
    taker, weth = started.at("taker"), started.at("WETH")
    again = Call("auction", "take", (BORROWER, weth, usd(1_000), 0, taker, b""))
    assert (
        started.do(KEEPER, "taker", "set_call", started.at("auction"), encoded(started.rig, again))
        == ""
    )
    assert started.take(usd(2_000), to=taker, data=b"again") == SILENT


# --- the end ----------------------------------------------------------------------------------


def test_end__beside_other_collateral__returns_the_debt_alike(scene: Scene) -> None:
    scene.price("WETH", 700)
    assert scene.start(DEBTOR) == ""
    scene.wait(75 * STEP_S)
    assert scene.take(account=DEBTOR) == ""
    assert scene.ask("market", "debt_of", DEBTOR) > 0
    assert scene.reached["BadDebt"] == 0


def test_end__of_the_last_of_two_sales__writes_off_what_both_left_alike(scene: Scene) -> None:
    scene.price("WETH", 700)
    assert scene.start(DEBTOR) == ""
    assert scene.start(DEBTOR, "GOLD") == ""
    scene.wait(75 * STEP_S)
    assert scene.take(account=DEBTOR) == ""
    assert scene.reached["BadDebt"] == 0  # the other sale is open
    assert scene.take(account=DEBTOR, symbol="GOLD") == ""
    assert scene.reached["BadDebt"] == 1
    assert scene.ask("market", "debt_of", DEBTOR) == 0


def test_end__with_bad_debt_above_the_reserve__falls_on_lenders_alike(scene: Scene) -> None:
    before = scene.ask("market", "totalAssets")
    scene.price("WETH", 500)
    assert scene.start() == ""
    assert scene.take() == ""
    assert scene.ask("market", "totalAssets") < before - usd(1_000)


# --- restart ----------------------------------------------------------------------------------


def test_restart__around_the_tail__is_due_alike(started: Scene) -> None:
    assert started.restart(DEBTOR) == "auction: no sale"
    started.wait(TAIL - 2 * BLOCK_S)
    assert started.restart() == "auction: not stale"  # at the tail
    assert started.take() == "auction: needs restart"
    started.price("WETH", 1_000)
    assert started.restart() == ""
    assert started.sale().start_price == 1_200 * WAD
    assert started.take() == ""


@pytest.mark.parametrize(("cusp", "reason"), [(0, "auction: not stale"), (1, "")])
def test_restart__around_the_cusp__is_due_alike(both: Rig, cusp: int, reason: str) -> None:
    with both.undone():
        scene = a_scene(both, cusp=99 * WAD // 100 + cusp)
        scene.price("WETH", 1_200)
        assert scene.start() == ""
        scene.wait(STEP_S - BLOCK_S)
        assert scene.restart() == reason


def test_restart__of_dust_or_without_a_price__is_alike(started: Scene) -> None:
    assert started.take(TARGET - usd(500)) == ""
    started.price("WETH", 1)  # the lot is dust now
    started.wait(TAIL)
    assert started.restart() == ""
    started.wait(366 * 86_400)
    assert started.restart() == "market: stale price"
    assert started.ask("auction", "restartable", BORROWER, started.at("WETH")) is False


# --- breakers ---------------------------------------------------------------------------------


def test_halt__of_liquidation__stops_everything_and_the_clock_alike(started: Scene) -> None:
    started.wait(3 * STEP_S)
    price = started.ask("auction", "price", BORROWER, started.at("WETH"))
    started.tell("set_next_halt", LIQUIDATE, started.rig.time + 10_000)
    started.tell("set_limit", LIQUIDATE, 0)
    assert started.start(DEBTOR) == "auction: halted"
    assert started.take() == "auction: halted"
    assert started.restart() == "auction: halted"
    started.wait(9_000)
    started.tell("set_limit", LIQUIDATE, MAX_UINT)
    assert started.ask("auction", "price", BORROWER, started.at("WETH")) == price
    assert started.ask("market", "halted_seconds") > 9_000
    started.wait(2_000)
    assert started.take() == ""


def test_slowdown__of_auctions__stretches_the_clock_and_lifts_the_start_alike(
    started: Scene,
) -> None:
    started.tell("set_slowdown", WAD // 3, WAD // 10, started.rig.time + 40_000)
    started.wait(2 * TAIL)
    assert started.take(usd(1_000)) == ""  # not yet stale
    assert started.start(DEBTOR) == ""
    assert started.sale(DEBTOR).start_price == 1_584 * WAD
    started.wait(2 * TAIL)
    assert started.restart() == ""
    assert started.sale().start_price == 1_584 * WAD
    started.wait(40_000)
    assert started.restart() == ""
    assert started.sale().start_price == 1_440 * WAD


def test_throttle__below_an_offer__shrinks_it_alike(started: Scene) -> None:
    started.tell("set_limit", LIQUIDATE, usd(700))
    assert started.take() == ""
    assert started.sale().target == TARGET - usd(700)
    started.tell("set_limit", LIQUIDATE, 1)
    assert started.take() == ""


def test_broken_breaker__lets_nothing_pass_alike(started: Scene) -> None:
    assert started.do(OWNER, "breaker", "set_broken", True) == ""
    assert started.take() == "auction: halted"
    assert started.do(OWNER, "market", "remove_breaker", started.at("breaker")) == ""
    assert started.take() == ""


# --- owner and guardian -----------------------------------------------------------------------


def test_stop_levels__one_after_another__refuse_alike(started: Scene) -> None:
    def stop(who: str, level: int) -> str:
        return started.do(who, "auction", "set_stopped", level)

    assert stop(KEEPER, 1) == "auction: only guardian"
    assert stop(OWNER, 4) == "auction: unknown stop level"
    assert stop(GUARDIAN, 1) == ""
    assert started.start(DEBTOR) == "auction: starting is stopped"
    started.wait(TAIL)
    assert started.restart() == ""
    assert stop(GUARDIAN, 2) == ""
    started.wait(TAIL)
    assert started.restart() == "auction: restarting is stopped"
    assert stop(GUARDIAN, 3) == ""
    assert started.take() == "auction: taking is stopped"
    assert stop(GUARDIAN, 3) == "auction: only guardian"
    assert stop(OWNER, 0) == ""
    assert started.take() == "auction: needs restart"


def test_cancel__by_the_owner__puts_everything_back_alike(started: Scene) -> None:
    weth = started.at("WETH")
    assert started.take(usd(2_000)) == ""
    assert started.do(GUARDIAN, "auction", "cancel", BORROWER, weth) == "auction: only owner"
    assert started.do(OWNER, "auction", "cancel", DEBTOR, weth) == "auction: no sale"
    assert started.do(OWNER, "auction", "cancel", BORROWER, weth) == ""
    assert started.ask("market", "debt_of", BORROWER) == usd(8_000)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"penalty": WAD + 1}, "auction: chip or penalty above 1"),
        ({"chip": WAD + 1}, "auction: chip or penalty above 1"),
        ({"buffer": WAD - 1}, "auction: buffer below 1"),
        ({"tail": 0}, "auction: zero tail"),
        ({"cusp": 0}, "auction: cusp not between 0 and 1"),
        ({"cusp": WAD}, "auction: cusp not between 0 and 1"),
        ({"cap": AUCTION["min_sale"] - 1}, "auction: cap below min_sale"),
        ({"collateral_cap": [usd(1_000)]}, "auction: one cap for each collateral"),
        ({"collateral_cap": [usd(500), usd(499)]}, "auction: cap below min_sale"),
        ({"curve": "<breaker>"}, SILENT),
        ({"curve": "<still>"}, "auction: curve starts elsewhere"),
    ],
)
def test_deployment__with_senseless_parameters__is_refused_alike(
    both: Rig, changes: dict[str, Any], reason: str
) -> None:
    with both.undone():
        a_scene(both)
        both.deploy("still", ScriptedCurve, WAD - 1)
        args = (PARAMETERS | changes).values()
        assert both.refusal(DutchAuction, "<market>", *args) == reason
