"""DeviationBreaker: another feed that disagrees, and a next price that is far lower."""

import ape
import pytest

from sim.units import WAD
from tests.helpers.ledger import TERMS, answer
from tests.helpers.mechanisms import DEVIATION, ENDLESS, LIQUIDATE, ZERO, deploy, only

HOP_S = 600
MAX_AGE_S = 7_200


@pytest.fixture
def other(contracts, owner):
    """A second opinion, at 2,000 now."""
    return owner.deploy(contracts.ScriptedFeed, answer(2_000))


@pytest.fixture
def install(contracts, market, debt, weth, feed, owner):
    """A market that reads this feed of WETH, with a breaker."""

    def install_breaker(read_by_market=feed, **changes):
        terms = [TERMS["ltv"], TERMS["liquidation_threshold"], TERMS["cap"], MAX_AGE_S]
        market.set_collateral(weth, read_by_market, *terms, sender=owner)
        values = DEVIATION | {"market": market, "collateral": weth, "other": ZERO} | changes
        breaker = deploy(owner, contracts.DeviationBreaker, **values)
        market.add_breaker(breaker, sender=owner)
        return breaker

    return install_breaker


@pytest.fixture
def observe(market, keeper, chain):
    """Pulse so many seconds later; the receipt."""

    def pulse(seconds=12):
        chain.pending_timestamp += seconds
        return market.pulse(sender=keeper)

    return pulse


@pytest.fixture
def say(other, owner, chain):
    """Have the other feed say a price as of so many seconds ago."""

    def set_round(price, age=0):
        time = chain.pending_timestamp + 12
        chain.pending_timestamp = time
        other.set_round(answer(price), time - age, sender=owner)

    return set_round


@pytest.mark.parametrize(
    ("price", "breach"), [(2_000, 0), (1_950, 0), (1_940, 1), (2_100, 1), (1_880, 2), (1_000, 3)]
)
def test_pulse__other_feed_disagrees_either_way__breaches_by_the_gap(
    install, other, say, observe, price, breach
):
    breaker = install(other=other)
    say(price)
    seen = only(observe(), "Observed")
    higher, lower = max(price, 2_000), min(price, 2_000)
    assert seen["doubt"] == (higher - lower) * WAD // higher
    assert (seen["breach"], breaker.tier()) == (breach, breach)


def test_pulse__other_feed_is_stale_or_silent__says_nothing(
    install, other, say, observe, set_price
):
    breaker = install(other=other)
    for price, age in ((1_000, MAX_AGE_S + 1), (0, 0)):
        say(price, age)
        observe()
        set_price(2_000)
        assert only(observe(), "Observed")["other"] == 0
    assert breaker.tier() == 0


def test_pulse__nothing_new__observes_nothing(install, observe):
    install()
    assert "Observed" not in [e.event_name for e in observe().events]


def test_pulse__market_price_is_stale__observes_nothing(install, other, say, observe):
    breaker = install(other=other)
    say(1_000)
    observe(MAX_AGE_S + 60)
    assert breaker.tier() == 0


def test_pulse__next_price_is_far_lower__breaches_before_it_counts(
    install, contracts, feed, owner, set_price, observe, keeper, chain, weth, market
):
    delayed = owner.deploy(contracts.DelayedFeed, feed, HOP_S)
    breaker = install(read_by_market=delayed)
    set_price(1_700)
    chain.pending_timestamp += HOP_S
    delayed.poke(sender=keeper)
    seen = only(observe(), "Observed")
    assert (seen["price"], seen["upcoming"]) == (answer(2_000), answer(1_700))
    assert seen["doubt"] == 15 * WAD // 100
    assert breaker.gate(LIQUIDATE, weth, ENDLESS) == 0


def test_pulse__next_price_is_higher__is_no_doubt(
    install, contracts, feed, owner, set_price, observe, keeper, chain
):
    delayed = owner.deploy(contracts.DelayedFeed, feed, HOP_S)
    install(read_by_market=delayed)
    set_price(3_000)
    chain.pending_timestamp += HOP_S
    delayed.poke(sender=keeper)
    assert only(observe(), "Observed")["doubt"] == 0


def test_doubt__that_lasts__latches_a_tier_deeper_after_the_rest(
    install, other, say, observe, chain, set_price
):
    breaker = install(other=other)
    say(1_940)
    observe()
    chain.pending_timestamp = breaker.ends_at() + DEVIATION["rest"]
    say(1_940)
    observe()
    assert breaker.tier() == 2


def test_doubt__that_is_gone__releases(install, other, say, observe, chain, weth):
    breaker = install(other=other)
    say(1_940)
    observe()
    chain.pending_timestamp = breaker.ends_at()
    say(1_970)
    observe()
    assert breaker.phase() == 2
    say(1_981)
    observe()
    assert breaker.phase() == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"collateral": ZERO}, "breaker: unknown collateral"),
        ({"level": [1, 2, WAD], "release": [0, 0, 0]}, "breaker: deviation of 1 or more"),
        ({"release": [0, 0, WAD]}, "breaker: release not inside its level"),
        ({"rest": 0}, "breaker: zero rest"),
    ],
)
def test_deploy__bad_parameter__reverts(contracts, market, weth, stranger, changes, reason):
    values = DEVIATION | {"market": market, "collateral": weth, "other": ZERO} | changes
    with ape.reverts(reason):
        deploy(stranger, contracts.DeviationBreaker, **values)


def test_deploy__other_that_is_no_feed_of_8_decimals__reverts(contracts, market, weth, stranger):
    values = DEVIATION | {"market": market, "collateral": weth, "other": weth}
    with ape.reverts("feed: decimals"):
        deploy(stranger, contracts.DeviationBreaker, **values)
