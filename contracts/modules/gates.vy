# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title The market's breakers: their gates, and one clock for the union of their halts
@notice Gates only read what pulses have latched. Between two syncs the halt of an action is one interval,
        from the first sync to the latest of the breakers' ends, so the clock needs no history.
        Nothing passes the gate of a breaker that reverts; the clock does not count that as a halt.
"""

from ..interfaces import IBreaker
from . import actions
from . import probe

MAX_BREAKERS: constant(uint256) = 4

event BreakerAdded:
    owner: indexed(address)
    breaker: indexed(address)


event BreakerRemoved:
    owner: indexed(address)
    breaker: indexed(address)


event HaltsSynced:
    caller: indexed(address)
    until: uint256[3]  # by action [unix s]
    halted_seconds: uint256  # of liquidation [s]


installed: DynArray[IBreaker, MAX_BREAKERS]
until: uint256[3]  # end of the latest halt by action, as of synced_at [unix s]
counted: uint256  # halt of liquidation up to synced_at [s]
synced_at: uint256  # [unix s]


@view
@reentrant
@external
def breakers() -> DynArray[IBreaker, MAX_BREAKERS]:
    """
    @return the installed breakers
    """
    return self.installed


@view
@reentrant
@external
def allowed(action: uint256, asset: address, amount: uint256) -> uint256:
    """
    @return the least that the breakers' gates let pass [debt token]
    """
    return self._allowed(action, asset, amount)


@view
@reentrant
@external
def halted_until(action: uint256) -> uint256:
    """
    @return when the latest of the breakers' halts of `action` ends, as of the last pulse [unix s]
    """
    return self.until[action]


@view
@reentrant
@external
def halted_seconds() -> uint256:
    """
    @return how long liquidation has been halted in all, up to now; overlapping halts count once [s]
    """
    return self._halted_seconds()


@external
def pulse():
    """
    @notice Pulse every breaker and bring the clock of halts up to date. Anyone.
    """
    for breaker: IBreaker in self.installed:
        extcall breaker.pulse()
    self._sync()


@view
def _allowed(action: uint256, asset: address, amount: uint256) -> uint256:
    question: Bytes[100] = abi_encode(
        action, asset, amount, method_id=method_id("gate(uint256,address,uint256)")
    )
    passing: uint256 = amount
    for breaker: IBreaker in self.installed:
        passing = min(passing, probe._ask(breaker.address, question, 0))
    return passing


@view
def _halt_end(breaker: IBreaker, action: uint256, otherwise: uint256) -> uint256:
    """
    @return what the breaker's `halted_until` answers [unix s]; `otherwise` when it reverts
    """
    question: Bytes[36] = abi_encode(action, method_id=method_id("halted_until(uint256)"))
    return probe._ask(breaker.address, question, otherwise)


@view
def _require(action: uint256, asset: address, amount: uint256):
    """
    @notice Revert unless all of `amount` [debt token] may pass.
    """
    if amount == 0:
        return
    passing: uint256 = self._allowed(action, asset, amount)
    assert passing > 0, "market: halted"
    assert passing == amount, "market: throttled"


@view
def _halted_seconds() -> uint256:
    end: uint256 = min(block.timestamp, self.until[actions.LIQUIDATE])
    return self.counted + max(end, self.synced_at) - self.synced_at


def _record(action: uint256, asset: address, amount: uint256):
    for breaker: IBreaker in self.installed:
        extcall breaker.record(action, asset, amount)


def _sync():
    self.counted = self._halted_seconds()
    self.synced_at = block.timestamp
    for action: uint256 in range(3):
        end: uint256 = 0
        for breaker: IBreaker in self.installed:
            end = max(end, self._halt_end(breaker, action, 0))
        self.until[action] = end
    log HaltsSynced(caller=msg.sender, until=self.until, halted_seconds=self.counted)


def _add(breaker: IBreaker):
    assert len(self.installed) < MAX_BREAKERS, "market: too many breakers"
    assert breaker not in self.installed, "market: known breaker"
    end: uint256 = self._halt_end(breaker, actions.LIQUIDATE, max_value(uint256))
    assert end < max_value(uint256), "market: not a breaker"
    self.installed.append(breaker)
    self._sync()
    log BreakerAdded(owner=msg.sender, breaker=breaker.address)


def _remove(breaker: IBreaker):
    kept: DynArray[IBreaker, MAX_BREAKERS] = []
    for other: IBreaker in self.installed:
        if other != breaker:
            kept.append(other)
    assert len(kept) < len(self.installed), "market: unknown breaker"
    self.installed = kept
    self._sync()
    log BreakerRemoved(owner=msg.sender, breaker=breaker.address)
