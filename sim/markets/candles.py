"""Candles from the user's file: time, open, high, low, close, with every bad row named by its
line."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from sim.errors import InputError

COLUMNS = ("time", "open", "high", "low", "close")
SECONDS_DIGITS = 10  # up to the year 2286; longer are milliseconds


@dataclass(frozen=True)
class CandleFile:
    """What a file of candles says."""

    start: int  # [unix s] when the first candle opens
    interval_s: int
    open: float  # of the first candle
    bars: tuple[tuple[float, float, float], ...]  # high, low, close

    @property
    def seconds(self) -> int:
        """From the first open to the last close."""
        return self.interval_s * len(self.bars)


@dataclass(frozen=True)
class _Row:
    line: int
    time: int
    open: float
    high: float
    low: float
    close: float


def read_candles(path: Path) -> CandleFile:
    """Read a CSV with a header; times in unix seconds or ISO 8601 (UTC when no zone is given), one
    spacing throughout.

    Raises InputError naming file, line and what is wrong.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(_rows(path, csv.DictReader(file)))
    except OSError as e:
        raise InputError(f"{path}: can't be read ({e.strerror})") from e
    except (UnicodeDecodeError, csv.Error) as e:
        raise InputError(f"{path}: not a CSV file in UTF-8 ({e})") from e
    if len(rows) < 2:
        raise InputError(f"{path}: needs at least two candles, has {len(rows)}")
    interval = rows[1].time - rows[0].time
    _check_spacing(path, rows, interval)
    bars = tuple((row.high, row.low, row.close) for row in rows)
    return CandleFile(rows[0].time, interval, rows[0].open, bars)


def _rows(path: Path, reader: csv.DictReader[str]) -> Iterable[_Row]:
    names = {name.strip().lower(): name for name in reader.fieldnames or ()}
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise InputError(
            f"{path}: line 1: no column {', '.join(missing)}; "
            f"the header should name {', '.join(COLUMNS)}"
        )
    for record in reader:
        cells = {column: (record[names[column]] or "").strip() for column in COLUMNS}
        yield _row(path, reader.line_num, cells)


def _row(path: Path, line: int, cells: Mapping[str, str]) -> _Row:
    time = _time(path, line, cells["time"])
    prices = {column: _price(path, line, column, cells[column]) for column in COLUMNS[1:]}
    row = _Row(line, time, **prices)
    for column in ("open", "close"):
        if not row.low <= prices[column] <= row.high:
            raise InputError(
                f"{path}: line {line}: {column} {prices[column]} is not between "
                f"low {row.low} and high {row.high}"
            )
    return row


def _time(path: Path, line: int, text: str) -> int:
    if text.isdecimal() and len(text) <= SECONDS_DIGITS:
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"{path}: line {line}: time {text!r} is neither unix seconds nor ISO 8601"
        ) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _price(path: Path, line: int, column: str, text: str) -> float:
    try:
        price = float(text)
    except ValueError:
        raise InputError(f"{path}: line {line}: {column} {text!r} is not a number") from None
    if not 0 < price < float("inf"):
        raise InputError(f"{path}: line {line}: {column} {text} is not a price above zero")
    return price


def _check_spacing(path: Path, rows: list[_Row], interval: int) -> None:
    for before, row in pairwise(rows):
        step = row.time - before.time
        if step == 0:
            raise InputError(f"{path}: line {row.line}: the same time as line {before.line}")
        if step < 0:
            raise InputError(
                f"{path}: line {row.line}: earlier than line {before.line}; sort by time"
            )
        if step != interval:
            raise InputError(
                f"{path}: line {row.line}: {step} s after line {before.line}, "
                f"but the candles before are {interval} s apart; fill the gap"
            )
