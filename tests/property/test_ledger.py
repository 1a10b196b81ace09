"""The ledger under random sequences of actions: conservation, solvency, rounding for the market."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sim.units import MAX_UINT
from tests.helpers.ledger import DAY_S, INTEREST, SHARE_OFFSET, usd

CHAIN = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
AMOUNTS = st.integers(usd(150), usd(5_000))
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            (
                "deposit",
                "redeem",
                "borrow",
                "repay",
                "assume",
                "settle",
                "give_back",
                "lose",
                "fund",
            )
        ),
        AMOUNTS,
        st.integers(1, 90),  # [days] before the step
    ),
    min_size=6,
    max_size=9,
)


@pytest.fixture
def ledger(indebted: Any, owner: Any, weth: Any, borrower: Any, module: Any) -> Any:
    """A market with interest, well collateralised debt and 2,000 USDC in sale."""
    indebted.set_rates(tuple(INTEREST.values()), sender=owner)
    indebted.set_limits(0, MAX_UINT, sender=owner)
    indebted.supply_collateral(weth, 500 * 10**18, borrower, sender=borrower)
    indebted.assume_debt(borrower, usd(2_000), sender=module)
    return indebted


class Actions:
    """One method for each step; each bounds its amount so that it can't revert."""

    def __init__(self, market: Any, lender: Any, borrower: Any, module: Any, weth: Any) -> None:
        self.market, self.weth = market, weth
        self.lender, self.borrower, self.module = lender, borrower, module

    def deposit(self, amount: int) -> None:
        self.market.deposit(amount, self.lender, sender=self.lender)

    def redeem(self, amount: int) -> None:
        shares = amount * 10**SHARE_OFFSET + 7
        self.market.redeem(shares, self.lender, self.lender, sender=self.lender)

    def borrow(self, amount: int) -> None:
        self.market.borrow(amount, self.borrower, sender=self.borrower)

    def repay(self, amount: int) -> None:
        self.market.repay(amount, self.borrower, sender=self.borrower)

    def assume(self, amount: int) -> None:
        self.market.assume_debt(self.borrower, amount, sender=self.module)

    def settle(self, amount: int) -> None:
        paid = min(amount, self.market.debt_in_sale())
        self.market.settle(self.weth, paid, paid // 9, sender=self.module)

    def give_back(self, amount: int) -> None:
        amount = min(amount, self.market.debt_in_sale())
        self.market.return_debt(self.borrower, amount, sender=self.module)

    def lose(self, amount: int) -> None:
        amount = min(amount, self.market.debt_in_sale())
        self.market.write_off(self.borrower, amount, sender=self.module)

    def fund(self, amount: int) -> None:
        self.market.fund_reserve(amount, sender=self.lender)


def no_worse(before: Any, after: Any) -> bool:
    """Whether a share (with the virtual ones) is worth at least what it was."""
    virtual = 10**SHARE_OFFSET
    worth_before = (before.total_assets + 1) * (after.total_shares + virtual)
    worth_after = (after.total_assets + 1) * (before.total_shares + virtual)
    return worth_after >= worth_before


@given(steps=STEPS)
@CHAIN
def test_books__after_any_steps__balance(
    ledger, lens, chain, usdc, lender, borrower, module, weth, steps
):
    """MARKET-1, MARKET-2: every unit is in the book, and only a loss lowers a share's worth."""
    with chain.isolate():
        actions = Actions(ledger, lender, borrower, module, weth)
        before = lens.market(ledger)
        for name, amount, days in steps:
            chain.pending_timestamp += days * DAY_S
            getattr(actions, name)(amount)
            now = lens.market(ledger)
            assert now.cash == usdc.balanceOf(ledger)
            assert now.total_debt == ledger.debt_of(borrower)
            book = now.cash + now.total_debt + now.debt_in_sale - now.reserve
            assert now.total_assets == book
            assert name == "lose" or no_worse(before, now)
            before = now


@given(assets=st.integers(1, usd(1_000_000)), loss=st.integers(0, usd(2_000)))
@CHAIN
def test_round_trip__in_one_block__never_profits(
    ledger, chain, usdc, lender, stranger, borrower, module, owner, assets, loss
):
    """MARKET-4: deposit and redeem, or mint and withdraw, give back at most what was put in."""
    with chain.isolate():
        ledger.write_off(borrower, loss, sender=module)
        ledger.set_rates((0, 1, 0, 0, 0), sender=owner)
        before = usdc.balanceOf(lender) + ledger.maxWithdraw(lender)
        ledger.deposit(assets, stranger, sender=lender)
        ledger.redeem(ledger.balanceOf(stranger), lender, stranger, sender=stranger)
        assert usdc.balanceOf(lender) + ledger.maxWithdraw(lender) <= before
        ledger.mint(assets, stranger, sender=lender)
        back = ledger.maxWithdraw(stranger)
        ledger.withdraw(back, lender, stranger, sender=stranger)
        assert usdc.balanceOf(lender) + ledger.maxWithdraw(lender) <= before
