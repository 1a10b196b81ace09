"""Who left the market, in which order, at what cost: the run, and the race against its theory."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.games.race import Race
from sim.metrics.registry import metric
from sim.metrics.series import decimals_of, events
from sim.trace import Trace

EMPTY = 0.01  # of the lenders' claims: less cash than this is none


def utilisation(trace: Trace) -> pd.Series:
    """The lent part of what the market holds, by step; 0 where it holds nothing."""
    steps = trace.rows("block")
    lent = steps["total_debt"] + steps["debt_in_sale"]
    return (lent / (lent + steps["cash"]).where(lambda held: held > 0)).fillna(0.0)


def leavers(trace: Trace) -> pd.DataFrame:
    """One row a lender, in the order of leaving; who stayed comes last.

    account, start and end [USD] of the claim, withdrawn [USD], left_s [s]: when half of the claim
    was out, infinite for who stayed; loss [USD], negative: earned.
    """
    claims = trace.rows("claim").pivot(index="account", columns="moment", values="usd")
    taken = events(trace, "Withdraw")
    unit = 10 ** decimals_of(trace)[0]
    rows = []
    for account, start, end in zip(claims.index, claims["start"], claims["end"], strict=True):
        own = taken[taken["owner"] == account] if len(taken) else taken
        assets = own["assets"].astype(float).to_numpy() / unit if len(own) else np.array([])
        out = np.flatnonzero(assets.cumsum() >= start / 2)
        left_s = float(own["time_s"].iloc[out[0]]) if len(out) else np.inf
        withdrawn = float(assets.sum())
        rows.append((account, start, end, withdrawn, left_s, start - end - withdrawn))
    columns = ["account", "start", "end", "withdrawn", "left_s", "loss"]
    return pd.DataFrame(rows, columns=columns).sort_values("left_s", kind="stable")


def race_of(trace: Trace) -> Race | None:
    """The game of those who raced; none when nobody did."""
    if trace.rows("race").empty:
        return None
    spec = trace.manifest["scenario"]["population"]["lenders"]["race"]
    return Race(spec["benefit"], spec["cost"], spec["noise"])


def _has_claims(trace: Trace) -> bool:
    return not trace.rows("claim").empty


@metric("%", "neither", "Withdrawn by lenders, of what their claims were worth at the start")
def claims_withdrawn_pct(trace: Trace) -> float | None:
    if not _has_claims(trace):
        return None
    found = leavers(trace)
    return 100 * float(found["withdrawn"].sum() / found["start"].sum())


@metric("%", "lower", "Highest lent part of what the market held")
def peak_utilisation_pct(trace: Trace) -> float:
    return 100 * float(utilisation(trace).max())


@metric("%", "lower", "Highest yearly rate that borrowers paid")
def peak_borrow_rate_pct(trace: Trace) -> float:
    model = trace.manifest["design"]["market"]["interest"]
    points = (0.0, model["kink"], 1.0), (model["base"], model["at_kink"], model["at_full"])
    return 100 * float(np.interp(utilisation(trace).max(), *points))


@metric("s", "lower", "Time in which the cash was below 1% of the lenders' claims: they queue")
def without_cash_s(trace: Trace) -> float:
    steps = trace.rows("block")
    claims = steps["cash"] + steps["total_debt"] + steps["debt_in_sale"] - steps["reserve"]
    step_s = float(steps["time_s"].diff().median()) if len(steps) > 1 else 0.0
    return step_s * float((steps["cash"] < EMPTY * claims).sum())


@metric("%", "lower", "Lost, of their claims, by lenders who took out half of it or more")
def leaver_loss_pct(trace: Trace) -> float | None:
    return _loss(trace, stayed=False)


@metric("%", "lower", "Lost, of their claims, by lenders who took out less than half of it")
def stayer_loss_pct(trace: Trace) -> float | None:
    return _loss(trace, stayed=True)


def _loss(trace: Trace, stayed: bool) -> float | None:
    if not _has_claims(trace):
        return None
    found = leavers(trace)
    group = found[np.isinf(found["left_s"]) == stayed]
    return 100 * float(group["loss"].sum() / group["start"].sum()) if len(group) else None


@metric("%", "lower", "Of the lenders who race, those who ran")
def race_ran_pct(trace: Trace) -> float | None:
    rounds = trace.rows("race")
    return None if rounds.empty else 100 * float(rounds["ran"].sum() / rounds["inside"].iloc[0])


@metric("%", "neither", "Of the lenders who race, those who run in theory at each round's strength")
def race_predicted_pct(trace: Trace) -> float | None:
    race = race_of(trace)
    if race is None:
        return None
    stay = 1 - race.share_leaving(trace.rows("race")["strength"].to_numpy())
    return 100 * (1 - float(np.prod(stay)))


@metric(
    "%", "neither", "Of the lenders who race, those who would have left had they decided together"
)
def race_coordinated_pct(trace: Trace) -> float | None:
    race = race_of(trace)
    if race is None:
        return None
    return 100 * float(race.coordinated_share(trace.rows("race")["strength"].min()))


@metric(
    "%",
    "higher",
    "Of the claims of those who race and were in, the least that could be paid at once",
)
def race_strength_pct(trace: Trace) -> float | None:
    rounds = trace.rows("race")
    return None if rounds.empty else 100 * float(rounds["strength"].min())


@metric("%", "neither", "Strength below which the race makes the market fail: theta* = c / (b + c)")
def race_threshold_pct(trace: Trace) -> float | None:
    race = race_of(trace)
    return None if race is None else 100 * race.threshold


@metric("USD", "lower", "What those who race forwent for want of coordination")
def race_forgone_usd(trace: Trace) -> float | None:
    """As one game: the market failed if in some round more ran than it could pay."""
    race = race_of(trace)
    if race is None:
        return None
    rounds = trace.rows("race")
    ran, weakest = rounds["ran"].sum() / rounds["inside"].iloc[0], rounds["strength"].min()
    failed = bool((rounds["ran"] / rounds["inside"] > rounds["strength"]).any())
    best = race.payoff(race.coordinated_share(weakest), weakest)
    got = race.payoff(ran, -1.0 if failed else 1.0)  # strengths at which it fails, holds, for sure
    return float(best - got) * float(rounds["usd"].iloc[0])
