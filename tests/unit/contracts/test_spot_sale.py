"""What modules that sell at once share beyond a price: the protocol's fee and grace periods, on a
FixedSpread."""

import ape
import pytest

from sim.units import WAD, to_wad
from tests.helpers.ledger import div_up, usd
from tests.helpers.mechanisms import ENDLESS, FIXED, LIQUIDATE, discounted, eth, only

DEBT = usd(10_000)
HELD = eth(10)


def price_at(usd_price):
    """What the module asks for a WETH at this feed price [WAD]."""
    return discounted(usd_price * WAD, FIXED["bonus"][0])


@pytest.fixture
def take(fixed, weth, borrower, keeper):
    return lambda max_pay: fixed.take(borrower, weth, max_pay, 0, keeper, b"", sender=keeper)


# --- protocol fee -----------------------------------------------------------------------------


@pytest.fixture
def charging(install):
    """With a tenth of the bonus for the protocol, as in Aave v3."""
    return install("FixedSpread", **FIXED | {"protocol_fee": [to_wad("0.1")] * 3})


@pytest.fixture
def take_charged(charging, weth, borrower, keeper):
    def take_up_to(max_pay):
        return charging.take(borrower, weth, max_pay, 0, keeper, b"", sender=keeper)

    return take_up_to


def test_take__protocol_fee__is_paid_on_top_into_the_reserve(
    charging, take_charged, market, usdc, weth, borrower, keeper, set_price
):
    """SPOT-9: half of the debt is closed, 5% of it is the bonus, a tenth of that the fee."""
    set_price(1_200)
    debt, fee = DEBT // 2, DEBT // 2 * 5 // 1_000
    received = debt * 10**30 // price_at(1_200)
    assert charging.quote(borrower, weth, ENDLESS) == (debt + fee, received)
    reserve, spent = market.reserve(), usdc.balanceOf(keeper)
    taken = only(take_charged(ENDLESS), "Taken")
    assert spent - usdc.balanceOf(keeper) == debt + fee
    assert market.reserve() - reserve == fee
    assert market.debt_of(borrower) == DEBT - debt == taken["debt_left"]
    assert weth.balanceOf(keeper) == received == taken["received"]
    assert (taken["paid"], taken["fee"]) == (debt + fee, fee)
    asked = price_at(1_200)
    assert taken["price"] == asked + div_up((1_200 * WAD - asked), 10)


@pytest.mark.parametrize("max_pay", [1, 2, 3, 999, usd(1_005), usd("1234.567891")])
def test_take__protocol_fee__never_makes_the_taker_pay_more_than_offered(
    take_charged, market, borrower, set_price, max_pay
):
    """SPOT-9: what is offered is divided into debt and fee, and but for a unit all of it."""
    set_price(1_200)
    if max_pay == 1:
        with ape.reverts("spot: would leave dust"):
            take_charged(max_pay)
        return
    taken = only(take_charged(max_pay), "Taken")
    bonus, asked = 1_200 * WAD - price_at(1_200), price_at(1_200)
    debt = taken["paid"] - taken["fee"]
    assert taken["fee"] == div_up(debt * bonus, 10 * asked)
    assert max_pay - taken["paid"] in (0, 1)
    assert market.debt_of(borrower) == DEBT - debt


def test_take__protocol_fee_and_too_little_collateral__leaves_principal_alone(
    take_charged, market, borrower, set_price
):
    """The debt that the collateral pays for is the same as without a fee."""
    set_price(1_000)
    receipt = take_charged(ENDLESS)
    debt = div_up(HELD * price_at(1_000), 10**30)
    taken = only(receipt, "Taken")
    assert taken["paid"] - taken["fee"] == debt
    assert taken["paid"] <= usd(10_000)  # the collateral at the feed's price
    assert only(receipt, "BadDebt")["amount"] == DEBT - debt


def test_take__all_of_the_bonus_for_the_protocol__pays_the_feed_price(
    install, weth, borrower, keeper, set_price
):
    module = install("FixedSpread", **FIXED | {"protocol_fee": [WAD] * 3})
    set_price(1_200)
    receipt = module.take(borrower, weth, ENDLESS, 0, keeper, b"", sender=keeper)
    taken = only(receipt, "Taken")
    assert taken["price"] == 1_200 * WAD
    assert taken["paid"] - taken["received"] * 1_200 // 10**12 in (0, 1)


def test_take__protocol_fee_and_throttled__passes_with_the_fee(
    take_charged, breaker, weth, set_price, owner
):
    set_price(1_200)
    breaker.set_limit(LIQUIDATE, usd(300), sender=owner)
    assert only(take_charged(ENDLESS), "Taken")["paid"] == usd(300)
    assert breaker.recorded(LIQUIDATE, weth) == usd(300)


# --- grace period -----------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["guardian", "owner"])
def test_set_grace__by_guardian_or_owner__is_stored_and_logged(fixed, weth, chain, request, who):
    caller, until = request.getfixturevalue(who), chain.pending_timestamp + 3_600
    receipt = fixed.set_grace(weth, until, sender=caller)
    assert fixed.grace_until(weth) == until
    assert only(receipt, "GraceSet") == {"caller": caller, "collateral": weth, "until": until}


def test_set_grace__by_stranger__reverts(fixed, weth, stranger):
    with ape.reverts("spot: only guardian"):
        fixed.set_grace(weth, 0, sender=stranger)


def test_set_grace__more_than_four_hours__reverts(fixed, weth, owner, chain):
    chain.pending_timestamp += 10
    now = chain.pending_timestamp
    with ape.reverts("spot: grace too long"):
        fixed.set_grace(weth, now + 4 * 3_600 + 1, sender=owner)
    chain.pending_timestamp = now
    fixed.set_grace(weth, now + 4 * 3_600, sender=owner)


def test_take__in_a_grace_period__works_only_a_second_after_its_end(
    fixed, take, weth, borrower, owner, set_price, chain
):
    """SPOT-8."""
    set_price(1_200)
    until = chain.pending_timestamp + 1_000
    fixed.set_grace(weth, until, sender=owner)
    chain.pending_timestamp = until - 1
    with ape.reverts("spot: grace period"):
        take(ENDLESS)
    chain.mine(timestamp=until)
    assert fixed.quote(borrower, weth, ENDLESS) == (0, 0)
    with chain.isolate():
        chain.pending_timestamp = until + 1
        take(ENDLESS)
    chain.mine(timestamp=until + 1)
    assert fixed.quote(borrower, weth, ENDLESS)[0] == DEBT // 2


def test_take__grace_period_of_another_collateral__works(
    fixed, take, collateral_tokens, owner, set_price, chain
):
    fixed.set_grace(collateral_tokens["GOLD"], chain.pending_timestamp + 1_000, sender=owner)
    set_price(1_200)
    take(ENDLESS)


def test_set_grace__in_the_past__ends_it(fixed, take, weth, guardian, set_price, chain):
    set_price(1_200)
    fixed.set_grace(weth, chain.pending_timestamp + 1_000, sender=guardian)
    fixed.set_grace(weth, 0, sender=guardian)
    take(ENDLESS)
