"""Tables that several metrics and figures read out of a trace."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from sim.trace import EVERYWHERE, Trace
from sim.units import WAD

Q96 = 2**96


def design_of(trace: Trace, market: str | None = None) -> Mapping[str, Any]:
    """As it stands in a market of the network; None: the first."""
    known: Mapping[str, Any] = trace.manifest.get("markets", {})
    found: Mapping[str, Any] = known.get(market or "", trace.manifest)["design"]
    return found


def decimals_of(trace: Trace, market: str | None = None) -> tuple[int, int]:
    """Decimals of the debt token and of the (first) collateral token."""
    terms = design_of(trace, market)["market"]
    return terms["debt_token"]["decimals"], terms["collaterals"][0]["token"]["decimals"]


def events(
    trace: Trace, name: str, contract: str | None = None, market: str | None = None
) -> pd.DataFrame:
    """Events of one name: block, time_s, tx, and a column for each argument (integers exact); of
    the first market and what is shared, or of another."""
    rows = trace.rows("event", market)
    rows = rows[rows["event"] == name]
    if contract is not None:
        rows = rows[rows["target"] == contract]
    parsed = [
        {"block": r.block, "time_s": r.time_s, "tx": r.tx, **_integers(json.loads(r.args))}
        for r in rows.itertuples()
    ]
    return pd.DataFrame(parsed)


def _integers(args: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v if str(v).startswith("0x") else int(v) for k, v in args.items()}


def total(frame: pd.DataFrame, column: str, decimals: int) -> float:
    """Exact sum of a column of integers in whole tokens; 0 for an empty frame."""
    return sum(frame[column]) / 10**decimals if len(frame) else 0.0


def takes(trace: Trace, market: str | None = None) -> pd.DataFrame:
    """One row a take in a market.

    time_s, account, repaid [USD] (payment without penalty), fee [USD], received [token], price paid
    [USD/token], venue [USD/token] at the same step, value [USD] of what was received at that price.
    """
    columns = ["time_s", "account", "repaid", "fee", "received", "price", "venue", "value"]
    raw = events(trace, "Taken", market=market)
    if raw.empty:
        return pd.DataFrame(columns=columns)
    debt, collateral = decimals_of(trace, market)
    frame = with_venue(trace, raw, market)
    frame["repaid"] = (raw["paid"] - raw["fee"]).astype(float) / 10**debt
    frame["fee"] = raw["fee"].astype(float) / 10**debt
    frame["received"] = raw["received"].astype(float) / 10**collateral
    frame["price"] = raw["price"].astype(float) / WAD
    frame["value"] = frame["received"] * frame["venue"]
    return frame[columns]


def sale_starts(trace: Trace) -> pd.DataFrame:
    """One row a start or restart of an auction.

    time_s, account, start price [USD/token], venue [USD/token] at the same step.
    """
    names = ("SaleStarted", "SaleRestarted")
    raw = pd.concat([events(trace, name) for name in names], ignore_index=True)
    if raw.empty:
        return pd.DataFrame(columns=["time_s", "account", "price", "venue"])
    frame = with_venue(trace, raw.sort_values("time_s", kind="stable", ignore_index=True))
    frame["price"] = frame["start_price"].astype(float) / WAD
    return frame[["time_s", "account", "price", "venue"]]


def with_venue(trace: Trace, frame: pd.DataFrame, market: str | None = None) -> pd.DataFrame:
    """The frame, sorted by time_s, with the venue's price at each row's step."""
    prices = trace.rows("block", market)[["time_s", "venue"]]
    return pd.merge_asof(frame, prices, on="time_s")


def pool_of(trace: Trace, market: str | None = None) -> str:
    """The key of the pool in which a market's collateral trades."""
    known: Mapping[str, Any] = trace.manifest.get("markets", {})
    return str(known.get(market or "", {"pool": "pool"})["pool"])


def pool_swaps(trace: Trace, market: str | None = None) -> pd.DataFrame:
    """One row a swap in the pool of a market's collateral, whoever has sent it.

    time_s, role of the sender and its market (null: the first), collateral [token] and debt [USD]
    paid in (negative: paid out).
    """
    raw = events(trace, "Swap", pool_of(trace, market))
    if raw.empty:
        return pd.DataFrame(columns=["time_s", "role", "market", "collateral", "debt"])
    sent = trace.rows("transaction", EVERYWHERE).set_index("tx")
    debt, collateral = decimals_of(trace, market)
    first = _collateral_first(trace, raw, market)
    sold, paid = ("amount0", "amount1") if first else ("amount1", "amount0")
    return pd.DataFrame(
        {
            "time_s": raw["time_s"],
            "role": raw["tx"].map(sent["role"]),
            "market": raw["tx"].map(sent["market"]),
            "collateral": raw[sold].astype(float) / 10**collateral,
            "debt": raw[paid].astype(float) / 10**debt,
        }
    )


def _collateral_first(trace: Trace, swaps: pd.DataFrame, market: str | None) -> bool:
    """Whether the collateral is the pool's token0: its raw price is token1's units per token0's."""
    debt, collateral = decimals_of(trace, market)
    raw = (float(swaps["sqrtPriceX96"].iloc[-1]) / Q96) ** 2
    quoted = float(trace.rows("block", market)["pool"].dropna().iloc[-1]) * 10.0 ** (
        debt - collateral
    )
    return abs(math.log(raw / quoted)) < abs(math.log(raw * quoted))
