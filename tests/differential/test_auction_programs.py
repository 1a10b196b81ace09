"""Both auctions on bytecode and twins, by random programs."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sim.mechanisms.kernel import Contract
from sim.mechanisms.liquidation.dutch_auction import DutchAuction
from sim.mechanisms.liquidation.english_auction import EnglishAuction
from sim.units import MAX_UINT, WAD
from tests.differential.auctions import (
    BLOCK_S,
    BORROWER,
    DEBTOR,
    KEEPER,
    LIQUIDATE,
    RIVAL,
    STEP_S,
    Scene,
)
from tests.differential.rig import Rig
from tests.helpers.ledger import usd
from tests.helpers.mechanisms import AUCTION, ENGLISH

DUTCH = {"curve": "<curve>", **AUCTION, "cap": usd(12_000), "collateral_cap": [usd(12_000)] * 2}
PARAMETERS: dict[type[Contract], dict[str, Any]] = {
    DutchAuction: DUTCH | {"min_sale": usd(300), "buffer": AUCTION["buffer"] + 1},  # it rounds
    EnglishAuction: ENGLISH | {"raise_by": WAD // 3},
}
PAUSES = (BLOCK_S, STEP_S, 10 * STEP_S, ENGLISH["bid_life"], ENGLISH["length"], AUCTION["tail"])
PRICES = {"WETH": (700.7, 1_200.123, 1_500), "GOLD": (30.33, 80)}
LIMITS = (0, usd(700), MAX_UINT, MAX_UINT)  # of what passes, told to the breaker
OUTCOMES = {"SaleStarted", "Taken", "SaleEnded"}


@pytest.mark.parametrize("kind", PARAMETERS)
def test_programs__on_bytecode_and_twin__agree(both: Rig, kind: type[Contract]) -> None:
    reached: set[str] = set()

    @settings(max_examples=6, deadline=None, derandomize=True, phases=[Phase.generate])
    @given(seed=st.integers(0, 2**32 - 1))
    def agree(seed: int) -> None:
        random = Random(seed)
        with both.undone():
            scene = Scene(both, kind, *PARAMETERS[kind].values())
            close(scene)
            for _ in range(25):
                act(scene, random)
            reached.update(scene.reached)

    agree()
    assert not OUTCOMES - reached


def close(scene: Scene) -> None:
    """One sale from its start to its end."""
    scene.price("WETH", 1_200.123)
    for call in (scene.start, scene.take):
        assert call() == ""
    scene.wait(ENGLISH["bid_life"])
    scene.restart()


def act(scene: Scene, random: Random) -> None:
    """Something that may happen to an auction."""
    account, symbol = random.choice([BORROWER, DEBTOR]), random.choice(["WETH", "WETH", "GOLD"])
    move = random.randrange(8)
    if move == 0:
        scene.price(symbol, random.choice(PRICES[symbol]))
    elif move == 1:
        scene.wait(random.choice(PAUSES))
    elif move == 2:
        scene.restart(account, symbol)
    elif move == 3:
        scene.tell("set_limit", LIQUIDATE, random.choice(LIMITS))
    elif move == 4:
        scene.tell("set_slowdown", WAD // 2, WAD // 10, scene.rig.time + 2_000)
    elif move == 5:
        scene.start(account, symbol)
    else:
        offer = random.choice([usd(random.randrange(12_000)), MAX_UINT])
        scene.take(offer, account=account, symbol=symbol, by=random.choice([KEEPER, RIVAL]))
