"""Scenarios laid over a scenario: what is taken from where."""

from __future__ import annotations

import numpy as np
import pytest

from sim import config
from sim.errors import InputError
from sim.markets.paths import fundamental
from sim.scenario import FOLDER, load_scenario
from sim.world.rng import SeedTree

BUILT_IN = config.names(FOLDER)


def refusal(*args, **kwargs):
    with pytest.raises(InputError) as failure:
        load_scenario(*args, **kwargs)
    return str(failure.value)


def path_of(scenario, seed=0):
    return fundamental(scenario.prices, scenario.clock, SeedTree(seed).stream)


@pytest.fixture
def overlay(tmp_path):
    def file(text: str, name: str = "mine"):
        path = tmp_path / f"{name}.yaml"
        path.write_text(text)
        return path

    return file


@pytest.mark.parametrize("base", ["black_thursday", "calm"])
@pytest.mark.parametrize("above", BUILT_IN)
def test_overlay__each_over_others__loads_and_keeps_the_clock(base, above):
    if base == above:
        return
    whole, below = load_scenario(base, overlays=[above]), load_scenario(base)

    assert whole.name == f"{base}+{above}"
    assert whole.clock == below.clock
    assert set(below.sources) <= set(whole.sources)
    assert below.check in whole.check
    assert len(path_of(whole)) == below.clock.steps + 1


def test_overlay__by_its_path__says_only_what_stands_in_its_own_file(overlay):
    path = overlay(
        "extends: flash_crash\nsources: [me]\nvenue: {half_life_s: 7}\ncheck: gas_used > 0\n"
        "pool: {fee: 500}\nclock: {hours: 1}\nsummary: mine.\n"
    )
    whole, base = load_scenario("calm", overlays=[path]), load_scenario("calm")

    assert whole.name == "calm+mine"
    assert (whole.venue.half_life_s, whole.pool.fee) == (7, 500)
    assert whole.venue.impact_per_musd == base.venue.impact_per_musd
    assert (whole.prices, whole.clock) == (base.prices, base.clock)
    assert whole.pool.positions == base.pool.positions
    assert whole.sources == (*base.sources, "me")
    assert whole.summary == f"{base.summary}; with mine: mine."
    assert whole.market_share == base.market_share
    assert whole.check.split(" and ")[-1] == "gas_used > 0"


def test_prices__of_an_overlay__multiply_those_below_and_stay_where_they_end(overlay):
    path = overlay("prices: {kind: path, points: [[0, 10], [1, 5], [2, 8]], volatility: 0}")
    whole, base = load_scenario("calm", overlays=[path]), load_scenario("calm")
    ratio = path_of(whole) / path_of(base)
    hour = 3600 // base.clock.block_spacing_s

    assert ratio[[0, hour, 2 * hour]] == pytest.approx([1, 0.5, 0.8])
    assert ratio[2 * hour :] == pytest.approx(np.full(len(ratio) - 2 * hour, 0.8))


def test_prices__of_an_overlay__do_not_depend_on_the_hours_run(overlay):
    path = overlay("prices: {kind: process, price: 10, volatility: 2}")
    two = overlay("prices: {kind: path, points: [[0, 1], [3, 2]], volatility: 1}", "two")
    whole = load_scenario("calm", overlays=[path, two])
    late = whole.model_copy(
        update={"clock": whole.clock.model_copy(update={"first_hour": 2, "hours": 4})}
    )
    hour = 3600 // whole.clock.block_spacing_s

    assert path_of(late).tolist() == path_of(whole)[2 * hour : 6 * hour + 1].tolist()


def test_two_overlays__on_one_field__the_later_wins(overlay):
    one = overlay("venue: {half_life_s: 7, transfer_s: 1}", "one")
    two = overlay("venue: {half_life_s: 8}", "two")
    whole = load_scenario("calm", overlays=[one, two])

    assert whole.name == "calm+one+two"
    assert (whole.venue.half_life_s, whole.venue.transfer_s) == (8, 1)


def test_plus__in_a_name__is_an_overlay():
    assert load_scenario("calm+flash_crash") == load_scenario("calm", overlays=["flash_crash"])


def test_settings__come_after__the_overlays(overlay):
    path = overlay("venue: {half_life_s: 7}")
    whole = load_scenario("calm", overrides=["venue.half_life_s=9"], overlays=[path])
    assert whole.venue.half_life_s == 9


@pytest.mark.parametrize("overlays", [["calm"], ["flash_crash", "flash_crash"]])
def test_overlay__on_itself__refused(overlays):
    assert refusal("calm", overlays=overlays) == (
        f"scenario {overlays[-1]} lies on itself; name each once"
    )


def test_overlay__unknown__lists_what_there_is():
    said = refusal("calm", overlays=["flash_crsh"])
    assert "there is no scenario named 'flash_crsh'; did you mean flash_crash?" in said
    assert ", ".join(BUILT_IN) in said


def test_overlay__with_nonsense__names_both_files(overlay):
    said = refusal("calm", overlays=[overlay("venue: {half_live_s: 7}")])
    assert "calm.yaml with mine: venue.half_live_s: there is no such field" in said
