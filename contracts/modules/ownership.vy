# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title An owner who hands over in two steps, and a guardian who can only make the market more careful
"""

event OwnershipOffered:
    owner: indexed(address)
    candidate: indexed(address)


event OwnershipAccepted:
    previous: indexed(address)
    owner: indexed(address)


event GuardianSet:
    owner: indexed(address)
    guardian: indexed(address)


owner: public(reentrant(address))
candidate: public(reentrant(address))  # may accept ownership
guardian: public(reentrant(address))


@deploy
def __init__(owner: address, guardian: address):
    assert owner != empty(address), "market: zero address"
    self.owner = owner
    self.guardian = guardian


@external
def transfer_ownership(candidate: address):
    """
    @notice Offer ownership; the zero address withdraws the offer. Only the owner.
    """
    self._only_owner()
    self.candidate = candidate
    log OwnershipOffered(owner=msg.sender, candidate=candidate)


@external
def accept_ownership():
    """
    @notice Become the owner. Only the candidate.
    """
    assert msg.sender == self.candidate, "market: only candidate"
    log OwnershipAccepted(previous=self.owner, owner=msg.sender)
    self.owner = msg.sender
    self.candidate = empty(address)


@external
def set_guardian(guardian: address):
    """
    @notice The zero address: nobody. Only the owner.
    """
    self._only_owner()
    self.guardian = guardian
    log GuardianSet(owner=msg.sender, guardian=guardian)


@view
def _only_owner():
    assert msg.sender == self.owner, "market: only owner"


@view
def _only_guardian():
    assert msg.sender in [self.guardian, self.owner], "market: only guardian"
