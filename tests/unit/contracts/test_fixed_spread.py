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
