"""Writes what happens into the rows of the trace."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.agents.base import Facts, Floats, Round, Wallets
from sim.engines.base import Address, Block, Event, Snapshot, is_share
from sim.markets.depth import PoolDepth
from sim.markets.impact import Quote
from sim.markets.venue import Fill
from sim.trace import Recorder
from sim.units import BORROW, FEED, LIQUIDATE, WITHDRAW
from sim.world.episodes import Episode, Episodes
from sim.world.mempool import Pending
from sim.world.pool_book import PoolBook

HOUR_S = 3600
BAND = 0.02  # of the pool's price
DROPS = tuple(percent / 100 for percent in range(51))  # of the pool's price


@dataclass(frozen=True, slots=True)
class Step:
    """What a step came to, besides its block."""

    number: int
    time: int  # [unix s]
    time_s: int  # since the start of the run
    chosen: Sequence[Pending]
    full: bool
    base_fee: int  # [wei per gas]
    others_gas: int
    pending: int
    expired: int


@dataclass(frozen=True, slots=True)
class Trading:
    """What a step came to where the collateral is traded."""

    fundamental: float  # [USD]
    venue: float  # [USD]
    quote: Quote  # of the venue, after the step
    volume: int  # traded on it by everybody [debt token]
    fills: Sequence[Fill]  # on it, of the market's people
    pool: PoolDepth


class Log:
    """The rows of one market, and the sums that run through them."""

    def __init__(
        self,
        facts: Facts,
        accounts: Sequence[Address],
        gas_limit: int,
        recorder: Recorder,
        label: str | None = None,
    ) -> None:
        """`label`: what the rows call the market."""
        self.recorder = recorder
        self.label = label
        self.episodes = Episodes(accounts, facts.liquidation)
        self.bad_debt = 0.0  # [USD]
        self._facts = facts
        self._accounts = accounts
        self._gas_limit = gas_limit
        self._executed = 0.0  # [USD]
        self._recent: deque[tuple[int, float]] = deque()  # time, liquidated [USD]

    def liquidated_hour(self, now: int) -> float:
        """Debt repaid by liquidations in the last hour [USD]."""
        while self._recent and self._recent[0][0] <= now - HOUR_S:
            self._recent.popleft()
        return sum(usd for _, usd in self._recent)

    def step(
        self,
        step: Step,
        trading: Trading,
        block: Block | None,
        after: Snapshot,
        debt: Floats,
        health: Floats,
    ) -> None:
        """The rows of a step. `after` was read at the time of the next one; debt and health belong
        to it."""
        events = block.events if block is not None else ()
        self._count(step.time, events)
        eligible = self.episodes.update(step.time_s, debt, health, events)
        self.recorder.add(
            "block",
            market=self.label,
            block=after.number,
            time_s=step.time_s,
            mined=block is not None,
            fundamental=trading.fundamental,
            venue=trading.venue,
            pool=after.pool.price,
            half_spread=trading.quote.half_spread,
            venue_depth=trading.quote.depth,
            venue_volume=trading.volume / self._facts.debt_unit,
            pool_depth=trading.pool.within(BAND) / self._facts.debt_unit,
            pool_collateral=trading.pool.collateral_share,
            pool_volume=self._swapped(events),
            oracle=after.feeds[self._facts.collateral].answer / FEED,
            eligible_debt=eligible,
            eligible_debt_ever=self.episodes.ever_eligible,
            executed_debt=self._executed,
            bad_debt=self.bad_debt,
            gas_used=block.gas_used if block is not None else 0,
            others_gas=step.others_gas,
            gas_limit=self._gas_limit,
            base_fee=step.base_fee,
            full=step.full,
            pending=step.pending,
            expired=step.expired,
            **self._market(step.time, after),
        )
        self._fills(after.number, step.time_s, trading.fills)

    def _swapped(self, events: Sequence[Event]) -> float:
        """Debt tokens that went through the collateral's pool; shares have none [USD]."""
        if is_share(self._facts.collateral):
            return 0.0
        amount = "amount1" if self._facts.collateral_is_token0 else "amount0"
        swaps = (e for e in events if e.name == "Swap" and e.contract == self._facts.pool)
        return float(sum(abs(swap.args[amount]) for swap in swaps) / self._facts.debt_unit)

    def _fills(self, number: int, time_s: int, fills: Sequence[Fill]) -> None:
        """Trades on the venue."""
        facts = self._facts
        for fill in fills:
            self.recorder.add(
                "trade",
                market=self.label,
                block=number,
                time_s=time_s,
                role=fill.order.role,
                sender=fill.order.holder,
                side=fill.order.side,
                amount=fill.amount / facts.collateral_unit,
                usd=fill.paid / facts.debt_unit,
                price=fill.price,
                forced=fill.order.forced,
            )

    def accounts(
        self, moment: str, time_s: int, state: Snapshot, debt: Floats, health: Floats
    ) -> None:
        """Every borrower, at the start or the end."""
        held = state.collateral[self._facts.collateral]
        for i, account in enumerate(self._accounts):
            self.recorder.add(
                "account",
                market=self.label,
                block=state.number,
                time_s=time_s,
                role="borrowers",
                moment=moment,
                account=account,
                debt=float(debt[i]),
                collateral=held[i] / self._facts.collateral_unit,
                health=float(health[i]) if debt[i] > 0 else None,
            )

    def claims(
        self,
        moment: str,
        time_s: int,
        state: Snapshot,
        lenders: Sequence[Address],
        wallets: Wallets,
    ) -> None:
        """What every lender's shares are worth, at the start or the end."""
        market, facts = state.market, self._facts
        for lender in lenders:
            shares = wallets.on_chain(lender, facts.market)
            worth = shares * market.total_assets // max(1, market.total_shares)
            self.recorder.add(
                "claim",
                market=self.label,
                block=state.number,
                time_s=time_s,
                role="lenders",
                moment=moment,
                account=lender,
                usd=worth / facts.debt_unit,
            )

    def rounds(self, number: int, time_s: int, rounds: Sequence[Round]) -> None:
        """What those who race have decided."""
        for found in rounds:
            self.recorder.add(
                "race",
                market=self.label,
                block=number,
                time_s=time_s,
                role=found.role,
                strength=found.strength,
                inside=found.inside,
                ran=found.ran,
                usd=found.claims_usd,
            )

    def depth(self, moment: str, time_s: int, state: Snapshot, pool: PoolBook) -> None:
        """What the pool pays for collateral while its price falls, at the start or the end."""
        there = pool.depth(state.pool)
        for drop in DROPS:
            self.recorder.add(
                "depth",
                market=self.label,
                block=state.number,
                time_s=time_s,
                moment=moment,
                drop=drop,
                usd=there.paid_down_by(drop) / self._facts.debt_unit,
            )

    def close(self, number: int) -> None:
        """The spells of all accounts, as their beginnings follow in time."""
        spells = [*self.episodes.finished, *self.episodes.open()]
        for spell in sorted(spells, key=lambda s: (s.start_s, s.account)):
            self._episode(number, spell)

    def _episode(self, number: int, spell: Episode) -> None:
        self.recorder.add(
            "episode",
            market=self.label,
            block=number,
            time_s=spell.start_s,
            account=self._accounts[spell.account],
            debt=spell.debt,
            cleared_s=spell.cleared_s,
            how=spell.how,
        )

    def _market(self, now: int, after: Snapshot) -> dict[str, Any]:
        market, unit = after.market, self._facts.debt_unit
        until = market.halted_until
        beyond = max(0, min(after.timestamp, until[LIQUIDATE]) - now)  # counted by the read ahead
        return {
            "total_debt": market.total_debt / unit,
            "debt_in_sale": market.debt_in_sale / unit,
            "cash": market.cash / unit,
            "reserve": market.reserve / unit,
            "halted_borrow": until[BORROW] > now,
            "halted_withdraw": until[WITHDRAW] > now,
            "halted_liquidate": until[LIQUIDATE] > now,
            "halted_seconds": market.halted_seconds - beyond,
        }

    def _count(self, now: int, events: Iterable[Event]) -> None:
        """Take in what was liquidated and lost in this market."""
        facts = self._facts
        for event in events:
            if event.name == "Taken" and event.contract == facts.liquidation:
                repaid = (event.args["paid"] - event.args["fee"]) / facts.debt_unit
                self._executed += repaid
                self._recent.append((now, repaid))
            elif event.name == "BadDebt" and event.contract == facts.market:
                self.bad_debt += event.args["amount"] / facts.debt_unit


class ChainLog:
    """The rows of the chain, which all markets share: transactions and events."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self.transactions = self.reverted = self.blocks = 0
        self.block_hash = ""

    def block(self, step: Step, block: Block, labels: Sequence[str | None]) -> None:
        """`labels`: the market of each transaction's sender."""
        self.blocks += 1
        self.block_hash = block.hash
        self.transactions += len(block.outcomes)
        for pending, outcome, label in zip(step.chosen, block.outcomes, labels, strict=True):
            self.reverted += not outcome.ok
            self._recorder.add(
                "transaction",
                block=block.number,
                time_s=step.time_s,
                market=label,
                tx=outcome.tx.id,
                role=outcome.tx.role,
                sender=outcome.tx.sender,
                target=outcome.tx.call.target,
                function=outcome.tx.call.function,
                ok=outcome.ok,
                reason=outcome.reason,
                priority_fee=outcome.tx.priority_fee,
                waited=step.number - pending.step,
            )
        for event in block.events:
            self._event(step, block, event)

    def _event(self, step: Step, block: Block, event: Event) -> None:
        """A further market's own contracts have its name before a slash."""
        market, slash, _ = event.contract.partition("/")
        self._recorder.add(
            "event",
            block=block.number,
            time_s=step.time_s,
            market=market if slash else None,
            tx=event.tx_id,
            target=event.contract,
            event=event.name,
            args=_as_text(event.args),
        )


def _as_text(args: Mapping[str, Any]) -> str:
    """JSON with integers as text, so that no reader rounds them, and bytes in hex."""
    plain = {k: str(v) if type(v) is int else v for k, v in args.items()}  # a bool stays one
    return ENCODER.encode(plain)


def _hex(value: bytes) -> str:
    return f"0x{value.hex()}"


ENCODER = json.JSONEncoder(default=_hex)  # once: `json.dumps` would make one for each event
