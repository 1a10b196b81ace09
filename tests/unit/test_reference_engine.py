"""The `reference` engine by itself: what it refuses, whom it charges, that it repeats itself."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from sim.design import ContractSpec, Design, load_design
from sim.engines.base import NATIVE, Call, Tx, address_of
from sim.engines.bench import START, liquidation_stream
from sim.engines.reference import ReferenceEngine
from sim.errors import EngineError, InputError
from sim.experiments.compare import compare
from sim.units import GWEI

NEXT = START + 12
STREAM = liquidation_stream(load_design("fixed"), blocks=1, size=20)
BORROWERS = STREAM.setup.watched
POOR = address_of("nobody")
ids = itertools.count(1_000_000)


@pytest.fixture
def engine() -> ReferenceEngine:
    """With the fixed design on it and everything in place."""
    engine = ReferenceEngine()
    engine.deploy(STREAM.design, STREAM.setup)
    engine.prepare(STREAM.before)
    return engine


def tx(sender: str, target: str, function: str, *args: Any, gas: int = 900_000, tip: int = 0) -> Tx:
    return Tx(next(ids), "test", sender, Call(target, function, args), gas, tip)


def repay(borrower: str, **options: int) -> Tx:
    return tx(borrower, "market", "repay", 10**6, borrower, **options)


def mocked() -> Design:
    """With a module that is there for tests only, and has no twin."""
    module = ContractSpec(contract="ScriptedLiquidation")
    return load_design("fixed").model_copy(update={"liquidation": module})


NO_TWIN = (
    "liquidation: the contract ScriptedLiquidation has no twin under sim/mechanisms: "
    "run it on `anvil`, or write one"
)


def test_deploy__of_a_contract_without_a_twin__names_it_and_both_ways_out() -> None:
    with pytest.raises(InputError) as error:
        ReferenceEngine().deploy(mocked(), STREAM.setup)
    assert str(error.value) == NO_TWIN


def test_compare__of_a_contract_without_a_twin__is_refused_before_anything_is_written(
    tmp_path: Any,
) -> None:
    with pytest.raises(InputError) as error:
        compare("calm", [mocked()], 1, engine="reference", out=tmp_path / "new")
    assert str(error.value) == "design fixed: " + NO_TWIN
    assert not (tmp_path / "new").exists()


def test_deploy__of_parameters_that_the_constructor_refuses__tells_its_reason() -> None:
    design = load_design("fixed", ["liquidation.bonus=1.5"])
    with pytest.raises(InputError) as error:
        ReferenceEngine().deploy(design, STREAM.setup)
    assert str(error.value) == "liquidation: FixedSpread can't be deployed: fixed: bonus above 1"


def test_deploy__of_a_breaker_beyond_its_budget__says_by_how_much() -> None:
    design = load_design("volatility_breaker", ["breakers.0.budget=1000000 USDC"])
    with pytest.raises(InputError) as refused:
        ReferenceEngine().deploy(design, STREAM.setup)
    assert str(refused.value) == (
        "breaker:0: VolatilityBreaker can't be deployed: breaker: budget exceeded: the longest "
        "halt could cost 51,840,000 USDC at price_speed, the budget is 1,000,000; raise it, or "
        "lower duration, guardian_response or price_speed"
    )


def test_deploy__a_second_time__is_refused(engine: ReferenceEngine) -> None:
    with pytest.raises(EngineError, match="has a design already"):
        engine.deploy(STREAM.design, STREAM.setup)


@pytest.mark.parametrize(
    "use",
    [
        lambda engine: engine.prepare([]),
        lambda engine: engine.mine(NEXT, []),
        lambda engine: engine.read(NEXT),
        lambda engine: engine.balances([]),
        lambda engine: engine.view(Call("market", "cash")),
    ],
)
def test_use__before_anything_is_deployed__is_refused(
    use: Callable[[ReferenceEngine], Any],
) -> None:
    with pytest.raises(EngineError, match="call deploy first"):
        use(ReferenceEngine())


def test_prepare__of_a_transaction_that_fails__says_whose_and_why(engine: ReferenceEngine) -> None:
    with pytest.raises(EngineError, match=r"market.borrow of test 0x\w+ failed: market: unhealthy"):
        engine.prepare([tx(BORROWERS[0], "market", "borrow", 10**10, BORROWERS[0])])


def test_prepare__of_anything__costs_nobody_gas(engine: ReferenceEngine) -> None:
    before = engine.balances(BORROWERS)[NATIVE]
    engine.prepare([repay(b, tip=GWEI) for b in BORROWERS])
    assert engine.balances(BORROWERS)[NATIVE] == before


def test_mine__with_a_tip__charges_fee_and_tip_and_gives_the_tip_away(
    engine: ReferenceEngine,
) -> None:
    payer, nobody = BORROWERS[0], "0x" + "0" * 40
    before = engine.balances([payer, nobody])[NATIVE]
    block = engine.mine(NEXT, [repay(payer, tip=3 * GWEI)])
    after = engine.balances([payer, nobody])[NATIVE]
    assert block.gas_used > 50_000
    assert before[0] - after[0] == block.gas_used * (STREAM.setup.base_fee + 3 * GWEI)
    assert after[1] - before[1] == block.gas_used * 3 * GWEI


def test_mine__of_somebody_without_funds__is_refused_as_on_anvil(engine: ReferenceEngine) -> None:
    block = engine.mine(NEXT, [tx(POOR, "WETH", "transfer", BORROWERS[0], 0)])
    assert [o.reason for o in block.outcomes] == ["Insufficient funds for gas * price + value"]
    assert (block.gas_used, block.events) == (0, ())


def test_mine__at_an_earlier_time__is_refused(engine: ReferenceEngine) -> None:
    engine.mine(NEXT, [])
    with pytest.raises(EngineError, match="lower than previous"):
        engine.mine(NEXT - 1, [])


def test_mine__of_a_call_that_does_not_fit__says_what_is_wrong(engine: ReferenceEngine) -> None:
    with pytest.raises(EngineError, match="there is no contract makret"):
        engine.mine(NEXT, [tx(BORROWERS[0], "makret", "pulse")])
    with pytest.raises(EngineError, match="the twin of LendingMarket has no function pluse"):
        engine.mine(NEXT, [tx(BORROWERS[0], "market", "pluse")])
    with pytest.raises(EngineError, match="the twin of LendingMarket has no function _accrue"):
        engine.mine(NEXT, [tx(BORROWERS[0], "market", "_accrue")])
    with pytest.raises(EngineError, match="there is no contract WBTC"):
        engine.mine(NEXT, [tx(BORROWERS[0], "market", "price", "<WBTC>")])


def test_view__of_a_call_that_reverts__tells_the_reason(engine: ReferenceEngine) -> None:
    call = Call("feed:WETH", "getRoundData", (99,))
    with pytest.raises(EngineError, match=r"feed:WETH\.getRoundData: feed: no such round"):
        engine.view(call)


def test_read__at_a_later_time__leaves_the_clock_of_the_chain(engine: ReferenceEngine) -> None:
    now, later = engine.read(START), engine.read(START + 86_400)
    assert all(b > a for a, b in zip(now.debt, later.debt, strict=True))
    assert engine.view(Call("market", "debt_of", (BORROWERS[0],))) == now.debt[0]


def test_run__twice__ends_with_the_same_block_hash(engine: ReferenceEngine) -> None:
    other = ReferenceEngine()
    other.deploy(STREAM.design, STREAM.setup)
    other.prepare(STREAM.before)
    hashes = [e.mine(NEXT, STREAM.blocks[0]).hash for e in (engine, other)]
    assert hashes[0] == hashes[1]
    assert engine.mine(NEXT + 12, []).hash != hashes[0]


def test_version__of_the_engine__is_a_short_hash() -> None:
    assert len(ReferenceEngine.version()) == 16
    assert ReferenceEngine.version() == ReferenceEngine.version()
