"""The stress of a scenario, scaled."""

from __future__ import annotations

import math

import pytest

from sim import config
from sim.errors import InputError
from sim.scenario import FOLDER, Scenario, load_scenario
from sim.shock import shocked

PRICES = {
    "candles": {"kind": "candles", "open": 100, "bars": [[110, 50, 80]]},
    "process": {
        "kind": "process",
        "price": 100,
        "volatility": 0.5,
        "jumps_per_day": 3,
        "jump_mean": -0.1,
        "jump_sd": 0.2,
    },
    "path": {"kind": "path", "points": [[0, 100], [1, 50]], "volatility": 1.0},
}
NOBODY = {
    "oracle": {"outages": [[1, 2], [4, 4.5]], "prints": [{"hours": [0, 1], "factor": 0.8}]},
    "keepers": {"outages": [{"hours": [2, 3], "share": 0.9}]},
}


def whole(prices, load=None, network=None):
    return {
        "prices": prices,
        "population": NOBODY,
        "block_space": {"load": load},
        "network": network,
    }


def scaled(prices, s):
    return shocked(whole(prices), s)["prices"]


@pytest.mark.parametrize("name", config.names(FOLDER))
def test_shock_of_one__any_scenario__changes_nothing(name):
    data = load_scenario(name).model_dump(mode="json")
    again = Scenario.model_validate(shocked(data, 1.0)).model_dump(mode="json")
    assert again["population"] == data["population"]
    assert close(again["prices"], data["prices"])


def close(a, b) -> bool:
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(close(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(close, a, b))
    return a == (pytest.approx(b) if isinstance(b, float) else b)


def test_shock_of_two__candles__double_the_logarithm_of_each_price():
    assert scaled(PRICES["candles"], 2)["bars"][0] == pytest.approx([121, 25, 64])


def test_shock_of_two__path__doubles_logarithm_and_noise():
    found = scaled(PRICES["path"], 2)
    assert found["points"][1] == [1, pytest.approx(25)]
    assert found["points"][0] == [0, 100]
    assert found["volatility"] == 2


def test_shock_of_two__process__doubles_volatility_and_jumps_not_their_number():
    found = scaled(PRICES["process"], 2)
    moved = (found["volatility"], found["jump_mean"], found["jump_sd"], found["jumps_per_day"])
    assert moved == (1.0, -0.2, 0.4, 3)


def test_shock_of_two__pegged__scales_base_and_discount_from_the_first():
    pegged = {"kind": "pegged", "base": PRICES["path"], "discount": [[0, 0.02], [1, 0.1]]}
    found = scaled(pegged, 2)
    assert found["base"]["points"][1][1] == pytest.approx(25)
    assert found["discount"][0][1] == pytest.approx(0.02)
    assert 1 - found["discount"][1][1] == pytest.approx(0.9**2 / 0.98)


def test_shock_of_two__product__scales_each_factor():
    found = scaled({"kind": "product", "factors": [PRICES["path"], PRICES["candles"]]}, 2)
    assert found["factors"][0]["points"][1][1] == pytest.approx(25)
    assert found["factors"][1]["bars"][0][1] == pytest.approx(25)


def test_shock_of_two__faults_of_the_oracle__last_and_lie_twice_as_much():
    found = shocked(whole(PRICES["path"]), 2)["population"]["oracle"]
    assert found["outages"] == [[1, 3], [4, 5]]
    assert found["prints"] == [{"hours": [0, 1], "factor": pytest.approx(0.64)}]


def test_shock_of_two__outage_of_keepers__lasts_twice_as_long():
    found = shocked(whole(PRICES["path"]), 2)["population"]["keepers"]
    assert found == {"outages": [{"hours": [2, 4], "share": 0.9}]}


def test_shock_of_two__load_of_the_chain__is_squared():
    load = {"schedule": [[0, 1.0], [1, 10.0]], "most": 50.0}
    found = shocked(whole(PRICES["path"], load), 2)["block_space"]["load"]
    assert found == {"schedule": [[0, 1.0], [1, 100.0]], "most": 50.0}


def test_shock_of_two__assets_of_a_network__are_scaled_and_keep_their_beta():
    pegged = {"kind": "pegged", "discount": [[0, 0.0], [1, 0.1]]}
    own = {**PRICES["process"], "kind": "correlated", "beta": 1.5}
    network = {"assets": [{"price": pegged}, {"price": own}], "markets": []}
    found = [
        a["price"] for a in shocked(whole(PRICES["path"], None, network), 2)["network"]["assets"]
    ]
    assert found[0]["discount"][1] == [1, pytest.approx(0.19)]
    assert (found[1]["beta"], found[1]["volatility"], found[1]["jump_mean"]) == (1.5, 1.0, -0.2)


def test_loaded__under_a_shock__says_so_and_is_not_scaled_again():
    found, base = load_scenario("flash_crash", shock=1.5), load_scenario("flash_crash")
    lows = [math.log(s.prices.points[2][1] / 2000) for s in (found, base)]

    assert found.shock == 1.5
    assert lows[0] == pytest.approx(1.5 * lows[1])
    assert Scenario.model_validate(found.model_dump(mode="json")) == found
    assert load_scenario("flash_crash", overrides=["shock=1.5"]) == found


@pytest.mark.parametrize(
    ("shock", "says"),
    [
        (0, "shock: input should be greater than 0, not 0"),
        (-1, "shock: input should be greater than 0, not -1"),
        (11, "shock: input should be less than or equal to 10, not 11"),
        (math.nan, "shock: input should be a finite number"),
        (10, "under shock 10: prices.points.1.1: input should be greater than or equal to 0.0001"),
    ],
)
def test_shock__of_no_sense__is_named(shock, says, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "extends: calm\nprices: {kind: path, points: [[0, 2000], [12, 200]], volatility: 0}\n"
    )
    with pytest.raises(InputError) as failure:
        load_scenario(path, shock=shock)
    assert says in str(failure.value)
