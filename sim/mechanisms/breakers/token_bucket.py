"""Twin of contracts/modules/token_bucket.vy: token buckets, one for each gated action."""

from __future__ import annotations

from sim.mechanisms.kernel import Contract, Revert, Table
from sim.mechanisms.maths import mul_div_up
from sim.mechanisms.words import uint

LIMIT = 2**128


class TokenBucket(Contract):
    """Amounts in [debt token]. A bucket is full at first and refills at a constant rate."""

    def _init_token_bucket(self, capacity: int, refill: int) -> None:
        if max(capacity, refill) > LIMIT:
            raise Revert("bucket: too large")
        self._capacity, self._refill = capacity, refill  # of each, [debt token], [debt token/s]
        self._spendings: Table[int, tuple[int, int]] = self._table((0, 0))  # missing, at [unix s]

    def _tokens(self, action: int) -> int:
        """What may pass now."""
        return self._capacity - self._missing(action)

    def _wait(self, action: int) -> int:
        """Until the bucket is half full again, if nothing is spent [s]; 0: it is."""
        missing = self._missing(action) - self._capacity // 2
        return mul_div_up(missing, 1, self._refill) if missing > 0 else 0

    def _spend(self, action: int, amount: int) -> None:
        """Take out; more than there is empties the bucket."""
        missing = min(uint(self._missing(action) + amount), self._capacity)
        self._spendings[action] = missing, self._chain.timestamp

    def _missing(self, action: int) -> int:
        missing, at = self._spendings[action]
        return max(0, missing - (self._chain.timestamp - at) * self._refill)
