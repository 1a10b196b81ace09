"""Who is there: members of every role, drawn once from the seed.

Sizes and health factors are stratified (book.py), not drawn one by one, so that every seed has the
book that the scenario states: the ten largest borrowers hold their share exactly, and the debt
below each health factor is met up to the size of single accounts. What differs between seeds is who
stands where.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.agents.arbitrageurs import Arbitrageur
from sim.agents.base import Floats
from sim.agents.borrowers import FLEE, LOOP, PASSIVE, REPAY, SELL, TOP_UP, Borrower
from sim.agents.crew import Keeper
from sim.agents.lenders import Lender
from sim.agents.liquidity_providers import ADAPT, PULL, STUBBORN, Provider
from sim.agents.panic_sellers import Holder
from sim.agents.racers import Racer
from sim.design import Design
from sim.engines.base import Address, Position, address_of
from sim.errors import InputError
from sim.markets.depth import amounts_for
from sim.people import BorrowersSpec, PanicSpec
from sim.scenario import Scenario
from sim.units import to_units
from sim.world.book import Book, borrower_book, weights
from sim.world.contacts import Edges, small_world
from sim.world.keepers import draw_keepers
from sim.world.rng import SeedTree

AT_LEAST = 1.002  # over the health factor at which a loan can be taken at all


@dataclass(frozen=True, slots=True)
class Population:
    """Members by role; the debts and collaterals belong to the borrowers, in their order."""

    borrowers: tuple[Borrower, ...]
    debts: tuple[int, ...]  # [debt token]
    collaterals: tuple[int, ...]  # [collateral token]
    holders: tuple[Holder, ...]
    holdings: tuple[int, ...]  # [collateral token]
    contacts: Edges  # ties between holders, in a network
    lenders: tuple[Lender, ...]
    racers: tuple[Racer, ...]  # lenders too
    providers: tuple[Provider, ...]
    positions: tuple[Position, ...]
    flash_keepers: tuple[Keeper, ...]
    capital_keepers: tuple[Keeper, ...]
    arbitrageurs: tuple[Arbitrageur, ...]
    swappers: tuple[Address, ...]  # noise traders in the pool

    @property
    def suppliers(self) -> tuple[Lender | Racer, ...]:
        """All lenders, of either temper."""
        return (*self.lenders, *self.racers)


def populate(scenario: Scenario, design: Design, price: float, seeds: SeedTree) -> Population:
    """Draw everybody. Raises InputError when the design's market can't hold the scenario's book."""
    _check(scenario, design)
    people, decimals = scenario.population, _decimals(design)
    streams = (seeds.stream(f"population/{name}") for name in ("borrowers", "loopers"))
    book = borrower_book(people.borrowers, *streams)
    risk = design.market.collaterals[0]
    health = np.maximum(book.health, AT_LEAST * risk.liquidation_threshold / risk.ltv)
    collateral = health * book.debts / (risk.liquidation_threshold * price)
    holders, holdings = _holders(scenario, price, seeds.stream("population/holders"))
    flash_keepers, capital_keepers = draw_keepers(scenario, seeds)
    return Population(
        borrowers=_borrowers(people.borrowers, book, health, seeds.stream("population/manners")),
        debts=tuple(to_units(d, decimals[1]) for d in book.debts),
        collaterals=tuple(to_units(c, decimals[0]) for c in collateral),
        holders=holders,
        holdings=tuple(to_units(h, decimals[0]) for h in holdings),
        contacts=_contacts(people.panic_sellers, seeds.stream("population/contacts")),
        lenders=_lenders(scenario, seeds.stream("population/lenders")),
        racers=_racers(scenario),
        providers=_providers(scenario, seeds.stream("population/providers")),
        positions=_positions(scenario, price, decimals),
        flash_keepers=flash_keepers,
        capital_keepers=capital_keepers,
        arbitrageurs=_arbitrageurs(scenario, seeds.stream("population/arbitrageurs")),
        swappers=_swappers(scenario),
    )


def _borrowers(
    spec: BorrowersSpec, book: Book, health: Floats, rng: np.random.Generator
) -> tuple[Borrower, ...]:
    """What they do; `health` is what the design lets a loan have at the least. A looper's target is
    where it begins."""
    shares = np.array([spec.topping_up, spec.repaying, spec.selling, spec.fleeing])
    kinds = rng.choice(
        [TOP_UP, REPAY, SELL, FLEE, PASSIVE],
        size=spec.count,
        p=[*shares, max(0.0, 1 - shares.sum())],
    )
    kinds[book.loops] = LOOP
    if spec.whale_share:
        kinds[0] = PASSIVE
    triggers = rng.uniform(*spec.trigger, spec.count)
    targets = triggers + rng.uniform(*spec.lift, spec.count)
    targets[book.loops] = health[book.loops]
    return tuple(
        Borrower(
            address_of("borrowers", i),
            kind=int(kinds[i]),
            trigger=float(triggers[i]),
            target=float(targets[i]),
            stash_usd=float(spec.stash * book.debts[i]) if kinds[i] in (TOP_UP, REPAY) else 0.0,
        )
        for i in range(spec.count)
    )


def _holders(
    scenario: Scenario, price: float, rng: np.random.Generator
) -> tuple[tuple[Holder, ...], Floats]:
    """Holders and what they hold [whole collateral tokens]."""
    spec = scenario.population.panic_sellers
    holdings = spec.holdings_usd / price * weights(spec.count, rng)
    thresholds = rng.uniform(*spec.drawdown, spec.count)
    on_venue = rng.random(spec.count) < spec.on_venue
    slices = rng.integers(1, spec.slices + 1, spec.count)
    holders = tuple(
        Holder(
            address_of("panic_sellers", i), float(thresholds[i]), bool(on_venue[i]), int(slices[i])
        )
        for i in range(spec.count)
    )
    return holders, holdings


def _contacts(spec: PanicSpec, rng: np.random.Generator) -> Edges:
    if spec.herding != "network":
        return ()
    return small_world(spec.count, spec.neighbours, spec.rewiring, rng)


def _lenders(scenario: Scenario, rng: np.random.Generator) -> tuple[Lender, ...]:
    spec = scenario.population.lenders
    supply = _supply_usd(scenario) * (1 - spec.race.share) * weights(spec.count, rng)
    patience = rng.uniform(*spec.patience, spec.count)
    return tuple(
        Lender(address_of("lenders", i), float(patience[i]), float(supply[i]))
        for i in range(spec.count)
        if supply[i] > 0
    )


def _racers(scenario: Scenario) -> tuple[Racer, ...]:
    race = scenario.population.lenders.race
    each = _supply_usd(scenario) * race.share / race.count
    return tuple(Racer(address_of("racers", i), each) for i in range(race.count) if each)


def _supply_usd(scenario: Scenario) -> float:
    """Of all lenders [USD]."""
    people = scenario.population
    return people.borrowers.debt_usd / people.lenders.utilisation


def _providers(scenario: Scenario, rng: np.random.Generator) -> tuple[Provider, ...]:
    spec = scenario.population.liquidity_providers
    pull = rng.uniform(*spec.pull_range, len(scenario.pool.positions))
    positions = scenario.pool.positions
    by_width = sorted(range(len(positions)), key=lambda i: positions[i].below, reverse=True)
    stubborn = set(by_width[: math.ceil(spec.stubborn * len(positions))])
    adapts = rng.random(len(positions)) < spec.adapting
    return tuple(
        Provider(
            address_of("liquidity_providers", i),
            position.below,
            position.above,
            STUBBORN if i in stubborn else ADAPT if adapts[i] else PULL,
            float(pull[i]),
        )
        for i, position in enumerate(positions)
    )


def _positions(scenario: Scenario, price: float, decimals: tuple[int, int]) -> tuple[Position, ...]:
    positions = []
    for i, spec in enumerate(scenario.pool.positions):
        low, high = price * (1 - spec.below), price * (1 + spec.above)
        collateral, debt = amounts_for(spec.usd, low, price, high)
        positions.append(
            Position(
                address_of("liquidity_providers", i),
                low,
                high,
                to_units(collateral, decimals[0]),
                to_units(debt, decimals[1]),
            )
        )
    return tuple(positions)


def _arbitrageurs(scenario: Scenario, rng: np.random.Generator) -> tuple[Arbitrageur, ...]:
    spec = scenario.population.arbitrageurs
    return tuple(
        Arbitrageur(
            address_of("arbitrageurs", i),
            float(rng.uniform(*spec.margin)),
            float(rng.uniform(*spec.bid_share)),
            float(rng.uniform(*spec.latency_s)),
        )
        for i in range(spec.count)
    )


def _swappers(scenario: Scenario) -> tuple[Address, ...]:
    spec = scenario.population.noise_traders
    count = spec.swappers if spec is not None else 0
    return tuple(address_of("noise_traders", i) for i in range(count))


def _decimals(design: Design) -> tuple[int, int]:
    """Of the collateral and the debt token."""
    market = design.market
    return market.collaterals[0].token.decimals, market.debt_token.decimals


def _check(scenario: Scenario, design: Design) -> None:
    market, spec = design.market, scenario.population.borrowers
    if len(market.collaterals) > 1:
        raise InputError(
            f"design {design.name}: market.collaterals has {len(market.collaterals)} entries, "
            "but a scenario moves one price; leave one"
        )
    if spec.smallest_debt_usd < market.min_debt:
        raise InputError(
            f"scenario {scenario.name}: population.borrowers.smallest_debt_usd "
            f"{spec.smallest_debt_usd:,.0f} is below market.min_debt {market.min_debt:,.0f} "
            f"of design {design.name}; raise it"
        )
    if spec.debt_usd > market.borrow_cap:
        raise InputError(
            f"scenario {scenario.name}: population.borrowers.debt_usd {spec.debt_usd:,.0f} "
            f"is above market.borrow_cap {market.borrow_cap:,.0f} of design {design.name}; "
            "raise the cap or lower the debt"
        )
