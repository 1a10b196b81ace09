"""Facts 6 to 10: what rules, halts, feeds and shared collateral do in a crash."""

from __future__ import annotations

import math

from sim.experiments.stylised.cases import WILD_H, WILD_VOLATILITY
from sim.experiments.stylised.claim import Claim, Observations, Rows, Values, less, more, of
from sim.metrics.statistics import hit_probability
from sim.units import YEAR_S

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


CLAIMS = (
    Claim(
        6,
        "sales below a tenth of the venue's price, `english`, keepers stuck and gas tenfold",
        "36% of the collateral auctions of 12 and 13 March 2020 closed near zero",
        ("stuck, english",),
        of("stuck, english", "near_zero_sales_pct"),
        (15, 60),
        "%",
    ),
    Claim(
        6,
        "the same, `dutch`",
        "none since Liquidations 2.0",
        ("stuck, dutch",),
        of("stuck, dutch", "near_zero_sales_pct"),
        (0, 1),
        "%",
    ),
    Claim(
        7,
        "largest gap of the venue below the outside price, Dutch less fixed, taking part cheap",
        "less",
        ("dutch, cheap", "fixed, cheap"),
        less("dutch, cheap", "fixed, cheap", "venue_gap_pct"),
        (-math.inf, 0),
        "%",
    ),
    Claim(
        7,
        "the same, taking part dear",
        "more",
        ("dutch, dear", "fixed, dear"),
        less("dutch, dear", "fixed, dear", "venue_gap_pct"),
        (0, math.inf),
        "%",
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
    ),
    Claim(
        9,
        "debt liquidated in a V, TWAP less spot",
        "spared",
        ("V, twap", "V, fixed"),
        less("V, twap", "V, fixed", "liquidated_debt_usd"),
        (-math.inf, 0),
        "USD",
    ),
    Claim(
        9,
        "bad debt in an L, TWAP less spot",
        "more",
        ("L, twap", "L, fixed"),
        less("L, twap", "L, fixed", "bad_debt_usd"),
        (0, math.inf),
        "USD",
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
        of("two collaterals", "liquidation_synchrony_pct"),
        (-20, 20),
        "%",
    ),
)
