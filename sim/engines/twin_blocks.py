"""Blocks of twins: exactly the given transactions in the given order, and what became of each."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence

from sim.engines import gas
from sim.engines.base import Address, Block, Event, Outcome, Tx
from sim.engines.blocks import NOT_INCLUDED, Slot
from sim.engines.twins import Twins
from sim.errors import EngineError
from sim.mechanisms.kernel import NOBODY

NO_FUNDS = "Insufficient funds for gas * price + value"  # as Anvil says it
BENEFICIARY = NOBODY  # gets the priority fees, as on Anvil


class TwinMiner:
    """Executes and charges, one block at a time."""

    def __init__(self, twins: Twins) -> None:
        self._twins = twins
        self._coins: dict[Address, int] = defaultdict(int, twins.coins)  # the chain's own [wei]
        self._last_hash = ""

    def coins(self, holder: Address) -> int:
        """What the holder has to pay gas with [wei]."""
        return self._coins.get(holder, 0)

    def mine(self, slot: Slot, transactions: Sequence[Tx]) -> Block:
        """One block. Raises EngineError when it is earlier than the last one."""
        chain = self._twins.chain
        if slot.timestamp < chain.timestamp:
            raise EngineError(
                f"a block at {slot.timestamp} is lower than previous block's {chain.timestamp}"
            )
        chain.timestamp, chain.number = slot.timestamp, chain.number + 1
        outcomes: list[Outcome] = []
        events: list[Event] = []
        left = slot.gas_limit
        refusals = self._refusals(slot, transactions)
        late: set[Address] = set()  # whose transaction was left out: the later ones wait with it
        for tx in transactions:
            reason = refusals.get(tx.id, "")
            if not reason and (tx.sender in late or not self._fits(tx, slot, left)):
                reason = NOT_INCLUDED
                late.add(tx.sender)
            if reason:
                outcomes.append(Outcome(tx, False, reason))
                continue
            receipt = self._twins.transact(tx.sender, tx.call)
            left -= self._charge(tx, receipt.ok, slot.base_fee, receipt.reason)
            outcomes.append(Outcome(tx, receipt.ok, receipt.reason))
            events += self._twins.events(tx.id, receipt.logs)
        chain.commit()
        return self._sealed(slot, outcomes, events, slot.gas_limit - left)

    def _refusals(self, slot: Slot, transactions: Sequence[Tx]) -> Mapping[int, str]:
        """Whom a node would not let into its mempool, by id: who can't pay even when alone."""
        return {tx.id: NO_FUNDS for tx in transactions if self.coins(tx.sender) < _most(tx, slot)}

    def _fits(self, tx: Tx, slot: Slot, left: int) -> bool:
        return tx.gas_limit <= left and self.coins(tx.sender) >= _most(tx, slot)

    def _charge(self, tx: Tx, ok: bool, base_fee: int, reason: str) -> int:
        """Take the fee, of which only the tip goes to anybody. Returns the gas used."""
        contract = self._twins.names[tx.call.target]
        spent = gas.used(contract, tx.call.function, ok, tx.gas_limit, reason)
        self._coins[tx.sender] -= spent * (base_fee + tx.priority_fee)
        self._coins[BENEFICIARY] += spent * tx.priority_fee
        return spent

    def _sealed(
        self, slot: Slot, outcomes: Sequence[Outcome], events: Sequence[Event], spent: int
    ) -> Block:
        """With a hash of the block before and of the transactions in this one and what became of
        them, from which all else follows."""
        number = self._twins.chain.number
        told = [
            (o.tx.sender, o.tx.call.target, o.tx.call.function, o.tx.call.args, o.reason)
            for o in outcomes
        ]
        head = self._last_hash, number, slot.timestamp, slot.base_fee, slot.gas_limit
        content = repr((head, told, spent, len(events)))
        self._last_hash = "0x" + hashlib.sha256(content.encode()).hexdigest()
        return Block(
            number=number,
            timestamp=slot.timestamp,
            hash=self._last_hash,
            gas_used=spent,
            base_fee=slot.base_fee,
            outcomes=tuple(outcomes),
            events=tuple(events),
        )


def _most(tx: Tx, slot: Slot) -> int:
    """What the sender must have [wei]."""
    return tx.gas_limit * (slot.base_fee + tx.priority_fee)
