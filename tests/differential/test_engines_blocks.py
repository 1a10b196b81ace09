"""Both engines through the same blocks: what the world can see of them is equal but for gas."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

import pytest

from sim.design import load_design
from sim.engines import ENGINES
from sim.engines.anvil import AnvilEngine
from sim.engines.base import NATIVE, Block, Call, Engine, Tx, address_of
from sim.engines.bench import START, liquidation_stream
from sim.engines.reference import ReferenceEngine
from sim.units import GWEI, MAX_UINT

NEXT = START + 12
STREAM = liquidation_stream(load_design("fixed"), blocks=1, size=40)
BORROWERS, FEEDER = STREAM.setup.watched, STREAM.setup.feeder
POOR = address_of("nobody")
ids = itertools.count(1_000_000)


def tx(sender: str, target: str, function: str, *args: Any, gas: int = 900_000, tip: int = 0) -> Tx:
    return Tx(next(ids), "test", sender, Call(target, function, args), gas, tip)


def push(price: int) -> Tx:
    return tx(FEEDER, "feed:WETH", "push", price * 10**8)


def told(block: Block) -> Mapping[str, Any]:
    """All of a block but its gas and its hash."""
    return {**asdict(block), "gas_used": 0, "hash": ""}


@pytest.fixture
def engines() -> Iterator[tuple[Engine, Engine]]:
    """Both with the fixed design on them and everything in place."""
    with AnvilEngine() as anvil, ReferenceEngine() as reference:
        for engine in (anvil, reference):
            engine.deploy(STREAM.design, STREAM.setup)
            engine.prepare(STREAM.before)
        yield anvil, reference


def test_deploy__on_both__puts_everything_at_the_same_addresses() -> None:
    setup = replace(STREAM.setup, keepers=STREAM.setup.keepers[:3])
    deployments = []
    for name in ("volatility_breaker", "maker_eth_a", "twap"):
        for kind in ENGINES.values():
            with kind() as engine:
                found = engine.deploy(load_design(name), setup)
                deployments.append((name, replace(found, code_sizes={})))
    for one, other in zip(deployments[::2], deployments[1::2], strict=True):
        assert one == other


def test_blocks__of_the_benchs_stream__are_the_same(engines: tuple[Engine, Engine]) -> None:
    blocks = [told(engine.mine(NEXT, STREAM.blocks[0])) for engine in engines]
    assert blocks[0] == blocks[1]
    assert len(blocks[0]["events"]) > 100
    for time in (NEXT, NEXT + 86_400):
        one, other = (engine.read(time) for engine in engines)
        assert one == other
        assert one.sales or time > NEXT  # a day later the price is stale
    holders = [*BORROWERS, FEEDER, POOR]
    one, other = ({**engine.balances(holders), NATIVE: None} for engine in engines)
    assert one == other


def test_blocks__with_every_kind_of_failure__tell_the_same_reasons(
    engines: tuple[Engine, Engine],
) -> None:
    one, two = BORROWERS[:2]
    wish = ("<WETH>", "<USDC>", 3000, one, MAX_UINT, 10**9, 10**18, 0)
    block = [
        push(199),
        push(199),
        tx(one, "market", "borrow", 10**12, one),
        tx(one, "market", "withdraw_collateral", "<WETH>", MAX_UINT, one),
        tx(POOR, "WETH", "transfer", one, 0),
        tx(two, "market", "pulse"),
        tx(one, "router", "exactInputSingle", wish),
        tx(one, "liquidation", "take", two, "<WETH>", 10**9, 0, one, b""),
        tx(one, "USDC", "mint", one, 1),
        tx(two, "market", "repay", 10**6, two, gas=STREAM.setup.gas_limit + 1),
    ]
    outcomes = [told(engine.mine(NEXT, block[:-1])) for engine in engines]
    assert outcomes[0] == outcomes[1]
    assert sum(not o.ok for o in outcomes[0]["outcomes"]) == 7
    assert not any(engine.mine(NEXT + 12, block[-1:]).outcomes[0].ok for engine in engines)


def test_blocks__that_leave_transactions_out__say_which(engines: tuple[Engine, Engine]) -> None:
    limit, other = STREAM.setup.gas_limit, BORROWERS[1]
    rich = [tx(b, "WETH", "approve", POOR, 1, gas=limit - 20_000) for b in BORROWERS[:3]]
    late = tx(other, "WETH", "approve", POOR, 2, gas=60_000, tip=GWEI)
    outcomes = [engine.mine(NEXT, [*rich, late]).outcomes for engine in engines]
    assert outcomes[0] == outcomes[1]
    assert [o.ok for o in outcomes[0]] == [True, False, False, False]
    again = [told(engine.mine(NEXT + 12, [rich[2], late])) for engine in engines]
    assert again[0] == again[1]


@pytest.mark.parametrize(
    "call",
    [
        Call("market", "debt_of", (BORROWERS[0],)),
        Call("market", "config", ("<WETH>",)),
        Call("liquidation", "quote", (BORROWERS[0], "<WETH>", MAX_UINT)),
        Call("positions", "positions", (1,)),
        Call("lens", "accounts", ("<market>", list(BORROWERS[:5]))),
        Call("lens", "sales", ("<market>", list(BORROWERS[:5]))),
        Call("lens", "market", ("<market>",)),
        Call("pool", "slot0"),
    ],
    ids=lambda call: f"{call.target}.{call.function}",
)
def test_view__on_both__answers_the_same(engines: tuple[Engine, Engine], call: Call) -> None:
    for engine in engines:
        engine.mine(NEXT, [push(160)])
    one, other = (engine.view(call) for engine in engines)
    assert one == other


def test_mine__at_a_base_fee_of_its_own__stands_in_the_header_and_is_paid(
    engines: tuple[Engine, Engine],
) -> None:
    payer, fee = BORROWERS[0], 7 * STREAM.setup.base_fee
    for engine in engines:
        before = engine.balances([payer])[NATIVE][0]
        approval = tx(payer, "WETH", "approve", "<market>", 1, gas=80_000, tip=3 * GWEI)
        block = engine.mine(NEXT, [approval], fee)
        assert block.base_fee == fee
        assert before - engine.balances([payer])[NATIVE][0] == block.gas_used * (fee + 3 * GWEI)
        assert engine.mine(NEXT + 12, []).base_fee == STREAM.setup.base_fee
