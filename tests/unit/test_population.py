"""Who is there: sizes and health factors are those that were observed, for every seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.agents.borrowers import LOOP, PASSIVE
from sim.agents.liquidity_providers import ADAPT, PULL, STUBBORN
from sim.design import load_design
from sim.errors import InputError
from sim.people import LoopersSpec
from sim.scenario import load_scenario
from sim.units import from_units
from sim.world.book import borrower_book
from sim.world.contacts import small_world
from sim.world.population import populate
from sim.world.rng import SeedTree


@pytest.fixture(scope="module")
def scenario():
    return load_scenario("black_thursday")


@pytest.fixture(scope="module")
def spec(scenario):
    return scenario.population.borrowers


def book_of(spec, seed, **loopers):
    changed = spec.loopers.model_copy(update=loopers)
    rngs = (np.random.default_rng([seed, i]) for i in range(2))
    return borrower_book(spec.model_copy(update={"loopers": changed}), *rngs)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.15])
@pytest.mark.parametrize("seed", range(5))
def test_book__of_any_seed__has_the_observed_shape(spec, seed, share):
    """With loopers and without: they are part of the book that was observed."""
    book = book_of(spec, seed, share=share)
    debts, health = book.debts, book.health

    assert len(debts) == len(health) == spec.count
    assert debts.sum() == pytest.approx(spec.debt_usd)
    assert debts.min() >= spec.smallest_debt_usd
    assert np.sort(debts)[-10:].sum() / debts.sum() == pytest.approx(0.5, abs=0.03)
    assert debts[health < 1.25].sum() / debts.sum() == pytest.approx(0.27, abs=0.06)
    assert debts[health < 1.5].sum() / debts.sum() == pytest.approx(0.61, abs=0.06)
    assert np.median(health) == pytest.approx(2.0, abs=0.35)
    assert health.min() > 1.015


@pytest.mark.parametrize("share", [0.05, 0.15])
@pytest.mark.parametrize("seed", range(5))
def test_loopers__of_any_seed__hold_their_share_between_their_health_factors(spec, seed, share):
    book = book_of(spec, seed, share=share)
    assert book.debts[book.loops].sum() / spec.debt_usd == pytest.approx(share, abs=0.01)
    assert not book.loops[:10].any(), "the largest are not among them"
    health, debts = book.health[book.loops], book.debts[book.loops]
    assert 1.02 <= health.min() < health.max() <= 1.19
    assert np.average(health, weights=debts) == pytest.approx(1.105, abs=0.02)


def test_loopers__more_than_the_book_has_there__refused():
    with pytest.raises(InputError, match=r"share 0.3 is more than the 0.20 of the debt"):
        load_scenario("black_thursday", overrides=["population.borrowers.loopers.share=0.3"])


def test_populate__with_loopers__debts_and_the_others_manners_stay(scenario):
    """What differs is who loops, and where the others stand."""
    spec = scenario.population.borrowers
    looping = spec.model_copy(update={"loopers": LoopersSpec(share=0.1)})
    people = scenario.population.model_copy(update={"borrowers": looping})
    design, other = load_design("fixed"), scenario.model_copy(update={"population": people})
    before = populate(scenario, design, 194.61, SeedTree(3))
    after = populate(other, design, 194.61, SeedTree(3))

    assert after.debts == before.debts
    pairs = list(zip(before.borrowers, after.borrowers, strict=True))
    assert all(was == now for was, now in pairs if now.kind != LOOP)
    assert replace(after, borrowers=(), collaterals=()) == replace(
        before, borrowers=(), collaterals=()
    )
    floor = 0.83 / 0.805
    targets = [now.target for _, now in pairs if now.kind == LOOP]
    assert min(targets) == pytest.approx(1.002 * floor), "no loan goes further"


def test_populate__debts_and_collateral__give_the_health_factors(scenario):
    design = load_design("fixed")
    people = populate(scenario, design, 194.61, SeedTree(1))
    risk = design.market.collaterals[0]
    debt = np.array([from_units(d, 6) for d in people.debts])
    value = np.array([from_units(c, 18) for c in people.collaterals]) * 194.61

    assert (value * risk.ltv / debt).min() > 1, "every loan can be taken out"
    assert np.median(value * risk.liquidation_threshold / debt) == pytest.approx(2, abs=0.2)


def test_populate__two_designs_one_seed__same_people(scenario):
    one = populate(scenario, load_design("fixed"), 194.61, SeedTree(3))
    other = populate(scenario, load_design("dutch"), 194.61, SeedTree(3))
    assert one == other


def test_small_world__without_rewiring__is_a_ring():
    ties = small_world(10, 4, 0.0, np.random.default_rng(1))
    assert set(ties) == {(i, (i + step) % 10) for i in range(10) for step in (1, 2)}


@pytest.mark.parametrize("rewiring", [0.1, 1.0])
def test_small_world__rewired__keeps_every_tie_once_and_nobody_alone(rewiring):
    ties = small_world(300, 8, rewiring, np.random.default_rng(1))
    ring = {(i, (i + step) % 300) for i in range(300) for step in range(1, 5)}
    pairs = {frozenset(tie) for tie in ties}

    assert len(ties) == len(pairs) == 300 * 4
    assert all(len(pair) == 2 for pair in pairs)
    assert {i for tie in ties for i in tie} == set(range(300))
    assert len(set(ties) - ring) / len(ties) == pytest.approx(rewiring, abs=0.05)


def test_populate__in_a_network__nobody_else_is_moved(scenario):
    spec = scenario.population.panic_sellers.model_copy(update={"herding": "network"})
    people = scenario.population.model_copy(update={"panic_sellers": spec})
    network = scenario.model_copy(update={"population": people})
    one = populate(scenario, load_design("fixed"), 194.61, SeedTree(3))
    other = populate(network, load_design("fixed"), 194.61, SeedTree(3))
    assert one.contacts == ()
    assert len(other.contacts) == spec.count * spec.neighbours // 2
    assert replace(other, contacts=()) == one


def test_network__more_neighbours_than_people__refused():
    settings = ["population.panic_sellers.herding=network", "population.panic_sellers.count=8"]
    with pytest.raises(InputError, match="neighbours 8 must be below count 8"):
        load_scenario("black_thursday", overrides=settings)


def test_loopers__by_the_threshold_of_the_design__have_three_to_fifteen_times(scenario):
    """Leverage h / (h - l): 5 to 15 at a threshold l of 0.95, on Aave v2's 0.83 up to 5."""
    spec = scenario.population.borrowers.model_copy(update={"loopers": LoopersSpec(share=0.15)})
    people = scenario.population.model_copy(update={"borrowers": spec})
    looping = scenario.model_copy(update={"population": people})
    risk = "market.collaterals.0"
    for threshold, ltv, ends in ((0.95, 0.94, (5.0, 14.6)), (0.83, 0.805, (3.3, 5.1))):
        terms = [f"{risk}.liquidation_threshold={threshold}", f"{risk}.ltv={ltv}"]
        found = populate(looping, load_design("fixed", terms), 194.61, SeedTree(1))
        loops = [i for i, b in enumerate(found.borrowers) if b.kind == LOOP]
        value = np.array([from_units(found.collaterals[i], 18) * 194.61 for i in loops])
        debt = np.array([from_units(found.debts[i], 6) for i in loops])
        leverage = value / (value - debt)
        assert (leverage.min(), leverage.max()) == pytest.approx(ends, rel=0.04)


def test_populate__stubborn_providers__hold_the_widest_positions(scenario):
    providers = populate(scenario, load_design("fixed"), 194.61, SeedTree(1)).providers
    widest = sorted(providers, key=lambda p: p.below, reverse=True)[:2]  # 0.4 of five
    assert [p for p in providers if p.kind == STUBBORN] == sorted(widest, key=lambda p: p.below)


@pytest.mark.parametrize(("adapting", "kind"), [(0.0, PULL), (1.0, ADAPT)])
def test_populate__other_providers__pull_or_adapt_and_draw_the_same(scenario, adapting, kind):
    settings = [f"population.liquidity_providers.adapting={adapting}"]
    other = load_scenario("black_thursday", overrides=settings)
    drawn = populate(other, load_design("fixed"), 194.61, SeedTree(1)).providers
    usual = populate(scenario, load_design("fixed"), 194.61, SeedTree(1)).providers
    assert {p.kind for p in drawn} == {STUBBORN, kind}
    assert [p.pull_range for p in drawn] == [p.pull_range for p in usual]


def test_populate__addresses__are_all_different(scenario):
    people = populate(scenario, load_design("fixed"), 194.61, SeedTree(1))
    groups = (
        people.borrowers,
        people.holders,
        people.lenders,
        people.providers,
        people.flash_keepers,
        people.capital_keepers,
        people.arbitrageurs,
    )
    addresses = [member.address for group in groups for member in group]
    assert len(set(addresses)) == len(addresses)


def test_populate__positions__are_worth_what_the_scenario_says(scenario):
    people = populate(scenario, load_design("fixed"), 194.61, SeedTree(1))
    worth = sum(
        from_units(p.collateral, 18) * 194.61 + from_units(p.debt_token, 6)
        for p in people.positions
    )
    assert worth == pytest.approx(sum(p.usd for p in scenario.pool.positions))


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("market.min_debt=5000.0", "smallest_debt_usd 2,000 is below market.min_debt 5,000"),
        ("market.borrow_cap=1000000.0", "debt_usd 40,000,000 is above market.borrow_cap 1,000,000"),
    ],
)
def test_populate__market_too_small_for_the_book__names_both_fields(scenario, setting, says):
    with pytest.raises(InputError, match=says):
        populate(scenario, load_design("fixed", [setting]), 194.61, SeedTree(1))


def test_populate__two_collaterals__refused(scenario):
    design = load_design("fixed")
    market = design.market.model_copy(update={"collaterals": design.market.collaterals * 2})
    with pytest.raises(InputError, match="has 2 entries, but a scenario moves one price"):
        populate(scenario, design.model_copy(update={"market": market}), 1.0, SeedTree(1))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("share", [0.2, 1 / 3, 0.6])
def test_whale__of_any_seed__holds_its_share_of_the_collateral(spec, seed, share):
    update = {"whale_share": share, "whale_health": 1.2}
    book = book_of(spec.model_copy(update=update), seed)
    collateral = book.debts * book.health

    assert collateral[0] / collateral.sum() == pytest.approx(share)
    assert book.health[0] == 1.2
    assert book.debts.sum() == pytest.approx(spec.debt_usd)
    assert book.debts.min() >= spec.smallest_debt_usd
    assert book.health[1:].tolist() == book_of(spec, seed).health[1:].tolist()


def test_whale__in_a_scenario__does_nothing():
    whale = load_scenario("whale")
    people = populate(whale, load_design("fixed"), 2000.0, SeedTree(0))
    assert people.borrowers[0].kind == PASSIVE
    assert people.collaterals[0] == pytest.approx(sum(people.collaterals) / 3, rel=0.02)


def test_whale__too_large_for_the_others__refused(spec):
    small = spec.model_copy(update={"whale_share": 0.99, "smallest_debt_usd": 30_000.0})
    with pytest.raises(InputError, match=r"whale_share 0\.99: leaves too little debt"):
        book_of(small, 0)
