"""Liquidity providers: they pull their positions when the price swings and come back after it has
been quiet.

A provider pulls when (high - low) / low of the venue's price within `window_s` passes its own
`pull_range`; it comes back with a range of the same width around the price of then when the swing
has been below half of that for `calm_s`. Pulling when liquidity is worth most is what the
loss-versus-rebalancing of Milionis et al. (2022) tells them to do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.agents.base import Facts, Intent, News, Result, View, everyday_fee, window
from sim.engines.base import Address, Call
from sim.markets.depth import TICK
from sim.people import ProvidersSpec
from sim.units import MAX_UINT

ROLE = "liquidity_providers"
TICK_SPACING = {500: 10, 3000: 60, 10000: 200}  # Uniswap v3's, by fee tier
UINT128 = 2**128 - 1


@dataclass(frozen=True, slots=True)
class Provider:
    """Drawn once, by sim/world/population.py."""

    address: Address
    below: float  # width of the range, as ratios of the price
    above: float
    pull_range: float  # infinite for the stubborn


@dataclass(slots=True)
class _Book:
    """What a provider has in the pool."""

    token_id: int | None
    liquidity: int
    quiet_since: int | None = None
    owed: int | None = None  # id of a position that is emptied but not collected


@dataclass
class Providers:
    """All providers, one position each."""

    facts: Facts
    spec: ProvidersSpec
    members: Sequence[Provider]
    books: list[_Book]
    role: str = field(default=ROLE, init=False)

    @classmethod
    def starting(
        cls,
        facts: Facts,
        spec: ProvidersSpec,
        members: Sequence[Provider],
        liquidity: Sequence[int],
    ) -> Providers:
        """With the positions of the set-up, in the members' order."""
        ids = facts.position_ids
        return cls(facts, spec, members, [_Book(i, n) for i, n in zip(ids, liquidity, strict=True)])

    def act(self, view: View, rng: np.random.Generator) -> list[Intent]:
        fee = everyday_fee(rng)
        prices = window(view, self.facts, self.spec.window_s)
        swing = float(prices.max() / prices.min()) - 1
        wishes = [self._wish(i, swing, view, fee) for i in range(len(self.members))]
        return [wish for wish in wishes if wish is not None]

    def learn(self, news: News) -> list[Intent]:
        index = {m.address: i for i, m in enumerate(self.members)}
        for result in news.results:
            if result.status == "ok":
                _apply(self.books[index[result.intent.sender]], result)
        return []

    def _wish(self, i: int, swing: float, view: View, fee: int) -> Intent | None:
        member, book = self.members[i], self.books[i]
        if book.owed is not None:
            owed = (book.owed, member.address, UINT128, UINT128)
            return self._intent(member, "collect", owed, fee)
        if book.token_id is not None:
            if swing <= member.pull_range:
                return None
            all_of_it = (book.token_id, book.liquidity, 0, 0, MAX_UINT)
            return self._intent(member, "decreaseLiquidity", all_of_it, fee)
        if swing > member.pull_range / 2:
            book.quiet_since = None
        elif book.quiet_since is None:
            book.quiet_since = view.time
        elif view.time - book.quiet_since >= self.spec.calm_s:
            return self._come_back(member, view, fee)
        return None

    def _come_back(self, member: Provider, view: View, fee: int) -> Intent:
        """All that the provider holds, in a range of the old width around the pool's price."""
        facts, pool = self.facts, view.snapshot.pool
        spacing = TICK_SPACING[facts.pool_fee]
        down, up = math.log(1 - member.below, TICK), math.log(1 + member.above, TICK)
        if not pool.collateral_is_token0:
            down, up = -up, -down
        lower = math.floor((pool.tick + down) / spacing) * spacing
        upper = math.ceil((pool.tick + up) / spacing) * spacing
        tokens = [facts.collateral, facts.debt]
        if not pool.collateral_is_token0:
            tokens.reverse()
        amounts = [view.wallets.on_chain(member.address, token) for token in tokens]
        names = [f"<{token}>" for token in tokens]
        params = (*names, facts.pool_fee, lower, upper, *amounts, 0, 0, member.address, MAX_UINT)
        return self._intent(member, "mint", params, fee)

    def _intent(
        self, member: Provider, function: str, params: tuple[object, ...], fee: int
    ) -> Intent:
        return Intent(ROLE, member.address, Call("positions", function, (params,)), function, fee)


def _apply(book: _Book, result: Result) -> None:
    function = result.intent.call.function
    if function == "decreaseLiquidity":
        book.owed, book.token_id, book.liquidity = book.token_id, None, 0
    elif function == "collect":
        book.owed, book.quiet_since = None, None
    elif function == "mint":
        minted = next(e.args for e in result.events if e.name == "IncreaseLiquidity")
        book.token_id, book.liquidity = minted["tokenId"], minted["liquidity"]
