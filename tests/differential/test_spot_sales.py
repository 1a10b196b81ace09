"""Mechanisms that sell at once, their bytecode and their twins: the same takes and refusals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sim.engines.base import Call
from sim.engines.opening import OWNER
from sim.mechanisms.kernel import Contract
from sim.mechanisms.liquidation.fixed_spread import FixedSpread
from sim.mechanisms.liquidation.health_discount import HealthDiscount
from sim.mechanisms.liquidation.target_health import TargetHealth
from sim.units import LIQUIDATE, MAX_UINT, WAD
from tests.differential.auctions import (
    BORROWER,
    DEBTOR,
    GUARDIAN,
    KEEPER,
    LENDER,
    RIVAL,
    Scene,
)
from tests.differential.mocks import encoded
from tests.differential.rig import Rig
from tests.helpers.ledger import usd

PERCENT = WAD // 100
FIXED: dict[str, Any] = {
    "bonus": [5 * PERCENT, 8 * PERCENT],
    "protocol_fee": [10 * PERCENT, WAD],
    "close_factor": 50 * PERCENT,
    "full_close_health": 95 * PERCENT,
    "min_base": usd(2_000),
    "min_leftover": usd(1_000),
}
DISCOUNT: dict[str, Any] = {
    "max_discount": 15 * PERCENT,
    "target_health": WAD,
    "cool_off": 60,
    "min_leftover": usd(1_000),
}
TARGET: dict[str, Any] = {
    "min_bonus": [1 * PERCENT, 2 * PERCENT],
    "max_bonus": [5 * PERCENT, 10 * PERCENT],
    "protocol_fee": [0, WAD // 3],
    "health_for_max": 70 * PERCENT,
    "target_health": 105 * PERCENT,
    "full_close_share": 90 * PERCENT,
    "min_leftover": usd(1_000),
}
PARAMETERS = {FixedSpread: FIXED, HealthDiscount: DISCOUNT, TargetHealth: TARGET}
KINDS = list(PARAMETERS)


def a_scene(both: Rig, kind: type[Contract], **changes: Any) -> Scene:
    scene = Scene(both, kind, *(PARAMETERS[kind] | changes).values())
    scene.wait(DISCOUNT["cool_off"])  # after the loans
    return scene


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def scene(both: Rig, request: pytest.FixtureRequest) -> Iterator[Scene]:
    """WETH has fallen to 1,200, so that borrower and debtor can be liquidated."""
    with both.undone():
        scene = a_scene(both, request.param)
        scene.price("WETH", 1_200)
        yield scene


def test_take__of_a_part_and_of_the_rest__pays_alike(scene: Scene) -> None:
    assert scene.take(usd(1_000)) == ""
    assert scene.take(usd(1_000), by=RIVAL, to=KEEPER) == ""
    scene.price("WETH", 700)
    assert scene.take() == ""
    assert scene.take(account=DEBTOR, symbol="GOLD") == ""
    assert scene.reached["Taken"] == 4


def test_take__that_can_t_be__is_refused_alike(scene: Scene) -> None:
    assert scene.take(0) == "spot: nothing offered"
    assert scene.take(symbol="GOLD") == "spot: no collateral"
    assert scene.take(usd(1_000), 10**18) == "spot: too little"
    scene.tell("set_limit", LIQUIDATE, 0)
    assert scene.take() == "spot: halted"
    scene.tell("set_limit", LIQUIDATE, usd(100))
    assert scene.take() == ""
    scene.price("WETH", 1_500)
    assert scene.take() == "spot: healthy"
    assert scene.start() == scene.restart() == "spot: no sales to start"
    scene.wait(366 * 86_400)
    assert scene.take() == "market: stale price"


@pytest.mark.parametrize("kind", KINDS)
def test_take__that_would_leave_dust__is_refused_alike(both: Rig, kind: type[Contract]) -> None:
    with both.undone():
        base = {"min_base": usd(20_000)} if kind is FixedSpread else {}
        scene = a_scene(both, kind, min_leftover=usd(10_000), **base)
        scene.price("WETH", 1_200)
        assert scene.take(usd(1_000)) == "spot: would leave dust"
        assert scene.take() == ""


def test_take__by_whom_lacks_money__fails_alike(scene: Scene) -> None:
    assert scene.do(KEEPER, "USDC", "approve", scene.at("auction"), usd(10)) == ""
    assert scene.take() == "erc20: insufficient allowance"
    everything = scene.ask("USDC", "balanceOf", RIVAL)
    assert scene.do(RIVAL, "USDC", "transfer", LENDER, everything) == ""
    assert scene.take(by=RIVAL) == "erc20: insufficient balance"


def test_take__with_data__calls_the_receiver_alike(scene: Scene) -> None:
    taker, market = scene.at("taker"), scene.at("market")
    assert scene.take(usd(1_000), to=taker, data=b"sold?") == ""
    account, *_, data = scene.ask("taker", "seen")
    assert (account, data) == (BORROWER, "0x" + b"sold?".hex())
    assert scene.take(usd(1_000), to=RIVAL, data=b"nobody") == "reverted without a reason"
    inner = {
        Call("market", "pulse"): "",
        Call("market", "supply_collateral", (scene.at("USDC"), 1, taker)): (
            "market: unknown collateral"
        ),
    }
    for call, reason in inner.items():
        code = encoded(scene.rig, call)
        assert scene.do(OWNER, "taker", "set_call", market, code) == ""
        assert scene.take(usd(1_000), to=taker, data=b"call") == reason


@pytest.mark.parametrize("function", ["quote", "take", "startable", "MIN_LEFTOVER"])
def test_take__that_enters_the_module_again__is_refused_alike(scene: Scene, function: str) -> None:
    weth, taker = scene.at("WETH"), scene.at("taker")
    args: dict[str, tuple[Any, ...]] = {
        "quote": (BORROWER, weth, 1),
        "take": (BORROWER, weth, 1, 0, KEEPER, b""),
        "startable": (BORROWER,),
        "MIN_LEFTOVER": (),
    }
    code = encoded(scene.rig, Call("auction", function, args[function]))
    assert scene.do(OWNER, "taker", "set_call", scene.at("auction"), code) == ""
    free = function == "MIN_LEFTOVER"
    refused = "reverted without a reason"
    assert scene.take(usd(1_000), to=taker, data=b"again") == ("" if free else refused)


def test_take__that_leaves_no_collateral__writes_off_alike(scene: Scene) -> None:
    scene.price("WETH", 400)
    assert scene.take() == ""
    assert scene.ask("market", "debt_of", BORROWER) == 0
    assert scene.reached["BadDebt"] == 1


def test_check__by_the_market__keeps_from_liquidation_alike(both: Rig) -> None:
    with both.undone():
        scene = a_scene(both, HealthDiscount)
        assert scene.do(KEEPER, "market", "check", BORROWER) == ""
        scene.price("WETH", 1_200)
        assert scene.do(KEEPER, "market", "check", BORROWER) == "market: unhealthy"
        assert scene.take() == "discount: cooling off"
        scene.wait(60)
        assert scene.take() == ""


def test_grace__up_to_and_at_its_end__lets_nobody_be_liquidated_alike(scene: Scene) -> None:
    weth, day = scene.at("WETH"), 4 * 3_600
    now = scene.rig.time
    assert scene.do(KEEPER, "auction", "set_grace", weth, 0) == "spot: only guardian"
    assert scene.do(OWNER, "auction", "set_grace", weth, now + day + 25) == "spot: grace too long"
    assert scene.do(GUARDIAN, "auction", "set_grace", weth, now + day) == ""
    scene.wait(now + day - scene.rig.time - 12)
    assert scene.take(usd(1_000)) == "spot: grace period"  # at the end
    assert scene.take(usd(1_000)) == ""
    assert scene.do(OWNER, "auction", "set_grace", weth, scene.rig.time + 24) == ""
    assert scene.take(usd(1_000)) == "spot: grace period"
    assert scene.take(usd(1_000), account=DEBTOR, symbol="GOLD") == ""
    assert scene.do(OWNER, "auction", "set_grace", weth, 0) == ""


def test_take__of_debt_with_a_fee__pays_into_the_reserve_alike(both: Rig) -> None:
    with both.undone():
        scene = a_scene(both, FixedSpread)
        scene.price("WETH", 1_200)
        before = scene.ask("market", "reserve")
        assert scene.take(account=DEBTOR, symbol="GOLD") == ""
        assert scene.ask("market", "reserve") > before


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (FixedSpread, {"close_factor": 0}),
        (FixedSpread, {"close_factor": WAD + 1}),
        (FixedSpread, {"full_close_health": WAD + 1}),
        (FixedSpread, {"min_leftover": usd(1_001)}),
        (FixedSpread, {"bonus": [WAD]}),
        (FixedSpread, {"bonus": [0, WAD + 1]}),
        (FixedSpread, {"min_base": MAX_UINT}),
        (FixedSpread, {"protocol_fee": [0] * 3}),
        (FixedSpread, {"protocol_fee": [0, WAD + 1]}),
        (HealthDiscount, {"max_discount": WAD}),
        (HealthDiscount, {"target_health": WAD - 1}),
        (TargetHealth, {"health_for_max": WAD}),
        (TargetHealth, {"target_health": 2 * WAD + 1}),
        (TargetHealth, {"full_close_share": WAD + 1}),
        (TargetHealth, {"min_bonus": [0]}),
        (TargetHealth, {"max_bonus": [WAD] * 3}),
        (TargetHealth, {"min_bonus": [WAD // 2, 0]}),
        (TargetHealth, {"max_bonus": [WAD + 1, WAD]}),
    ],
)
def test_deployment__with_senseless_parameters__is_refused_alike(
    both: Rig, kind: type[Contract], changes: dict[str, Any]
) -> None:
    with both.undone():
        a_scene(both, kind)
        both.refusal(kind, "<market>", *(PARAMETERS[kind] | changes).values())


@pytest.mark.parametrize("kind", KINDS)
def test_programs__on_bytecode_and_twin__agree(both: Rig, kind: type[Contract]) -> None:
    reached: Counter[str] = Counter()

    @settings(max_examples=6, deadline=None, derandomize=True, phases=[Phase.generate])
    @given(seed=st.integers(0, 2**32 - 1))
    def agree(seed: int) -> None:
        random = Random(seed)
        with both.undone():
            scene = a_scene(both, kind, min_leftover=random.choice([0, 1, usd(300), usd(1_000)]))
            scene.price("WETH", 600 + random.randrange(600))
            for _ in range(25):
                act(scene, random)
            reached.update(scene.reached)

    agree()
    assert reached["Taken"] > 15
    assert reached["BadDebt"]


def act(scene: Scene, random: Random) -> None:
    """Something that may happen to who owes; mostly a take."""
    account, symbol = random.choice([BORROWER, DEBTOR]), random.choice(["WETH", "WETH", "GOLD"])
    move = random.randrange(14)
    if move == 0:
        lowest = {"WETH": 600, "GOLD": 30}[symbol]
        scene.price(symbol, lowest + random.randrange(lowest))
    elif move == 1:
        scene.wait(random.choice([12, 600, 86_400]))
    elif move == 2:
        scene.tell("set_limit", LIQUIDATE, random.choice([0, 1, usd(700), MAX_UINT, MAX_UINT]))
    elif move == 3:
        until = scene.rig.time + random.choice([0, 24, 60])
        scene.do(GUARDIAN, "auction", "set_grace", scene.at(symbol), until)
    elif move == 4:
        amount = random.choice([1, 10**18, 10**6])
        scene.do(KEEPER, "market", "supply_collateral", scene.at(symbol), amount, account)
    elif move == 5:
        scene.do(account, "market", "borrow", usd(random.randrange(1_000, 4_000)), account)
    else:
        least = random.choice([0, 0, 0, random.randrange(10**19)])
        offer = random.choice([*[usd(random.randrange(1, 4_000))] * 5, MAX_UINT, 0, 1])
        scene.take(offer, least, account=account, symbol=symbol, by=random.choice([KEEPER, RIVAL]))
