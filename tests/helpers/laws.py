"""What the laws are tried on: designs without what would blur a closed form, and loans by their
loan-to-value at the price of the trial."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from fractions import Fraction

from sim.design import Design, load_design
from sim.engines import open_engine
from sim.experiments.laboratory import Laboratory, Loan
from sim.units import FEED, to_units

PRICE = 1_000.0  # of the trial [USDC per WETH]
PURE = {
    "market.min_debt": 0,
    "market.initial_reserve": 1_000_000.0,  # outlasts every loss
    "market.interest.at_kink": 0.0,
    "market.interest.at_full": 0.0,
}
# of each rule: no dust rule, no fee, and no health at which the rule changes
SMOOTH = {
    "fixed": {"min_base": 0, "min_leftover": 0, "full_close_health": 0.0},
    "morpho": {},
    "aave_v4": {"min_leftover": 0, "protocol_fee": 0.0},
    "silo": {"min_leftover": 0, "full_close_share": 1.0},
    "euler_v2": {"min_leftover": 0, "cool_off": 0},
    "dutch": {"min_sale": 0, "tip": 0, "chip": 0.0},
    "english": {"min_sale": 0, "tip": 0},
}
SPOT = ("fixed", "morpho", "aave_v4", "silo", "euler_v2")


def pure(name: str, threshold: float = 0.83, **liquidation: object) -> Design:
    """A built-in design without interest, dust rules and fees; borrowers may go to the threshold.

    `liquidation` sets the rule's own parameters.
    """
    ends = {f"market.collaterals.0.{k}": threshold for k in ("ltv", "liquidation_threshold")}
    rule = {f"liquidation.{k}": v for k, v in {**SMOOTH[name], **liquidation}.items()}
    return load_design(name, [f"{k}={v}" for k, v in {**PURE, **ends, **rule}.items()])


class Trials:
    """Opens laboratories on one engine and closes them all."""

    def __init__(self, engine: str) -> None:
        self._engine, self._stack = engine, ExitStack()

    def __enter__(self) -> Trials:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def __call__(
        self, design: Design, ltvs: Sequence[float], size: float = 1.0, price: float = PRICE
    ) -> Laboratory:
        """Loans of so many tokens of collateral each, at these loan-to-values at the price."""
        token, debt = design.market.collaterals[0].token, design.market.debt_token
        collateral = to_units(size, token.decimals)
        worth = Fraction(str(size)) * Fraction(str(price)) * 10**debt.decimals
        loans = [Loan(collateral, int(worth * Fraction(str(ltv)))) for ltv in ltvs]
        first = price * max(ltvs) / design.market.collaterals[0].ltv * 1.01
        engine = self._stack.enter_context(open_engine(self._engine))
        laboratory = Laboratory(engine, design, max(first, price * 1.01), loans)
        laboratory.push(price)
        return laboratory


def worth(laboratory: Laboratory, collateral: int) -> Fraction:
    """Collateral at the feed's price [debt token]."""
    market = laboratory.design.market
    answer = laboratory.look().feeds[laboratory.symbol].answer
    decimals = market.debt_token.decimals - market.collaterals[0].token.decimals
    return Fraction(collateral * answer, FEED) * Fraction(10) ** decimals


def loan_to_value(laboratory: Laboratory, account: int = 0) -> Fraction:
    """Of a loan as it stands."""
    state = laboratory.look()
    held = state.collateral[laboratory.symbol][account]
    return state.debt[account] / worth(laboratory, held)
