"""The step: who acts on what, what is mined, what is written down. On an engine without a chain."""

from __future__ import annotations

import json

import pytest

from sim.agents.gas import LIMITS, USUAL
from sim.design import load_design
from sim.errors import EngineError, InputError
from sim.scenario import LARGEST_TX_GAS, load_scenario
from sim.trace import ROLES
from sim.world.loop import simulate
from tests.helpers.world import FakeEngine

SHORT = ["clock.hours=1", "clock.block_spacing_s=120"]


def scenario(*overrides: str, name: str = "calm"):
    return load_scenario(name, overrides=[*SHORT, *overrides])


def run(*overrides: str, name: str = "calm", seed: int = 1, engine=None, design: str = "fixed"):
    engine = engine or FakeEngine()
    return simulate(scenario(*overrides, name=name), load_design(design), seed, engine), engine


@pytest.fixture(scope="module")
def calm():
    """Health factors stand at 1.5, at which loopers would borrow more."""
    return run("population.arbitrageurs.count=0", "population.borrowers.loopers.share=0")


@pytest.fixture(scope="module")
def storm():
    """A fall of 90% within the hour: the oracle posts, holders panic."""
    fall = 'prices={"kind": "path", "points": [[0, 2000], [1, 200]], "volatility": 0}'
    return run(fall, "population.panic_sellers.hazard_per_hour=5")


def test_step__nothing_to_do__is_not_mined_but_has_a_row(calm):
    trace, engine = calm
    rows = trace.rows("block")

    assert len(rows) == 30
    assert rows["time_s"].tolist() == [120 * (i + 1) for i in range(30)]
    assert len(engine.blocks) == rows["mined"].sum() < 30


def test_step__price_moves__oracle_posts_it_in_that_block(storm):
    trace, engine = storm
    pushes = trace.rows("transaction").query("function == 'push'")
    rows = trace.rows("block").set_index("time_s")

    assert len(pushes) > 10
    assert (rows["oracle"] / rows["venue"]).max() < 1.2
    assert engine.blocks[-1].hash == trace.manifest["block_hash"]


def test_blocks__ids_and_times__rise_and_senders_are_of_their_role(storm):
    trace, engine = storm
    transactions = [o.tx for block in engine.blocks for o in block.outcomes]

    assert len({tx.id for tx in transactions}) == len(transactions)
    times = [block.timestamp for block in engine.blocks]
    assert times == sorted(set(times))
    assert {tx.role for tx in transactions} <= set(ROLES)
    assert trace.manifest["transactions"] == len(transactions)


def test_trades__of_panic_on_the_venue__are_written_down_and_move_its_price(storm):
    trace, _ = storm
    trades = trace.rows("trade").query("role == 'panic_sellers'")
    last = trace.rows("block").iloc[-1]

    assert len(trades) > 10
    assert set(trades["side"]) == {"sell"}
    assert trades["forced"].all()
    assert last["venue"] < 0.999 * last["fundamental"]


def test_ledger__venue_trades__sum_to_zero_by_token(storm):
    trace, _ = storm
    tokens = trace.ledger["tokens"]
    assert set(tokens) == {"USDC", "WETH", "ETH"}
    for token in tokens.values():
        assert set(token["roles"]) == set(ROLES)
        assert sum(int(amount) for amount in token["roles"].values()) == 0
    assert int(tokens["WETH"]["roles"]["panic_sellers"]) < 0
    assert sum(trace.ledger["value_usd"].values()) == pytest.approx(0, abs=1e-3)


def test_accounts__each_borrower__has_a_row_at_the_start_and_at_the_end(calm):
    trace, engine = calm
    rows = trace.rows("account")
    assert rows.groupby("moment").size().to_dict() == {"start": 520, "end": 520}
    assert rows["account"].tolist()[:520] == list(engine.setup.watched)


def test_reverts__are_kept_with_their_reason():
    fall = 'prices={"kind": "path", "points": [[0, 2000], [1, 1500]], "volatility": 0}'
    trace, _ = run(fall, engine=FakeEngine({"push": "feed: not due"}))
    pushes = trace.rows("transaction").query("function == 'push'")

    assert (pushes["reason"] == "feed: not due").all()
    assert not pushes["ok"].any()
    assert trace.manifest["reverted"] >= len(pushes) > 0


def test_block_space__scarce__blocks_are_full_and_transactions_wait():
    fall = 'prices={"kind": "path", "points": [[0, 2000], [1, 1000]], "volatility": 0}'
    trace, engine = run(
        *(fall, "population.panic_sellers.hazard_per_hour=50"),
        *("block_space.load=null", "block_space.gas_per_second=10000"),
    )
    rows, waited = trace.rows("block"), trace.rows("transaction")["waited"]

    assert rows["full"].any()
    assert rows["pending"].max() > 0
    assert waited.max() > 0
    for block in engine.blocks:
        assert sum(int(USUAL * o.tx.gas_limit) for o in block.outcomes) <= 1_200_000


def test_same_seed__same_everything__another_seed_differs():
    first, second, other = (run(name="flash_crash", seed=seed)[0] for seed in (1, 1, 2))
    assert first.manifest == second.manifest
    assert first.table.equals(second.table)
    assert first.ledger == second.ledger
    assert not first.table.equals(other.table)


def test_two_designs__one_seed__face_the_same_outside(calm):
    trace, _ = run("population.arbitrageurs.count=0", design="dutch")
    ours, theirs = calm[0].rows("block"), trace.rows("block")
    assert ours["fundamental"].tolist() == theirs["fundamental"].tolist()


def test_manifest__holds_all_that_is_needed_to_run_it_again(calm):
    manifest = calm[0].manifest
    assert json.loads(json.dumps(manifest)) == manifest
    assert type(scenario()).model_validate(manifest["scenario"]).name == "calm"
    assert manifest["design"] == load_design("fixed").model_dump(mode="json")
    assert (manifest["seed"], manifest["engine"]) == (1, "fake")


def test_on_step__is_told_each_step():
    told = []
    simulate(scenario(), load_design("fixed"), 1, FakeEngine(), lambda *at: told.append(at))
    assert told == [(i + 1, 30) for i in range(30)]


def test_simulate__negative_seed__refused():
    with pytest.raises(InputError, match="seed -3: must not be negative"):
        run(seed=-3)


def test_ledger__tokens_from_nowhere__refused():
    class Leaky(FakeEngine):
        def balances(self, holders):
            found = dict(super().balances(holders))
            found["WETH"] = [len(self.blocks)] * len(holders)
            return found

    with pytest.raises(EngineError, match="events add up to 0, the chain says"):
        run(engine=Leaky())


def test_gas__the_scenarios_floor__is_the_largest_limit():
    assert max(LIMITS.values()) == LARGEST_TX_GAS
