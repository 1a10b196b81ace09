"""The run: one panic against one design.

A step is one block: the outside moves, everybody reads the same state and says what they want, the
builder orders it, one block is mined, and what happened comes back. A step in which nothing is to
be mined only moves the clock.
"""

from __future__ import annotations

import platform
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from sim.agents.base import Facts, Intent, News, Result, Round, VenueTransfer, View, Wish
from sim.agents.gas import factor
from sim.design import Design
from sim.engines.base import Address, Block, Call, Deployment, Engine, Event, Tx
from sim.markets.paths import fundamental
from sim.markets.venue import Fill, Venue, VenueOrder
from sim.scenario import Scenario
from sim.trace import Trace
from sim.units import WAD
from sim.world.block_space import block_space
from sim.world.builder import Builder, Draft
from sim.world.clock import Clock
from sim.world.ledger import Accounts, Ledger
from sim.world.log import Log, Step
from sim.world.mempool import Mempool
from sim.world.observer import Observer
from sim.world.pool_book import PoolBook
from sim.world.population import Population, populate
from sim.world.rng import SeedTree
from sim.world.stage import cast, members, open_accounts, preparations, setup_of, venue_spec

OnStep = Callable[[int, int], None]  # steps done, steps in all
PACKAGES = ("numpy", "pydantic", "vyper")  # that a run depends on


def simulate(
    scenario: Scenario,
    design: Design,
    seed: int,
    engine: Engine,
    on_step: OnStep | None = None,
    observer: Observer | None = None,
) -> Trace:
    """Run a scenario against a design. The engine has been entered by the caller and is used up by
    the run.

    Raises InputError when scenario and design do not fit, EngineError when the engine fails or the
    ledger does not sum to zero.
    """
    world = World(scenario, design, seed, engine, observer)
    for number, time in world.clock:
        world.step(number, time)
        if on_step is not None:
            on_step(number, world.clock.steps)
    return world.finish()


def versions() -> dict[str, str]:
    """Of what a run depends on besides this project's sources."""
    packages = {package: version(package) for package in PACKAGES}
    return {"python": platform.python_version(), **packages}


class World:
    """Everything between the first block and the last."""

    def __init__(
        self,
        scenario: Scenario,
        design: Design,
        seed: int,
        engine: Engine,
        observer: Observer | None = None,
    ) -> None:
        seeds = SeedTree(seed)
        self.clock = Clock.of(scenario.clock)
        self._scenario, self._design, self._seed, self._engine = scenario, design, seed, engine
        self._outside = fundamental(scenario.prices, scenario.clock, seeds.stream)
        price = float(self._outside[0])
        people = populate(scenario, design, price, seeds)
        deployment = engine.deploy(design, setup_of(scenario, design, people, price))
        engine.prepare(preparations(design, people))
        self._facts = _facts(scenario, design, deployment)
        self._venue = _venue(scenario, design, price)
        open_accounts(scenario, people, self._venue, price)
        self._prices = np.full(self.clock.steps + 1, price)
        self._pool = PoolBook(engine, self._facts)
        self._agents = cast(scenario, self._facts, people, self._pool.liquidity, self._venue)
        self._streams = {name: seeds.stream(f"agent/{name}") for name in self._agents}
        self._agent_of: dict[Address, str] = {}
        block = scenario.block_space
        self._space = block_space(scenario, seeds.stream)
        self._builder = Builder(block.order, self._space, seeds.stream("world/builder"))
        self._mempool = Mempool(block.expiry_s, factor(design), block.wallet_headroom)
        self._accounts = self._open_books(people, deployment)
        accounts = [b.address for b in people.borrowers]
        self._log = Log(self._facts, accounts, scenario.block_gas)
        self._observer = observer
        if observer is not None:
            observer.open(self._facts, accounts, self._pool, engine.read(self.clock.begin))
        self._look(1)
        self._log.accounts("start", 0, self._state, *self._debts)
        self._log.claims("start", 0, self._state, self._lenders, self._accounts)
        self._log.depth("start", 0, self._state, self._pool)

    def step(self, number: int, time: int) -> None:
        """One block, or none when there is nothing to mine."""
        self._venue.advance(float(self._outside[number]), self.clock.spacing_s, time)
        self._prices[number] = self._venue.price
        self._space.open(self._prices[: number + 1], time)
        fills, results = self._gather(number, time)
        draft = self._builder.build(self._mempool.ready(time))
        block = self._mine(time, draft)
        results += self._results(draft, block)
        expired = self._mempool.expire(time)
        results += [Result(intent, "expired") for intent in expired]
        fills += self._tell(time, block, results, fills)
        self._prices[number] = self._venue.price
        self._look(min(number + 1, self.clock.steps))
        step = Step(
            number=number,
            time=time,
            time_s=time - self.clock.begin,
            fundamental=float(self._outside[number]),
            venue=self._venue.price,
            quote=self._venue.quote,
            fills=fills,
            pool=self._pool.depth(self._state.pool),
            chosen=draft.chosen,
            full=draft.full,
            base_fee=self._space.base_fee,
            others_gas=self._space.others(draft.gas),
            pending=len(self._mempool),
            expired=len(expired),
        )
        self._space.close(draft.gas)
        self._log.step(step, block, self._state, *self._debts)
        if self._observer is not None:
            self._observer.step(block, self._state)

    def finish(self) -> Trace:
        """The trace, once the books have been checked against the chain."""
        end_s = self.clock.steps * self.clock.spacing_s
        self._log.accounts("end", end_s, self._state, *self._debts)
        self._log.claims("end", end_s, self._state, self._lenders, self._accounts)
        self._log.depth("end", end_s, self._state, self._pool)
        self._log.close(self._state.number)
        self._accounts.check(self._engine, self._holders)
        ledger = self._ledger.close(
            self._state.market, self._venue.price, self._facts.deployment.decimals
        )
        return self._log.recorder.trace(self._manifest(), ledger)

    def _open_books(self, people: Population, deployment: Deployment) -> Accounts:
        """Who holds what after the set-up, for agents to look at and for the ledger to start
        from."""
        by_role = members(people, deployment)
        at = deployment.addresses
        self._holders = [*(a for addresses in by_role.values() for a in addresses), at["market"]]
        self._ledger = Ledger(self._engine, self._venue, by_role, at["market"], at["liquidation"])
        self._ledger.open(self._engine.read(self.clock.begin).market)
        accounts = Accounts(self._venue)
        for token, balances in self._engine.balances(self._holders).items():
            accounts.set(token, dict(zip(self._holders, balances, strict=True)))
        self._lenders = by_role["lenders"]
        shares = (Call("market", "balanceOf", (a,)) for a in self._lenders)
        held = [self._engine.view(call) for call in shares]
        accounts.set("market", dict(zip(self._lenders, held, strict=True)))
        return accounts

    def _gather(self, number: int, time: int) -> tuple[list[Fill], list[Result]]:
        """Everybody acts on the same view. Orders on the venue are filled at once, intents go to
        the mempool."""
        view = self._view(number, time)
        fills: list[Fill] = []
        results: list[Result] = []
        for name, agent in self._agents.items():
            wishes = agent.act(view, self._streams[name])
            fills += self._trade(name, wishes, time)
            rounds = [wish for wish in wishes if isinstance(wish, Round)]
            self._log.rounds(self._state.number, time - self.clock.begin, rounds)
            intents = [wish for wish in wishes if isinstance(wish, Intent)]
            self._agent_of.update({intent.sender: name for intent in intents})
            seen = self.clock.time(number - 1)
            replaced = self._mempool.add(intents, number, seen, self._space.base_fee)
            results += [Result(intent, "replaced") for intent in replaced]
        return fills, results

    def _trade(self, name: str, wishes: Iterable[Wish], time: int) -> list[Fill]:
        """What the wishes ask of the venue."""
        fills = []
        for wish in wishes:
            if isinstance(wish, VenueTransfer):
                self._venue.withdraw(wish.holder, wish.token, wish.amount, time)
            elif isinstance(wish, VenueOrder):
                self._agent_of[wish.holder] = name
                fills.append(self._venue.trade(wish))
        return fills

    def _view(self, number: int, time: int) -> View:
        debt, health = self._debts
        return View(
            time=time,
            step=number,
            snapshot=self._state,
            depth=self._pool.depth(self._state.pool),
            venue=self._prices[: number + 1].copy(),
            quote=self._venue.quote,
            wallets=self._accounts,
            liquidated_hour=self._log.liquidated_hour(time),
            bad_debt=self._log.bad_debt,
            debt=debt,
            health=health,
            pending=self._mempool.bids,
            base_fee=self._space.base_fee,
        )

    def _look(self, number: int) -> None:
        """Read the state at a step's time; debt [USD] and health factor by borrower."""
        self._state = self._engine.read(self.clock.time(number))
        debt = np.array(self._state.debt, dtype=float) / self._facts.debt_unit
        health = np.array(self._state.health, dtype=float) / WAD
        self._debts = debt, np.where(debt > 0, health, np.inf)

    def _mine(self, time: int, draft: Draft) -> Block | None:
        if not draft.chosen:
            return None
        transactions = [
            Tx(
                p.id,
                p.intent.role,
                p.intent.sender,
                p.intent.call,
                p.gas_limit,
                p.tip(self._space.base_fee),
            )
            for p in draft.chosen
        ]
        block = self._engine.mine(time, transactions, self._space.base_fee)
        self._mempool.remove(draft.chosen)
        self._ledger.burn(block)
        self._accounts.follow(block.events)
        self._pool.follow(block.events)
        return block

    def _results(self, draft: Draft, block: Block | None) -> list[Result]:
        """What the block did to each intent in it."""
        if block is None:
            return []
        logs: dict[int, list[Event]] = defaultdict(list)
        for event in block.events:
            logs[event.tx_id].append(event)
        return [
            Result(pending.intent, "ok" if outcome.ok else "reverted", tuple(logs[pending.id]))
            for pending, outcome in zip(draft.chosen, block.outcomes, strict=True)
        ]

    def _tell(
        self, time: int, block: Block | None, results: Sequence[Result], fills: Sequence[Fill]
    ) -> list[Fill]:
        """Everybody learns; the orders with which they answer are filled at once and not reported
        back."""
        answers = []
        for name, agent in self._agents.items():
            own = [r for r in results if self._agent_of[r.intent.sender] == name]
            filled = [f for f in fills if self._agent_of[f.order.holder] == name]
            answers += self._trade(name, agent.learn(News(time, block, own, filled)), time)
        return answers

    def _manifest(self) -> dict[str, Any]:
        """What must be known to run it again, and what came of it."""
        log = self._log
        return {
            "scenario": self._scenario.model_dump(mode="json"),
            "design": self._design.model_dump(mode="json"),
            "seed": self._seed,
            "engine": self._engine.name,
            "versions": versions(),
            "block_hash": log.block_hash,
            "blocks": log.blocks,
            "transactions": log.transactions,
            "reverted": log.reverted,
        }


def _facts(scenario: Scenario, design: Design, deployment: Deployment) -> Facts:
    collateral, debt = deployment.collaterals[0], deployment.debt_token
    return Facts(
        design=design,
        deployment=deployment,
        collateral=collateral,
        debt=debt,
        collateral_unit=10.0 ** deployment.decimals[collateral],
        debt_unit=10.0 ** deployment.decimals[debt],
        pool_fee=scenario.pool.fee,
        spacing_s=scenario.clock.block_spacing_s,
        hour_zero=scenario.clock.start,
    )


def _venue(scenario: Scenario, design: Design, price: float) -> Venue:
    collateral, debt = design.market.collaterals[0].token, design.market.debt_token
    return Venue(
        venue_spec(scenario),
        price,
        (collateral.symbol, collateral.decimals),
        (debt.symbol, debt.decimals),
        inert="impact" in scenario.off,
    )
