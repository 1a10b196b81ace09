"""Who holds what: balances followed by events during the run, and the ledger by role at its end.

The ledger is a difference: holdings at the end less those after the set-up, for each role and
token, in integers. It must sum to zero for each token; if it does not, tokens came from or went to
somewhere that no role owns up to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.agents.base import Facts
from sim.engines.base import NATIVE, Address, Block, Engine, Event, MarketState
from sim.errors import EngineError
from sim.markets.venue import Venue
from sim.trace import ROLES
from sim.units import from_units

Owner = tuple[str, str]  # market and role
Holdings = dict[str, dict[Owner, int]]  # by token
BENEFICIARY: Address = "0x" + "0" * 40  # who gets the priority fees on a development chain


class Accounts:
    """Balances of everybody on the chain, kept by following Transfer events."""

    def __init__(self) -> None:
        self._held: dict[str, dict[Address, int]] = defaultdict(lambda: defaultdict(int))

    def set(self, token: str, balances: Mapping[Address, int]) -> None:
        """What is known at the start."""
        self._held[token].update(balances)

    def follow(self, events: Iterable[Event]) -> None:
        for event in events:
            if event.name == "Transfer" and event.contract in self._held:
                held, args = self._held[event.contract], event.args
                held[args["sender"]] -= args["value"]
                held[args["receiver"]] += args["value"]

    def on_chain(self, holder: Address, token: str) -> int:
        return self._held[token].get(holder, 0)

    def check(self, engine: Engine, holders: Sequence[Address]) -> None:
        """Raises EngineError when the chain says otherwise."""
        for token, balances in engine.balances(holders).items():
            for holder, balance in zip(holders, balances, strict=True):
                if token != NATIVE and self.on_chain(holder, token) != balance:
                    raise EngineError(
                        f"{token} of {holder}: events add up to {self.on_chain(holder, token)}, "
                        f"the chain says {balance}"
                    )


class Purse:
    """Balances on the chain and on one venue: the Wallets of agents, who ask hundreds of times a
    step."""

    def __init__(self, accounts: Accounts, venue: Venue) -> None:
        self.on_chain, self.on_venue = accounts.on_chain, venue.balance


@dataclass(frozen=True, slots=True)
class Book:
    """What the ledger knows of one market: `members` are addresses by role, market and liquidation
    module not among them."""

    name: str
    facts: Facts
    members: Mapping[str, Sequence[Address]]

    @property
    def contracts(self) -> tuple[Address, Address]:
        """The market and its module."""
        at = self.facts.deployment.addresses
        return at[self.facts.market], at[self.facts.liquidation]


class Ledger:
    """Holdings by market and role, now and at the start."""

    def __init__(self, engine: Engine, venues: Sequence[Venue], books: Sequence[Book]) -> None:
        """The first market's venue and book come first."""
        self._engine, self._venues, self._books = engine, venues, books
        self._burnt = 0
        self._start: Holdings = {}

    def open(self, states: Sequence[MarketState]) -> None:
        """Take the holdings after the set-up."""
        self._start = self._holdings(states)

    def burn(self, block: Block) -> None:
        """Count the base fees of a block, which nobody gets."""
        self._burnt += block.gas_used * block.base_fee

    def close(self, states: Sequence[MarketState], decimals: Mapping[str, int]) -> dict[str, Any]:
        """The finished ledger, JSON-able, at the venues' prices [USD]; the chain's own coin is
        worth the first asset.

        Raises EngineError when the roles do not sum to zero.
        """
        end = self._holdings(states)
        change = {
            token: {owner: amount - self._start[token][owner] for owner, amount in held.items()}
            for token, held in end.items()
        }
        for token, by_owner in change.items():
            if sum(by_owner.values()):
                raise EngineError(
                    f"the ledger of {token} sums to {sum(by_owner.values())}, not to zero"
                )
        prices = {venue.collateral: venue.price for venue in self._venues}
        mark = {t: self._venues[0].price if t == NATIVE else prices.get(t, 1.0) for t in change}
        worth = {t: (mark[t], decimals.get(t, 18)) for t in change}
        return {
            "tokens": {
                token: {
                    "decimals": worth[token][1],
                    "roles": {role: str(_of(by_owner, role)) for role in ROLES},
                }
                for token, by_owner in change.items()
            },
            "mark": mark,
            "value_usd": {role: _value(change, worth, role) for role in ROLES},
            **self._by_market(change, worth),
        }

    def _by_market(
        self, change: Holdings, worth: Mapping[str, tuple[float, int]]
    ) -> dict[str, Any]:
        """The same value market by market, where there are several."""
        if len(self._books) == 1:
            return {}
        names = [book.name for book in self._books]
        return {"markets": {n: {r: _value(change, worth, r, n) for r in ROLES} for n in names}}

    def _holdings(self, states: Sequence[MarketState]) -> Holdings:
        held: Holdings = {}
        for book in self._books:
            for role in ROLES:
                owner = book.name, role
                addresses = list(book.members.get(role, ()))
                for token, balances in self._engine.balances(addresses).items():
                    held.setdefault(token, {})[owner] = sum(balances)
                for venue in self._venues:
                    for token, amount in venue.holdings(addresses).items():
                        held[token][owner] += amount
        for book, state in zip(self._books, states, strict=True):
            self._split_market(held, book, state)
        for book, state in zip(self._books, states, strict=True):
            _share_out(held, book, state)
        self._add_gas(held)
        return held

    def _split_market(self, held: Holdings, book: Book, state: MarketState) -> None:
        """The market's tokens belong to those who have claims on it."""
        name, collateral, debt = book.name, book.facts.collateral, book.facts.debt
        inside = self._engine.balances(book.contracts)
        if inside[debt][0] != state.cash:
            raise EngineError(
                f"the market holds {inside[debt][0]} {debt} but its book says {state.cash}"
            )
        held[collateral][name, "borrowers"] += sum(inside[collateral])
        held[debt][name, "lenders"] += state.total_assets
        held[debt][name, "reserve"] += state.reserve + inside[debt][1]
        held[debt][name, "borrowers"] -= state.total_debt + state.debt_in_sale

    def _add_gas(self, held: Holdings) -> None:
        tips = self._engine.balances([BENEFICIARY])[NATIVE][0]
        held[NATIVE][self._books[0].name, "gas"] += self._burnt + tips


def _share_out(held: Holdings, book: Book, state: MarketState) -> None:
    """What others than its lenders hold of a market's shares is their claim on its assets."""
    lenders, debt = (book.name, "lenders"), held[book.facts.debt]
    for owner, shares in held.pop(book.facts.market, {}).items():
        if owner != lenders and state.total_shares:
            claim = state.total_assets * shares // state.total_shares
            debt[owner] += claim
            debt[lenders] -= claim


def _of(by_owner: Mapping[Owner, int], role: str, market: str | None = None) -> int:
    """A role's, in one market or in all."""
    return sum(n for (m, r), n in by_owner.items() if r == role and market in (None, m))


def _value(
    change: Holdings, worth: Mapping[str, tuple[float, int]], role: str, market: str | None = None
) -> float:
    """[USD]"""
    amounts = ((worth[t], _of(by_owner, role, market)) for t, by_owner in change.items())
    return sum(price * from_units(amount, decimals) for (price, decimals), amount in amounts)
