"""VolatilityBreaker: what it learns of the variance, and how far a price may fall by it."""

from math import isqrt, log, sqrt

import ape
import pytest

from sim.units import RAY, WAD, to_wad
from tests.helpers.mechanisms import VOLATILITY, ZERO, deploy, only, pow_half_up

DAY_S = 86_400
LN2 = 693_147_180_559_945_309_417_232_121  # [RAY]
HORIZON = 3_600 * RAY * RAY // (2 * LN2)  # [RAY s]


@pytest.fixture(scope="module")
def make_breaker(contracts, market, weth, owner):
    """Deploy and install a breaker on WETH, which has seen a price of 2,000."""

    def make(**changes):
        values = VOLATILITY | {"market": market, "collateral": weth} | changes
        breaker = deploy(owner, contracts.VolatilityBreaker, **values)
        market.add_breaker(breaker, sender=owner)
        return breaker

    return make


@pytest.fixture
def breaker(make_breaker):
    return make_breaker()


@pytest.fixture
def walk(breaker, observe):
    """Observe a price after so many seconds, again and again, each a factor of the one before."""

    def observe_all(factor, seconds, times):
        for _ in range(times):
            price = breaker.last_price() / WAD * factor
            receipt = observe(round(price, 6), breaker.observed_at() + seconds)
        return receipt

    return observe_all


def gap_of(variance):
    """A standard deviation of the price about its average, without floor and ceiling [WAD]."""
    return isqrt(variance * HORIZON // RAY)


# --- the variance -----------------------------------------------------------------------------


def test_deploy__usual_gap__is_the_gap_at_first(breaker):
    assert breaker.variance() == to_wad("0.01") ** 2 * RAY // HORIZON
    assert to_wad("0.01") - 1 <= breaker.gap() <= to_wad("0.01")
    assert breaker.reference() == breaker.last_price() == 2_000 * WAD


def test_gap__at_deployment__is_the_deviation_of_a_brownian_price_about_its_average(breaker):
    a_second = sqrt(breaker.variance()) / WAD
    assert breaker.gap() / WAD == pytest.approx(a_second * sqrt(3_600 / (2 * log(2))), rel=1e-12)


@pytest.mark.parametrize("seconds", [12, 777, 86_400])
def test_pulse__return__moves_the_variance_by_the_weight_of_its_time(
    breaker, observe, kept_after, seconds
):
    before = breaker.variance()
    observe(2_020, breaker.observed_at() + seconds)
    kept = kept_after(seconds)
    realised = to_wad("0.01") ** 2 // seconds
    expected = (before * kept + realised * (RAY - kept) + RAY // 2) // RAY
    assert breaker.variance() == expected
    assert kept / RAY == pytest.approx(0.5 ** (seconds / 21_600), rel=1e-12)


@pytest.fixture
def kept_after():
    """Weight of an old variance after a time [RAY]."""
    x, term, decay = LN2 // 21_600, RAY, RAY
    for n in range(1, 32):
        term = (term * x + RAY // 2) // RAY // n
        decay += term if n % 2 == 0 else -term
    return lambda seconds: pow_half_up(decay, seconds)


def test_pulse__return_beyond_one__counts_as_one(breaker, observe, kept_after):
    before = breaker.variance()
    observe(9_000, breaker.observed_at() + 100)
    kept = kept_after(100)
    realised = WAD**2 // 100
    assert breaker.variance() == (before * kept + realised * (RAY - kept) + RAY // 2) // RAY


def test_pulse__while_latched__goes_on_learning(breaker, observe):
    observe(1_700)
    assert breaker.tier() == 3
    before = breaker.variance(), breaker.reference()
    observe(1_600, breaker.ends_at() - 1)
    assert breaker.variance() > before[0]
    assert breaker.reference() == before[1]


# --- levels -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "tier"), [(1_920.01, 0), (1_920, 1), (1_840.01, 1), (1_840, 2), (1_760, 3)]
)
def test_pulse__fall_of_so_many_gaps__latches_the_tier(breaker, observe, price, tier):
    receipt = observe(price)
    assert breaker.tier() == tier
    assert breaker.held() == (2_000 * WAD if tier else 0)
    seen = only(receipt, "Observed")
    assert (seen["breach"], seen["reference"]) == (tier, 2_000 * WAD)


def test_pulse__fall__is_judged_by_the_variance_before_it(breaker, observe):
    gap = breaker.gap()
    receipt = observe(1_840, breaker.observed_at() + 12)
    assert only(receipt, "Observed")["gap"] == gap < breaker.gap()
    assert breaker.tier() == 2


@pytest.mark.parametrize(("left", "tier"), [(0.9805, 0), (0.9795, 1)])
def test_pulse__after_a_calm__trips_early_and_never_below_the_floor(
    breaker, walk, observe, left, tier
):
    walk(1.0001, 3_600, 40)
    assert gap_of(breaker.variance()) < breaker.gap() == to_wad("0.005")
    observe(breaker.reference() / WAD * left)
    assert breaker.tier() == tier


def test_pulse__after_wild_hours__trips_late_and_never_beyond_the_ceiling(breaker, walk, observe):
    walk(1.08, 600, 40)
    assert gap_of(breaker.variance()) > breaker.gap() == to_wad("0.05")
    receipt = observe(breaker.reference() / WAD * 0.85)
    assert only(receipt, "Observed")["breach"] == breaker.tier() == 0
    observe(breaker.reference() / WAD * 0.75)
    assert breaker.tier() == 1


def test_pulse__rise__latches_nothing(breaker, observe):
    observe(8_000)
    assert breaker.tier() == 0


def test_pulse__no_new_round__learns_nothing(breaker, market, keeper, chain):
    before = breaker.variance(), breaker.observed_at()
    chain.mine(deltatime=10_000)
    market.pulse(sender=keeper)
    assert before == (breaker.variance(), breaker.observed_at())


def test_pulse__by_anyone__goes_through_the_market(breaker, market, stranger, set_price, chain):
    chain.pending_timestamp += 12
    set_price(1_700)
    breaker.pulse(sender=stranger)
    assert market.halted_until(2) == breaker.ends_at() > 0


# --- after a tier -----------------------------------------------------------------------------


def test_reference__after_an_end__is_the_price_that_stood_then(
    breaker, observe, market, keeper, chain
):
    observe(1_700)
    chain.pending_timestamp = breaker.ends_at()
    market.pulse(sender=keeper)
    assert breaker.reference() == 1_700 * WAD


def test_easing_tier__price_within_its_release_in_gaps__is_over(breaker, observe):
    observe(1_900)
    assert breaker.tier() == 1
    observe(1_910, breaker.ends_at())
    observe(1_911)
    assert breaker.phase() == 2
    inside = 2_000 * (1 - 2 * breaker.held_gap() / WAD)
    observe(inside - 1)
    assert breaker.phase() == 2
    observe(inside + 1)
    assert breaker.phase() == 0


def test_easing_tier__gap_that_its_fall_has_widened__releases_nothing(breaker, observe):
    observe(1_700)
    assert (breaker.tier(), breaker.held_gap()) == (3, to_wad("0.01") - 1)
    observe(1_700.01, breaker.ends_at())
    assert 6 * breaker.gap() > to_wad("0.15")  # by that it would be inside
    assert breaker.phase() == 2


def test_easing_tier__gap_narrower_than_when_it_latched__releases_by_that(make_breaker, observe):
    breaker = make_breaker(calm=30 * DAY_S)
    observe(1_900)
    observe(1_900.01, breaker.ends_at() + DAY_S)
    assert breaker.gap() < breaker.held_gap()
    inside = 2_000 * (1 - 2 * breaker.gap() / WAD)
    observe(inside - 1)
    assert breaker.phase() == 2
    observe(inside + 1)
    assert breaker.phase() == 0


# --- construction -----------------------------------------------------------------------------


def test_deploy__given_parameters__answers_them(breaker, market, weth):
    assert (breaker.market(), breaker.COLLATERAL()) == (market, weth)
    assert (breaker.LEAST_GAP(), breaker.LARGEST_GAP()) == (to_wad("0.005"), to_wad("0.05"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"collateral": ZERO}, "unknown collateral"),
        ({"half_life": 0}, "zero half-life"),
        ({"variance_half_life": 366 * DAY_S}, "half-life above a year"),
        ({"multiple": [0, 1, 2]}, "zero level"),
        ({"multiple": [WAD - 1, WAD, 2 * WAD], "release": [0, 0, 0]}, "multiple below 1"),
        ({"least_gap": 0}, "zero gap"),
        ({"least_gap": to_wad("0.01") + 1}, "gaps out of order"),
        ({"largest_gap": to_wad("0.01") - 1}, "gaps out of order"),
        ({"multiple": [to_wad(4), to_wad(8), to_wad(20)]}, "deviation of 1 or more"),
    ],
)
def test_deploy__bad_parameter__reverts(contracts, market, weth, stranger, changes, reason):
    values = VOLATILITY | {"market": market, "collateral": weth} | changes
    with ape.reverts(f"breaker: {reason}"):
        deploy(stranger, contracts.VolatilityBreaker, **values)
