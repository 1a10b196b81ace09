"""Twin of contracts/modules/ownership.vy: an owner who hands over in two steps, and a guardian."""

from __future__ import annotations

from sim.mechanisms.kernel import NOBODY, Address, Contract, Revert


class Ownership(Contract):
    """Who may change the market."""

    unlocked = frozenset({"owner", "candidate", "guardian"})

    def _init_ownership(self, owner: Address, guardian: Address) -> None:
        if owner == NOBODY:
            raise Revert("market: zero address")
        self.owner, self.candidate, self.guardian = owner, NOBODY, guardian

    def transfer_ownership(self, candidate: Address) -> None:
        """Offer ownership; nobody withdraws the offer. Only the owner."""
        self._only_owner()
        self.candidate = candidate
        self._log("OwnershipOffered", owner=self.owner, candidate=candidate)

    def accept_ownership(self) -> None:
        """Become the owner. Only the candidate."""
        sender = self._chain.sender
        if sender != self.candidate:
            raise Revert("market: only candidate")
        self._log("OwnershipAccepted", previous=self.owner, owner=sender)
        self.owner, self.candidate = sender, NOBODY

    def set_guardian(self, guardian: Address) -> None:
        """The zero address: nobody. Only the owner."""
        self._only_owner()
        self.guardian = guardian
        self._log("GuardianSet", owner=self.owner, guardian=guardian)

    def _only_owner(self) -> None:
        if self._chain.sender != self.owner:
            raise Revert("market: only owner")

    def _only_guardian(self) -> None:
        if self._chain.sender not in (self.guardian, self.owner):
            raise Revert("market: only guardian")
