"""The trace: everything that happened in a run, in one table with a unit for every column.

A row has a `kind`; columns that do not belong to it are null. The same file holds the manifest
(what must be known to run it again) and the ledger in its schema's metadata. Amounts that must be
exact stand as decimal integers in text; the floats beside them are for reading and drawing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.errors import InputError, OutputError

ROLES = (
    "borrowers",
    "lenders",
    "keepers",
    "arbitrageurs",
    "liquidity_providers",
    "panic_sellers",
    "noise_traders",
    "adversary",
    "oracle",
    "guardian",
    "reserve",
    "venue",
    "gas",
)
EVERYWHERE = "*"  # in the place of a market's name


@dataclass(frozen=True)
class Column:
    """One column: which kinds of row fill it, its type, its unit and what it says."""

    name: str
    kinds: tuple[str, ...]
    type: pa.DataType
    unit: str
    meaning: str


B, X, E, A, T, S = "block", "transaction", "event", "account", "trade", "episode"
D, C, R = "depth", "claim", "race"
_f, _i, _s, _b = pa.float64(), pa.int64(), pa.string(), pa.bool_()

COLUMNS = (
    Column("kind", (B, X, E, A, T, S, D, C, R), _s, "", "what the row is"),
    Column("block", (B, X, E, A, T, S, D, C, R), _i, "", "number on the chain"),
    Column("time_s", (B, X, E, A, T, S, D, C, R), _i, "s", "since the start of the run"),
    Column(
        "market",
        (B, X, E, A, T, S, D, C, R),
        _s,
        "",
        "a further market of the network; null: the first, or shared by all",
    ),
    # block: one row a step, also where no block was mined and the clock jumped
    Column("mined", (B,), _b, "", "whether a block was mined in this step"),
    Column("fundamental", (B,), _f, "USD", "price outside, without anybody's impact"),
    Column("venue", (B,), _f, "USD", "price on the off-chain venue, with impact"),
    Column("pool", (B,), _f, "USD", "price in the Uniswap pool after the step"),
    Column("half_spread", (B,), _f, "", "on the venue, a ratio of its price"),
    Column("venue_depth", (B,), _f, "", "of the venue, share of the calm depth that stands"),
    Column("venue_volume", (B,), _f, "USD", "traded on the venue in the step"),
    Column("pool_depth", (B,), _f, "USD", "in the pool within 2% of its price, both sides"),
    Column("pool_collateral", (B,), _f, "", "of the pool's worth at its price, a ratio"),
    Column("pool_volume", (B,), _f, "USD", "swapped in the pool in the step"),
    Column("oracle", (B,), _f, "USD", "last answer of the feed"),
    Column("eligible_debt", (B,), _f, "USD", "debt of accounts below health factor 1, not in sale"),
    Column("eligible_debt_ever", (B,), _f, "USD", "over accounts, the most that ever was"),
    Column("executed_debt", (B,), _f, "USD", "debt repaid by liquidations since the start"),
    Column("bad_debt", (B,), _f, "USD", "debt written off since the start"),
    Column("total_debt", (B,), _f, "USD", "owed by accounts"),
    Column("debt_in_sale", (B,), _f, "USD", "in open auctions"),
    Column("cash", (B,), _f, "USD", "that lenders could withdraw"),
    Column("reserve", (B,), _f, "USD", "of the protocol"),
    Column("gas_used", (B,), _i, "gas", "by this run's transactions in the block"),
    Column("others_gas", (B,), _i, "gas", "by all others on the chain, where they are modelled"),
    Column("base_fee", (B,), _i, "wei/gas", "of the block, or of the one that would have been"),
    Column("gas_limit", (B,), _i, "gas", "of the block"),
    Column("full", (B,), _b, "", "whether something had to wait because the block was full"),
    Column("pending", (B,), _i, "", "transactions that wait in the mempool after the step"),
    Column("expired", (B,), _i, "", "transactions that expired in the step"),
    Column("halted_borrow", (B,), _b, "", "borrowing is halted"),
    Column("halted_withdraw", (B,), _b, "", "withdrawing is halted"),
    Column("halted_liquidate", (B,), _b, "", "liquidation is halted"),
    Column("halted_seconds", (B,), _i, "s", "halt of liquidation since the start"),
    # transaction
    Column("tx", (X, E), _i, "", "number in the run"),
    Column("role", (X, T, A, C, R), _s, "", "of the sender"),
    Column("sender", (X, T), _s, "", "address"),
    Column("target", (X, E), _s, "", "contract, by its name in the deployment"),
    Column("function", (X,), _s, "", "that was called"),
    Column("ok", (X,), _b, "", "false: reverted"),
    Column("reason", (X,), _s, "", "exact revert reason"),
    Column("priority_fee", (X,), _i, "wei/gas", "bid"),
    Column(
        "waited",
        (X,),
        _i,
        "blocks",
        "between the wish, or the first of those it replaced, and the block",
    ),
    # event
    Column("event", (E,), _s, "", "name"),
    Column("args", (E,), _s, "JSON", "every argument, integers as text, in the contract's units"),
    # account: one row for each borrower at the start and one at the end
    Column("moment", (A, D, C), _s, "", "start or end"),
    Column("account", (A, S, C), _s, "", "address"),
    Column("debt", (A, S), _f, "USD", "owed (episode: when it became eligible)"),
    Column("collateral", (A,), _f, "token", "held in the market, without lots in sale"),
    Column("health", (A,), _f, "", "health factor; null without debt"),
    # trade on the off-chain venue
    Column(
        "side", (T,), _s, "", "buy or sell of the collateral token; cross: a crowd among itself"
    ),
    Column("amount", (T,), _f, "token", "collateral token"),
    Column("usd", (T, D, C, R), _f, "USD", "paid or received; worth of claims on the market"),
    Column("price", (T,), _f, "USD", "average of the trade"),
    Column("forced", (T,), _b, "", "forced or panicked, not arbitrage"),
    # depth of the pool at the start and at the end: USD paid for collateral until its price has
    # fallen by so much
    Column("drop", (D,), _f, "", "of the pool's price, a ratio"),
    # claim: one row for each lender at the start and one at the end
    # race: a round of signals among the lenders who race
    Column("strength", (R,), _f, "", "of the market: share of their claims that it could pay now"),
    Column("inside", (R,), _i, "", "lenders who were still in and saw a signal"),
    Column("ran", (R,), _i, "", "of them, who decided to leave"),
    # episode: an account was below health factor 1 from `time_s` to `cleared_s`
    Column("cleared_s", (S,), _i, "s", "when it no longer was, since the start; null: never"),
    Column("how", (S,), _s, "", "liquidated, recovered (price or own action) or open"),
)

SCHEMA = pa.schema(
    [
        pa.field(
            c.name,
            c.type,
            metadata={"unit": c.unit, "meaning": c.meaning, "kinds": ",".join(c.kinds)},
        )
        for c in COLUMNS
    ]
)


@dataclass(frozen=True)
class Trace:
    """A finished run. `manifest` and `ledger` are JSON-able; `table` has the columns of SCHEMA."""

    manifest: Mapping[str, Any]
    ledger: Mapping[str, Any]
    table: pa.Table

    @property
    def markets(self) -> tuple[str, ...]:
        """Names, the first market's first; one without a network."""
        return tuple(self.manifest.get("markets", {"a": None}))

    def rows(self, kind: str, market: str | None = None) -> pd.DataFrame:
        """The rows of one kind with that kind's columns only: the first market's and what is
        shared, a further market's by its name, or all of them (EVERYWHERE)."""
        place = kind, None if market == self.markets[0] else market
        if place not in self._frames:
            self._frames[place] = self._read(*place)
        return self._frames[place].copy()

    @cached_property
    def _frames(self) -> dict[tuple[str, str | None], pd.DataFrame]:
        """What was read already: dozens of metrics ask for the same."""
        return {}

    def _read(self, kind: str, market: str | None) -> pd.DataFrame:
        names = [c.name for c in COLUMNS if kind in c.kinds]
        wanted = pc.field("kind") == kind
        if market is None:
            wanted &= pc.field("market").is_null()
        elif market != EVERYWHERE:
            wanted &= pc.field("market") == market
        return self.table.filter(wanted).select(names).to_pandas()

    def write(self, path: Path) -> None:
        """Write to a Parquet file, whole or not at all. Raises OutputError."""
        meta = {"manifest": json.dumps(self.manifest), "ledger": json.dumps(self.ledger)}
        part = path.with_suffix(".part")
        try:
            pq.write_table(self.table.replace_schema_metadata(meta), part)
            part.replace(path)
        except OSError as e:
            part.unlink(missing_ok=True)
            raise OutputError(
                f"{path}: the trace could not be written ({e.strerror or e}); "
                "free space or choose another folder"
            ) from e

    @classmethod
    def load(cls, path: Path) -> Trace:
        """Read a trace. Raises InputError when the file is not one."""
        try:
            table = pq.read_table(path)
            meta = table.schema.metadata or {}
            return cls(json.loads(meta[b"manifest"]), json.loads(meta[b"ledger"]), table)
        except FileNotFoundError as e:
            raise InputError(f"{path}: there is no such trace") from e
        except (OSError, pa.ArrowException, KeyError, ValueError) as e:
            raise InputError(f"{path}: not a trace of Firesale ({e})") from e


def is_whole(path: Path) -> bool:
    """Whether there is a Parquet file with its end, which is written last."""
    try:
        pq.read_metadata(path)
    except (OSError, pa.ArrowException):
        return False
    return True


class Recorder:
    """Collects rows during a run."""

    def __init__(self) -> None:
        self._rows: dict[str, list[dict[str, Any]]] = {}  # by kind
        self._places: dict[str, list[int]] = {}  # of the rows in the table, by kind
        self._count = 0

    def add(self, kind: str, **values: Any) -> None:
        """Add a row; the columns must belong to the kind."""
        self._rows.setdefault(kind, []).append(values)
        self._places.setdefault(kind, []).append(self._count)
        self._count += 1

    def trace(self, manifest: Mapping[str, Any], ledger: Mapping[str, Any]) -> Trace:
        """The finished trace. A column of another kind raises KeyError."""
        parts = [_part(kind, rows) for kind, rows in self._rows.items()]
        places = np.concatenate([np.array([], dtype=int), *self._places.values()])
        table = pa.concat_tables([SCHEMA.empty_table(), *parts])
        return Trace(manifest, ledger, table.take(np.argsort(places)).combine_chunks())


def _part(kind: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """The rows of one kind with all columns; only its own are looked into."""
    own = [c.name for c in COLUMNS if kind in c.kinds and c.name != "kind"]
    strange = set().union(*rows) - set(own)
    if strange:
        raise KeyError(f"columns {sorted(strange)} do not belong to a row of kind {kind}")
    filled = pa.array(rows, pa.struct([SCHEMA.field(name) for name in own])).flatten()
    known = {"kind": pa.array([kind] * len(rows)), **dict(zip(own, filled, strict=True))}
    columns = [known.get(c.name, pa.nulls(len(rows), c.type)) for c in COLUMNS]
    return pa.Table.from_arrays(columns, schema=SCHEMA)
