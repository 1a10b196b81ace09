"""PushFeed: when an answer may follow another, and AggregatorV3's reading side."""

import ape
import pytest

from sim.units import to_wad
from tests.helpers.ledger import answer

HOUR_S = 3_600


@pytest.fixture(scope="module")
def push_feed(contracts, owner, keeper):
    """Half a percent or an hour, pushed by the keeper, at 2,000."""
    return owner.deploy(contracts.PushFeed, keeper, answer(2_000), HOUR_S, to_wad("0.005"))


def test_deploy__zero_answer__reverts(contracts, stranger):
    with ape.reverts("feed: zero answer"):
        stranger.deploy(contracts.PushFeed, stranger, 0, HOUR_S, 0)


def test_latest_round_data__after_deployment__is_the_first_answer(push_feed, chain):
    round_id, price, started_at, updated_at, answered_in = push_feed.latestRoundData()
    assert (round_id, price, answered_in) == (1, answer(2_000), 1)
    assert 0 < started_at == updated_at <= chain.pending_timestamp


def test_constants__always__are_those_of_a_usd_feed(push_feed, keeper):
    assert push_feed.decimals() == 8
    assert push_feed.version() == 1
    assert push_feed.description() == "Firesale: pushed price"
    assert (push_feed.FEEDER(), push_feed.HEARTBEAT()) == (keeper, HOUR_S)
    assert push_feed.DEVIATION() == to_wad("0.005")


@pytest.mark.parametrize("price", ["2010", "1990", "1000"])
def test_push__moved_by_the_deviation__stores_a_new_round(push_feed, keeper, price):
    assert push_feed.due(answer(price))
    receipt = push_feed.push(answer(price), sender=keeper)
    assert receipt.events == [
        push_feed.AnswerUpdated(current=answer(price), roundId=2, updatedAt=receipt.timestamp)
    ]
    now = receipt.timestamp
    assert list(push_feed.latestRoundData()) == [2, answer(price), now, now, 2]
    assert push_feed.getRoundData(1)[1] == answer(2_000)


@pytest.mark.parametrize("price", ["2000", "2009.99", "1990.01"])
def test_push__before_deviation_and_heartbeat__reverts(push_feed, keeper, price):
    assert not push_feed.due(answer(price))
    with ape.reverts("feed: not due"):
        push_feed.push(answer(price), sender=keeper)


def test_push__after_the_heartbeat__takes_the_same_price(push_feed, keeper, chain):
    chain.mine(timestamp=push_feed.latestRoundData()[3] + HOUR_S)
    assert push_feed.due(answer(2_000))
    push_feed.push(answer(2_000), sender=keeper)
    assert push_feed.latest_round() == 2


def test_push__by_stranger__reverts(push_feed, stranger):
    with ape.reverts("feed: only feeder"):
        push_feed.push(answer(1_000), sender=stranger)


@pytest.mark.parametrize("price", [0, -1])
def test_push__not_a_price__reverts(push_feed, keeper, price):
    assert not push_feed.due(price)
    with ape.reverts("feed: zero answer"):
        push_feed.push(price, sender=keeper)


def test_get_round_data__of_the_future__reverts(push_feed):
    with ape.reverts("feed: no such round"):
        push_feed.getRoundData(2)
