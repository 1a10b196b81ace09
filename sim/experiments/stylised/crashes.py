"""Facts 1 to 5: what crashes look like, and who bears the loss."""

from __future__ import annotations

import math

import numpy as np

from sim.experiments.stylised.claim import Claim, Values, less, of, over, ratio
from sim.games.cascade import amplification, cascade


def linear_cascade(phi: float) -> Values:
    """Fall for a unit of shock of a book with uniform thresholds and linear impact."""
    accounts, shock = 10_000, 0.05
    thresholds = (np.arange(accounts) + 0.5) / accounts
    return [cascade(shock, thresholds, np.full(accounts, phi / accounts)).fall / shock]


def law(phi: float) -> Claim:
    """The laboratory case of fact 4."""
    exact = amplification(phi)
    return Claim(
        4,
        f"linear cascade, phi = {phi}: uniform thresholds, linear impact, no world around",
        f"{exact:g}: 1 / (1 - phi)",
        (),
        lambda _: linear_cascade(phi),
        (0.99 * exact, 1.01 * exact),
        remark="`tests/laws/test_games_cascade.py` also has it with liquidations on both engines",
    )


CRASH_HALVES = (
    "43.5% on 11 January 2021, 36% on the 21st, 46% on the 8th (Binance ETHUSDT perpetual)"
)

CLAIMS = (
    Claim(
        1,
        "liquidation value in the day's worst 40 minutes, `black_thursday`",
        f"{CRASH_HALVES}; 70% on 10 October 2025",
        ("crash",),
        of("crash", "worst_40min_pct"),
        (25, 75),
        "%",
    ),
    Claim(
        1,
        "the same in the top 1% of the day's time",
        "48% on 11 January 2021, 47 to 66% on the month's six worst days, 67% over the month",
        ("crash",),
        of("crash", "top_1pct_of_time_pct"),
        (30, 80),
        "%",
    ),
    Claim(
        1,
        "in the worst 40 minutes, `october_2025`",
        "70% on that day",
        ("october",),
        of("october", "worst_40min_pct"),
        (35, 80),
        "%",
        quick=True,
    ),
    Claim(
        1,
        "in the top 1% of the time",
        "most of it",
        ("october",),
        of("october", "top_1pct_of_time_pct"),
        (40, 90),
        "%",
        quick=True,
    ),
    Claim(
        2,
        "of the fall back 24 h after the trough or at the end, `october_2025`, replayed",
        "33% on that day; 43 to 68% in four other crashes of 2020 to 2024 (Binance, hourly)",
        ("october",),
        of("october", "recovered_24h_pct"),
        (20, 65),
        "%",
    ),
    Claim(
        2,
        "of the fall back after 24 h, when the outside stays down: 80 million of debt",
        "20 to 65%",
        ("gap, 80 million of debt",),
        of("gap, 80 million of debt", "recovered_24h_pct"),
        (20, 65),
        "%",
        reproduced=False,
        remark="the outside stays down by construction, so only impact comes back, and most of the "
        "fall is the outside's",
    ),
    Claim(
        2,
        "more of it than with 10 million of debt",
        "bigger when more of the selling was forced",
        ("gap, 80 million of debt", "gap, 10 million of debt"),
        less("gap, 80 million of debt", "gap, 10 million of debt", "recovered_24h_pct"),
        (0, math.inf),
        "%",
        quick=True,
    ),
    Claim(
        3,
        "autocorrelation of 3-minute returns at lag 1, `black_thursday`",
        "0.04 (Binance ETHUSDT perpetual, January 2021, 3 minutes)",
        ("crash",),
        of("crash", "autocorrelation_1"),
        (-0.15, 0.15),
        quick=True,
    ),
    Claim(
        3,
        "autocorrelation of their size at lag 1",
        "0.34 (the same)",
        ("crash",),
        of("crash", "size_autocorrelation_1"),
        (0.1, 0.6),
        quick=True,
    ),
    Claim(
        3,
        "the same at lag 20: an hour",
        "0.21 (the same)",
        ("crash",),
        of("crash", "size_autocorrelation_20"),
        (0.02, 0.5),
    ),
    Claim(
        3,
        "Hill index of the largest 5% of 3-minute returns",
        "3.2 (the same)",
        ("crash",),
        of("crash", "tail_index"),
        (2, 4.5),
        quick=True,
    ),
    Claim(
        3,
        "their skewness",
        "-0.07 at 3 minutes, -0.31 at 15 (the same)",
        ("crash",),
        of("crash", "skewness"),
        (-math.inf, 0),
        quick=True,
    ),
    Claim(
        3,
        "hourly volatility, `october_2025` over `calm`",
        "2 to 6: 3.1 on that day, 2.6 to 6.5 in the four others, over the 30 days before",
        ("october", "calm"),
        over("october", "calm", "hourly_volatility"),
        (2, 6.5),
    ),
    Claim(
        3,
        "volume of the busiest hour, `october_2025` over the mean one of `calm`",
        "6 to 38: 29 on that day, 7.9 to 38 in the four others, over the 30 days before",
        ("october", "calm"),
        lambda rows: ratio(rows, ("october", "busiest_hour_usd"), ("calm", "mean_hour_usd")),
        (6, 38),
    ),
    law(0.2),
    law(0.5),
    law(0.9),
    Claim(
        4,
        "amplification, `black_thursday`",
        "1.1 to 2",
        ("crash",),
        of("crash", "amplification"),
        (1.1, 2),
        quick=True,
    ),
    Claim(
        4,
        "branching, 1 - 1 / amplification",
        "0.1 to 0.3",
        ("crash",),
        of("crash", "branching"),
        (0.1, 0.3),
    ),
    Claim(
        4,
        "branching with half the depth, less that",
        "rises",
        ("crash, half the depth", "crash"),
        less("crash, half the depth", "crash", "branching"),
        (0, math.inf),
    ),
    Claim(
        4,
        "with a quarter of the depth, less that with half",
        "rises",
        ("crash, a quarter of the depth", "crash, half the depth"),
        less("crash, a quarter of the depth", "crash, half the depth", "branching"),
        (0, math.inf),
    ),
    Claim(
        4,
        "branching, a slide of 45% in four hours into an eighth of the depth",
        "towards 1",
        ("slide, thin",),
        of("slide, thin", "branching"),
        (0.4, 1),
        quick=True,
    ),
    Claim(
        4,
        "a fall of a fifth: branching with half of the debt below a health factor of 1.15, less "
        "the default book's",
        "rises",
        ("gap, more leverage", "gap"),
        less("gap, more leverage", "gap", "branching"),
        (0, math.inf),
    ),
    Claim(
        5,
        "bad debt of what was liquidated, a slide of 45% in four hours",
        "0.2% on 10 October 2025 (0.4 of 180 million USD)",
        ("slide",),
        of("slide", "bad_debt_of_liquidated_pct"),
        (0, 0.5),
        "%",
        quick=True,
    ),
    Claim(
        5,
        "the same, `october_2025`",
        "the same",
        ("october",),
        of("october", "bad_debt_of_liquidated_pct"),
        (0, 0.5),
        "%",
    ),
    Claim(
        5,
        "more of it when the same fall comes in three jumps",
        "bad debt comes from jumps",
        ("jumps", "slide"),
        less("jumps", "slide", "bad_debt_of_liquidated_pct"),
        (0, math.inf),
        "%",
        quick=True,
    ),
    Claim(
        5,
        "more of it when feeds see the slide an hour late",
        "and from stale feeds",
        ("slide seen late", "slide"),
        less("slide seen late", "slide", "bad_debt_of_liquidated_pct"),
        (0, math.inf),
        "%",
        quick=True,
    ),
    Claim(
        5,
        "more of it when the slide meets a pool and a venue an eighth as deep",
        "and from thin collateral",
        ("slide, thin", "slide"),
        less("slide, thin", "slide", "bad_debt_of_liquidated_pct"),
        (0, math.inf),
        "%",
        quick=True,
    ),
)
