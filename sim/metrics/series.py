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


def decimals_of(trace: Trace) -> tuple[int, int]:
    """Decimals of the debt token and of the (first) collateral token."""
    market = trace.manifest["design"]["market"]
    return market["debt_token"]["decimals"], market["collaterals"][0]["token"]["decimals"]


def events(trace: Trace, name: str, contract: str | None = None) -> pd.DataFrame:
    """Events of one name: block, time_s, tx, and a column for each argument (integers exact)."""
    rows = trace.rows("event")
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


def takes(trace: Trace) -> pd.DataFrame:
    """One row a take.

    time_s, account, repaid [USD] (payment without penalty), fee [USD], received [token], price paid
    [USD/token], venue [USD/token] at the same step, value [USD] of what was received at that price.
    """
    columns = ["time_s", "account", "repaid", "fee", "received", "price", "venue", "value"]
    raw = events(trace, "Taken")
    if raw.empty:
        return pd.DataFrame(columns=columns)
    debt, collateral = decimals_of(trace)
    frame = with_venue(trace, raw)
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


def with_venue(trace: Trace, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame, sorted by time_s, with the venue's price at each row's step."""
    prices = trace.rows("block")[["time_s", "venue"]]
    return pd.merge_asof(frame, prices, on="time_s")


def pool_swaps(trace: Trace) -> pd.DataFrame:
    """One row a swap in the pool.

    time_s, role of the sender, collateral [token] and debt [USD] paid in (negative: paid out).
    """
    raw = events(trace, "Swap", "pool")
    if raw.empty:
        return pd.DataFrame(columns=["time_s", "role", "collateral", "debt"])
    roles = trace.rows("transaction", EVERYWHERE).set_index("tx")["role"]
    debt, collateral = decimals_of(trace)
    sold, paid = ("amount0", "amount1") if _collateral_first(trace, raw) else ("amount1", "amount0")
    return pd.DataFrame(
        {
            "time_s": raw["time_s"],
            "role": raw["tx"].map(roles),
            "collateral": raw[sold].astype(float) / 10**collateral,
            "debt": raw[paid].astype(float) / 10**debt,
        }
    )


def _collateral_first(trace: Trace, swaps: pd.DataFrame) -> bool:
    """Whether the collateral is the pool's token0: its raw price is token1's units per token0's."""
    debt, collateral = decimals_of(trace)
    raw = (float(swaps["sqrtPriceX96"].iloc[-1]) / Q96) ** 2
    quoted = float(trace.rows("block")["pool"].dropna().iloc[-1]) * 10.0 ** (debt - collateral)
    return abs(math.log(raw / quoted)) < abs(math.log(raw * quoted))
