"""Debts, holdings and health factors of a market's accounts, straight from the twins' storage.

From step to step only what was written is read anew: hundreds of accounts a step would be most of a
run.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sim.engines.base import Address
from sim.mechanisms.kernel import NOBODY, Chain
from sim.mechanisms.periphery.lens import Ask, Terms, graded, limits_of, terms_of


class TwinAccounts:
    """The watched accounts of one market."""

    def __init__(
        self,
        chain: Chain,
        market: Address,
        watched: Sequence[Address],
        collaterals: Sequence[Address],
    ) -> None:
        self._ask: Ask = partial(chain.call, NOBODY)
        self._address = market
        twin: Any = chain.contracts[market]
        self._debts, self._holdings = twin.scaled_debt_of, twin.collateral_of
        self._debts_written, self._holdings_written = (
            self._debts.watched(),
            self._holdings.watched(),
        )
        self._row = {account: i for i, account in enumerate(watched)}
        self._column = {collateral: k for k, collateral in enumerate(collaterals)}
        self._scaled = [self._debts[account] for account in watched]
        self._held = [[self._holdings[a, token] for a in watched] for token in collaterals]
        self._terms: list[Terms] | None = None  # that the limits were reckoned with
        self._limits: list[int] = []

    def read(self) -> tuple[list[int], list[int], list[list[int]]]:
        """Debts [debt token], health factors [WAD], and amounts held by collateral, now."""
        self._take_in_limits(self._take_in())
        debts, health = graded(self._ask(self._address, "index"), self._scaled, self._limits)
        return debts, health, [amounts.copy() for amounts in self._held]

    def _take_in(self) -> list[int]:
        """Read what was written; returns the rows whose holdings may have changed."""
        for account in self._debts_written & self._row.keys():
            self._scaled[self._row[account]] = self._debts[account]
        rows = set()
        for account, token in self._holdings_written:
            if account in self._row:
                row = self._row[account]
                self._held[self._column[token]][row] = self._holdings[account, token]
                rows.add(row)
        self._debts_written.clear()
        self._holdings_written.clear()
        return sorted(rows)

    def _take_in_limits(self, rows: Sequence[int]) -> None:
        """Anew for these rows, or for all after a change of a price or a threshold."""
        terms = terms_of(self._ask, self._address)
        if terms != self._terms:
            self._terms, self._limits = terms, limits_of(terms, self._held, len(self._scaled))
            return
        held = [[amounts[row] for row in rows] for amounts in self._held]
        for row, limit in zip(rows, limits_of(terms, held, len(rows)), strict=True):
            self._limits[row] = limit
