"""A monitor on a terminal: a screen that is redrawn there, and lines anywhere else."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.live import Live

from sim.agents.base import Facts
from sim.engines.base import Address, Block, Snapshot
from sim.monitor.monitor import Monitor
from sim.monitor.view import line, screen
from sim.world.pool_book import PoolBook

ON_TERMINAL, IN_LOG = 1, 300  # steps between two looks


class Watch:
    """A context manager and an observer of a run; leaving it keeps the last look as text."""

    def __init__(self, console: Console, title: str, every: int | None) -> None:
        self._console, self._title = console, title
        self._every = every or (ON_TERMINAL if console.is_terminal else IN_LOG)
        self._monitor = Monitor()
        self._steps, self._is_open = 0, False
        self._live = Live(console=console, auto_refresh=False, transient=True)

    def __enter__(self) -> Watch:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._live.stop()
        if self._is_open:
            self._console.print(screen(self._monitor.report(), self._title))

    def open(
        self, facts: Facts, accounts: Sequence[Address], pool: PoolBook, state: Snapshot
    ) -> None:
        """The set-up is done."""
        self._monitor.open(facts, accounts, pool, state)
        self._is_open = True

    def step(self, block: Block | None, state: Snapshot) -> None:
        """A step is done."""
        self._monitor.step(block, state)
        self._steps += 1
        if self._steps % self._every:
            return
        report = self._monitor.report()
        if self._console.is_terminal:
            self._live.update(screen(report, self._title), refresh=True)
        else:
            self._console.print(line(report), highlight=False, soft_wrap=True)
