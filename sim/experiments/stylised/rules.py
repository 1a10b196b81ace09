"""Facts 6 to 10: what rules, halts, feeds and shared collateral do in a crash."""

from __future__ import annotations

import math

from sim.design import load_design
from sim.engines import open_engine
from sim.experiments.laboratory import Laboratory, Loan
from sim.experiments.stylised.cases import ENGINE, WILD_H, WILD_VOLATILITY
from sim.experiments.stylised.claim import Claim, Observations, Rows, Values, less, more, of
from sim.metrics.statistics import hit_probability
from sim.units import YEAR_S, from_units, to_units

DROP = 0.1  # the fall that the magnet draws to


def hit(row: Observations, name: str) -> float:
    """1 where the price fell as far as that, else 0."""
    return float((row[name] or 0.0) >= 100 * DROP)


def above_closed_form(rows: Rows) -> Values:
    """Hits of the venue's price less the chance that it has without feedback."""
    closed = hit_probability(DROP, WILD_VOLATILITY, WILD_H * 3600 / YEAR_S)
    return [hit(row, "fell_pct") - closed for row in rows["wild, fixed"]]


def above_outside(rows: Rows) -> Values:
    """Hits of the venue's price less those of the price outside."""
    return [hit(row, "fell_pct") - hit(row, "outside_fell_pct") for row in rows["wild, fixed"]]


def bad_debt_at_once(ltv: float) -> Values:
    """Of a loan of 1,000 whose debt is `ltv` of its collateral, when it is liquidated [% of it]."""
    design, price = load_design("fixed"), 1_000.0
    terms, unit = design.market.collaterals[0], design.market.debt_token.decimals
    loan = Loan(to_units(1 / ltv, terms.token.decimals), to_units(1_000, unit))
    with open_engine(ENGINE) as engine:
        laboratory = Laboratory(engine, design, 1.01 * price * ltv / terms.ltv, [loan])
        laboratory.push(price)
        return [100 * from_units(laboratory.settle(0).bad_debt, unit) / 1_000]


CLAIMS = (
    Claim(
        6,
        "sales below a tenth of the venue's price, `english`, half of keepers stuck, gas tenfold",
        "36% of the collateral auctions of 12 and 13 March 2020 closed near zero",
        ("stuck, english",),
        of("stuck, english", "near_zero_sales_pct"),
        (15, 60),
        "%",
        quick=True,
    ),
    Claim(
        6,
        "the same, `dutch`",
        "none since Liquidations 2.0",
        ("stuck, dutch",),
        of("stuck, dutch", "near_zero_sales_pct"),
        (0, 1),
        "%",
        quick=True,
    ),
    Claim(
        7,
        "largest gap of the venue below the outside price, Dutch less fixed, taking part cheap",
        "less",
        ("dutch, cheap", "fixed, cheap"),
        less("dutch, cheap", "fixed, cheap", "venue_gap_pct"),
        (-math.inf, 0),
        "%",
        quick=True,
    ),
    Claim(
        7,
        "the same, taking part dear",
        "more",
        ("dutch, dear", "fixed, dear"),
        less("dutch, dear", "fixed, dear", "venue_gap_pct"),
        (0, math.inf),
        "%",
        quick=True,
    ),
    Claim(
        8,
        "magnet: chance of a fall of 10% in six wild hours above 2 Phi(ln(1 - d) / (sigma sqrt T))",
        "above 0",
        ("wild, fixed",),
        above_closed_form,
        (0, math.inf),
    ),
    Claim(
        8,
        "the same above the path outside, seed by seed",
        "above 0",
        ("wild, fixed",),
        above_outside,
        (0, math.inf),
    ),
    Claim(
        8,
        "fall of the venue with breakers less that without",
        "smaller trough on the halted venue",
        ("wild, fixed_breaker", "wild, fixed"),
        less("wild, fixed_breaker", "wild, fixed", "fell_pct"),
        (-math.inf, 0),
        "%",
    ),
    Claim(
        8,
        "bad debt with a breaker less that without, when the price falls on to a half",
        "small shortfalls become bad debt",
        ("further, fixed_breaker", "further, fixed"),
        less("further, fixed_breaker", "further, fixed", "bad_debt_usd"),
        (0, math.inf),
        "USD",
    ),
    Claim(
        8,
        "bad debt of a loan at a loan-to-value of 0.97, liquidated at once; halted: none",
        "a halt helps beyond a loan-to-value of 1 / (1 + bonus) = 0.952",
        (),
        lambda _: bad_debt_at_once(0.97),
        (0.1, 3),
        "%",
        remark="while it is solvent; `tests/laws/test_loan_to_value.py` has the whole law",
    ),
    Claim(
        8,
        "the same at 0.94",
        "and does not below",
        (),
        lambda _: bad_debt_at_once(0.94),
        (-0.001, 0.001),
        "%",
    ),
    Claim(
        8,
        "selling before a halt because it is coming, or elsewhere because of it",
        "more",
        (),
        lambda _: [None],
        (0, math.inf),
        reproduced=False,
        remark="nobody here foresees a halt, and nothing else halts: the magnet is feedback alone",
    ),
    Claim(
        8,
        "trips that impact adds: breaker on price less that on volatility",
        "volatility: less of a magnet",
        (
            "wild, dutch_breaker",
            "wild, dutch_breaker, no impact",
            "wild, volatility_breaker",
            "wild, volatility_breaker, no impact",
        ),
        more(
            less("wild, dutch_breaker", "wild, dutch_breaker, no impact", "tripped"),
            less("wild, volatility_breaker", "wild, volatility_breaker, no impact", "tripped"),
        ),
        (0, math.inf),
        reproduced=False,
        remark="nobody here sees a limit come near; levels on volatility lie deeper in wild hours, "
        "where it is feedback that reaches them",
    ),
    Claim(
        9,
        "debt liquidated in a V, TWAP less spot",
        "spared",
        ("V, twap", "V, fixed"),
        less("V, twap", "V, fixed", "liquidated_debt_usd"),
        (-math.inf, 0),
        "USD",
        quick=True,
    ),
    Claim(
        9,
        "bad debt in an L, TWAP less spot",
        "more",
        ("L, twap", "L, fixed"),
        less("L, twap", "L, fixed", "bad_debt_usd"),
        (0, math.inf),
        "USD",
        quick=True,
    ),
    Claim(
        10,
        "correlation of the markets' liquidations by the minute, `contagion`",
        "above 90%",
        ("contagion",),
        of("contagion", "liquidation_synchrony_pct"),
        (90, 100),
        "%",
    ),
    Claim(
        10,
        "the same of two markets without a common collateral",
        "near 0",
        ("two collaterals",),
        of("two collaterals", "first_two_together_pct"),
        (-20, 20),
        "%",
    ),
)
