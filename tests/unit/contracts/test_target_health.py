"""TargetHealth: the bonus, how much reaches the target, full closes, and what it refuses."""

import ape
import pytest

from sim.units import WAD, to_wad
from tests.helpers.ledger import div_up, usd
from tests.helpers.mechanisms import ENDLESS, TARGET, deploy, discounted, eth, only

DEBT = usd(10_000)
HELD = eth(10)


@pytest.fixture(scope="module")
def target(install):
    return install("TargetHealth", **TARGET)


@pytest.fixture
def take(target, weth, borrower, keeper):
    def take_up_to(max_pay=ENDLESS, min_receive=0, account=borrower):
        return target.take(account, weth, max_pay, min_receive, keeper, b"", sender=keeper)

    return take_up_to


# --- bonus ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "bonus"),
    [
        ("1249.99999999", "0.0200000001"),  # health 1 but for 1e-10: the least, and a grain
        (1_200, "0.06"),  # health 0.96: half-way
        (1_150, "0.1"),  # health 0.92
        (1_140, "0.1"),  # below
    ],
)
def test_take__any_health__pays_the_bonus_on_the_line(take, set_price, price, bonus):
    set_price(price)
    expected = discounted(to_wad(str(price)), to_wad(bonus))
    assert only(take(usd(100)), "Taken")["price"] == expected


# --- amount -----------------------------------------------------------------------------------


def test_take__unhealthy__closes_to_the_target(
    target, take, market, weth, usdc, borrower, keeper, set_price
):
    """x = 10,000 (1.05 - 0.96) / (1.05 - 1.06 * 0.8) = 900 / 0.202 = 4,455.445545, and 10 units of
    slack."""
    set_price(1_200)
    pay = div_up(900_000_002 * 1_000, 202)
    received = pay * 10**30 // discounted(1_200 * WAD, to_wad("0.06"))
    assert pay == 4_455_445_555
    assert target.quote(borrower, weth, ENDLESS) == (pay, received)
    before = usdc.balanceOf(keeper)
    taken = only(take(), "Taken")
    assert before - usdc.balanceOf(keeper) == pay == taken["paid"]
    assert weth.balanceOf(keeper) == received == taken["received"]
    assert (taken["debt_left"], taken["lot_left"]) == (DEBT - pay, HELD - received)
    assert to_wad("1.05") <= market.health_factor(borrower) < to_wad("1.05") + 10**9
    assert target.quote(borrower, weth, ENDLESS) == (0, 0)


def test_take__target_takes_more_than_the_share__closes_all_that_the_collateral_pays(
    take, market, borrower, set_price
):
    """10,000 (1.05 - 0.8968) / 0.17 = 9,011.76; the collateral would pay for 10,190."""
    set_price(1_121)
    assert only(take(), "Taken")["paid"] == DEBT
    assert market.collateral_of(borrower, market.collaterals()[0]) > 0


def test_take__target_takes_less_than_the_share__closes_to_the_target(
    take, market, borrower, set_price
):
    """10,000 (1.05 - 0.8976) / 0.17 = 8,964.71."""
    set_price(1_122)
    take()
    assert to_wad("1.05") <= market.health_factor(borrower) < to_wad("1.05") + 10**10


def test_take__protocol_fee__is_a_share_of_the_bonus(
    install, market, weth, borrower, keeper, set_price
):
    """SPOT-9: 6% at health 0.96, a tenth of which goes to the reserve."""
    module = install("TargetHealth", **TARGET | {"protocol_fee": [to_wad("0.1")] * 3})
    set_price(1_200)
    reserve = market.reserve()
    receipt = module.take(borrower, weth, ENDLESS, 0, keeper, b"", sender=keeper)
    taken, pay = only(receipt, "Taken"), div_up(900_000_002 * 1_000, 202)
    assert taken["fee"] == market.reserve() - reserve == div_up(pay * 6, 1_000)
    assert (taken["paid"], taken["debt_left"]) == (pay + taken["fee"], DEBT - pay)


def test_take__collateral_too_small_for_the_debt__writes_the_rest_off(
    take, market, borrower, weth, set_price
):
    set_price(1_000)
    paid = only(receipt := take(), "Taken")["paid"]
    assert paid == div_up(HELD * discounted(1_000 * WAD, to_wad("0.1")), 10**30)
    assert only(receipt, "BadDebt")["amount"] == DEBT - paid
    assert market.debt_of(borrower) == market.collateral_of(borrower, weth) == 0


def test_take__rest_would_be_dust__closes_everything(take, market, open_account, set_price):
    account = open_account(eth("1.7"), usd(1_700))
    set_price(1_200)  # 757 would do and leave 943
    take(account=account)
    assert market.debt_of(account) == 0


@pytest.mark.parametrize(("gold", "left"), [(50, 0), (60, 1_203)])
def test_take__rest_of_one_collateral_would_be_dust__takes_all_of_it(
    target, market, collateral_tokens, borrower, keeper, set_price, gold, left
):
    """At health 0.976 and a bonus of 4.4% 3,597 of gold would do, of 4,000 or of 4,800."""
    token = collateral_tokens["GOLD"]
    market.supply_collateral(token, gold * 10**6, borrower, sender=borrower)
    set_price((12_200 - 80 * gold) // 10)
    receipt = target.take(borrower, token, ENDLESS, 0, keeper, b"", sender=keeper)
    taken = only(receipt, "Taken")
    assert taken["price"] == discounted(80 * WAD, to_wad("0.044"))
    assert taken["lot_left"] * 80 // 10**6 == left
    assert taken["paid"] == pytest.approx(usd((80 * gold - left) / 1.044), rel=1e-3)


def test_take__target_loan_to_value__is_reached(install, market, weth, borrower, keeper, set_price):
    """Silo: (D - T C) / (1 - T (1 + f)) = (10,000 - 0.72 * 12,000) / (1 - 0.72 * 1.05)."""
    flat = [to_wad("0.05")] * 3
    health = div_up(to_wad("0.8") * 100, 72)  # threshold / T
    changes = {"min_bonus": flat, "max_bonus": flat, "target_health": health}
    module = install("TargetHealth", **TARGET | changes)
    set_price(1_200)
    receipt = module.take(borrower, weth, ENDLESS, 0, keeper, b"", sender=keeper)
    assert only(receipt, "Taken")["paid"] == pytest.approx(5_573_770_492, abs=20)
    values = market.values(borrower)
    assert values.debt * 10_000 // values.collateral == 7_199  # a hair below T


# --- refusals ---------------------------------------------------------------------------------


def test_take__healthy__has_no_quote_and_reverts(target, take, weth, borrower, set_price):
    set_price(1_250)  # health 1 exactly
    assert target.quote(borrower, weth, ENDLESS) == (0, 0)
    with ape.reverts("spot: healthy"):
        take()


def test_take__for_less_than_min_receive__reverts(target, take, weth, borrower, set_price):
    set_price(1_200)
    receive = target.quote(borrower, weth, ENDLESS)[1]
    with ape.reverts("spot: too little"):
        take(min_receive=receive + 1)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"health_for_max": WAD}, "target: health_for_max not below 1"),
        ({"target_health": WAD - 1}, "target: target_health not between 1 and 2"),
        ({"target_health": 2 * WAD + 1}, "target: target_health not between 1 and 2"),
        ({"full_close_share": WAD + 1}, "target: full_close_share above 1"),
        ({"protocol_fee": [0]}, "spot: one fee for each collateral"),
        ({"min_bonus": [0]}, "target: one bonus for each collateral"),
        ({"max_bonus": [WAD]}, "target: one bonus for each collateral"),
        ({"min_bonus": [to_wad("0.11")] * 3}, "target: min_bonus above max_bonus"),
        ({"max_bonus": [WAD + 1] * 3}, "target: max_bonus above 1"),
    ],
)
def test_deploy__bad_parameter__reverts(contracts, market, stranger, changes, reason):
    with ape.reverts(reason):
        deploy(stranger, contracts.TargetHealth, **(TARGET | {"market": market} | changes))
