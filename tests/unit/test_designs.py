"""The built-in designs: all face the same market, and only what their names say differs."""

import pytest

from sim.design import FOLDER, load_design

NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
MAKER = {  # s, s, USDC, USDC
    "maker_eth_a": (90, 7_200, "40000000 USDC", "8475 USDC"),
    "maker_eth_b": (60, 4_800, "15000000 USDC", "28250 USDC"),
    "maker_eth_c": (90, 7_200, "35000000 USDC", "3955 USDC"),
}
PUBLISHED = {
    "aave_v3": {
        "contract": "FixedSpread",
        "bonus": 0.05,
        "protocol_fee": 0.1,
        "close_factor": 0.5,
        "full_close_health": 0.95,
        "min_base": "2000 USDC",
        "min_leftover": "1000 USDC",
    },
    "aave_v4": {
        "contract": "TargetHealth",
        "min_bonus": 0.04995,
        "max_bonus": 0.0555,
        "protocol_fee": 0.1,
        "health_for_max": 0.9,
        "target_health": 1.24,
        "full_close_share": 1.0,
        "min_leftover": "1000 USDC",
    },
    "euler_v2": {
        "contract": "HealthDiscount",
        "max_discount": 0.15,
        "target_health": 1.0,
        "cool_off": 1,
        "min_leftover": "1000 USDC",
    },
    "silo": {
        "contract": "TargetHealth",
        "min_bonus": 0.05,
        "max_bonus": 0.05,
        "protocol_fee": 0.0,
        "health_for_max": 0.0,
        "target_health": 1 / 0.9,
        "full_close_share": 0.9,
        "min_leftover": "1000 USDC",
    },
}


def market_without_feed(name):
    market = load_design(name).market.model_dump()
    for collateral in market["collaterals"]:
        for field in ("adapter", "max_age_s"):
            collateral["feed"].pop(field)
    return market


def test_designs__all__share_the_market_but_for_what_stands_before_its_feed():
    first, *others = (market_without_feed(name) for name in NAMES if name != "morpho")
    assert all(other == first for other in others)


def test_designs__of_morpho__has_the_same_market_without_a_reserve():
    market, shared = market_without_feed("morpho"), market_without_feed("fixed")
    assert (market.pop("initial_reserve"), market["interest"].pop("reserve_factor")) == (0, 0)
    assert shared.pop("initial_reserve")
    assert shared["interest"].pop("reserve_factor")
    assert market == shared


@pytest.mark.parametrize("name", [*MAKER, "english"])
def test_designs__of_maker__see_prices_a_hop_late(name):
    feed = load_design(name).market.collaterals[0].feed
    assert (feed.adapter.contract, feed.adapter.params) == ("DelayedFeed", {"hop": 3_600})
    assert feed.max_age_s >= feed.heartbeat_s + 2 * 3_600


def test_designs__with_and_without_breakers__share_the_liquidation():
    for name in ("fixed", "dutch"):
        plain, guarded = load_design(name), load_design(f"{name}_breaker")
        assert plain.liquidation == guarded.liquidation
        assert not plain.breakers


def test_designs__with_breakers__share_them():
    fixed, dutch = load_design("fixed_breaker"), load_design("dutch_breaker")
    assert fixed.breakers == dutch.breakers
    assert [b.contract for b in fixed.breakers] == ["PriceBreaker", "FlowBreaker"]


@pytest.mark.parametrize("measure", ["volatility", "composite", "deviation"])
def test_designs__by_another_measure_and_by_price__respond_alike(measure):
    (by_measure,) = load_design(f"{measure}_breaker").breakers
    by_price = load_design("dutch_breaker").breakers[0].params
    own = {"half_life", "clip", "release"}
    shared = {k: v for k, v in by_measure.params.items() if k in by_price and k not in own}
    assert shared == {k: v for k, v in by_price.items() if k in shared}
    assert {"duration", "withdrawal", "throttle_capacity", "budget"} <= set(shared)


def test_designs__each__is_named_as_its_file_and_states_sources():
    for name in NAMES:
        design = load_design(name)
        assert design.name == name
        assert len(design.sources) >= 2


@pytest.mark.parametrize(("name", "published"), MAKER.items())
def test_maker__each_kind_of_vault__has_its_published_parameters(name, published):
    liquidation = load_design(name).liquidation
    step, tail, hole, least = published
    assert liquidation.contract == "DutchAuction"
    assert liquidation.params == {
        "curve": {"contract": "StairstepCurve", "step": step, "cut": "0.99 ray"},
        "buffer": 1.1,
        "tail": tail,
        "cusp": 0.45,
        "tip": "250 USDC",
        "chip": 0.001,
        "penalty": 0.13,
        "cap": hole,
        "collateral_cap": hole,
        "min_sale": least,
    }


@pytest.mark.parametrize("name", PUBLISHED)
def test_designs__of_lending_protocols__have_their_published_parameters(name):
    liquidation = load_design(name).liquidation
    assert {"contract": liquidation.contract, **liquidation.params} == PUBLISHED[name]


def test_morpho__its_bonus__is_the_incentive_of_its_liquidation_threshold():
    design = load_design("morpho")
    (collateral,) = design.market.collaterals
    incentive = min(1.15, 1 / (1 - 0.3 * (1 - collateral.liquidation_threshold)))
    assert design.liquidation.params["bonus"] == pytest.approx(incentive - 1, abs=1e-15)
