"""FixedSpread: close factor, dust, bad debt, halts, and what it refuses."""

import ape
import pytest

from sim.units import WAD, to_wad
from tests.helpers.ledger import div_up, usd
from tests.helpers.mechanisms import (
    ENDLESS,
    FIXED,
    LIQUIDATE,
    deploy,
    discounted,
    eth,
    only,
    terms,
)

DEBT = usd(10_000)
HELD = eth(10)


def price_at(usd_price):
    """What the module asks for a WETH at this feed price [WAD]."""
    return discounted(usd_price * WAD, FIXED["bonus"][0])


@pytest.fixture
def take(fixed, weth, borrower, keeper):
    def take_up_to(max_pay, min_receive=0, receiver=keeper, data=b"", account=borrower):
        return fixed.take(account, weth, max_pay, min_receive, receiver, data, sender=keeper)

    return take_up_to


# --- how much ---------------------------------------------------------------------------------


def test_take__above_full_close_health__closes_half_of_the_debt(
    fixed, take, market, usdc, weth, borrower, keeper, set_price
):
    set_price(1_200)  # health 0.96
    pay, receive = DEBT // 2, DEBT // 2 * 10**30 // price_at(1_200)
    assert fixed.quote(borrower, weth, ENDLESS) == (pay, receive)
    spent = usdc.balanceOf(keeper)
    receipt = take(ENDLESS)
    assert spent - usdc.balanceOf(keeper) == pay
    assert weth.balanceOf(keeper) == receive
    assert market.debt_of(borrower) == DEBT - pay
    assert market.collateral_of(borrower, weth) == HELD - receive
    assert market.debt_in_sale() == 0
    assert only(receipt, "Taken") == {
        "account": borrower,
        "collateral": weth,
        "taker": keeper,
        "receiver": keeper,
        "paid": pay,
        "fee": 0,
        "received": receive,
        "price": price_at(1_200),
        "debt_left": DEBT - pay,
        "lot_left": HELD - receive,
    }


def test_take__at_full_close_health__closes_all(fixed, take, market, weth, borrower, set_price):
    set_price("1187.5")  # health 0.95 exactly
    take(ENDLESS)
    assert market.debt_of(borrower) == 0
    assert market.collateral_of(borrower, weth) > 0


def test_take__of_less_than_allowed__repays_max_pay(take, market, borrower, set_price):
    set_price(1_200)
    take(usd(1_234))
    assert market.debt_of(borrower) == DEBT - usd(1_234)


def test_take__debt_below_min_base__closes_all(take, market, open_account, set_price):
    account = open_account(eth("1.5"), usd(1_500))
    set_price(1_200)  # health 0.96
    take(ENDLESS, account=account)
    assert market.debt_of(account) == 0


def test_take__collateral_leg_below_min_base__may_take_all_of_it(
    fixed, market, collateral_tokens, borrower, keeper, set_price, weth, owner, feeds
):
    gold = collateral_tokens["GOLD"]
    market.supply_collateral(gold, 20 * 10**6, borrower, sender=borrower)  # worth 1,600
    set_price(1_060)  # health (10,600 + 1,600) * 0.8 / 10,000 = 0.976
    pay, receive = fixed.quote(borrower, gold, ENDLESS)
    assert (pay, receive) == (div_up(1_600 * 10**6 * 10, 11), 20 * 10**6)
    fixed.take(borrower, gold, ENDLESS, 0, keeper, b"", sender=keeper)
    assert market.collateral_of(borrower, gold) == 0
    assert market.debt_of(borrower) == DEBT - pay


def test_take__collateral_too_small_for_the_debt__writes_the_rest_off_at_once(
    take, market, weth, borrower, set_price
):
    set_price(1_000)  # 10,000 of collateral pays for 9,523.81
    pay = div_up(HELD * price_at(1_000), 10**30)
    assets = market.totalAssets()
    receipt = take(ENDLESS)
    assert only(receipt, "Taken")["paid"] == pay
    assert only(receipt, "BadDebt")["amount"] == DEBT - pay
    assert market.debt_of(borrower) == market.collateral_of(borrower, weth) == 0
    assert market.totalAssets() == assets - (DEBT - pay)


def test_take__other_collateral_left__keeps_the_debt(
    take, market, collateral_tokens, borrower, set_price
):
    gold = collateral_tokens["GOLD"]
    market.supply_collateral(gold, 1, borrower, sender=borrower)
    set_price(1_000)
    receipt = take(ENDLESS)
    assert market.debt_of(borrower) == DEBT - only(receipt, "Taken")["paid"]
    assert not [e for e in receipt.events if e.event_name == "BadDebt"]


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


# --- dust -------------------------------------------------------------------------------------


def test_take__would_leave_debt_dust__is_shrunk_to_leave_the_minimum(
    take, market, borrower, set_price
):
    set_price(1_180)  # health 0.944: all may be closed
    take(usd(9_500))
    assert market.debt_of(borrower) == FIXED["min_leftover"]


def test_take__would_leave_collateral_dust__is_shrunk_to_leave_the_minimum(
    take, market, weth, borrower, set_price
):
    set_price(1_000)
    receipt = take(usd(8_900))
    left = market.collateral_of(borrower, weth)
    assert market.value_down(weth, left) == FIXED["min_leftover"]
    expected = terms(DEBT, HELD, price_at(1_000), usd(8_900), usd(1_000), 10**18)
    assert (only(receipt, "Taken")["paid"], HELD - left) == expected


def test_take__can_only_leave_dust__has_no_quote_and_reverts(
    fixed, take, weth, open_account, set_price
):
    account = open_account(eth(1), usd(1_000))
    set_price(1_200)
    assert fixed.quote(account, weth, usd(400)) == (0, 0)
    with ape.reverts("spot: would leave dust"):
        take(usd(400), account=account)
    assert fixed.quote(account, weth, ENDLESS)[0] == usd(1_000)


# --- breakers ---------------------------------------------------------------------------------


def test_take__throttled__is_shrunk(fixed, take, market, breaker, borrower, weth, set_price, owner):
    set_price(1_200)
    breaker.set_limit(LIQUIDATE, usd(300), sender=owner)
    assert fixed.quote(borrower, weth, ENDLESS)[0] == usd(300)
    take(ENDLESS)
    assert market.debt_of(borrower) == DEBT - usd(300)
    assert breaker.recorded(LIQUIDATE, weth) == usd(300)


def test_take__halted__has_no_quote_and_reverts(
    fixed, take, breaker, borrower, weth, set_price, owner
):
    set_price(1_200)
    breaker.set_limit(LIQUIDATE, 0, sender=owner)
    assert fixed.quote(borrower, weth, ENDLESS) == (0, 0)
    with ape.reverts("spot: halted"):
        take(ENDLESS)


# --- refusals ---------------------------------------------------------------------------------


def test_take__healthy__has_no_quote_and_reverts(fixed, take, weth, borrower, set_price):
    set_price(1_250)  # health 1 exactly
    assert fixed.quote(borrower, weth, ENDLESS) == (0, 0)
    with ape.reverts("spot: healthy"):
        take(ENDLESS)


def test_take__of_collateral_not_held__has_no_quote_and_reverts(
    fixed, collateral_tokens, borrower, keeper, set_price
):
    set_price(1_200)
    gold = collateral_tokens["GOLD"]
    assert fixed.quote(borrower, gold, ENDLESS) == (0, 0)
    with ape.reverts("spot: no collateral"):
        fixed.take(borrower, gold, ENDLESS, 0, keeper, b"", sender=keeper)


def test_take__offering_nothing__reverts(take, set_price):
    set_price(1_200)
    with ape.reverts("spot: nothing offered"):
        take(0)


def test_take__for_less_than_min_receive__reverts(fixed, take, weth, borrower, set_price):
    set_price(1_200)
    receive = fixed.quote(borrower, weth, ENDLESS)[1]
    with ape.reverts("spot: too little"):
        take(ENDLESS, receive + 1)
    take(ENDLESS, receive)


def test_take__stale_price__has_no_quote_and_reverts(
    fixed, take, market, feed, weth, borrower, owner, set_price, chain
):
    set_price(1_200)
    terms_now = market.config(weth)
    market.set_collateral(
        weth, feed, terms_now.ltv, terms_now.liquidation_threshold, terms_now.cap, 0, sender=owner
    )
    chain.mine(deltatime=1)
    assert fixed.quote(borrower, weth, ENDLESS) == (0, 0)
    with ape.reverts("market: stale price"):
        take(ENDLESS)


def test_start_and_restart__always__revert(fixed, weth, borrower, keeper, set_price):
    set_price(1_200)
    assert not fixed.startable(borrower)
    assert not fixed.restartable(borrower, weth)
    with ape.reverts("spot: no sales to start"):
        fixed.start(borrower, weth, sender=keeper)
    with ape.reverts("spot: no sales to start"):
        fixed.restart(borrower, weth, sender=keeper)


# --- callback ---------------------------------------------------------------------------------


def test_take__with_data__calls_the_receiver_before_the_payment(
    fixed, take, taker, weth, borrower, set_price
):
    set_price(1_200)
    pay, receive = fixed.quote(borrower, weth, ENDLESS)
    take(ENDLESS, receiver=taker, data=b"hello")
    assert list(taker.seen()) == [borrower, weth, pay, receive, b"hello"]
    assert weth.balanceOf(taker) == receive


def test_take__again_within_the_callback__reverts(fixed, take, taker, weth, borrower, set_price):
    set_price(1_200)
    again = fixed.take.encode_input(borrower, weth, ENDLESS, 0, taker, b"")
    taker.set_call(fixed, again, sender=borrower)
    with ape.reverts():
        take(ENDLESS, receiver=taker, data=b"again")


def test_take__without_the_money__reverts_and_moves_nothing(
    fixed, market, weth, borrower, stranger, set_price
):
    set_price(1_200)
    with ape.reverts("erc20: insufficient allowance"):
        fixed.take(borrower, weth, ENDLESS, 0, stranger, b"", sender=stranger)
    assert market.debt_of(borrower) == DEBT
    assert weth.balanceOf(stranger) == 0


# --- construction -----------------------------------------------------------------------------


def test_deploy__given_parameters__answers_them(fixed, market, collateral_tokens):
    assert fixed.market() == market
    assert [fixed.bonus(t) for t in collateral_tokens.values()] == [
        FIXED["bonus"][0],
        FIXED["bonus"][1],
        FIXED["bonus"][2],
    ]
    assert (fixed.CLOSE_FACTOR(), fixed.FULL_CLOSE_HEALTH()) == (to_wad("0.5"), to_wad("0.95"))
    assert (fixed.MIN_BASE(), fixed.MIN_LEFTOVER()) == (usd(2_000), usd(1_000))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"close_factor": 0}, "fixed: close factor not between 0 and 1"),
        ({"close_factor": WAD + 1}, "fixed: close factor not between 0 and 1"),
        ({"full_close_health": WAD + 1}, "fixed: full close health above 1"),
        ({"min_leftover": usd(1_001)}, "fixed: min_leftover above what is left of min_base"),
        ({"bonus": [0, 0]}, "fixed: one bonus for each collateral"),
        ({"bonus": [0, 0, WAD + 1]}, "fixed: bonus above 1"),
        ({"protocol_fee": [0, 0]}, "spot: one fee for each collateral"),
        ({"protocol_fee": [0, 0, WAD + 1]}, "spot: fee above 1"),
    ],
)
def test_deploy__bad_parameter__reverts(contracts, market, stranger, changes, reason):
    with ape.reverts(reason):
        deploy(stranger, contracts.FixedSpread, **(FIXED | {"market": market} | changes))
