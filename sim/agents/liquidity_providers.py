"""Liquidity providers: what they do to the depth of the pool when the price swings.

- A puller withdraws when (high - low) / low of the venue's price within `window_s` passes its own
  `pull_range`, and comes back with a range of the same width when the swing has been below half of
  that for `calm_s`.
- An adapter keeps the width of its range in proportion to the volatility of the window: it widens
  when the width is too small by `tolerance`, and narrows, or follows a price that has left the
  range, when that has been so for `calm_s`.
- The stubborn never move.

A range of log-width w loses sigma^2 / (4 w) of its value a year to those who know the price better
(Milionis, Moallemi, Roughgarden and Zhang 2022, with the concentration of a narrow range), and
earns fees on a turnover that rises about as sigma: w in proportion to sigma keeps the two in step.
Wider in volatile times is also what Cartea, Drissi and Monga (2023) find to be best.

Nobody swaps to move a range: it is laid so that it takes what the provider holds, so after a fall
more of it lies above the price than below.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.agents.base import Facts, Intent, News, Result, View, everyday_fee, volatility, window
from sim.engines.base import Address, Call
from sim.markets.depth import TICK
from sim.people import ProvidersSpec
from sim.units import MAX_UINT

ROLE = "liquidity_providers"
PULL, ADAPT, STUBBORN = range(3)  # kinds
TICK_SPACING = {500: 10, 3000: 60, 10000: 200}  # Uniswap v3's, by fee tier
UINT128 = 2**128 - 1
ONE_SIDED = 0.02  # with less than this of its value in a token a range does without that token


@dataclass(frozen=True, slots=True)
class Provider:
    """Drawn once, by sim/world/population.py."""

    address: Address
    below: float  # width of the range, as ratios of the price
    above: float
    kind: int
    pull_range: float

    @property
    def width(self) -> float:
        """Of the range, in ticks."""
        return (math.log(1 + self.above) - math.log(1 - self.below)) / math.log(TICK)


@dataclass(slots=True)
class _Book:
    """What a provider has in the pool."""

    token_id: int | None
    liquidity: int
    scale: float = 1.0  # of the range's width, in that of the first
    middle: float = 0.0  # price at which the range was laid [USD]
    moved_at: int = 0  # [unix s]
    since: int | None = None  # when what it waits for began [unix s]
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
        scale = self._wanted_scale(view)
        return [
            intent
            for member, book in zip(self.members, self.books, strict=True)
            for intent in self._wishes(member, book, swing, scale, view, fee)
        ]

    def learn(self, news: News) -> list[Intent]:
        index = {m.address: i for i, m in enumerate(self.members)}
        for result in news.results:
            if result.status == "ok":
                _apply(self.books[index[result.intent.sender]], result, news.time)
        return []

    def _wanted_scale(self, view: View) -> float:
        """Of an adapter's range, in the width of its first; 1 until a window has been seen."""
        spec = self.spec
        if len(view.venue) * self.facts.spacing_s <= spec.window_s:
            return 1.0
        wanted = volatility(view, self.facts, spec.window_s) / spec.usual_volatility
        return min(max(wanted, spec.scale[0]), spec.scale[1])

    def _wishes(
        self, member: Provider, book: _Book, swing: float, scale: float, view: View, fee: int
    ) -> list[Intent]:
        if book.owed is not None:
            return [self._collect(member, book.owed, fee)]
        if book.token_id is None:
            return self._return(member, book, swing, scale, view, fee)
        pulls = member.kind == PULL and swing > member.pull_range
        if not pulls and not (member.kind == ADAPT and self._ill_fits(member, book, scale, view)):
            return []
        all_of_it = (book.token_id, book.liquidity, 0, 0, MAX_UINT)
        withdraw = self._intent(member, "decreaseLiquidity", all_of_it, fee)
        return [withdraw, self._collect(member, book.token_id, fee)]

    def _ill_fits(self, member: Provider, book: _Book, scale: float, view: View) -> bool:
        """Whether an adapter lays its range anew."""
        spec, price = self.spec, view.snapshot.pool.price
        if scale > book.scale * spec.tolerance and view.time - book.moved_at >= spec.patience_s:
            return True
        book.middle = book.middle or price
        strayed = abs(math.log(price / book.middle, TICK)) > member.width * book.scale / 2
        return self._lasts(book, scale * spec.tolerance < book.scale or strayed, view)

    def _return(
        self, member: Provider, book: _Book, swing: float, scale: float, view: View, fee: int
    ) -> list[Intent]:
        if member.kind == PULL:
            scale = 1.0
            if not self._lasts(book, swing <= member.pull_range / 2, view):
                return []
        book.scale, book.middle = scale, view.snapshot.pool.price
        return self._mint(member, scale, view, fee)

    def _lasts(self, book: _Book, holds: bool, view: View) -> bool:
        """Whether something has held for `calm_s`."""
        if not holds:
            book.since = None
        elif book.since is None:
            book.since = view.time
        return book.since is not None and view.time - book.since >= self.spec.calm_s

    def _mint(self, member: Provider, scale: float, view: View, fee: int) -> list[Intent]:
        """All that the provider holds, in a range of its width that takes it."""
        facts, pool = self.facts, view.snapshot.pool
        tokens = [facts.collateral, facts.debt]
        held = [view.wallets.on_chain(member.address, token) for token in tokens]
        collateral = held[0] / facts.collateral_unit * pool.price
        value = collateral + held[1] / facts.debt_unit
        if not value:
            return []
        tick = pool.tick if pool.collateral_is_token0 else -pool.tick
        lower, upper = self._ends(tick, member.width * scale, 1 - collateral / value)
        if not pool.collateral_is_token0:
            lower, upper = -upper, -lower
            tokens, held = tokens[::-1], held[::-1]
        names = [f"<{token}>" for token in tokens]
        terms = (lower, upper, *held, 0, 0, member.address, MAX_UINT)
        return [self._intent(member, "mint", (*names, facts.pool_fee, *terms), fee)]

    def _ends(self, tick: int, width: float, in_debt: float) -> tuple[int, int]:
        """Ticks of a range around (or beside) the price for a share `in_debt` of its value in debt
        tokens, in prices of the collateral: what lies below the price is debt tokens."""
        spacing = TICK_SPACING[self.facts.pool_fee]
        here = math.floor(tick / spacing) * spacing
        whole = max(1, round(width / spacing)) * spacing
        if in_debt < ONE_SIDED:
            return here + spacing, here + spacing + whole
        if in_debt > 1 - ONE_SIDED:
            under = math.floor((tick - 1) / spacing) * spacing
            return under - whole, under
        lower = math.floor((tick - width * in_debt) / spacing) * spacing
        upper = math.ceil((tick + width * (1 - in_debt)) / spacing) * spacing
        return min(lower, here), max(upper, here + spacing)

    def _collect(self, member: Provider, token_id: int, fee: int) -> Intent:
        return self._intent(member, "collect", (token_id, member.address, UINT128, UINT128), fee)

    def _intent(
        self, member: Provider, function: str, params: tuple[object, ...], fee: int
    ) -> Intent:
        return Intent(ROLE, member.address, Call("positions", function, (params,)), function, fee)


def _apply(book: _Book, result: Result, now: int) -> None:
    function = result.intent.call.function
    if function == "decreaseLiquidity":
        book.owed, book.token_id, book.liquidity = book.token_id, None, 0
    elif function == "collect" and book.owed is not None:
        book.owed, book.since = None, None
    elif function == "mint":
        minted = next(e.args for e in result.events if e.name == "IncreaseLiquidity")
        book.token_id, book.liquidity = minted["tokenId"], minted["liquidity"]
        book.moved_at, book.since = now, None
