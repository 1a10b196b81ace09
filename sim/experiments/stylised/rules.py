"""Facts 6 to 10: what rules, halts, feeds and shared collateral do in a crash."""

from __future__ import annotations

import math
from collections.abc import Callable

from sim.experiments.stylised.cases import WILD_H, WILD_VOLATILITY
from sim.experiments.stylised.claim import Claim, Rows, Values, less, more, of
from sim.metrics.statistics import hit_probability
from sim.units import YEAR_S


def hits(case: str, drop: float) -> Callable[[Rows], Values]:
    """1 where the venue's price fell by `drop`, else 0, less the closed form without feedback."""
    closed = hit_probability(drop, WILD_VOLATILITY, WILD_H * 3600 / YEAR_S)
    return lambda rows: [
        (1.0 if (row["lowest_pct"] or 0.0) <= -100 * drop else 0.0) - closed for row in rows[case]
    ]


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
        hits("wild, fixed", 0.1),
        (0, math.inf),
    ),
    Claim(
        8,
        "trough on the venue with a breaker less that without, of the first price",
        "smaller trough on the halted venue",
        ("wild, fixed_breaker", "wild, fixed"),
        less("wild, fixed_breaker", "wild, fixed", "lowest_pct"),
        (0, math.inf),
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
        "correlation of two markets' liquidations by the minute, shared collateral",
        "above 90%",
        ("two markets, shared collateral",),
        of("two markets, shared collateral", "liquidation_synchrony_pct"),
        (90, 100),
        "%",
    ),
    Claim(
        10,
        "the same without overlap",
        "near 0",
        ("two markets, separate collateral",),
        of("two markets, separate collateral", "liquidation_synchrony_pct"),
        (-20, 20),
        "%",
    ),
)
