"""The `anvil` engine on a real chain: deployments, blocks, outcomes, snapshots, determinism."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from sim.design import load_design
from sim.engines.anvil import AnvilEngine
from sim.engines.base import NATIVE, Call, Deployment, Snapshot, Tx, address_of
from sim.engines.bench import COLLATERAL, DEBT, START, Stream, liquidation_stream
from sim.errors import EngineError, InputError
from sim.units import GWEI, MAX_UINT, WAD

NEXT = START + 12
POOR = address_of("nobody")
ids = itertools.count(1_000_000)


def stream(name: str = "fixed", size: int = 40) -> Stream:
    """A small one of the bench: one block, as many borrowers as transactions."""
    return liquidation_stream(load_design(name), blocks=1, size=size)


STREAM = stream()
BORROWERS = STREAM.setup.watched
FEEDER = STREAM.setup.feeder


@pytest.fixture(scope="module")
def staged() -> Iterator[tuple[AnvilEngine, Deployment]]:
    """An engine with the fixed design on it and everything in place."""
    with AnvilEngine() as engine:
        deployment = engine.deploy(STREAM.design, STREAM.setup)
        engine.prepare(STREAM.before)
        yield engine, deployment


@pytest.fixture
def engine(staged: tuple[AnvilEngine, Deployment]) -> Iterator[AnvilEngine]:
    """The same engine for each test, as it was."""
    with staged[0].undone():
        yield staged[0]


@pytest.fixture
def deployment(staged: tuple[AnvilEngine, Deployment]) -> Deployment:
    return staged[1]


def tx(sender: str, target: str, function: str, *args: Any, gas: int = 900_000, tip: int = 0) -> Tx:
    return Tx(next(ids), "test", sender, Call(target, function, args), gas, tip)


def push(price: int) -> Tx:
    return tx(FEEDER, "feed:WETH", "push", price * 10**8)


def repay(borrower: str, amount: int = 10**6, **options: int) -> Tx:
    return tx(borrower, "market", "repay", amount, borrower, **options)


# --- deployment ----------------------------------------------------------------------------------


def test_deploy__of_a_design__names_every_contract_and_fits_the_size_limit(
    deployment: Deployment,
) -> None:
    flash = {f"flash:{i}" for i in range(len(STREAM.setup.keepers))}
    parts = {"market", "liquidation", "feed:WETH", "lens", "USDC", "WETH"}
    exchange = {"factory", "pool", "router", "positions"}
    assert set(deployment.addresses) == parts | exchange | flash
    assert deployment.decimals == {"USDC": 6, "WETH": 18}
    assert deployment.position_ids == (1,)
    assert deployment.code_sizes["LendingMarket"] > 10_000
    assert all(0 < size < 24_577 for size in deployment.code_sizes.values())


@pytest.mark.parametrize("name", ["dutch", "fixed_breaker", "dutch_breaker"])
def test_deploy__of_every_other_design__works(name: str) -> None:
    design = load_design(name)
    with AnvilEngine() as engine:
        deployment = engine.deploy(design, replace(STREAM.setup, keepers=[]))
        assert ("curve" in deployment.addresses) == name.startswith("dutch")
        assert engine.read(START).market.reserve == design.market.initial_reserve * 10**6


def test_deploy__a_second_time__is_refused(engine: AnvilEngine) -> None:
    with pytest.raises(EngineError, match="has a design already"):
        engine.deploy(STREAM.design, STREAM.setup)


def test_deploy__of_parameters_that_the_constructor_refuses__tells_its_reason() -> None:
    design = load_design("fixed", ["liquidation.bonus=1.5"])
    with AnvilEngine() as engine, pytest.raises(InputError) as error:
        engine.deploy(design, STREAM.setup)
    assert str(error.value) == "liquidation: FixedSpread can't be deployed: fixed: bonus above 1"


@pytest.mark.parametrize("owner", [address_of("protocol/owner"), address_of("protocol/owner", 2)])
def test_deploy__in_either_order_of_tokens__puts_the_pool_at_the_price(
    owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.engines.stage.OWNER", owner)
    monkeypatch.setattr("sim.engines.opening.OWNER", owner)
    with AnvilEngine() as engine:
        deployment = engine.deploy(STREAM.design, STREAM.setup)
        pool = engine.read(START).pool
        collateral, debt = (int(deployment.addresses[s], 16) for s in ("WETH", "USDC"))
        assert pool.collateral_is_token0 == (collateral < debt)
        assert pool.price == pytest.approx(STREAM.setup.price, rel=1e-9)
        assert pool.liquidity > 0
        provider = STREAM.setup.positions[0].owner
        left = engine.balances([provider])
        assert left["WETH"][0] == 0 or left["USDC"][0] < 10**6  # one side is used up


def test_token_orders__of_the_two_owners_above__differ() -> None:
    orders = set()
    for owner in (address_of("protocol/owner"), address_of("protocol/owner", 2)):
        with pytest.MonkeyPatch.context() as patch, AnvilEngine() as engine:
            patch.setattr("sim.engines.stage.OWNER", owner)
            patch.setattr("sim.engines.opening.OWNER", owner)
            engine.deploy(STREAM.design, replace(STREAM.setup, funding=[], positions=[]))
            orders.add(engine.read(START).pool.collateral_is_token0)
    assert orders == {True, False}


def test_prepare__of_a_transaction_that_fails__says_whose_and_why(engine: AnvilEngine) -> None:
    with pytest.raises(EngineError, match=r"market.borrow of test 0x\w+ failed: market: unhealthy"):
        engine.prepare([tx(BORROWERS[0], "market", "borrow", 10**10, BORROWERS[0])])


def test_prepare__of_anything__costs_nobody_gas(engine: AnvilEngine) -> None:
    before = engine.balances(BORROWERS)[NATIVE]
    engine.prepare([repay(b, tip=GWEI) for b in BORROWERS])
    assert engine.balances(BORROWERS)[NATIVE] == before


# --- blocks --------------------------------------------------------------------------------------


def test_mine__of_the_benchs_block__executes_all_of_it_with_events(engine: AnvilEngine) -> None:
    block = engine.mine(NEXT, STREAM.blocks[0])
    assert [o.tx for o in block.outcomes] == list(STREAM.blocks[0])
    assert [o.reason for o in block.outcomes if not o.ok] == []
    assert (block.timestamp, block.base_fee) == (NEXT, STREAM.setup.base_fee)
    taken = [e for e in block.events if e.name == "Taken"]
    takes = [t for t in STREAM.blocks[0] if t.call.function in ("take", "execute")]
    assert [e.tx_id for e in taken] == [t.id for t in takes]
    assert all(e.contract == "liquidation" and e.args["paid"] == 10**9 for e in taken)
    assert all(isinstance(e.args["account"], str) for e in taken)


def test_mine__of_a_thousand_transactions__keeps_their_order_without_receipts(
    engine: AnvilEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    batch = engine.node.batch
    monkeypatch.setattr(
        engine.node,
        "batch",
        lambda requests: asked.extend(r[0] for r in requests) or batch(requests),
    )
    senders = itertools.cycle(BORROWERS)
    txs = [
        tx(next(senders), "WETH", "transfer", POOR, i, gas=65_000, tip=(i * 7919) % 1000)
        for i in range(1000)
    ]
    block = engine.mine(NEXT, txs)
    assert all(o.ok for o in block.outcomes)
    assert [e.tx_id for e in block.events] == [t.id for t in txs]
    assert asked.count("eth_sendTransaction") == 1000
    assert len(asked) < 1010


def test_mine__of_nothing__is_an_empty_block(engine: AnvilEngine) -> None:
    block = engine.mine(NEXT, [])
    assert (block.gas_used, block.outcomes, block.events) == (0, (), ())


def test_mine__of_a_transaction_that_reverts__tells_the_reason_at_its_place(
    engine: AnvilEngine,
) -> None:
    amount = 10**9
    block = engine.mine(
        NEXT,
        [
            push(199),  # the price has moved by half a percent
            push(199),  # it has not
            tx(BORROWERS[0], "market", "borrow", 10**12, BORROWERS[0]),
            tx(POOR, "WETH", "transfer", BORROWERS[0], 0),
            tx(BORROWERS[1], "market", "pulse"),  # without an event
            repay(BORROWERS[2], gas=60_000),
            swap(BORROWERS[3], amount, least=amount * 10**6),
            repay(BORROWERS[3]),
        ],
    )
    assert [(o.ok, o.reason) for o in block.outcomes] == [
        (True, ""),
        (False, "feed: not due"),
        (False, "market: unhealthy"),
        (False, "Insufficient funds for gas * price + value"),
        (True, ""),
        (False, "out of gas"),
        (False, "STF"),
        (True, ""),
    ]


def swap(sender: str, amount: int, least: int) -> Tx:
    """A swap that the sender has not allowed the router to pay for."""
    wish = ("<WETH>", "<USDC>", 3000, sender, MAX_UINT, amount, least, 0)
    return tx(sender, "router", "exactInputSingle", wish)


def test_mine__after_a_refused_transaction__goes_on_with_the_right_nonce(
    engine: AnvilEngine,
) -> None:
    one, two = BORROWERS[:2]
    too_large = repay(one, gas=STREAM.setup.gas_limit + 1)
    first = engine.mine(NEXT, [repay(one), too_large, repay(two), repay(one)])
    assert [o.ok for o in first.outcomes] == [True, False, True, True]
    assert "gas" in first.outcomes[1].reason
    assert all(o.ok for o in engine.mine(NEXT + 12, [repay(one), repay(two)]).outcomes)


def test_mine__of_what_the_sender_can_pay_once_only__leaves_the_second_out(
    engine: AnvilEngine,
) -> None:
    sender, price = address_of("frugal"), STREAM.setup.base_fee
    engine.node.call("anvil_setBalance", sender, hex(100_000 * price + 1))
    txs = [tx(sender, "WETH", "approve", POOR, i, gas=100_000) for i in range(2)]
    block = engine.mine(NEXT, [*txs, repay(BORROWERS[0])])
    assert [o.ok for o in block.outcomes] == [True, False, True]
    assert block.outcomes[1].reason.startswith("not included: the sender's funds")
    engine.node.call("anvil_setBalance", sender, hex(WAD))
    again = engine.mine(NEXT + 12, [tx(sender, "WETH", "approve", POOR, 1)])
    assert again.outcomes[0].ok


def test_mine__beyond_the_blocks_gas__leaves_out_what_does_not_fit(engine: AnvilEngine) -> None:
    limit = STREAM.setup.gas_limit
    txs = [repay(b, gas=limit - 50_000) for b in BORROWERS[:3]]
    block = engine.mine(NEXT, txs)
    assert [o.ok for o in block.outcomes] == [True, False, False]
    assert all(o.ok for o in engine.mine(NEXT + 12, txs[1:2]).outcomes)


def test_mine__at_an_earlier_time__is_refused(engine: AnvilEngine) -> None:
    engine.mine(NEXT, [])
    with pytest.raises(EngineError, match=r"evm_setNextBlockTimestamp: .*lower than previous"):
        engine.mine(NEXT - 1, [])


def test_mine__with_a_tip__charges_exactly_fee_and_tip(engine: AnvilEngine) -> None:
    payer = BORROWERS[0]
    before = engine.balances([payer])[NATIVE][0]
    block = engine.mine(NEXT, [repay(payer, tip=3 * GWEI)])
    paid = before - engine.balances([payer])[NATIVE][0]
    assert paid == block.gas_used * (STREAM.setup.base_fee + 3 * GWEI)


def test_mine__of_a_call_that_does_not_fit__says_what_is_wrong(engine: AnvilEngine) -> None:
    with pytest.raises(EngineError, match="there is no contract makret"):
        engine.mine(NEXT, [tx(POOR, "makret", "pulse")])
    with pytest.raises(EngineError, match="no function pluse with 0 arguments"):
        engine.mine(NEXT, [tx(POOR, "market", "pluse")])
    with pytest.raises(EngineError, match="there is no contract WBTC"):
        engine.mine(NEXT, [tx(POOR, "market", "price", "<WBTC>")])


# --- reading -------------------------------------------------------------------------------------


def test_read__of_accounts__agrees_with_the_contracts_own_views(engine: AnvilEngine) -> None:
    engine.mine(NEXT, [push(160)])
    snapshot = engine.read(NEXT)
    for i, account in enumerate(BORROWERS):
        assert snapshot.debt[i] == engine.view(Call("market", "debt_of", (account,)))
        assert snapshot.health[i] == engine.view(Call("market", "health_factor", (account,)))
        assert snapshot.collateral["WETH"][i] == COLLATERAL * WAD
    assert snapshot.feeds["WETH"].answer == 160 * 10**8
    assert snapshot.feeds["WETH"].updated_at == NEXT


def test_read__of_the_market__agrees_with_its_own_views(engine: AnvilEngine) -> None:
    market = engine.read(START).market
    for name in ("cash", "total_debt", "debt_in_sale", "reserve", "halted_seconds"):
        assert getattr(market, name) == engine.view(Call("market", name)), name
    assert market.total_assets == engine.view(Call("market", "totalAssets"))
    assert market.total_shares == engine.view(Call("market", "totalSupply"))
    assert market.halted_until == (0, 0, 0)
    assert min(market.allowed) > 10**30


def test_read__at_a_later_time__lets_interest_run_on(engine: AnvilEngine) -> None:
    now, later = engine.read(START), engine.read(START + 86_400)
    assert now.debt[0] == DEBT * 10**6
    assert all(b > a for a, b in zip(now.debt, later.debt, strict=True))
    assert engine.read(START).debt == now.debt


def test_read__when_accounts_can_be_taken_from__lists_their_sales(engine: AnvilEngine) -> None:
    assert engine.read(START).sales == []
    engine.mine(NEXT, [push(160)])
    sales = engine.read(NEXT).sales
    assert [s.account for s in sales] == list(range(len(BORROWERS)))
    quote = Call("liquidation", "quote", (BORROWERS[0], "<WETH>", MAX_UINT))
    assert (sales[0].pay, sales[0].receive) == engine.view(quote)
    assert (sales[0].collateral, sales[0].startable) == ("WETH", False)


def test_read__of_a_dutch_sale__follows_its_price_in_time() -> None:
    dutch = stream("dutch")
    with AnvilEngine() as engine:
        engine.deploy(dutch.design, dutch.setup)
        engine.prepare(dutch.before)
        engine.mine(NEXT, [push(160)])
        snapshot = engine.read(NEXT)
        assert all(sale.startable and sale.pay == 0 for sale in snapshot.sales)
        keeper = dutch.setup.keepers[0]
        start = tx(keeper, "liquidation", "start", BORROWERS[0], "<WETH>")
        (outcome,) = engine.mine(NEXT + 12, [start]).outcomes
        assert outcome.ok, outcome.reason
        prices = [price_of(engine.read(NEXT + 12 + s), 0) for s in (0, 100, 1000)]
        assert prices[0] > prices[1] > prices[2]
        # healthy again, but its sale is open
        engine.mine(NEXT + 24, [push(400)])
        assert [s.account for s in engine.read(NEXT + 24).sales] == [0]


def price_of(snapshot: Snapshot, account: int) -> float:
    """[debt token per collateral token, raw] of an open sale."""
    (sale,) = (s for s in snapshot.sales if s.account == account)
    return sale.pay / sale.receive


def test_balances__of_holders__are_in_their_order(engine: AnvilEngine) -> None:
    found = engine.balances([BORROWERS[0], POOR])
    assert found["USDC"] == [DEBT * 10**6, 0]
    assert found["WETH"] == [(10_000 - COLLATERAL) * WAD, 0]
    assert found[NATIVE] == [10**21, 0]


def test_view__of_a_call_that_reverts__tells_the_reason(engine: AnvilEngine) -> None:
    call = Call("feed:WETH", "getRoundData", (99,))
    with pytest.raises(EngineError, match=r"feed:WETH\.getRoundData: feed: no such round"):
        engine.view(call)


def test_view__with_a_sender__is_seen_as_theirs(engine: AnvilEngine) -> None:
    assert engine.view(Call("feed:WETH", "due", (10**8,)), sender=FEEDER) is True


def test_undone__of_a_block__brings_back_state_nonces_and_number(engine: AnvilEngine) -> None:
    before = engine.read(START)
    with engine.undone():
        engine.mine(NEXT, STREAM.blocks[0])
        assert engine.read(NEXT).debt != before.debt
    assert engine.read(START) == before
    assert all(o.ok for o in engine.mine(NEXT, STREAM.blocks[0]).outcomes)


def test_undone__after_an_error__brings_back_state_and_open_sales_too() -> None:
    dutch = stream("dutch")
    with AnvilEngine() as engine:
        engine.deploy(dutch.design, dutch.setup)
        engine.prepare(dutch.before)
        before = engine.read(START)
        with pytest.raises(EngineError, match="no function pluse"):
            open_a_sale_and_fail(engine, dutch.setup.keepers[0])
        assert engine.read(START) == before


def open_a_sale_and_fail(engine: AnvilEngine, keeper: str) -> None:
    with engine.undone():
        start = tx(keeper, "liquidation", "start", BORROWERS[0], "<WETH>")
        engine.mine(NEXT, [push(160), start])
        assert engine.read(NEXT).sales[0].pay > 0
        engine.view(Call("market", "pluse"))


# --- determinism ---------------------------------------------------------------------------------


def test_run__in_two_processes__ends_with_the_same_block_hash() -> None:
    hashes = []
    for _ in range(2):
        with AnvilEngine() as engine:
            engine.deploy(STREAM.design, STREAM.setup)
            engine.prepare(STREAM.before)
            engine.read(NEXT)
            hashes.append(engine.mine(NEXT, STREAM.blocks[0]).hash)
    assert hashes[0] == hashes[1]
