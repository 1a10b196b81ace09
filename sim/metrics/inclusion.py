"""How long block space kept things waiting: liquidations, oracle answers, and at which price.

A wait is counted in blocks of 12 s beyond the first block in which it could have been over: nobody
acts on a state before the block that made it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.metrics.registry import metric
from sim.metrics.series import decimals_of, events, takes
from sim.trace import EVERYWHERE, Trace
from sim.units import GWEI

BLOCK_S = 12
FIRST = ("SaleStarted", "Taken")  # what shows that a liquidation got into a block
ORACLE = ("push", "poke")


def spacing(trace: Trace) -> int:
    """Between two steps [s]."""
    times = trace.rows("block")["time_s"]
    return int(times.diff().min()) if len(times) > 1 else BLOCK_S


def first_liquidations(trace: Trace) -> pd.DataFrame:
    """One row for each spell of an account below health factor 1.

    account, time_s of its begin, debt then [USD], blocks until a sale was started or taken (none:
    never), bad_debt left in the spell [USD].
    """
    spells = trace.rows("episode")[["account", "time_s", "debt", "cleared_s"]]
    spells = spells.sort_values("time_s", kind="stable", ignore_index=True)
    spells["spell"] = spells.index
    done = pd.concat([_of_spells(spells, events(trace, name)) for name in FIRST])
    first = done.groupby("spell")["time_s"].min()
    waited = spells["spell"].map(first) - spells["time_s"] - spacing(trace)
    spells["blocks"] = waited.clip(lower=0) / BLOCK_S
    lost = _of_spells(spells, events(trace, "BadDebt"))
    spells["bad_debt"] = spells["spell"].map(_bad_debt(trace, lost)).fillna(0.0)
    return spells[["account", "time_s", "debt", "blocks", "bad_debt"]]


def _of_spells(spells: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the number of the spell of their account in which they fall."""
    if rows.empty or spells.empty:
        return rows.assign(spell=pd.Series(dtype=float), time_s=pd.Series(dtype=float))
    begun = spells[["account", "time_s", "spell"]]
    rows = rows.sort_values("time_s", kind="stable")
    return pd.merge_asof(rows, begun, on="time_s", by="account", allow_exact_matches=False).dropna(
        subset=["spell"]
    )


def _bad_debt(trace: Trace, lost: pd.DataFrame) -> pd.Series:
    """By spell [USD]."""
    if lost.empty:
        return pd.Series(dtype=float)
    parts = lost["from_reserve"].astype(float) + lost["from_lenders"].astype(float)
    return parts.groupby(lost["spell"]).sum() / 10 ** decimals_of(trace)[0]


def _taken_within(trace: Trace, blocks: int) -> float | None:
    """Share of the collateral, by value."""
    spells = trace.rows("episode")[["account", "time_s"]].sort_values("time_s", kind="stable")
    spells["spell"] = spells["time_s"]
    sold = _of_spells(spells, takes(trace))
    if sold.empty or not sold["value"].sum():
        return None
    waited = (sold["time_s"] - sold["spell"] - spacing(trace)).clip(lower=0)
    soon = sold["value"][waited <= blocks * BLOCK_S]
    return 100 * float(soon.sum() / sold["value"].sum())


@metric(
    "%",
    "higher",
    "Share of the collateral sold that was taken in the first block in which it could be",
)
def taken_at_once_pct(trace: Trace) -> float | None:
    return _taken_within(trace, 0)


@metric("%", "higher", "Share of the collateral sold that was taken within two blocks more")
def taken_within_2_pct(trace: Trace) -> float | None:
    return _taken_within(trace, 2)


@metric("%", "higher", "Share of the collateral sold that was taken within sixteen blocks more")
def taken_within_16_pct(trace: Trace) -> float | None:
    return _taken_within(trace, 16)


@metric(
    "blocks",
    "lower",
    "95th percentile over accounts of the blocks from liquidatable to a sale's start or first take",
)
def liquidation_wait_p95_blocks(trace: Trace) -> float | None:
    waited = first_liquidations(trace)["blocks"].dropna()
    return None if waited.empty else float(np.percentile(waited, 95))


@metric("s", "lower", "95th percentile of how long an oracle answer waited for a block")
def oracle_wait_p95_s(trace: Trace) -> float | None:
    sent = trace.rows("transaction", EVERYWHERE)
    waited = sent[sent["function"].isin(ORACLE)]["waited"] * spacing(trace)
    return None if waited.empty else float(np.percentile(waited, 95))


@metric("gwei", "neither", "Mean base fee over the steps")
def base_fee_mean_gwei(trace: Trace) -> float:
    return float(trace.rows("block")["base_fee"].mean()) / GWEI


@metric("gwei", "neither", "Highest base fee")
def base_fee_peak_gwei(trace: Trace) -> float:
    return float(trace.rows("block")["base_fee"].max()) / GWEI


@metric("%", "lower", "Share of transactions that expired of those mined or expired")
def expired_pct(trace: Trace) -> float | None:
    expired = float(trace.rows("block")["expired"].sum())
    total = expired + len(trace.rows("transaction", EVERYWHERE))
    return 100 * expired / total if total else None
