"""Owner and guardian: who may set what, and which settings are refused.

Deployments that revert come from an account that never deploys: Ape remembers contracts by address.
"""

import ape
import pytest

from sim.units import WAD, to_wad
from tests.helpers.ledger import DAY_S, INTEREST, NO_INTEREST, TERMS, div_up, usd

ZERO = "0x" + "00" * 20
MODEL = tuple(INTEREST.values())


def test_deploy__as_given__answers_its_settings(market, owner, guardian, usdc, module):
    assert (market.owner(), market.guardian(), market.candidate()) == (owner, guardian, ZERO)
    assert (market.debt_token(), market.liquidation()) == (usdc, module)
    assert (market.min_debt(), market.borrow_cap()) == (usd(100), 10**15)
    assert tuple(market.interest_model()) == tuple(NO_INTEREST.values())


@pytest.mark.parametrize("decimals", [5, 19])
def test_deploy__debt_token_decimals__must_be_6_to_18(
    contracts, make_market, owner, stranger, decimals
):
    token = owner.deploy(contracts.Token, "odd", "ODD", decimals)
    with ape.reverts("market: token decimals"):
        make_market(debt_token=token, deployer=stranger)


def test_deploy__without_owner__reverts(make_market, stranger):
    with ape.reverts("market: zero address"):
        make_market(owner=ZERO, deployer=stranger)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kink": 0}, "bad kink"),
        ({"kink": WAD}, "bad kink"),
        ({"base_rate": to_wad("0.06")}, "falling rates"),
        ({"rate_at_full": to_wad("0.04")}, "falling rates"),
        ({"rate_at_full": 10 * WAD + 1}, "rate too high"),
        ({"reserve_factor": WAD}, "bad reserve factor"),
    ],
)
def test_set_rates__not_a_model__reverts(market, owner, changes, reason):
    with ape.reverts(f"market: {reason}"):
        market.set_rates(tuple((INTEREST | changes).values()), sender=owner)


def test_set_rates__a_model__is_stored_and_logged(market, owner):
    receipt = market.set_rates(MODEL, sender=owner)
    assert tuple(market.interest_model()) == MODEL
    assert receipt.events[-1].event_name == "RatesSet"
    assert market.borrow_rate() == INTEREST["base_rate"]


OWNERS_ONLY = [
    ("transfer_ownership", lambda t: (t,)),
    ("set_guardian", lambda t: (t,)),
    ("add_collateral", lambda t: (t, t, 0, 0, 0, 0)),
    ("set_collateral", lambda t: (t, t, 0, 0, 0, 0)),
    ("ramp_threshold", lambda t: (t, 0, 1)),
    ("set_liquidation", lambda t: (t,)),
    ("add_breaker", lambda t: (t,)),
    ("remove_breaker", lambda t: (t,)),
    ("set_limits", lambda t: (0, 0)),
    ("set_rates", lambda t: (MODEL,)),
]


@pytest.mark.parametrize(("action", "arguments"), OWNERS_ONLY, ids=[a for a, _ in OWNERS_ONLY])
def test_owners_action__by_guardian__reverts(market, guardian, usdc, action, arguments):
    with ape.reverts("market: only owner"):
        getattr(market, action)(*arguments(usdc), sender=guardian)


def test_transfer_ownership__accepted__changes_the_owner(market, owner, stranger):
    offer = market.transfer_ownership(stranger, sender=owner)
    assert offer.events == [market.OwnershipOffered(owner=owner, candidate=stranger)]
    assert market.owner() == owner
    receipt = market.accept_ownership(sender=stranger)
    assert receipt.events == [market.OwnershipAccepted(previous=owner, owner=stranger)]
    assert (market.owner(), market.candidate()) == (stranger, ZERO)


def test_accept_ownership__not_the_candidate__reverts(market, owner, stranger, keeper):
    market.transfer_ownership(stranger, sender=owner)
    with ape.reverts("market: only candidate"):
        market.accept_ownership(sender=keeper)


def test_set_guardian__by_owner__is_logged(market, owner, keeper):
    receipt = market.set_guardian(keeper, sender=owner)
    assert market.guardian() == keeper
    assert receipt.events == [market.GuardianSet(owner=owner, guardian=keeper)]


def test_freeze_borrowing__by_guardian__stops_new_loans_until_the_owner_lifts_it(
    indebted, guardian, owner, borrower
):
    receipt = indebted.freeze_borrowing(sender=guardian)
    assert receipt.events == [indebted.LimitsSet(caller=guardian, min_debt=usd(100), borrow_cap=0)]
    with ape.reverts("market: borrow cap"):
        indebted.borrow(1, borrower, sender=borrower)
    indebted.set_limits(usd(100), 10**15, sender=owner)
    indebted.borrow(1, borrower, sender=borrower)
    assert indebted.debt_of(borrower) == usd(10_000) + 1


def test_freeze_borrowing__by_stranger__reverts(market, stranger):
    with ape.reverts("market: only guardian"):
        market.freeze_borrowing(sender=stranger)


def test_add_collateral__new_token__is_listed_with_its_decimals(
    market, contracts, owner, feed, collateral_tokens
):
    token = owner.deploy(contracts.Token, "eleven", "ELEVEN", 11)
    receipt = market.add_collateral(token, feed, 1, 2, 3, 4, sender=owner)
    assert market.collaterals() == [*collateral_tokens.values(), token]
    assert tuple(market.config(token)) == (feed, 11, 1, 2, 3, 4)
    assert receipt.events[-1].event_name == "CollateralConfigured"


@pytest.mark.parametrize("decimals", [5, 19])
def test_add_collateral__odd_decimals__reverts(
    market, contracts, owner, feed, list_collateral, decimals
):
    token = owner.deploy(contracts.Token, "odd", "ODD", decimals)
    with ape.reverts("market: token decimals"):
        list_collateral(market, token, feed)


def test_add_collateral__twice__reverts(market, weth, feed, list_collateral):
    with ape.reverts("market: known collateral"):
        list_collateral(market, weth, feed)


def test_add_collateral__the_debt_token__reverts(market, usdc, feed, list_collateral):
    with ape.reverts("market: collateral is debt token"):
        list_collateral(market, usdc, feed)


def test_add_collateral__a_ninth__reverts(market, contracts, owner, feed, list_collateral):
    tokens = [owner.deploy(contracts.Token, "t", "T", 18) for _ in range(6)]
    for token in tokens[:5]:
        list_collateral(market, token, feed)
    with ape.reverts("market: too many collaterals"):
        list_collateral(market, tokens[5], feed)


@pytest.mark.parametrize(
    "changes",
    [{"ltv": to_wad("0.81")}, {"liquidation_threshold": WAD}],
    ids=["ltv above threshold", "threshold of 1"],
)
def test_add_collateral__bad_thresholds__reverts(make_market, weth, feed, list_collateral, changes):
    with ape.reverts("market: bad thresholds"):
        list_collateral(make_market(), weth, feed, **changes)


def test_add_collateral__feed_of_18_decimals__reverts(
    make_market, contracts, owner, weth, list_collateral
):
    token_as_feed = owner.deploy(contracts.Token, "18", "18", 18)
    with ape.reverts("market: feed decimals"):
        list_collateral(make_market(), weth, token_as_feed)


def test_set_collateral__known__changes_the_terms(market, weth, feeds, owner):
    market.set_collateral(weth, feeds["GOLD"], 1, 2, 3, 4, sender=owner)
    assert tuple(market.config(weth)) == (feeds["GOLD"], 18, 1, 2, 3, 4)


def test_set_collateral__unknown__reverts(market, usdc, feed, owner):
    with ape.reverts("market: unknown collateral"):
        market.set_collateral(usdc, feed, *TERMS.values(), sender=owner)


def test_ramp_threshold__over_time__falls_linearly_rounded_up(
    indebted, lens, weth, feed, borrower, owner, chain
):
    """MARKET-15: config, values, health and the lens see the threshold of now."""
    low, week = to_wad("0.75"), 7 * DAY_S
    receipt = indebted.ramp_threshold(weth, low, week, sender=owner)
    ends_at = receipt.timestamp + week
    assert receipt.events == [
        indebted.ThresholdRamped(
            owner=owner,
            collateral=weth,
            start=TERMS["liquidation_threshold"],
            liquidation_threshold=low,
            ends_at=ends_at,
        )
    ]
    for seconds in (1, week // 3, week - 1, week, 2 * week):
        chain.mine(timestamp=receipt.timestamp + seconds)
        left = max(week - seconds, 0)
        now = low + div_up((TERMS["liquidation_threshold"] - low) * left, week)
        assert indebted.config(weth).liquidation_threshold == now
        limit = usd(20_000) * now // WAD
        assert indebted.values(borrower).liquidation_limit == limit
        assert indebted.health_factor(borrower) == limit * WAD // usd(10_000)
        assert lens.accounts(indebted, [borrower])[0].health_factor == limit * WAD // usd(10_000)


def test_ramp_threshold__in_a_ramp__begins_at_the_threshold_of_now(market, weth, owner, chain):
    begun = market.ramp_threshold(weth, to_wad("0.75"), 1_000, sender=owner).timestamp
    chain.pending_timestamp = begun + 400
    market.ramp_threshold(weth, to_wad("0.76"), 10, sender=owner)
    assert tuple(market.ramp(weth)) == (to_wad("0.78"), 10, begun + 410)
    chain.mine(timestamp=begun + 405)
    assert market.config(weth).liquidation_threshold == to_wad("0.77")


@pytest.mark.parametrize(
    ("threshold", "duration", "reason"),
    [
        ("0.8", 1, "bad thresholds"),
        ("0.81", 1, "bad thresholds"),
        ("0.74", 1, "bad thresholds"),
        ("0.75", 0, "zero duration"),
        ("0.75", 365 * 86_400 + 1, "ramp above a year"),
    ],
    ids=["no fall", "a rise", "below the ltv", "no time", "too long"],
)
def test_ramp_threshold__not_a_ramp__reverts(market, weth, owner, threshold, duration, reason):
    with ape.reverts(f"market: {reason}"):
        market.ramp_threshold(weth, to_wad(threshold), duration, sender=owner)


def test_ramp_threshold__unknown_collateral__reverts(market, usdc, owner):
    with ape.reverts("market: unknown collateral"):
        market.ramp_threshold(usdc, 0, 1, sender=owner)


def test_set_collateral__in_a_ramp__ends_it(market, weth, feed, owner, chain):
    market.ramp_threshold(weth, to_wad("0.75"), 1_000, sender=owner)
    market.set_collateral(weth, feed, 0, to_wad("0.79"), 0, 1, sender=owner)
    assert market.config(weth).liquidation_threshold == to_wad("0.79")
    assert tuple(market.ramp(weth)) == (0, 0, 0)


def test_set_liquidation__no_open_sale__swaps_the_module(market, owner, module, keeper):
    receipt = market.set_liquidation(keeper, sender=owner)
    assert market.liquidation() == keeper
    assert receipt.events == [market.LiquidationSet(owner=owner, previous=module, module=keeper)]


def test_set_liquidation__open_sale__reverts(indebted, owner, borrower, module, keeper):
    indebted.assume_debt(borrower, 1, sender=module)
    with ape.reverts("market: sales open"):
        indebted.set_liquidation(keeper, sender=owner)
