"""Where nothing is offered nothing is earned, and names and units decide nothing."""

from __future__ import annotations

from fractions import Fraction

import pytest

from sim.experiments.laboratory import Laboratory, Outcome
from tests.helpers.laws import SPOT, Trials, pure, worth

GENEROUS = {  # what each rule offers, taken away
    "fixed": {"bonus": 0.0},
    "morpho": {"bonus": 0.0},
    "aave_v4": {"min_bonus": 0.0, "max_bonus": 0.0},
    "silo": {"min_bonus": 0.0, "max_bonus": 0.0},
    "euler_v2": {"max_discount": 0.0},
}
LTVS = [0.85, 0.91, 0.95, 0.999, 1.04]
ORDER = [3, 0, 4, 2, 1]
AUCTIONS = ("dutch", "english")
THOUSAND = Fraction(1_000)
SLACK = 30  # units: of 3 of rounding in a limit, 10 each


@pytest.mark.parametrize("name", SPOT)
def test_keepers__without_a_bonus_and_gas__earn_nothing(trial: Trials, name: str) -> None:
    """At the feed's price what is received is worth what is paid, less what rounding keeps: less
    than the smallest unit of either token."""
    laboratory = trial(pure(name, **GENEROUS[name]), LTVS)
    for i in range(len(LTVS)):
        paid, received = laboratory.take(i)
        assert paid > 0
        assert -1 - worth(laboratory, 1) < worth(laboratory, received) - paid <= 0


def test_keeper__at_the_start_of_an_auction_above_the_feed__can_only_lose(trial: Trials) -> None:
    """The first price is the feed's and a buffer of 10%, and prices only fall with time."""
    laboratory = trial(pure("dutch"), [0.9])
    account = (laboratory.borrowers[0], f"<{laboratory.symbol}>")
    laboratory.send(laboratory.bidders[0], "liquidation", "start", *account)
    paid, received = laboratory.take(0)
    assert worth(laboratory, received) * 11 <= paid * 10


def settled(laboratory: Laboratory) -> list[Outcome]:
    """What becomes of the loans, one after another."""
    return [laboratory.settle(i) for i in range(len(laboratory.borrowers))]


@pytest.mark.parametrize("name", [*SPOT, *AUCTIONS])
def test_aggregates__of_permuted_accounts__are_the_same(trial: Trials, name: str) -> None:
    """Whose loan it is, and which comes first, decides nothing: every sum is the same to the unit,
    and every loan's fate is the same. (As long as the reserve lasts: whether it or lenders bear a
    loss may depend on what penalties it has earned before.)"""
    one = trial(pure(name), LTVS)
    other = trial(pure(name), [LTVS[i] for i in ORDER])
    fates, others = settled(one), settled(other)
    assert [fates[i] for i in ORDER] == others
    assert any(fate.bad_debt for fate in fates)
    assert one.look().market == other.look().market


@pytest.mark.parametrize("name", [*SPOT, *AUCTIONS])
@pytest.mark.parametrize("by", ["decimals", "currency", "size"])
def test_fates__in_other_units__differ_by_the_units_only(trial: Trials, name: str, by: str) -> None:
    """Tokens of other decimals, a currency worth a thousandth, loans of a thousand times the size:
    every amount is multiplied by the ratio of the units. A unit of rounding in a limit is up to 10
    units in a payment that restores health, where relief less bonus is 0.1 or more of it."""
    plain = trial(pure(name), LTVS)
    other, money, goods = scaled(trial, name, by)
    of_goods = SLACK / worth(plain, 1)  # the same value [collateral token]
    amounts = [(field, money, SLACK) for field in ("paid", "fee", "bad_debt", "debt")]
    amounts += [(field, goods, of_goods) for field in ("seized", "collateral")]
    for fate, twin in zip(settled(plain), settled(other), strict=True):
        assert (fate.takes, fate.seconds) == (twin.takes, twin.seconds)
        for field, ratio, slack in amounts:
            error = getattr(twin, field) / ratio - getattr(fate, field)
            assert abs(error) <= slack + 1 / ratio, field


def scaled(trial: Trials, name: str, by: str) -> tuple[Laboratory, Fraction, Fraction]:
    """The same loans in other units, and by what amounts of debt and collateral multiply."""
    raised = {"least_raise": "1000000 USDC"} if name == "english" else {}
    if by == "size":
        return trial(pure(name, **raised), LTVS, size=1_000.0), THOUSAND, THOUSAND
    if by == "currency":
        return trial(pure(name, **raised), LTVS, price=1_000_000.0), THOUSAND, Fraction(1)
    design = pure(name)
    market = design.market
    debt = market.debt_token.model_copy(update={"decimals": 9})
    first = market.collaterals[0]
    token = first.token.model_copy(update={"decimals": 15})
    collaterals = (first.model_copy(update={"token": token}),)
    terms = {"debt_token": debt, "collaterals": collaterals}
    changed = design.model_copy(update={"market": market.model_copy(update=terms)})
    return trial(changed, LTVS), THOUSAND, 1 / THOUSAND
