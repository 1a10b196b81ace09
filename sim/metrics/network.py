"""Several markets on one chain: do they liquidate together, who sells to whom, and whose loss came
from where.

Tables are of USD. A node is a role of a market ("keepers b"), a crowd of an asset ("panic sellers")
or a place ("pool", "venue"; "pool STETH" of a further asset).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from sim.metrics.registry import metric
from sim.metrics.series import decimals_of, design_of, events, pool_of, pool_swaps, takes, total
from sim.trace import EVERYWHERE, Trace

MINUTE_S = 60
OF_A_MARKET = ("borrowers", "lenders", "keepers", "reserve")  # roles that every market has anew
FLOW = ["seller", "buyer", "usd"]
LOSS = ["loser", "gainer", "cause", "usd"]


def by_minute(trace: Trace) -> pd.DataFrame:
    """Debt repaid by liquidations in each minute (or step, where steps are longer), a column for
    each market [USD]."""
    columns = {}
    for market in trace.markets:
        rows = trace.rows("block", market)
        done = rows.groupby((rows["time_s"] - 1) // MINUTE_S)["executed_debt"].last()
        columns[market] = done.diff().fillna(done)
    return pd.DataFrame(columns)


def synchrony(trace: Trace) -> pd.DataFrame:
    """Correlations of `by_minute` between markets; NaN where one has liquidated nothing."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return by_minute(trace).corr()


@metric(
    "%",
    "lower",
    "Correlation by the minute of what two markets with one collateral liquidate, mean over pairs",
)
def liquidation_synchrony_pct(trace: Trace) -> float | None:
    pairs = [p for p in combinations(trace.markets, 2) if _collateral(trace, *p)]
    if not pairs:
        return None
    found = synchrony(trace)
    values = [float(found.loc[a, b]) for a, b in pairs]
    known = [value for value in values if np.isfinite(value)]
    return 100 * sum(known) / len(known) if known else None


def _collateral(trace: Trace, one: str, other: str) -> bool:
    """Whether two markets take the same."""
    tokens = (
        design_of(trace, market)["market"]["collaterals"][0]["token"] for market in (one, other)
    )
    return len({str(token) for token in tokens}) == 1


def _elsewhere(trace: Trace, column: str) -> float | None:
    if len(trace.markets) < 2:
        return None
    return sum(float(trace.rows("block", m)[column].iloc[-1]) for m in trace.markets[1:])


@metric("USD", "neither", "Debt that liquidations repaid in the other markets of the network")
def liquidated_elsewhere_usd(trace: Trace) -> float | None:
    return _elsewhere(trace, "executed_debt")


@metric("USD", "lower", "Debt written off in the other markets of the network")
def bad_debt_elsewhere_usd(trace: Trace) -> float | None:
    return _elsewhere(trace, "bad_debt")


def by_market(trace: Trace) -> dict[str, dict[str, float]]:
    """What became of each market, first one first [USD]."""
    columns = {"liquidated": "executed_debt", "bad_debt": "bad_debt", "debt": "total_debt"}
    ends = {market: trace.rows("block", market).iloc[-1] for market in trace.markets}
    return {
        market: {name: float(end[column]) for name, column in columns.items()}
        for market, end in ends.items()
    }


def flows(trace: Trace) -> pd.DataFrame:
    """Who sold collateral to whom: seller, buyer, usd, the largest first."""
    rows = [*_taken(trace), *_traded(trace), *_swapped(trace)]
    found = pd.DataFrame(rows, columns=FLOW).groupby(FLOW[:2], as_index=False)["usd"].sum()
    return found.sort_values(["usd", *FLOW[:2]], ascending=False, ignore_index=True)


def losses(trace: Trace) -> pd.DataFrame:
    """Whose loss came from where: loser, gainer, cause, usd, the largest first.

    `discount`: collateral sold for less than the venue's price; `penalty`: into the reserve; `bad
    debt`: of borrowers, borne by the reserve or by lenders, which are all who hold shares, also as
    collateral in another market.
    """
    rows = [row for market in trace.markets for row in _lost(trace, market)]
    found = pd.DataFrame(rows, columns=LOSS)
    found = found[found["usd"] > 0]
    return found.sort_values(["usd", *LOSS[:3]], ascending=False, ignore_index=True)


def node(trace: Trace, role: str, market: str | None) -> str:
    """How a role is called; `market` None: the first."""
    name = market or trace.markets[0]
    if role in OF_A_MARKET:
        return f"{role.replace('_', ' ')} {name}"
    return _of_asset(trace, role.replace("_", " "), name)


def _of_asset(trace: Trace, what: str, market: str) -> str:
    """A crowd or a place, which markets that take the same asset share."""
    pool = pool_of(trace, market)
    return what if pool == "pool" else f"{what} {pool.partition(':')[2]}"


def _market(value: object) -> str | None:
    """Of a row; null is the first."""
    return value if isinstance(value, str) else None


def _taken(trace: Trace) -> Iterator[tuple[str, str, float]]:
    for market in trace.markets:
        seller, buyer = (node(trace, role, market) for role in ("borrowers", "keepers"))
        yield seller, buyer, float(takes(trace, market)["value"].sum())


def _traded(trace: Trace) -> Iterator[tuple[str, str, float]]:
    trades = trace.rows("trade", EVERYWHERE)
    trades = trades[trades["side"].isin(["buy", "sell"])]
    sums = trades.groupby(["role", "market", "side"], dropna=False)["usd"].sum()
    for (role, market, side), usd in sums.items():
        who = node(trace, role, _market(market))
        venue = _of_asset(trace, "venue", _market(market) or trace.markets[0])
        yield (*_direction(who, venue, side == "sell"), float(usd))


def _swapped(trace: Trace) -> Iterator[tuple[str, str, float]]:
    hosts = {pool_of(trace, market): market for market in reversed(trace.markets)}
    for host in hosts.values():
        swaps = pool_swaps(trace, host).assign(sells=lambda s: s["collateral"] > 0)
        sums = swaps.groupby(["role", "market", "sells"], dropna=False)["debt"].sum()
        place = _of_asset(trace, "pool", host)
        for (role, market, sells), usd in sums.items():
            who = node(trace, role, _market(market))
            yield (*_direction(who, place, bool(sells)), abs(float(usd)))


def _direction(who: str, place: str, sells: bool) -> tuple[str, str]:
    return (who, place) if sells else (place, who)


def _lost(trace: Trace, market: str) -> Iterator[tuple[str, str, str, float]]:
    borrowers, keepers, lenders, reserve = (
        node(trace, role, market) for role in ("borrowers", "keepers", "lenders", "reserve")
    )
    sold = takes(trace, market)
    paid = float((sold["repaid"] + sold["fee"]).sum())
    discount = float(sold["value"].sum()) - paid
    yield (
        (borrowers, keepers, "discount", discount)
        if discount > 0
        else (keepers, borrowers, "discount", -discount)
    )
    yield borrowers, reserve, "penalty", float(sold["fee"].sum())
    bad, decimals = events(trace, "BadDebt", market=market), decimals_of(trace, market)[0]
    yield lenders, borrowers, "bad debt", total(bad, "from_lenders", decimals)
    yield reserve, borrowers, "bad debt", total(bad, "from_reserve", decimals)


def summary(trace: Trace) -> dict[str, object] | None:
    """All of it, JSON-able, for results.json; None without a network."""
    if len(trace.markets) < 2:
        return None
    together = synchrony(trace)
    return {
        "designs": {m: design_of(trace, m)["name"] for m in trace.markets},
        "markets": by_market(trace),
        "synchrony": [
            [float(v) if np.isfinite(v) else None for v in row] for row in together.to_numpy()
        ],
        "flows": flows(trace).to_dict("records"),
        "losses": losses(trace).to_dict("records"),
    }
