"""Twin of contracts/oracles/PushFeed.vy. Answers in [10**-8, debt per collateral], times in [s]."""

from __future__ import annotations

from typing import NamedTuple

from sim.mechanisms.kernel import Address, Chain, Contract, Revert, Table, view
from sim.mechanisms.words import sint, uint
from sim.units import WAD

RoundData = tuple[int, int, int, int, int]  # round, answer, started at, updated at, answered in


class Round(NamedTuple):
    """One answer."""

    answer: int = 0
    updated_at: int = 0  # [unix s]; 0: there is no such round


class PushFeed(Contract):
    """A price feed that one feeder pushes answers to."""

    guarded = True
    unlocked = frozenset({"decimals", "description", "version"})

    def __init__(
        self,
        chain: Chain,
        address: Address,
        feeder: Address,
        answer: int,
        heartbeat: int,
        deviation: int,
    ) -> None:
        super().__init__(chain, address)
        self.decimals, self.description, self.version = 8, "Firesale: pushed price", 1
        self.FEEDER, self.HEARTBEAT, self.DEVIATION = feeder, heartbeat, deviation
        self.latest_round = 0
        self._rounds: Table[int, Round] = self._table(Round())
        self._store(answer)

    def push(self, answer: int) -> None:
        """Take a new answer when it is due. Only the feeder."""
        if self._chain.sender != self.FEEDER:
            raise Revert("feed: only feeder")
        if not self._due(answer):
            raise Revert("feed: not due")
        self._store(answer)

    @view
    def due(self, answer: int) -> bool:
        """Whether `push` would take it now."""
        return answer > 0 and self._due(answer)

    @view
    def latestRoundData(self) -> RoundData:
        """The last answer."""
        return self._round_data(self.latest_round)

    @view
    def getRoundData(self, round_id: int) -> RoundData:
        """Any answer."""
        return self._round_data(round_id)

    def _round_data(self, round_id: int) -> RoundData:
        answer, updated_at = self._rounds[round_id]
        if not updated_at:
            raise Revert("feed: no such round")
        return round_id, answer, updated_at, updated_at, round_id

    def _due(self, answer: int) -> bool:
        last = self._rounds[self.latest_round]
        if self._chain.timestamp >= uint(last.updated_at + self.HEARTBEAT):
            return True
        moved = sint(abs(sint(answer - last.answer)))
        return uint(moved * WAD) >= uint(self.DEVIATION * last.answer)

    def _store(self, answer: int) -> None:
        if answer <= 0:
            raise Revert("feed: zero answer")
        self.latest_round += 1
        now = self._chain.timestamp
        self._rounds[self.latest_round] = Round(answer, now)
        self._log("AnswerUpdated", current=answer, roundId=self.latest_round, updatedAt=now)
