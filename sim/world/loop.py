"""The run: one panic against one design.

A step is one block: the outside moves, everybody reads the same state and says what they want, the
builder orders it, one block is mined, and what happened comes back. A step in which nothing is to
be mined only moves the clock.
"""

from __future__ import annotations

import platform
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import version
from typing import Any

from sim.agents.base import Agent, Facts, Intent, News, Result, Round, VenueTransfer, Wish
from sim.agents.gas import factor
from sim.agents.searcher import Searcher
from sim.design import Design
from sim.engines.base import Address, Block, Call, Deployment, Engine, Event, Tx
from sim.markets.venue import Fill, VenueOrder
from sim.scenario import Scenario
from sim.trace import Recorder, Trace
from sim.world.block_space import block_space
from sim.world.builder import Builder, Draft
from sim.world.clock import Clock
from sim.world.exchange import Exchange
from sim.world.ledger import Accounts, Book, Ledger
from sim.world.log import ChainLog, Step
from sim.world.mempool import Mempool
from sim.world.observer import Observer
from sim.world.parts import Part, parts_of
from sim.world.rng import SeedTree
from sim.world.scene import Moment, Scene
from sim.world.stage import SEARCHER, members, preparations, setup_of
from sim.world.vault import Vault

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
    """Everything between the first block and the last: what all markets share, and a scene for each
    of them."""

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
        parts = parts_of(scenario, design, seeds)
        deployment = engine.deploy(design, setup_of(parts))
        engine.prepare(preparations(parts))
        self._recorder = Recorder()
        self._chain = ChainLog(self._recorder)
        self._exchanges: dict[str, Exchange] = {}  # by the asset's symbol, the first one first
        self._vaults: list[tuple[Vault, Scene]] = []  # with the market that gives the shares
        self._scenes: list[Scene] = []
        for pair in zip(parts, (deployment, *deployment.beside), strict=True):
            self._scenes.append(self._scene(*pair))
        self._streams = {name: seeds.stream(f"agent/{name}") for name, _, _ in self._agents()}
        self._sent_by: dict[tuple[Address, str], str] = {}  # agent by sender and key
        self._traded_by: dict[Address, str] = {}  # agent by holder on a venue
        block = scenario.block_space
        self._space = block_space(scenario, seeds.stream)
        self._builder = Builder(
            block.order, self._space, seeds.stream("world/builder"), block.censoring
        )
        gas_factor = max(factor(part.design) for part in parts)
        self._mempool = Mempool(block.expiry_s, gas_factor, block.wallet_headroom)
        self._accounts = self._open_books()
        self._observer = observer
        first = self._scenes[0]
        if observer is not None:
            state = engine.read(self.clock.begin)
            observer.open(first.facts, first.accounts, first.exchange.pool, state)
        self._look(1)
        for scene in self._scenes:
            scene.open(self._accounts)

    def step(self, number: int, time: int) -> None:
        """One block, or none when there is nothing to mine."""
        for exchange in self._exchanges.values():
            exchange.advance(number, self.clock.spacing_s, time)
        self._space.open(self._scenes[0].exchange.prices[: number + 1], time)
        fills, results = self._gather(number, time)
        draft = self._sandwiched(self._builder.build(self._mempool.ready(time)), number)
        block = self._mine(time, draft)
        results += self._results(draft, block)
        expired = self._mempool.expire(time)
        results += [Result(intent, "expired") for intent in expired]
        fills += self._tell(time, block, results, fills)
        for exchange in self._exchanges.values():
            exchange.note(number)
        self._look(min(number + 1, self.clock.steps))
        for vault, _ in self._vaults:
            vault.note(number)
        step = Step(
            number=number,
            time=time,
            time_s=time - self.clock.begin,
            chosen=draft.chosen,
            full=draft.full,
            base_fee=self._space.base_fee,
            others_gas=self._space.others(draft.gas),
            pending=len(self._mempool),
            expired=len(expired),
        )
        self._space.close(draft.gas)
        self._write(step, block, fills)

    def finish(self) -> Trace:
        """The trace, once the books have been checked against the chain."""
        for scene in self._scenes:
            scene.close(self.clock.steps * self.clock.spacing_s, self._accounts)
        self._accounts.check(self._engine, self._holders)
        states = [scene.state.market for scene in self._scenes]
        ledger = self._ledger.close(states, self._scenes[0].facts.deployment.decimals)
        return self._recorder.trace(self._manifest(), ledger)

    def _scene(self, part: Part, deployment: Deployment) -> Scene:
        """The market's, on its asset's exchange, which opens with the first market; one that takes
        shares on the vault that gives them."""
        facts = _facts(part, deployment)
        if part.host:
            par = next(iter(self._exchanges.values()), None)
            self._exchanges[facts.collateral] = Exchange(part, facts, self._engine, par)
        place = self._vault(part) if part.backing else self._exchanges[facts.collateral]
        return Scene(part, facts, place, self._recorder, self._scenario.block_gas)

    def _vault(self, part: Part) -> Vault:
        giver = next(scene for scene in self._scenes if scene.part.name == part.backing)
        exchange = next(e for e in self._exchanges.values() if e.pool is giver.exchange.pool)
        self._vaults.append((Vault(part, exchange), giver))
        return self._vaults[-1][0]

    def _open_books(self) -> Accounts:
        """Who holds what after the set-up, for agents to look at and for the ledger to start
        from."""
        books = [
            Book(scene.part.name, scene.facts, members(scene.part, scene.facts.deployment))
            for scene in self._scenes
        ]
        self._holders = [
            *(a for book in books for addresses in book.members.values() for a in addresses),
            *(book.contracts[0] for book in books),
        ]
        venues = [exchange.venue for exchange in self._exchanges.values()]
        self._ledger = Ledger(self._engine, venues, books)
        state = self._engine.read(self.clock.begin)
        self._ledger.open([state.market, *(other.market for other in state.beside)])
        accounts = Accounts()
        for token, balances in self._engine.balances(self._holders).items():
            accounts.set(token, dict(zip(self._holders, balances, strict=True)))
        for book in books:
            market, lenders = book.facts.market, book.members["lenders"]
            held = [self._engine.view(Call(market, "balanceOf", (a,))) for a in lenders]
            accounts.set(market, dict(zip(lenders, held, strict=True)))
        return accounts

    def _agents(self) -> Iterator[tuple[str, Scene, Agent]]:
        """In the order in which they act."""
        for scene in self._scenes:
            for name, agent in scene.agents.items():
                yield name, scene, agent

    def _gather(self, number: int, time: int) -> tuple[list[Fill], list[Result]]:
        """Everybody acts on the same state. Orders on a venue are filled at once, intents go to
        the mempool."""
        coin_price = self._scenes[0].exchange.venue.price
        moment = Moment(number, time, self._mempool.bids, self._space.base_fee, coin_price)
        views = {
            id(scene): scene.view(moment, self._accounts, self._liquidated_hour(scene, time))
            for scene in self._scenes
        }
        fills: list[Fill] = []
        results: list[Result] = []
        for name, scene, agent in self._agents():
            wishes = agent.act(views[id(scene)], self._streams[name])
            if not wishes:
                continue
            fills += self._trade(name, scene, wishes, time)
            rounds = [wish for wish in wishes if isinstance(wish, Round)]
            scene.log.rounds(scene.state.number, time - self.clock.begin, rounds)
            intents = [wish for wish in wishes if isinstance(wish, Intent)]
            self._sent_by.update({(intent.sender, intent.key): name for intent in intents})
            seen = self.clock.time(number - 1)
            replaced = self._mempool.add(intents, number, seen, self._space.base_fee)
            results += [Result(intent, "replaced") for intent in replaced]
        return fills, results

    def _sandwiched(self, draft: Draft, number: int) -> Draft:
        """With a searcher's swaps around a victim's, where there is a searcher and room."""
        searcher = self._scenes[0].agents.get(SEARCHER)
        if not isinstance(searcher, Searcher):
            return draft
        found = searcher.sandwich([pending.intent for pending in draft.chosen])
        if found is None:
            return draft
        legs = (found.front, found.back)
        self._sent_by.update({(leg.sender, leg.key): SEARCHER for leg in legs})
        self._mempool.add(legs, number, self.clock.time(number - 1), self._space.base_fee)
        front, back = (self._mempool.waiting(leg.sender, leg.key) for leg in legs)
        whole = draft.around(found.victim, front, back)
        if whole.gas <= self._space.limit:
            return whole
        self._mempool.remove([front, back])
        return draft

    def _liquidated_hour(self, scene: Scene, time: int) -> float:
        """Of the scene's asset, in all markets that take it [USD]."""
        same = [s for s in self._scenes if s.exchange is scene.exchange]
        return sum(s.log.liquidated_hour(time) for s in same)

    def _trade(self, name: str, scene: Scene, wishes: Iterable[Wish], time: int) -> list[Fill]:
        """What the wishes ask of the venue."""
        fills, venue = [], scene.exchange.venue
        for wish in wishes:
            if isinstance(wish, VenueTransfer):
                venue.withdraw(wish.holder, wish.token, wish.amount, time)
            elif isinstance(wish, VenueOrder):
                self._traded_by[wish.holder] = name
                fills.append(venue.trade(wish))
        return fills

    def _look(self, number: int) -> None:
        """Read the state at a step's time."""
        state = self._engine.read(self.clock.time(number))
        for scene, own in zip(self._scenes, (state, *state.beside), strict=True):
            scene.look(own)
        for vault, giver in self._vaults:
            vault.look(giver.state)

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
        for exchange in self._exchanges.values():
            exchange.pool.follow(block.events)
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
        own: dict[str, list[Result]] = defaultdict(list)
        filled: dict[str, list[Fill]] = defaultdict(list)
        for result in results:
            own[self._sent_by[result.intent.sender, result.intent.key]].append(result)
        for fill in fills:
            filled[self._traded_by[fill.order.holder]].append(fill)
        for name, scene, agent in self._agents():
            wishes = agent.learn(News(time, block, own[name], filled[name]))
            answers += self._trade(name, scene, wishes, time)
        return answers

    def _write(self, step: Step, block: Block | None, fills: Sequence[Fill]) -> None:
        """The rows of a step."""
        scenes = {name: scene for name, scene, _ in self._agents()}
        if block is not None:
            senders = ((p.intent.sender, p.intent.key) for p in step.chosen)
            labels = [scenes[self._sent_by[sender]].label for sender in senders]
            self._chain.block(step, block, labels)
        traded = [(scenes[self._traded_by[f.order.holder]], f) for f in fills]
        for scene in self._scenes:
            own = [fill for at, fill in traded if at is scene]
            volume = sum(fill.paid for at, fill in traded if at.exchange is scene.exchange)
            scene.write(step, block, own, volume)
        if self._observer is not None:
            self._observer.step(block, self._scenes[0].state)

    def _manifest(self) -> dict[str, Any]:
        """What must be known to run it again, and what came of it."""
        chain = self._chain
        return {
            "scenario": self._scenario.model_dump(mode="json"),
            "design": self._design.model_dump(mode="json"),
            "seed": self._seed,
            "engine": self._engine.name,
            "versions": versions(),
            "block_hash": chain.block_hash,
            "blocks": chain.blocks,
            "transactions": chain.transactions,
            "reverted": chain.reverted,
            **self._markets(),
        }

    def _markets(self) -> dict[str, Any]:
        """Each market's design as it stands there and the pool of its collateral, where there are
        several."""
        if len(self._scenes) == 1:
            return {}
        markets = {
            scene.part.name: {
                "design": scene.part.design.model_dump(mode="json"),
                "pool": scene.facts.pool,
            }
            for scene in self._scenes
        }
        return {"markets": markets}


def _facts(part: Part, deployment: Deployment) -> Facts:
    collateral, debt = deployment.collaterals[0], deployment.debt_token
    return Facts(
        design=part.design,
        deployment=deployment,
        collateral=collateral,
        debt=debt,
        collateral_unit=10.0 ** deployment.decimals[collateral],
        debt_unit=10.0 ** deployment.decimals[debt],
        pool_fee=part.scenario.pool.fee,
        spacing_s=part.scenario.clock.block_spacing_s,
        hour_zero=part.scenario.clock.start,
        venue=part.venue,
    )
