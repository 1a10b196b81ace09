"""The catalogue of mechanisms: whose they are, and what each rule does to one position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """A mechanism with its parameters."""

    name: str  # the design's
    also: tuple[str, ...]  # other designs with the same
    contract: str
    summary: str
    parameters: tuple[tuple[str, str], ...]  # name, value with its unit
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Fate:
    """What became of the position under a rule. Amounts of money in whole debt tokens."""

    case: str  # the rule's name, and what is special
    health: float  # factor before
    value: float  # of the collateral before, at the feed's price
    debt: float  # before
    paid: float  # by takers
    fee: float  # of `paid`, what the protocol earns, as a penalty or of the bonus
    seized: float  # [whole collateral tokens]
    seized_value: float
    bad_debt: float
    debt_left: float
    equity_left: float  # the collateral that is left, at the feed's price, less the debt that is
    seconds: float  # from the fall of the price until all was settled

    @property
    def gain(self) -> float:
        """The takers', at the feed's price."""
        return self.seized_value - self.paid

    def same(self, other: Fate) -> bool:
        """The same amounts to the whole debt token."""
        return self._amounts() == other._amounts()

    def _amounts(self) -> tuple[int, ...]:
        mine = (self.health * 1e6, self.debt, self.paid, self.fee, self.seized_value)
        return tuple(round(x) for x in (*mine, self.bad_debt, self.debt_left, self.equity_left))


@dataclass(frozen=True)
class Catalogue:
    """Rules, and the fates of one position under each, by case and falling health.

    `guards` are the breakers, and the adapters between the market and its pushed feeds.
    """

    rules: Sequence[Rule]
    guards: Sequence[Rule]
    fates: Sequence[Fate]
    debt_token: str
    collateral: str
    engine: str

    @property
    def healths(self) -> list[float]:
        return list(dict.fromkeys(f.health for f in self.fates))

    @property
    def groups(self) -> list[list[list[Fate]]]:
        """The fates of each case, by falling health; cases of the same amounts together."""
        cases = dict.fromkeys(f.case for f in self.fates)
        groups: list[list[list[Fate]]] = []
        for fates in ([f for f in self.fates if f.case == case] for case in cases):
            known = next((g for g in groups if all(map(Fate.same, g[0], fates))), None)
            if known is None:
                groups.append([fates])
            else:
                known.append(fates)
        return groups

    @property
    def shared_sources(self) -> tuple[str, ...]:
        """Those that every rule has, where there are several rules."""
        if len(self.rules) < 2:
            return ()
        first, *others = self.rules
        return tuple(s for s in first.sources if all(s in r.sources for r in others))
