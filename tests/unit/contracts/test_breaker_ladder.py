"""The ladder that breakers share, on a PriceBreaker: which tier latches, until when, what follows.

Prices are chosen by the levels of 10, 20 and 30%.
"""

import ape
import pytest

from tests.helpers.ledger import usd
from tests.helpers.mechanisms import BREAKER, ENDLESS, LIQUIDATE, deploy, only

BORROW, WITHDRAW = 0, 1
IDLE, LATCHED, EASING = 0, 1, 2
DURATION, REST, CALM = BREAKER["duration"], BREAKER["rest"], BREAKER["calm"]
WINDOW = [8 * seconds for seconds in DURATION]
DAY_S = 86_400
DEEP = 0.69  # of any price: a breach of the deepest level
NEVER = 2**63 - 1


@pytest.fixture
def breaker(price_breaker):
    return price_breaker


@pytest.fixture
def fall_again(breaker, observe):
    """Fall by a share of the price that was seen last, so long after the last end."""

    def fall(left, seconds):
        return observe(breaker.last_price() / 10**18 * left, breaker.ends_at() + seconds)

    return fall


@pytest.fixture
def locked(breaker, observe, fall_again):
    """The deepest tier has latched three times, each after the rest of the one before."""
    observe(1_390)
    for _ in range(2):
        fall_again(DEEP, REST)
    return breaker


def modes(breaker, asset):
    """What passes of an endless wish, by action: None for all."""
    passing = [breaker.gate(action, asset, ENDLESS) for action in (BORROW, WITHDRAW, LIQUIDATE)]
    return [None if amount == ENDLESS else amount for amount in passing]


# --- a latched tier ---------------------------------------------------------------------------


@pytest.mark.parametrize(("price", "tier"), [(1_790, 1), (1_590, 2), (1_390, 3)])
def test_breach__of_each_level__latches_its_tier_for_its_duration(breaker, observe, price, tier):
    receipt = observe(price)
    assert only(receipt, "TierLatched") == {
        "tier": tier,
        "ends_at": receipt.timestamp + DURATION[tier - 1],
        "locked": False,
    }
    assert (breaker.tier(), breaker.phase()) == (tier, LATCHED)


def test_latched_tier__at_its_end__eases_without_a_pulse(breaker, observe, chain):
    observe(1_390)
    chain.mine(timestamp=breaker.ends_at() - 1)
    assert breaker.phase() == LATCHED
    chain.mine(timestamp=breaker.ends_at())
    assert breaker.phase() == EASING


def test_breach__of_the_latched_tier_or_a_shallower_one__prolongs_nothing(breaker, observe):
    observe(1_590)
    end = breaker.ends_at()
    for price in (1_500, 1_790):
        observe(price)
        assert (breaker.tier(), breaker.ends_at()) == (2, end)
    assert breaker.breached_at() > 0


def test_recovery__while_latched__shortens_nothing(breaker, observe):
    observe(1_590)
    end = breaker.ends_at()
    observe(2_000)
    assert (breaker.tier(), breaker.ends_at(), breaker.phase()) == (2, end, LATCHED)


def test_deeper_breach__in_the_last_second__replaces_the_end(breaker, observe):
    observe(1_790)
    receipt = observe(1_390, breaker.ends_at() - 1)
    assert (breaker.tier(), breaker.ends_at()) == (3, receipt.timestamp + DURATION[2])


def test_deeper_breach__in_the_last_second_each_time__lasts_no_longer_than_the_sum(
    breaker, observe
):
    latched = observe(1_790).timestamp
    for price in (1_590, 1_390):
        observe(price, breaker.ends_at() - 1)
    assert breaker.ends_at() - latched == sum(DURATION) - 2


# --- rest and escalation ----------------------------------------------------------------------


def test_pulse__after_the_end__says_so_once(breaker, observe, market, keeper, chain):
    observe(1_790)
    chain.pending_timestamp = breaker.ends_at()
    receipt = market.pulse(sender=keeper)
    assert only(receipt, "TierEnded") == {"tier": 1, "ended_at": receipt.timestamp}
    assert not [e for e in market.pulse(sender=keeper).events if e.event_name == "TierEnded"]


@pytest.mark.parametrize(("seconds", "tier"), [(REST - 1, None), (REST, 2)])
def test_breach__after_an_end__latches_only_after_the_rest(
    breaker, observe, fall_again, seconds, tier
):
    observe(1_790)
    latched = breaker.ends_at()
    receipt = fall_again(0.89, seconds)
    assert breaker.breached_at() == receipt.timestamp
    assert (breaker.tier(), breaker.ends_at() == latched) == (tier or 1, tier is None)


@pytest.mark.parametrize(
    ("first", "left", "seconds", "tier"),
    [
        (1_790, 0.89, WINDOW[0], 2),
        (1_790, 0.89, WINDOW[0] + 1, 1),
        (1_590, 0.89, WINDOW[1], 3),
        (1_590, 0.89, WINDOW[1] + 1, 1),
        (1_790, 0.69, WINDOW[0], 3),
        (1_390, 0.89, CALM - 1, 3),
    ],
)
def test_breach__within_the_window_of_the_tier_that_ended__leads_one_tier_deeper(
    breaker, observe, fall_again, first, left, seconds, tier
):
    observe(first)
    receipt = fall_again(left, seconds)
    assert only(receipt, "TierLatched")["tier"] == breaker.tier() == tier


def test_breach__without_repeat__latches_what_it_calls_for(
    make_price_breaker, observe, chain, market
):
    breaker = make_price_breaker(repeat=0)
    observe(1_790)
    observe(1_580, breaker.ends_at() + REST)
    assert breaker.tier() == 1


# --- calm -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "tier"), [(CALM - 1, 3), (CALM, 1)])
def test_breach__after_the_calm__starts_a_new_ladder(breaker, observe, fall_again, seconds, tier):
    observe(1_390)
    receipt = fall_again(0.89, seconds)
    assert breaker.tier() == tier
    resets = [e for e in receipt.events if e.event_name == "LadderReset"]
    assert len(resets) == (tier == 1)


def test_pulse__at_the_calm__forgets_tier_and_trips(breaker, observe, market, keeper, chain):
    observe(1_390)
    assert breaker.top_trips() == 1
    chain.pending_timestamp = breaker.ends_at() + CALM
    receipt = market.pulse(sender=keeper)
    assert only(receipt, "LadderReset") == {"tier": 3}
    assert (breaker.tier(), breaker.top_trips(), breaker.phase()) == (0, 0, IDLE)


def test_breach__in_the_rest__puts_the_calm_off(breaker, observe, fall_again, chain):
    observe(1_790)
    breached = fall_again(0.89, REST - 1).timestamp
    chain.mine(timestamp=breached + CALM - 1)
    assert breaker.phase() == EASING
    chain.mine(timestamp=breached + CALM)
    assert breaker.phase() == IDLE


# --- easing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("fall", "release"), [(1_790, 0.04), (1_590, 0.08), (1_390, 0.12)])
def test_easing_tier__price_nearer_than_its_release__is_over(breaker, observe, fall, release):
    observe(fall)
    level = 2_000 * (1 - release)
    observe(level, breaker.ends_at() + 10)
    assert breaker.phase() == EASING
    receipt = observe(level + 0.01)
    assert only(receipt, "TierReleased")["tier"] == breaker.tier()
    assert breaker.phase() == IDLE


def test_easing_tier__deepened_by_escalation__is_not_over_at_the_price_that_latched_it(
    breaker, observe, fall_again
):
    observe(1_590)
    fall_again(0.89, REST)  # breaches tier 1, within what releases tier 3
    assert (breaker.tier(), breaker.breach()) == (3, 1)
    level = breaker.held() / 10**18 * (1 - 0.04)
    observe(level, breaker.ends_at())
    assert breaker.phase() == EASING
    observe(level + 0.01)
    assert breaker.phase() == IDLE


def test_latched_tier__price_inside_its_release__is_released_after_the_end_only(
    breaker, observe, market, keeper, chain
):
    observe(1_790)
    observe(2_000)
    assert breaker.phase() == LATCHED
    chain.pending_timestamp = breaker.ends_at()
    market.pulse(sender=keeper)
    assert breaker.phase() == EASING  # nothing new was seen after the end
    observe(2_001)
    assert breaker.phase() == IDLE


def test_easing_tier__never_inside__throttles_until_the_calm(breaker, observe, weth, chain):
    observe(1_390)
    end = breaker.ends_at()
    chain.mine(timestamp=end - 1)
    assert modes(breaker, weth) == [0, 0, 0]
    chain.mine(timestamp=end)
    assert modes(breaker, weth) == [usd(5_000)] * 3
    chain.mine(timestamp=end + CALM - 1)
    assert modes(breaker, weth) == [usd(5_000)] * 3
    chain.mine(timestamp=end + CALM)
    assert modes(breaker, weth) == [None] * 3


# --- the lock ---------------------------------------------------------------------------------


def test_third_trip__of_the_deepest_tier__is_locked_beyond_its_end(locked, weth, market, chain):
    assert (locked.top_trips(), locked.locked()) == (3, True)
    assert market.halted_until(LIQUIDATE) == locked.halted_until(LIQUIDATE) == NEVER
    chain.mine(timestamp=locked.ends_at() + CALM + 1)
    assert modes(locked, weth) == [0, 0, 0]
    assert locked.phase() == LATCHED


def test_third_trip__after_a_calm__is_not_locked(breaker, observe, fall_again):
    observe(1_390)
    fall_again(DEEP, REST)
    fall_again(DEEP, CALM)
    assert (breaker.tier(), breaker.top_trips(), breaker.locked()) == (3, 1, False)


def test_breaches_of_lower_tiers__however_many__lock_nothing(make_price_breaker, observe):
    breaker = make_price_breaker(repeat=0)
    price = 2_000
    for _ in range(4):
        price *= 0.89
        observe(price, breaker.ends_at() + REST if breaker.tier() else None)
        assert breaker.tier() == 1
    assert (breaker.top_trips(), breaker.locked()) == (0, False)


def test_clear__by_guardian_or_owner__lets_the_tier_end_now(locked, market, guardian, weth, chain):
    chain.pending_timestamp = locked.ends_at() + 5_000
    receipt = locked.clear(sender=guardian)
    assert only(receipt, "LockCleared") == {"caller": guardian, "ends_at": receipt.timestamp}
    assert (locked.locked(), locked.top_trips(), locked.phase()) == (False, 0, EASING)
    assert market.halted_until(LIQUIDATE) == 0
    assert modes(locked, weth) == [usd(5_000)] * 3


def test_clear__before_the_stated_end__shortens_nothing(locked, market, owner, weth):
    end = locked.ends_at()
    locked.clear(sender=owner)
    assert (locked.ends_at(), locked.phase()) == (end, LATCHED)
    assert market.halted_until(LIQUIDATE) == end
    assert modes(locked, weth) == [0, 0, 0]


def test_clear__while_locked__makes_the_clock_count_the_whole_halt(locked, market, guardian, chain):
    before, latched = market.halted_seconds(), chain.blocks.head.timestamp
    chain.pending_timestamp = locked.ends_at() + 5_000
    receipt = locked.clear(sender=guardian)
    chain.mine(deltatime=1_000)
    assert market.halted_seconds() - before == receipt.timestamp - latched


def test_clear__then_a_fourth_trip__is_not_locked(locked, guardian, observe, fall_again):
    locked.clear(sender=guardian)
    fall_again(DEEP, REST)
    assert (locked.tier(), locked.top_trips(), locked.locked()) == (3, 1, False)


def test_clear__by_anyone_else__reverts(locked, stranger, keeper, market):
    for caller in (stranger, keeper):
        with ape.reverts("breaker: only guardian"):
            locked.clear(sender=caller)


def test_clear__not_locked__reverts(breaker, observe, guardian):
    observe(1_390)
    with ape.reverts("breaker: not locked"):
        breaker.clear(sender=guardian)


# --- construction -----------------------------------------------------------------------------


def test_deploy__given_parameters__answers_them(breaker):
    assert (breaker.REST(), breaker.CALM(), breaker.phase()) == (REST, CALM, IDLE)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"rest": 0}, "zero rest"),
        ({"calm": REST}, "calm within the rest"),
        ({"calm": 30 * DAY_S + 1}, "a time above 30 days"),
        ({"duration": [1, 2, 30 * DAY_S + 1]}, "a time above 30 days"),
        ({"duration": [0, 2, 3]}, "zero duration"),
        ({"duration": [2, 1, 3]}, "durations fall"),
        ({"duration": [1, 3, 2]}, "durations fall"),
        ({"repeat": 6 * 10**18}, "repeat within the rest"),
    ],
)
def test_deploy__bad_parameter__reverts(contracts, market, weth, stranger, changes, reason):
    values = BREAKER | {"market": market, "collateral": weth} | changes
    with ape.reverts(f"breaker: {reason}"):
        deploy(stranger, contracts.PriceBreaker, **values)
