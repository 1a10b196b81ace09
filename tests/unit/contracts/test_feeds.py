"""Feeds that read other feeds: delayed, clamped, median."""

import ape
import pytest

from sim.units import to_wad
from tests.helpers.ledger import answer
from tests.helpers.mechanisms import only

HOP_S = 600
MAX_AGE_S = 900
STEP = to_wad("0.02")


def told(feed):
    """The price that a feed tells, in USD times 10**8, and when it was updated."""
    _, price, started_at, updated_at, _ = feed.latestRoundData()
    assert started_at == updated_at
    return price, updated_at


@pytest.fixture
def push(feed, owner):
    """Move the source; returns the time."""
    return lambda price: feed.push(answer(price), sender=owner).timestamp


# --- delayed ----------------------------------------------------------------------------------


@pytest.fixture
def delayed(contracts, feed, owner):
    """A hop of ten minutes behind a source at 2,000."""
    return owner.deploy(contracts.DelayedFeed, feed, HOP_S)


@pytest.fixture
def at_next_hop(chain):
    """Let the next block be so many seconds into the next hop."""

    def move(seconds=0):
        now = chain.pending_timestamp
        chain.pending_timestamp = now - now % HOP_S + HOP_S + seconds

    return move


def test_delayed__at_deployment__tells_what_the_source_says(delayed, feed):
    assert told(delayed) == told(feed) == delayed.peep()
    assert delayed.hop_began() % HOP_S == 0
    assert (delayed.SOURCE(), delayed.HOP(), delayed.decimals()) == (feed, HOP_S, 8)


def test_delayed__price_that_was_seen__counts_one_poke_later(delayed, push, at_next_hop, keeper):
    old, fallen_at = told(delayed), push(1_500)
    at_next_hop()
    receipt = delayed.poke(sender=keeper)
    assert only(receipt, "Poked") == {"current": answer(2_000), "upcoming": answer(1_500)}
    assert told(delayed) == old
    assert delayed.peep() == (answer(1_500), fallen_at)
    at_next_hop()
    delayed.poke(sender=keeper)
    assert told(delayed) == (answer(1_500), fallen_at)


def test_delayed_poke__twice_in_a_hop__reverts(delayed, at_next_hop, keeper, chain):
    at_next_hop()
    delayed.poke(sender=keeper)
    chain.mine(deltatime=1)
    assert not delayed.due()
    with ape.reverts("feed: not due"):
        delayed.poke(sender=keeper)


def test_delayed_poke__late_in_a_hop__does_not_make_the_next_late(
    delayed, at_next_hop, keeper, chain
):
    at_next_hop(HOP_S - 10)
    delayed.poke(sender=keeper)
    at_next_hop()
    delayed.poke(sender=keeper)
    assert delayed.hop_began() == chain.blocks.head.timestamp


def test_delayed__source_without_an_answer__keeps_its_prices_and_is_not_due(
    contracts, feeds, owner, keeper, chain
):
    median = owner.deploy(contracts.MedianFeed, [feeds["WETH"]], MAX_AGE_S, 1)
    feeds["WETH"].push(answer(2_000), sender=owner)
    delayed = owner.deploy(contracts.DelayedFeed, median, HOP_S)
    chain.mine(deltatime=10 * HOP_S)
    assert not delayed.due()
    with ape.reverts("feed: not due"):
        delayed.poke(sender=keeper)
    assert told(delayed)[0] == answer(2_000)


# --- clamped ----------------------------------------------------------------------------------


@pytest.fixture
def clamped(contracts, feed, owner):
    """Steps of 2% behind a source at 2,000."""
    return owner.deploy(contracts.ClampedFeed, feed, STEP)


@pytest.fixture
def step(keeper, chain):
    """Poke in a block of a later second."""

    def poke(clamped):
        chain.pending_timestamp += 1
        return clamped.poke(sender=keeper)

    return poke


def test_clamped__source_that_stands__is_as_old_as_the_source(clamped, feed, push, keeper):
    assert told(clamped) == told(feed)
    updated_at = push(2_000)
    assert told(clamped) == (answer(2_000), updated_at)
    assert not clamped.due()
    with ape.reverts("feed: not due"):
        clamped.poke(sender=keeper)


def test_clamped__source_that_falls__is_followed_step_by_step(clamped, push, step):
    fallen_at = push(1_950)
    assert told(clamped)[0] == answer(2_000)
    receipt = step(clamped)
    assert only(receipt, "Stepped") == {"answer": answer(1_960), "source": answer(1_950)}
    assert told(clamped) == (answer(1_960), fallen_at)
    step(clamped)
    assert told(clamped) == (answer(1_950), fallen_at)
    assert not clamped.due()


def test_clamped__source_that_rises__is_followed_step_by_step(clamped, push, step):
    push(10_000)
    step(clamped)
    step(clamped)
    assert told(clamped)[0] == answer("2080.8")  # 2% of 2,000, then 2% of 2,040


def test_clamped__time_that_passes__moves_nothing_and_makes_the_next_step_no_longer(
    clamped, push, step, chain
):
    push(1_000)
    price = told(clamped)
    chain.mine(deltatime=50_000)
    assert told(clamped) == price
    assert clamped.due()
    step(clamped)
    assert told(clamped)[0] == answer(1_960)


def test_clamped__answer_of_a_few_units__still_moves(contracts, feed, owner, step):
    feed.push(10, sender=owner)
    clamped = owner.deploy(contracts.ClampedFeed, feed, STEP)
    feed.push(8, sender=owner)
    step(clamped)
    assert told(clamped)[0] == 9


# --- median -----------------------------------------------------------------------------------


@pytest.fixture
def sources(feeds, owner):
    """Three, at prices that a test gives them."""

    def move(*prices):
        for source, price in zip(feeds.values(), prices, strict=False):
            source.push(answer(price), sender=owner)
        return list(feeds.values())

    return move


@pytest.fixture
def median(contracts, sources, owner):
    """Of 2,000, 2,002 and 1,000, two of which must count."""
    listed = sources(2_000, 2_002, 1_000)
    return owner.deploy(contracts.MedianFeed, listed, MAX_AGE_S, 2)


def test_median__of_three__is_the_middle_one_as_of_the_newest(median, feeds):
    newest = max(told(source)[1] for source in feeds.values())
    assert told(median) == (answer(2_000), newest)
    assert median.confidence() == answer(2)  # two are a quorum, whatever the third says
    assert median.sources() == list(feeds.values())


def test_median__source_that_is_stale__does_not_count(median, sources, feeds, owner, chain):
    chain.mine(deltatime=MAX_AGE_S + 1)
    sources(2_000)
    assert list(median.latestRoundData()) == [0] * 5
    with ape.reverts("feed: no quorum"):
        median.confidence()
    sources(2_000, "2000.00000003")
    assert told(median)[0] == answer("2000.00000001")  # the mean, rounded down
    assert median.confidence() == 2  # the farther of two that are three units apart


def test_median__source_that_answers_zero__does_not_count(contracts, feed, owner, push):
    zero = owner.deploy(contracts.ZeroFeed)
    push(2_000)
    median = owner.deploy(contracts.MedianFeed, [zero, feed], MAX_AGE_S, 1)
    assert told(median)[0] == answer(2_000)
    assert median.confidence() == 0


def test_median__no_quorum__stops_those_who_need_a_price_and_no_lens(
    contracts, make_market, list_collateral, weth, feed, owner, lens, chain
):
    median = owner.deploy(contracts.MedianFeed, [feed], MAX_AGE_S, 1)
    market = make_market()
    list_collateral(market, weth, median)
    chain.mine(deltatime=MAX_AGE_S + 10)
    with ape.reverts("market: zero price"):
        market.price(weth)
    assert [tuple(state) for state in lens.market(market).feeds] == [(0, 0)]


# --- constructors -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("DelayedFeed", (0,), "feed: hop not between 0 and a day"),
        ("DelayedFeed", (86_401,), "feed: hop not between 0 and a day"),
        ("ClampedFeed", (0,), "feed: step not between 0 and 1"),
        ("ClampedFeed", (to_wad(1),), "feed: step not between 0 and 1"),
    ],
)
def test_deploy__bad_parameter__reverts(contracts, feed, stranger, name, arguments, reason):
    with ape.reverts(reason):
        stranger.deploy(getattr(contracts, name), feed, *arguments)


@pytest.mark.parametrize(("name", "argument"), [("DelayedFeed", HOP_S), ("ClampedFeed", STEP)])
def test_deploy__source_of_zero__reverts(contracts, stranger, name, argument):
    zero = stranger.deploy(contracts.ZeroFeed)
    with ape.reverts("feed: source without an answer"):
        stranger.deploy(getattr(contracts, name), zero, argument)


@pytest.mark.parametrize("quorum", [0, 3])
def test_deploy__quorum_out_of_range__reverts(contracts, feeds, stranger, quorum):
    two = list(feeds.values())[:2]
    with ape.reverts("feed: quorum not between 1 and all sources"):
        stranger.deploy(contracts.MedianFeed, two, MAX_AGE_S, quorum)


def test_deploy__source_that_is_no_feed_of_8_decimals__reverts(contracts, weth, feed, stranger):
    with ape.reverts("feed: decimals"):
        stranger.deploy(contracts.DelayedFeed, weth, HOP_S)
    with ape.reverts("feed: source listed twice"):
        stranger.deploy(contracts.MedianFeed, [feed, feed], MAX_AGE_S, 1)


# --- rounds -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["delayed", "clamped", "median"])
def test_rounds__of_a_feed_on_others__are_kept_to_the_latest(request, kind):
    feed = request.getfixturevalue(kind)
    latest = feed.latestRoundData()
    assert feed.getRoundData(latest[0]) == latest
    for unknown in (0, latest[0] - 1, latest[0] + 1):
        with ape.reverts("feed: no such round"):
            feed.getRoundData(unknown)


def test_rounds__of_a_feed_without_an_answer__are_none(median, chain):
    chain.mine(deltatime=MAX_AGE_S + 10)
    assert median.latestRoundData() == (0, 0, 0, 0, 0)
    with ape.reverts("feed: no such round"):
        median.getRoundData(0)
