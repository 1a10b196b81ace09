"""Twin of contracts/modules/gates.vy: the market's breakers, its clocks.

From one sync to the next liquidation is halted up to h and queues up to q, auctions are slowed from
e = max(h, q) up to s, and run as ever after that: auction time grows by pace * (s - e) + (now - s),
the halt by h - sync.
"""

from __future__ import annotations

from typing import NamedTuple

from sim.mechanisms.kernel import Address, Revert, reentrant
from sim.mechanisms.probe import Probe
from sim.units import LIQUIDATE, MAX_UINT, WAD

MAX_BREAKERS = 4
ACTIONS = range(3)


class Slowdown(NamedTuple):
    """What breakers ask of auctions."""

    pace: int = 0  # of the clock of auctions [WAD]
    uplift: int = 0  # how much higher than usual an auction starts [WAD]
    until: int = 0  # [unix s]


class Gates(Probe):
    """Gates read what pulses have latched. Between syncs a halt and a slowdown are intervals."""

    def _init_gates(self) -> None:
        self._installed: tuple[Address, ...] = ()
        self._until: tuple[int, ...] = (0, 0, 0)  # end of the halt by action [unix s]
        self._slow = Slowdown()  # of all breakers
        self._queue_end = 0  # of the latest queue [unix s]
        self._counted = 0  # halt of liquidation up to the last sync [s]
        self._ticked = 0  # auction time up to the last sync [WAD s]
        self._synced_at = 0  # [unix s]

    @reentrant
    def breakers(self) -> tuple[Address, ...]:
        """The installed ones."""
        return self._installed

    @reentrant
    def allowed(self, action: int, asset: Address, amount: int) -> int:
        """The least that the breakers' gates let pass [debt token]."""
        return self._allowed(action, asset, amount)

    @reentrant
    def halted_until(self, action: int) -> int:
        """When the latest of the breakers' halts ends, as of the last pulse [unix s]."""
        if action not in ACTIONS:
            raise Revert
        return self._until[action]

    @reentrant
    def halted_seconds(self) -> int:
        """How long liquidation has been halted in all; overlapping halts count once [s]."""
        return self._halted_seconds()

    @reentrant
    def auction_time(self) -> int:
        """Stands still while liquidation is halted or queues, runs at the least pace [WAD s]."""
        return self._auction_time()

    @reentrant
    def start_uplift(self) -> int:
        """How much higher than usual an auction starts now [WAD]."""
        return 0 if self._chain.timestamp >= self._slow.until else self._slow.uplift

    def pulse(self) -> None:
        """Pulse every breaker and bring the clocks up to date. Anyone."""
        for breaker in self._installed:
            self._call(breaker, "pulse")
        self._sync()

    def _allowed(self, action: int, asset: Address, amount: int) -> int:
        passing = amount
        for breaker in self._installed:
            passing = min(passing, self._ask(breaker, 0, "gate", action, asset, amount))
        return passing

    def _halt_end(self, breaker: Address, action: int, otherwise: int) -> int:
        """What the breaker answers [unix s]; `otherwise` when it reverts."""
        return self._ask(breaker, otherwise, "halted_until", action)

    def _require(self, action: int, asset: Address, amount: int) -> None:
        """Revert unless all of `amount` [debt token] may pass."""
        if not amount:
            return
        passing = self._allowed(action, asset, amount)
        if not passing:
            raise Revert("market: halted")
        if passing != amount:
            raise Revert("market: throttled")

    def _halted_seconds(self) -> int:
        return self._counted + self._halt_since_sync() - self._synced_at

    def _bearing_time(self) -> int:
        """The clock of interest: now without all halts of liquidation so far [s]."""
        return self._chain.timestamp - self._halted_seconds()

    def _auction_time(self) -> int:
        now = self._chain.timestamp
        stop_end = max(min(self._queue_end, now), self._halt_since_sync())
        slow_end = max(min(self._slow.until, now), stop_end)
        slow = (slow_end - stop_end) * self._slow.pace
        return self._ticked + slow + (now - slow_end) * WAD

    def _halt_since_sync(self) -> int:
        """Up to when liquidation has been halted from the last sync on [unix s]."""
        return max(min(self._until[LIQUIDATE], self._chain.timestamp), self._synced_at)

    def _slowdown(self) -> Slowdown:
        """Of all breakers as one."""
        pace, uplift, until = WAD, 0, 0
        for breaker in self._installed:
            asked = self._slowdown_of(breaker)
            if self._chain.timestamp < asked.until:
                pace, uplift = min(pace, asked.pace), max(uplift, asked.uplift)
                until = max(until, asked.until)
        return Slowdown(pace, uplift, until)

    def _slowdown_of(self, breaker: Address) -> Slowdown:
        """What the breaker answers; none when it reverts."""
        ok, answer = self._chain.attempt(self.address, breaker, "slowdown")
        return Slowdown(*answer) if ok else Slowdown()

    def _record(self, action: int, asset: Address, amount: int) -> None:
        for breaker in self._installed:
            self._call(breaker, "record", action, asset, amount)

    def _sync(self) -> None:
        self._counted, self._ticked = self._halted_seconds(), self._auction_time()
        self._synced_at = self._chain.timestamp
        self._until = tuple(
            max((self._halt_end(breaker, action, 0) for breaker in self._installed), default=0)
            for action in ACTIONS
        )
        self._slow = self._slowdown()
        ends = (self._ask(breaker, 0, "queued_until") for breaker in self._installed)
        self._queue_end = max(ends, default=0)
        self._log(
            "HaltsSynced",
            caller=self._chain.sender,
            until=self._until,
            halted_seconds=self._counted,
            slowdown=self._slow,
            queued_until=self._queue_end,
            auction_time=self._ticked,
        )

    def _add_breaker(self, breaker: Address) -> None:
        if len(self._installed) == MAX_BREAKERS:
            raise Revert("market: too many breakers")
        if breaker in self._installed:
            raise Revert("market: known breaker")
        if self._halt_end(breaker, LIQUIDATE, MAX_UINT) == MAX_UINT:
            raise Revert("market: not a breaker")
        self._installed += (breaker,)
        self._sync()
        self._log("BreakerAdded", owner=self._chain.sender, breaker=breaker)

    def _remove_breaker(self, breaker: Address) -> None:
        if breaker not in self._installed:
            raise Revert("market: unknown breaker")
        self._installed = tuple(other for other in self._installed if other != breaker)
        self._sync()
        self._log("BreakerRemoved", owner=self._chain.sender, breaker=breaker)
