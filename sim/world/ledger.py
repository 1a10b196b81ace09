"""Who holds what: balances followed by events during the run, and the ledger by role at its end.

The ledger is a difference: holdings at the end less those after the set-up, for each role and
token, in integers. It must sum to zero for each token; if it does not, tokens came from or went to
somewhere that no role owns up to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sim.engines.base import NATIVE, Address, Block, Engine, Event, MarketState
from sim.errors import EngineError
from sim.markets.venue import Venue
from sim.trace import ROLES
from sim.units import from_units

Holdings = dict[str, dict[str, int]]  # by token, by role
BENEFICIARY: Address = "0x" + "0" * 40  # who gets the priority fees on a development chain


class Accounts:
    """Balances of everybody on the chain, kept by following Transfer events."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
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

    def on_venue(self, holder: Address, token: str) -> int:
        return self._venue.balance(holder, token)

    def check(self, engine: Engine, holders: Sequence[Address]) -> None:
        """Raises EngineError when the chain says otherwise."""
        for token, balances in engine.balances(holders).items():
            for holder, balance in zip(holders, balances, strict=True):
                if token != NATIVE and self.on_chain(holder, token) != balance:
                    raise EngineError(
                        f"{token} of {holder}: events add up to {self.on_chain(holder, token)}, "
                        f"the chain says {balance}"
                    )


class Ledger:
    """Holdings by role, now and at the start."""

    def __init__(
        self,
        engine: Engine,
        venue: Venue,
        members: Mapping[str, Sequence[Address]],
        market: Address,
        module: Address,
    ) -> None:
        """`members`: addresses by role, market and liquidation module not among them."""
        self._engine = engine
        self._venue = venue
        self._members = members
        self._market = market
        self._module = module
        self._burnt = 0
        self._start: Holdings = {}

    def open(self, state: MarketState) -> None:
        """Take the holdings after the set-up."""
        self._start = self._holdings(state)

    def burn(self, block: Block) -> None:
        """Count the base fees of a block, which nobody gets."""
        self._burnt += block.gas_used * block.base_fee

    def close(
        self, state: MarketState, price: float, decimals: Mapping[str, int]
    ) -> dict[str, Any]:
        """The finished ledger, JSON-able. `price` values the collateral token and the chain's coin
        [USD].

        Raises EngineError when the roles do not sum to zero.
        """
        end = self._holdings(state)
        change = {
            token: {role: amount - self._start[token][role] for role, amount in roles.items()}
            for token, roles in end.items()
        }
        for token, roles in change.items():
            if sum(roles.values()):
                raise EngineError(
                    f"the ledger of {token} sums to {sum(roles.values())}, not to zero"
                )
        mark = {token: 1.0 if token == self._venue.debt else price for token in change}
        return {
            "tokens": {
                token: {
                    "decimals": decimals.get(token, 18),
                    "roles": {role: str(amount) for role, amount in roles.items()},
                }
                for token, roles in change.items()
            },
            "mark": mark,
            "value_usd": {
                role: sum(
                    mark[token] * from_units(change[token][role], decimals.get(token, 18))
                    for token in change
                )
                for role in ROLES
            },
        }

    def _holdings(self, state: MarketState) -> Holdings:
        held: Holdings = {}
        for role in ROLES:
            addresses = list(self._members.get(role, ()))
            for token, balances in self._engine.balances(addresses).items():
                held.setdefault(token, dict.fromkeys(ROLES, 0))[role] = sum(balances)
            for token, amount in self._venue.holdings(addresses).items():
                held[token][role] += amount
        self._split_market(held, state)
        self._add_gas(held)
        return held

    def _split_market(self, held: Holdings, state: MarketState) -> None:
        """The market's tokens belong to those who have claims on it."""
        collateral, debt = self._venue.collateral, self._venue.debt
        inside = self._engine.balances([self._market, self._module])
        if inside[debt][0] != state.cash:
            raise EngineError(
                f"the market holds {inside[debt][0]} {debt} but its book says {state.cash}"
            )
        held[collateral]["borrowers"] += sum(inside[collateral])
        held[debt]["lenders"] += state.total_assets
        held[debt]["reserve"] += state.reserve + inside[debt][1]
        held[debt]["borrowers"] -= state.total_debt + state.debt_in_sale

    def _add_gas(self, held: Holdings) -> None:
        tips = self._engine.balances([BENEFICIARY])[NATIVE][0]
        held[NATIVE]["gas"] += self._burnt + tips
