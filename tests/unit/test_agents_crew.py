"""Who of the keepers is at work: alertness by size, outages, breakdowns; and capped settings."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.crew import Crew, Keeper
from sim.engines.base import address_of
from sim.errors import InputError
from sim.scenario import load_scenario
from sim.units import GWEI
from sim.world.keepers import draw_keepers, sizes
from sim.world.rng import SeedTree
from tests.helpers.world import SPACING_S, START, rng, view

SPEC = load_scenario("calm").population.keepers.model_copy(update={"alert": 0.4})


def keepers(count: int = 1, **fields) -> list[Keeper]:
    return [Keeper(address_of("keeper", i), 0.01, 0.2, 5.0, **fields) for i in range(count)]


def shares(members, steps=4000, spec=SPEC, base_fee=20 * GWEI, time=START):
    """How often each is up, and how often each looks."""
    crew, draws = Crew(spec, SPACING_S, members), rng()
    seen = view(time=time, base_fee=base_fee)
    flags = [crew.look(seen, draws) for _ in range(steps)]
    return (np.mean([flag[i] for flag in flags], axis=0) for i in (0, 1))


def test_look__nothing_wrong__is_up_always_and_looks_as_often_as_the_spec_says():
    up, looking = shares(keepers(2))
    assert up.tolist() == [1.0, 1.0]
    np.testing.assert_allclose(looking, 0.4, atol=3.5 * (0.24 / 4000) ** 0.5)


@pytest.mark.parametrize(("size", "expected"), [(2.0, 0.8), (5.0, 1.0), (0.25, 0.1)])
def test_look__large_ones__look_more_often_but_never_more_than_always(size, expected):
    _, looking = shares(keepers(size=size))
    assert looking[0] == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize(("seconds", "up"), [(-1, 1.0), (0, 0.0), (99, 0.0), (100, 1.0)])
def test_outage__in_its_window__is_down(seconds, up):
    members = keepers(outages=((START, START + 100),))
    there, looking = shares(members, steps=50, time=START + seconds)
    assert there[0] == up
    assert (looking[0] > 0) == (up > 0)


def test_breakdowns__in_the_long_run__take_the_share_of_time_that_the_rates_say():
    """Rates of 1/600 s down and 1/300 s up: down a third of the time."""
    spec = SPEC.model_copy(update={"repair_s": 300.0})
    members = keepers(20, breakdown=1 / 600 / (20 * GWEI))
    up, _ = shares(members, 6000, spec)
    assert float(up.mean()) == pytest.approx(2 / 3, abs=0.03)


def test_breakdowns__ten_times_as_dear_gas__come_ten_times_as_often():
    spec = SPEC.model_copy(update={"repair_s": 300.0})
    members = keepers(20, breakdown=1 / 6000 / (20 * GWEI))
    usual, dear = (next(shares(members, 6000, spec, fee * GWEI)) for fee in (20, 200))
    assert float(usual.mean()) == pytest.approx(1 / (1 + 300 / 6000), abs=0.02)
    assert float(dear.mean()) == pytest.approx(1 / (1 + 300 / 600), abs=0.03)


def test_look__whoever_is_down__draws_as_often():
    streams = [rng(3), rng(3)]
    for stream, outages in zip(streams, ((), ((START, START + 100),)), strict=True):
        Crew(SPEC, SPACING_S, keepers(3, outages=outages)).look(view(), stream)
    assert streams[0].random() == streams[1].random()


def test_cap__of_wrong_settings__is_below_what_the_deal_is_worth():
    usual, stale = keepers()[0], keepers(max_fee=30 * GWEI)[0]
    assert usual.pays_at_most("take", 1_000.0, 2000.0) > 800 * GWEI
    assert stale.pays_at_most("take", 1_000.0, 2000.0) == 30 * GWEI
    assert stale.pays_at_most("take", 1.0, 2000.0) == usual.pays_at_most("take", 1.0, 2000.0)


# --- the draw ---------------------------------------------------------------------------------


def drawn(*overrides, seed=1):
    named = [f"population.keepers.{override}" for override in overrides]
    scenario = load_scenario("black_thursday", overrides=named)
    return (*draw_keepers(scenario, SeedTree(seed)), scenario)


def test_sizes__decay__falls_as_a_power_with_a_mean_of_one():
    found = sizes(6, 1.0)
    assert found.mean() == pytest.approx(1)
    assert found[0] / found[2] == pytest.approx(3)
    assert sizes(6, 0.0).tolist() == [1.0] * 6
    assert len(sizes(0, 1.0)) == 0


def test_stale_bids__a_share__is_met_in_each_kind_at_the_calm_price():
    flash, own, _ = drawn("stale_bid_share=0.5", "stale_bid_multiple=3")
    for kind in (flash, own):
        assert sorted(k.max_fee or 0 for k in kind) == [0, 0, 0, *[60 * GWEI] * 3]


def test_outages__windows__hit_their_share_from_and_until_the_hour():
    window = '[{"hours": [23, 26.5], "share": 0.34}]'
    flash, own, scenario = drawn(f"outages={window}")
    begin = scenario.clock.start + 23 * 3600
    for kind in (flash, own):
        assert [k.outages for k in kind if k.outages] == [((begin, begin + 12_600),)] * 2


def test_faults__more_of_them__leave_the_keepers_who_they_are():
    healthy, _, _ = drawn()
    faulty, _, _ = drawn("stale_bid_share=1", 'outages=[{"hours": [0, 1], "share": 1}]')
    assert [k.margin for k in healthy] == [k.margin for k in faulty]
    assert [k.latency_s for k in healthy] == [k.latency_s for k in faulty]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("stale_bid_share=2", "less than or equal to 1"),
        ('outages=[{"hours": [5, 2], "share": 1}]', "the beginning comes first"),
        ("repair_s=0", "greater than 0"),
    ],
)
def test_faults__out_of_bounds__are_refused_by_name(override, message):
    with pytest.raises(InputError, match=message):
        drawn(override)
