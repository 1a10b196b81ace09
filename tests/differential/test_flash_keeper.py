"""The flash keeper's bytecode and its twin, with the pool that it sells in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from sim.design import load_design
from sim.engines.base import Address, Call, Position, address_of, resolved
from sim.engines.opening import OWNER, deposits
from sim.units import FEED, MAX_UINT
from tests.differential.rig import Act, Fate, Rig
from tests.differential.staging import FEEDER, put_on_stage

KEEPER, LENDER, PROVIDER, STRANGER = (address_of("flash", i) for i in range(4))
BORROWERS = tuple(address_of("flash/borrower", i) for i in range(6))
UNIT, COIN = 10**6, 10**18  # of USDC and WETH
SILENT = "reverted without a reason"


class Stage:
    """Everybody owes 15,000 against 10 WETH at 2,000; the pool has what it is told."""

    def __init__(self, rig: Rig, depth: float) -> None:
        """`depth` of the pool, as a multiple of 100 WETH and as much USDC."""
        self.rig = rig
        self.plan = put_on_stage(rig, load_design("fixed"))
        self.plan.flash_keepers([KEEPER])
        self.reached: Counter[str] = Counter()
        position = Position(
            PROVIDER, 1_500.0, 2_200.0, int(100 * depth * COIN), int(200_000 * depth * UNIT)
        )
        pool = deposits(OWNER, [position] if depth else [], self.plan.pair(), ("WETH", "USDC"))
        acts = [Act(who, call) for who, call in pool]
        acts += self._fund(LENDER, "USDC", 10**6 * UNIT)
        acts.append(Act(LENDER, Call("market", "deposit", (10**6 * UNIT, LENDER))))
        for who in BORROWERS:
            acts += self._fund(who, "WETH", 10 * COIN)
            acts.append(Act(who, Call("market", "supply_collateral", ("<WETH>", 10 * COIN, who))))
            acts.append(Act(who, Call("market", "borrow", (15_000 * UNIT, who))))
        assert {fate.reason for fate in self._run(12, acts)} == {""}

    def fall(self, price: int) -> None:
        """The feed, whose heartbeat is an hour, says another price [debt token per collateral]."""
        self._run(3_600, [])
        assert not self.do(FEEDER, "feed:WETH", "push", price * FEED)

    def execute(
        self, account: Address, most: int = MAX_UINT, least: int = 0, by: Address = KEEPER
    ) -> str:
        args = ("<liquidation>", account, "<WETH>", most, least)
        return self.do(by, "flash:0", "execute", *args)

    def do(self, sender: Address, key: str, function: str, *args: Any) -> str:
        """In a block of its own, after which everybody's tokens are compared."""
        (fate,) = self._run(12, [Act(sender, Call(key, function, args))])
        self.reached.update([fate.reason, *(name for _, name, _ in fate.events)])
        at = self.rig.contracts.addresses
        people = (KEEPER, at["flash:0"], at["pool"], at["market"], at["liquidation"])
        held = [Call(t, "balanceOf", (who,)) for t in ("USDC", "WETH") for who in people]
        named = ("OWNER", "ROUTER", "POOL_FEE")
        self.rig.compare([*held, *(Call("flash:0", name) for name in named), Call("pool", "slot0")])
        return fate.reason

    def _run(self, seconds: int, acts: list[Act]) -> list[Fate]:
        at = self.rig.contracts.addresses
        calls = (act.call._replace(args=resolved(act.call.args, at)) for act in acts)
        named = [Act(act.sender, call) for act, call in zip(acts, calls, strict=True)]
        return self.rig.run(seconds, named)

    def _fund(self, who: Address, symbol: str, amount: int) -> list[Act]:
        return [
            Act(OWNER, Call(symbol, "mint", (who, amount))),
            Act(who, Call(symbol, "approve", ("<market>", amount))),
        ]


@pytest.fixture
def stage(both: Rig) -> Iterator[Stage]:
    with both.undone():
        yield Stage(both, depth=1)


def test_execute__in_a_deep_pool__sells_pays_and_keeps_the_rest_alike(stage: Stage) -> None:
    stage.fall(1_600)
    assert stage.execute(BORROWERS[0], most=2_000 * UNIT) == ""
    assert stage.execute(BORROWERS[0], most=4_000 * UNIT, least=10 * UNIT) == ""
    assert stage.reached["Executed"] == 2
    profit = stage.rig.view(Call("USDC", "balanceOf", (KEEPER,)))
    assert profit > 0


def test_execute__that_can_t_pay__is_refused_alike(stage: Stage) -> None:
    assert stage.execute(BORROWERS[0]) == "spot: healthy"
    stage.fall(1_800)
    assert stage.execute(BORROWERS[0], by=STRANGER) == "keeper: only owner"
    assert stage.execute(BORROWERS[0], least=10**6 * UNIT) == "keeper: unprofitable"
    stage.fall(1_000)  # the lot costs less than what the pool of 2,000 gives
    assert stage.execute(BORROWERS[0]) == ""
    assert stage.do(STRANGER, "flash:0", "execute", *[STRANGER] * 3, 0, 0) == "keeper: only owner"
    assert stage.do(KEEPER, "flash:0", "execute", *[STRANGER] * 3, 0, 0) == SILENT


@pytest.mark.parametrize(("depth", "reason"), [(0, SILENT), (0.03, "keeper: unprofitable")])
def test_execute__in_a_pool_too_shallow__is_refused_alike(
    both: Rig, depth: float, reason: str
) -> None:
    with both.undone():
        stage = Stage(both, depth)
        stage.fall(1_800)
        assert stage.execute(BORROWERS[0]) == reason


def test_execute__in_a_pool_that_runs_dry__leaves_the_unsold_to_the_owner_alike(
    both: Rig,
) -> None:
    with both.undone():
        stage = Stage(both, depth=0.06)
        stage.fall(900)
        assert stage.execute(BORROWERS[0]) == ""
        assert stage.rig.view(Call("WETH", "balanceOf", (KEEPER,))) > 0


def test_callback__from_anybody_else__is_refused_alike(stage: Stage) -> None:
    call = (BORROWERS[0], "<WETH>", 1, 1, b"sell")
    assert stage.do(KEEPER, "flash:0", "on_take", *call) == "keeper: unexpected callback"


def test_programs__on_bytecode_and_twin__agree(stage: Stage) -> None:
    random = Random(3)
    for i in range(60):
        if i % 6 == 0:
            stage.fall(1_800 - 60 * (i // 6))
        most = random.choice([MAX_UINT, random.randrange(20_000) * UNIT])
        least = random.choice([0, random.randrange(2_000) * UNIT])
        stage.execute(random.choice(BORROWERS), most, least)
    assert min(stage.reached[r] for r in ("Executed", "keeper: unprofitable")) > 2, stage.reached
