"""`ape run mechanisms`: every liquidation rule on one position at falling health."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sim.catalogue import Catalogue, Fate, Rule
from sim.design import FOLDER, ContractSpec, Design, TokenSpec, load_design
from sim.engines import find_engine, open_engine
from sim.engines.artifacts import Library
from sim.experiments.chosen import chosen_designs
from sim.experiments.laboratory import Laboratory, Loan, Outcome
from sim.experiments.parameters import parameters
from sim.units import from_units, to_units

HEALTHS = (0.98, 0.94, 0.90, 0.86, 0.80)  # away from the levels at which published rules change
DEBT = 100_000  # of the position [whole debt tokens]
PRICE = 2_000.0  # at which its health factor is 1 [debt token per collateral token]
T = TypeVar("T")
FEEDS = {"__all__": {"feed": True}}
LONE = "{}, one bidder"


def catalogue(names: Sequence[str], engine: str) -> Catalogue:
    """The rules of the designs, built-in or files; of all built-in ones when none is named.

    Designs that differ only in feeds and breakers are measured once. Raises InputError, and
    EngineError when a design refuses the position or its sales do not end.
    """
    designs, library = chosen_designs(names or built_in(), find_engine(engine)), Library()
    groups = _together(designs, _by_rule)
    markets = [group[0].market for group in groups]
    return Catalogue(
        rules=[_rule(g, g[0].liquidation, g[0].sources, library) for g in groups],
        guards=list(_guard_rules(groups, library)),
        fates=[fate for group in groups for fate in _fates(group[0], engine)],
        debt_token=_symbols(market.debt_token for market in markets),
        collateral=_symbols(market.collaterals[0].token for market in markets),
        engine=engine,
    )


def _symbols(tokens: Iterable[TokenSpec]) -> str:
    return "/".join(dict.fromkeys(token.symbol for token in tokens))


def built_in() -> list[Design]:
    """By contract, and first what has neither breakers nor an adapter before its feed."""
    designs = [load_design(path.stem) for path in sorted(FOLDER.glob("*.yaml"))]
    return sorted(designs, key=lambda d: (d.liquidation.contract, len(list(_guards(d))), d.name))


def _by_rule(design: Design) -> Any:
    """Equal for designs with the same rule on the same position."""
    market = design.market.model_dump(exclude={"interest": True, "collaterals": FEEDS})
    return design.liquidation, market


def _together(items: Iterable[T], key: Callable[[T], Any]) -> list[list[T]]:
    """Items with equal keys, in the order of the first of each."""
    groups: list[tuple[Any, list[T]]] = []
    for item in items:
        mine = key(item)
        known = next((group for k, group in groups if k == mine), None)
        if known is None:
            groups.append((mine, [item]))
        else:
            known.append(item)
    return [group for _, group in groups]


def _guard_rules(groups: Sequence[Sequence[Design]], library: Library) -> Iterator[Rule]:
    """Breakers and adapters; a source that the design with the bare rule has is the rule's."""
    bare = {design.name: group[0] for group in groups for design in group}
    owned = [(d, spec) for group in groups for d in group for spec in _guards(d)]
    for same in _together(owned, lambda both: both[1]):
        designs, spec = [d for d, _ in same], same[0][1]
        of_rule = bare[designs[0].name]
        rest = [s for s in designs[0].sources if s not in of_rule.sources]
        yield _rule(designs, spec, rest or of_rule.sources, library)


def _guards(design: Design) -> Iterator[ContractSpec]:
    """What stands between prices and the rule."""
    for collateral in design.market.collaterals:
        if collateral.feed.adapter is not None:
            yield collateral.feed.adapter
    yield from design.breakers


def _rule(
    designs: Sequence[Design], spec: ContractSpec, sources: Sequence[str], library: Library
) -> Rule:
    return Rule(
        name=designs[0].name,
        also=tuple(other.name for other in designs[1:]),
        contract=spec.contract,
        summary=designs[0].summary,
        parameters=parameters(spec, library),
        sources=tuple(sources),
    )


def _fates(design: Design, engine: str) -> list[Fate]:
    """With two bidders; and with a single one, where that makes a difference."""
    position = _Position(design)
    with open_engine(engine) as opened:
        loans = [position.loan] * (2 * len(HEALTHS))
        laboratory = Laboratory(opened, design, position.first_price, loans)
        usual, alone = [], []
        for i, health in enumerate(HEALTHS):
            laboratory.push(PRICE * health)
            usual.append(position.fate(design.name, health, laboratory.settle(2 * i)))
            lone = laboratory.settle(2 * i + 1, bidders=1)
            alone.append(position.fate(LONE.format(design.name), health, lone))
    differ = not all(a.same(b) for a, b in zip(usual, alone, strict=True))
    return usual + alone if differ else usual


class _Position:
    """The position in a design's own tokens, and what became of it in whole ones."""

    def __init__(self, design: Design) -> None:
        self._terms, self._debt_token = design.market.collaterals[0], design.market.debt_token
        whole = DEBT / (PRICE * self._terms.liquidation_threshold)
        collateral = to_units(whole, self._terms.token.decimals)
        self.loan = Loan(collateral, to_units(DEBT, self._debt_token.decimals))

    @property
    def first_price(self) -> float:
        """At which the market grants the loan."""
        return PRICE * self._terms.liquidation_threshold / self._terms.ltv * 1.01

    def fate(self, case: str, health: float, outcome: Outcome) -> Fate:
        price = PRICE * health
        held, seized, left = (
            from_units(amount, self._terms.token.decimals)
            for amount in (self.loan.collateral, outcome.seized, outcome.collateral)
        )
        paid, fee, bad_debt, debt_left = (
            from_units(amount, self._debt_token.decimals)
            for amount in (outcome.paid, outcome.fee, outcome.bad_debt, outcome.debt)
        )
        return Fate(
            case=case,
            health=health,
            value=held * price,
            debt=DEBT,
            paid=paid,
            fee=fee,
            seized=seized,
            seized_value=seized * price,
            bad_debt=bad_debt,
            debt_left=debt_left,
            equity_left=left * price - debt_left,
            seconds=outcome.seconds,
        )
