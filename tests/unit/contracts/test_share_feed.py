"""The feed of a share's worth, on a real market."""

from __future__ import annotations

import ape
import pytest

from tests.helpers.ledger import DAY_S, INTEREST, answer, usd


@pytest.fixture
def share(contracts, indebted, owner):
    """Of a market with a million lent and 10,000 owed."""
    return owner.deploy(contracts.ShareFeed, indebted)


def test_share__nothing_earned_or_lost__is_worth_one(share, chain):
    round_id, told, started_at, updated_at, answered_in = share.latestRoundData()
    assert told == answer(1)
    assert round_id == started_at == updated_at == answered_in
    assert (share.decimals(), share.VAULT() != "") == (8, True)


def test_share__loss_that_lenders_bear__falls_by_it(share, indebted, borrower, module):
    indebted.assume_debt(borrower, usd(10_000), sender=module)
    assert share.latestRoundData()[1] == answer(1)
    indebted.write_off(borrower, usd(10_000), sender=module)
    assert share.latestRoundData()[1] == pytest.approx(answer("0.99"), abs=100)


def test_share__interest__raises_it_without_a_transaction(share, indebted, owner, chain):
    indebted.set_rates(tuple(INTEREST.values()), sender=owner)
    before = share.latestRoundData()[1]
    chain.pending_timestamp += 300 * DAY_S
    chain.mine()
    assert share.latestRoundData()[1] > before
    assert share.latestRoundData()[1] // 100 == indebted.convertToAssets(10**12)


def test_share__market_without_cash__keeps_its_price(share, indebted, borrower, weth):
    indebted.supply_collateral(weth, 900 * 10**18, borrower, sender=borrower)
    indebted.borrow(indebted.cash(), borrower, sender=borrower)
    assert indebted.maxRedeem(borrower) == indebted.cash() == 0
    assert share.latestRoundData()[1] == answer(1)


def test_rounds__of_a_feed_of_now__are_kept_to_this_moment(share):
    latest = share.latestRoundData()
    assert share.getRoundData(latest[0]) == latest
    with ape.reverts("feed: no such round"):
        share.getRoundData(latest[0] - 1)
