"""PriceBreaker: what it takes for a price, its two references, and the levels below them."""

import ape
import pytest

from sim.units import RAY, WAD, to_wad
from tests.helpers.ledger import TERMS, answer
from tests.helpers.mechanisms import (
    BREAKER,
    LIQUIDATE,
    deploy,
    mul_half_up,
    only,
    pow_half_up,
)

DAY_S = 86_400


@pytest.fixture
def breaker(price_breaker):
    return price_breaker


@pytest.fixture
def scripted(contracts, market, weth, owner):
    """A feed of WETH that answers what it is told, at 2,000 now."""
    feed = owner.deploy(contracts.ScriptedFeed, answer(2_000))
    terms = [TERMS["ltv"], TERMS["liquidation_threshold"], TERMS["cap"], 600]
    market.set_collateral(weth, feed, *terms, sender=owner)
    return feed


@pytest.fixture
def observe_round(scripted, market, keeper, owner, chain):
    """Have the feed answer a price of some seconds ago, and pulse 12 s later."""

    def observe_old(price, age=0):
        time = chain.pending_timestamp + 12
        scripted.set_round(answer(price), time - age, sender=owner)
        chain.pending_timestamp = time
        return market.pulse(sender=keeper)

    return observe_old


def half_life_factor(half_life):
    """exp(-ln 2 / half_life) by its series, each product rounded half up [RAY]."""
    x, term, total = 693_147_180_559_945_309_417_232_121 // half_life, RAY, RAY
    for n in range(1, 32):
        term = mul_half_up(term, x) // n
        total += term if n % 2 == 0 else -term
    return total


def averaged(average, last, half_life, seconds):
    """Half of what the average is off goes in a half-life; rounded half up."""
    kept = pow_half_up(half_life_factor(half_life), seconds)
    return (average * kept + last * (RAY - kept) + RAY // 2) // RAY


def observations(receipt):
    return [e for e in receipt.events if e.event_name == "Observed"]


# --- what is taken for a price ----------------------------------------------------------------


def test_deploy__with_a_price__observes_it(breaker, chain, feed):
    assert breaker.reference() == breaker.anchor() == breaker.last_price() == 2_000 * WAD
    assert breaker.round_at() == feed.latestRoundData()[3]
    assert (breaker.tier(), breaker.held()) == (0, 0)


def test_deploy__without_a_price__begins_with_the_first(
    contracts, market, weth, owner, scripted, observe_round, chain
):
    chain.mine(deltatime=601)
    breaker = deploy(owner, contracts.PriceBreaker, **BREAKER, market=market, collateral=weth)
    market.add_breaker(breaker, sender=owner)
    assert breaker.reference() == breaker.anchor() == breaker.observed_at() == 0
    observe_round(1_000)
    assert breaker.reference() == breaker.anchor() == 1_000 * WAD
    assert breaker.tier() == 0


def test_pulse__new_round__is_observed_and_logged(breaker, observe):
    receipt = observe(1_990)
    assert only(receipt, "Observed") == {
        "price": 1_990 * WAD,
        "highest": 1_990 * WAD,
        "reference": 2_000 * WAD,
        "anchor": 2_000 * WAD,
        "breach": 0,
    }
    assert breaker.observed_at() == receipt.timestamp


def test_pulse__often_without_a_new_round__changes_nothing(breaker, observe, market, keeper, chain):
    observe(1_900)
    before = breaker.reference(), breaker.anchor(), breaker.observed_at()
    for seconds in (100, 250, 1_000):
        chain.pending_timestamp = before[2] + seconds
        assert not observations(market.pulse(sender=keeper))
    assert before == (breaker.reference(), breaker.anchor(), breaker.observed_at())


def test_pulse__second_round_in_a_block__is_not_observed(
    make_price_breaker, scripted, market, keeper, owner, chain
):
    breaker = make_price_breaker()
    time = chain.pending_timestamp + 100
    scripted.set_round(answer(1_990), time - 2, sender=owner)
    chain.pending_timestamp = time
    market.pulse(sender=keeper)
    chain.pending_timestamp = time
    scripted.set_round(answer(1_000), time - 1, sender=owner)
    chain.pending_timestamp = time
    assert not observations(market.pulse(sender=keeper))
    assert breaker.last_price() == 1_990 * WAD


@pytest.mark.parametrize(("age", "is_taken"), [(600, True), (601, False), (0, True), (-1, False)])
def test_pulse__round_of_some_age__is_taken_unless_stale_or_of_the_future(
    make_price_breaker, scripted, observe_round, chain, age, is_taken
):
    breaker = make_price_breaker()
    chain.mine(deltatime=1_000)
    receipt = observe_round(1_500, age)
    assert bool(observations(receipt)) == is_taken
    assert breaker.tier() == 2 * is_taken


def test_pulse__round_that_was_taken_or_an_older_one__is_not_taken(
    make_price_breaker, scripted, market, keeper, owner, chain
):
    breaker = make_price_breaker()
    seen = breaker.round_at()
    rounds = [(2_000, seen), (1_500, seen - 1), (1_500, seen), (1_500, seen + 1)]
    for (price, updated_at), is_taken in zip(rounds, (False, False, True, True), strict=True):
        chain.mine(deltatime=12)
        scripted.set_round(answer(price), updated_at, sender=owner)
        assert bool(observations(market.pulse(sender=keeper))) == is_taken


@pytest.mark.parametrize("price", [0, 2**120, 2**225])
def test_pulse__no_price_or_one_beyond_arithmetic__is_not_taken(
    make_price_breaker, observe_round, price
):
    breaker = make_price_breaker()
    assert not observations(observe_round(price))
    assert breaker.last_price() == 2_000 * WAD


def test_pulse__by_anyone__goes_through_the_market(breaker, market, stranger, set_price, chain):
    chain.pending_timestamp += 12
    set_price(1_300)
    receipt = breaker.pulse(sender=stranger)
    assert only(receipt, "TierLatched")["tier"] == 3
    assert market.halted_until(LIQUIDATE) == breaker.ends_at()


# --- confidence -------------------------------------------------------------------------------


@pytest.mark.parametrize(("confidence", "tier"), [(199, 2), (200, 2), (201, 1), (401, 0)])
def test_pulse__with_a_confidence__falls_only_as_far_as_it_allows(
    make_price_breaker, scripted, observe_round, owner, confidence, tier
):
    breaker = make_price_breaker()
    scripted.set_confidence(answer(confidence), sender=owner)
    receipt = observe_round(1_400)
    assert breaker.tier() == tier
    assert only(receipt, "Observed")["highest"] == (1_400 + confidence) * WAD
    assert breaker.last_price() == 1_400 * WAD


def test_pulse__endless_confidence__falls_nowhere(
    make_price_breaker, scripted, observe_round, owner
):
    breaker = make_price_breaker()
    scripted.set_confidence(2**256 - 1, sender=owner)
    assert observations(observe_round(1))
    assert breaker.tier() == 0


def test_easing_tier__feed_that_grows_less_sure__is_not_over(
    make_price_breaker, scripted, observe_round, owner, chain
):
    breaker = make_price_breaker()
    observe_round(1_790)
    scripted.set_confidence(answer(300), sender=owner)
    chain.pending_timestamp = breaker.ends_at()
    receipt = observe_round(1_800)
    assert only(receipt, "Observed")["highest"] == 2_100 * WAD
    assert breaker.phase() == 2


# --- the references ---------------------------------------------------------------------------


def test_reference__after_a_half_life__is_half_way_to_the_price_that_stood(breaker, observe):
    observe(1_900)
    observe(1_900.01, breaker.observed_at() + 3_600)
    assert breaker.reference() == pytest.approx(1_950 * WAD, rel=1e-6)


def test_references__any_time_later__average_exactly(breaker, observe):
    observe(1_900)
    before, start = breaker.reference(), breaker.observed_at()
    observe(1_500, start + 1_234)
    assert breaker.reference() == averaged(before, 1_900 * WAD, 3_600, 1_234)
    assert breaker.anchor() == averaged(before, 1_900 * WAD, DAY_S, 1_234)
    decay = half_life_factor(3_600)
    assert decay / RAY == pytest.approx(0.5 ** (1 / 3_600), rel=1e-15)


def test_references__one_observation__are_moved_by_the_clip_at_the_most(
    make_price_breaker, observe
):
    breaker = make_price_breaker(clip=to_wad("0.01"))
    observe(1_850)
    observe(8_000, breaker.observed_at() + DAY_S)
    assert (breaker.reference(), breaker.anchor()) == (1_980 * WAD, 1_980 * WAD)
    observe(8_001, breaker.observed_at() + DAY_S)
    assert breaker.reference() == breaker.anchor() == 1_999_8 * WAD // 10


def test_reference__while_latched__stands_still(breaker, observe):
    observe(1_590)
    before = breaker.reference(), breaker.anchor(), breaker.held()
    observe(1_550, breaker.ends_at() - 1)
    assert before == (breaker.reference(), breaker.anchor(), breaker.held())
    assert breaker.last_price() == 1_550 * WAD


def test_references__after_an_end__are_the_price_that_stood_then(
    breaker, observe, market, keeper, chain
):
    observe(1_390)
    observe(1_200, breaker.ends_at() - 1)
    chain.pending_timestamp = breaker.ends_at() + 700
    market.pulse(sender=keeper)
    assert breaker.reference() == breaker.anchor() == 1_200 * WAD


def test_references__after_an_end__are_that_price_whenever_the_next_pulse_comes(breaker, observe):
    observe(1_390)
    observe(1_100, breaker.ends_at() + 1_000)  # nobody pulsed since the end
    assert breaker.reference() == breaker.anchor() == 1_390 * WAD


# --- levels -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "tier"),
    [("1800.00000001", 0), (1_800, 1), ("1600.00000001", 1), (1_600, 2), (1_400, 3), (1, 3)],
)
def test_pulse__price_at_a_level__breaches_it_and_none_below(breaker, observe, price, tier):
    observe(price)
    assert breaker.tier() == tier
    assert breaker.held() == (2_000 * WAD if tier else 0)


def test_pulse__rise__latches_nothing(breaker, observe):
    observe(8_000)
    assert breaker.tier() == 0


def test_pulse__slow_walk_down__trips_by_the_anchor(breaker, observe):
    price = 2_000
    while not breaker.tier():
        price *= 0.99
        receipt = observe(price, breaker.observed_at() + 3_600)
        assert price > 1_000, "never tripped"
    seen = only(receipt, "Observed")
    assert (seen["breach"], breaker.tier()) == (1, 1)
    assert seen["price"] > seen["reference"] * 0.95
    assert seen["price"] <= seen["anchor"] * 0.85
    assert breaker.held() == breaker.anchor()


@pytest.mark.parametrize(("price", "tier"), [("1700.00000001", 0), (1_700, 1)])
def test_pulse__price_at_the_anchor_s_level__latches_the_first_tier(
    make_price_breaker, observe, price, tier
):
    deviation = [to_wad(d) for d in ("0.2", "0.3", "0.4")]
    breaker = make_price_breaker(deviation=deviation)
    observe(price)
    assert breaker.tier() == tier


# --- construction -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"half_life": 0}, "zero half-life"),
        ({"anchor_half_life": 366 * DAY_S}, "half-life above a year"),
        ({"anchor_half_life": 3_600}, "anchor not slower"),
        ({"clip": 0}, "clip not between 0 and 1"),
        ({"clip": WAD + 1}, "clip not between 0 and 1"),
        ({"deviation": [0, 1, 2]}, "zero level"),
        ({"deviation": [1, 1, 2], "release": [0, 0, 0]}, "levels don't rise"),
        ({"deviation": [1, 3, 2], "release": [0, 0, 0]}, "levels don't rise"),
        ({"deviation": [1, 2, WAD], "release": [0, 0, 0]}, "deviation of 1 or more"),
        ({"release": [0, to_wad("0.2"), 0]}, "release not inside its level"),
        ({"anchor_deviation": 0}, "zero anchor deviation"),
        ({"anchor_deviation": WAD}, "deviation of 1 or more"),
        ({"anchor_deviation": to_wad("0.04")}, "release not inside the anchor's level"),
    ],
)
def test_deploy__bad_parameter__reverts(contracts, market, weth, stranger, changes, reason):
    values = BREAKER | {"market": market, "collateral": weth} | changes
    with ape.reverts(f"breaker: {reason}"):
        deploy(stranger, contracts.PriceBreaker, **values)
