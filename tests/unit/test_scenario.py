"""Scenarios: the built-in ones, zooming, the user's own candles, and what is refused."""

from __future__ import annotations

import pytest

from sim.errors import InputError
from sim.prices import Candles
from sim.scenario import FOLDER, load_scenario

BUILT_IN = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def refusal(*args, **kwargs):
    with pytest.raises(InputError) as failure:
        load_scenario(*args, **kwargs)
    return str(failure.value)


@pytest.fixture
def candles(tmp_path):
    def file(*rows: str, header: str = "time,open,high,low,close"):
        path = tmp_path / "prices.csv"
        path.write_text("\n".join([header, *rows]) + "\n")
        return path

    return file


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in__each__loads_under_its_own_name_and_says_its_share(name):
    scenario = load_scenario(name)

    assert scenario.name == name
    assert scenario.market_share
    further = scenario.network.markets if scenario.network else ()
    people = [scenario.population, *(scenario.met_by(market).population for market in further)]
    assert sum(people_of.borrowers.count for people_of in people) >= 500
    assert scenario.population.panic_sellers.count >= 300
    assert scenario.population.lenders.count >= 20


def test_black_thursday__bars__are_the_recorded_ones():
    prices = load_scenario("black_thursday").prices

    assert isinstance(prices, Candles)
    assert len(prices.bars) == 36
    assert prices.open == 194.61
    assert prices.bars[26] == (120.2, 86, 111.12)
    assert min(low for _, low, _ in prices.bars) == 86


def test_extends__a_file__keeps_what_it_does_not_say(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "extends: flash_crash\nname: mine\nprices: {kind: process, price: 10, volatility: 1}\n"
        "pool: {fee: 500}\n"
    )
    mine, base = load_scenario(path), load_scenario("flash_crash")

    assert mine.prices.kind == "process"
    assert mine.pool.fee == 500
    assert mine.pool.positions == base.pool.positions
    assert mine.population == base.population


def test_extends__in_a_circle__refused(tmp_path):
    path, other = tmp_path / "mine.yaml", tmp_path / "other.yaml"
    path.write_text(f"extends: {other}\n")
    other.write_text(f"extends: {path}\n")
    assert refusal(path) == f"{path}: extends: comes back to itself"


def test_hours__inside__zooms_to_these_at_12_seconds():
    zoomed = load_scenario("black_thursday", hours="23:27")

    assert (zoomed.clock.first_hour, zoomed.clock.hours) == (23, 4)
    assert zoomed.clock.block_spacing_s == 12
    assert zoomed.clock.begin == 1583971200 + 23 * 3600
    assert zoomed.clock.steps == 4 * 300


@pytest.mark.parametrize("hours", ["23", "a:b", "-1:3", "23:", "²:³", "0:" + "9" * 5000])
def test_hours__of_another_shape__refused(hours):
    assert refusal("black_thursday", hours=hours) == (
        f"--hours {hours}: should look like 23:27, the first hour and the one to end before"
    )


@pytest.mark.parametrize("hours", ["30:40", "5:5", "7:3"])
def test_hours__outside_or_backwards__refused(hours):
    assert refusal("black_thursday", hours=hours) == (
        f"--hours {hours}: must lie between 0 and 36, the hours of black_thursday, "
        "and the second must be later than the first"
    )


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("clock.block_spacing_s=7", "block_spacing_s 7 does not divide an hour"),
        ("clock.hours=40", "hours 0:40 are outside the prices, which end with hour 36"),
        ("clock.block_spacing_s=1800", "must fit at least three whole times into a candle"),
        ("block_space.gas_per_second=1000", "is 180,000 gas, less than one liquidation (900,000)"),
        ("pool.fee=400", "pool.fee: input should be 500, 3000 or 10000, not 400"),
        ("population.lenders.count=-1", "population.lenders.count: input should be greater"),
        ("venue.half_live_s=1", "venue.half_live_s: there is no such field; did you mean half_"),
        ("prices.opn=1", "prices.opn: there is no such field; did you mean open?"),
        ("prices.bars.0=[1, 2, 1]", "bar 0: close 1.0 is not between low 2.0 and high 1.0"),
        ("clock.start=0", "clock.start: input should be greater than 1, not 0"),
        ("prices.open=1e300", "prices.open: input should be less than or equal to 1000000000"),
        ("population.borrowers.debt_by_health=[]", "should be a list of at least 2"),
        ("population.borrowers.debt_usd=.inf", "debt_usd: input should be a finite number"),
        ("population.keepers.margin=[0.02, 0.01]", "the lowest comes first: [0.01, 0.02]"),
        ("block_space.gas_per_second=1e30", "input should be less than or equal to 1000000000"),
        (
            "population.borrowers.selling=0.9",
            "topping_up + repaying + selling + fleeing is above 1",
        ),
    ],
)
def test_field__that_makes_no_sense__is_named(setting, says):
    assert says in refusal("black_thursday", overrides=[setting])


def test_prices__of_the_users_own__replace_path_and_clock(candles):
    path = candles("2024-01-01T00:00:00Z,100,110,90,95", "2024-01-01T01:00:00Z,95,99,80,81")
    scenario = load_scenario("black_thursday", prices=path)

    assert scenario.prices == Candles(
        kind="candles", interval_s=3600, open=100, bars=((110, 90, 95), (99, 80, 81))
    )
    assert (scenario.clock.start, scenario.clock.hours) == (1704067200, 2)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["0,1,1,1,1", "3600,x,1,1,1"], "line 3: open 'x' is not a number"),
        (["0,1,1,1,1", "3600,1,1,1,"], "line 3: close '' is not a number"),
        (["0,1,1,1,1", "3600,1,1,1,-2"], "line 3: close -2 is not a price above zero"),
        (["0,1,1,1,1", "3600,1,1,2,1"], "line 3: open 1.0 is not between low 2.0 and high 1.0"),
        (["0,1,1,1,1", "0,1,1,1,1"], "line 3: the same time as line 2"),
        (["3600,1,1,1,1", "0,1,1,1,1"], "line 3: earlier than line 2; sort by time"),
        (
            ["0,1,1,1,1", "3600,1,1,1,1", "10800,1,1,1,1"],
            "line 4: 7200 s after line 3, but the candles before are 3600 s apart; fill the gap",
        ),
        (["noon,1,1,1,1"], "line 2: time 'noon' is neither unix seconds nor ISO 8601"),
        (["²,1,1,1,1"], "line 2: time '²' is neither unix seconds nor ISO 8601"),
        (
            ["1583971200000,1,1,1,1"],
            "line 2: time '1583971200000' is neither unix seconds nor ISO 8601",
        ),
        (["0,1,1,1,1"], "needs at least two candles, has 1"),
        (["0,1,1,1,1", "60,1,1,1,1"], "its 2 candles span less than an hour"),
    ],
)
def test_prices__bad_row__named_by_its_line(candles, rows, says):
    path = candles(*rows)
    assert refusal("black_thursday", prices=path) == f"{path}: {says}"


def test_prices__missing_column__names_header(candles):
    path = candles("0,1,1,1", header="time,open,high,low")
    assert refusal("black_thursday", prices=path) == (
        f"{path}: line 1: no column close; the header should name time, open, high, low, close"
    )


def test_prices__no_file__said(tmp_path):
    path = tmp_path / "gone.csv"
    assert refusal("black_thursday", prices=path) == (
        f"{path}: can't be read (No such file or directory)"
    )
