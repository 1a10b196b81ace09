"""One market of a run: what its agents see, and the rows that are written of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.agents.base import Agent, Facts, Floats, View
from sim.engines.base import Address, Block, Snapshot
from sim.markets.venue import Fill
from sim.trace import Recorder
from sim.units import WAD
from sim.world.exchange import Exchange
from sim.world.ledger import Accounts, Purse
from sim.world.log import Log, Step, Trading
from sim.world.parts import Part
from sim.world.stage import cast
from sim.world.vault import Vault


@dataclass(frozen=True, slots=True)
class Moment:
    """What is the same for all markets before a block."""

    number: int  # of the step
    time: int  # [unix s]
    pending: Mapping[tuple[Address, str], int]  # priority fee of what waits
    base_fee: int  # [wei per gas]
    coin_price: float  # of the chain's coin [USD]


class Scene:
    """`label` is the market's in the trace: none for the first."""

    state: Snapshot

    def __init__(
        self,
        part: Part,
        facts: Facts,
        exchange: Exchange | Vault,
        recorder: Recorder,
        gas_limit: int,
    ) -> None:
        self.part, self.facts, self.exchange = part, facts, exchange
        self.label = None if part.first else part.name
        self.accounts = [b.address for b in part.people.borrowers]
        self.log = Log(facts, self.accounts, gas_limit, recorder, self.label)
        agents = cast(part, facts, exchange.pool.liquidity, exchange.venue)
        self.agents: Mapping[str, Agent] = {f"{part.prefix}{k}": a for k, a in agents.items()}

    def look(self, state: Snapshot) -> None:
        """Take in the state; debt [USD] and health factor by borrower."""
        self.state = state
        accounts = len(state.debt)
        debt = np.fromiter(state.debt, float, accounts) / self.facts.debt_unit
        health = np.fromiter(state.health, float, accounts) / WAD
        self.debts: tuple[Floats, Floats] = debt, np.where(debt > 0, health, np.inf)

    def view(self, moment: Moment, accounts: Accounts, liquidated_hour: float) -> View:
        """Of this market, before the block of a step; liquidated: of this collateral [USD]."""
        debt, health = self.debts
        exchange = self.exchange
        return View(
            time=moment.time,
            step=moment.number,
            snapshot=self.state,
            depth=exchange.pool.depth(self.state.pool),
            venue=exchange.prices[: moment.number + 1].copy(),
            quote=exchange.quote,
            wallets=Purse(accounts, exchange.venue),
            liquidated_hour=liquidated_hour,
            bad_debt=self.log.bad_debt,
            debt=debt,
            health=health,
            pending=moment.pending,
            base_fee=moment.base_fee,
            coin_price=moment.coin_price,
            backing=exchange.state if isinstance(exchange, Vault) else None,
        )

    def open(self, accounts: Accounts) -> None:
        """The rows of the start."""
        self._stand("start", 0, accounts)

    def write(self, step: Step, block: Block | None, fills: Sequence[Fill], volume: int) -> None:
        """The rows of a step, once the state after it has been read: fills of its people, and what
        everybody has traded on the venue [debt token]."""
        exchange = self.exchange
        trading = Trading(
            exchange.fundamental(step.number),
            exchange.price,
            exchange.quote,
            volume,
            fills,
            exchange.pool.depth(self.state.pool),
        )
        self.log.step(step, trading, block, self.state, *self.debts)

    def close(self, end_s: int, accounts: Accounts) -> None:
        """The rows of the end."""
        self._stand("end", end_s, accounts)
        self.log.close(self.state.number)

    def _stand(self, moment: str, time_s: int, accounts: Accounts) -> None:
        """Who owes, who has lent, and how deep the pool is."""
        lenders = [lender.address for lender in self.part.people.suppliers]
        self.log.accounts(moment, time_s, self.state, *self.debts)
        purse = Purse(accounts, self.exchange.venue)
        self.log.claims(moment, time_s, self.state, lenders, purse)
        if self.part.host:
            self.log.depth(moment, time_s, self.state, self.exchange.pool)
