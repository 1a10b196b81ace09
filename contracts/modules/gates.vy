# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title The market's breakers: their gates, and the clocks of halts, of interest and of auctions
@notice Gates only read what pulses have latched. Between two syncs the halt of an action is one interval, from the
        first sync to the latest of the breakers' ends. What the breakers ask of auctions is one slowdown, which
        begins where the halt ends: the least pace and the highest uplift until the latest end. So the clocks need no
        history. While sales queue at a breaker the clock of auctions stands as in a halt, until the latest end.
        A breaker's changes hold from the sync that follows them.
        Nothing passes the gate of a breaker that reverts; the clocks count no halt, slowdown or queue of it.
"""

from ..interfaces import IBreaker
from . import actions
from . import maths
from . import probe

MAX_BREAKERS: constant(uint256) = 4


struct Slowdown:
    pace: uint256  # of the clock of auctions [WAD]
    uplift: uint256  # how much higher than usual an auction starts [WAD]
    until: uint256  # [unix s]


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
    slowdown: Slowdown
    queued_until: uint256  # [unix s]
    auction_time: uint256  # [WAD s]


installed: DynArray[IBreaker, MAX_BREAKERS]
until: uint256[3]  # end of the latest halt by action, as of synced_at [unix s]
slow: Slowdown  # of all breakers, as of synced_at
queue_end: uint256  # of the latest queue, as of synced_at [unix s]
counted: uint256  # halt of liquidation up to synced_at [s]
ticked: uint256  # auction time up to synced_at [WAD s]
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


@view
@reentrant
@external
def auction_time() -> uint256:
    """
    @return the clock of auctions: it stands still while liquidation is halted or queues, and runs at the least pace
            that a breaker asks for [WAD s]
    """
    return self._auction_time()


@view
@reentrant
@external
def start_uplift() -> uint256:
    """
    @return how much higher than usual an auction starts now: the most that a breaker asks for [WAD]
    """
    if block.timestamp >= self.slow.until:
        return 0
    return self.slow.uplift


@external
def pulse():
    """
    @notice Pulse every breaker and bring the clocks up to date. Anyone.
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
    return self.counted + self._halt_since_sync() - self.synced_at


@view
def _bearing_time() -> uint256:
    """
    @return the clock of interest: now without all halts of liquidation so far [s]
    """
    return block.timestamp - self._halted_seconds()


@view
def _auction_time() -> uint256:
    stop_end: uint256 = max(min(self.queue_end, block.timestamp), self._halt_since_sync())
    slow_end: uint256 = max(min(self.slow.until, block.timestamp), stop_end)
    slow: uint256 = (slow_end - stop_end) * self.slow.pace
    return self.ticked + slow + (block.timestamp - slow_end) * maths.WAD


@view
def _halt_since_sync() -> uint256:
    """
    @return up to when liquidation has been halted from the last sync on [unix s]
    """
    return max(min(self.until[actions.LIQUIDATE], block.timestamp), self.synced_at)


@view
def _slowdown() -> Slowdown:
    """
    @return of all breakers as one
    """
    slow: Slowdown = Slowdown(pace=maths.WAD, uplift=0, until=0)
    for breaker: IBreaker in self.installed:
        asked: Slowdown = self._slowdown_of(breaker)
        if block.timestamp < asked.until:
            slow.pace = min(slow.pace, asked.pace)
            slow.uplift = max(slow.uplift, asked.uplift)
            slow.until = max(slow.until, asked.until)
    return slow


@view
def _slowdown_of(breaker: IBreaker) -> Slowdown:
    """
    @return what the breaker's `slowdown` answers; none when it reverts
    """
    ok: bool = False
    answer: Bytes[96] = b""
    ok, answer = raw_call(
        breaker.address, method_id("slowdown()"), max_outsize=96, is_static_call=True, revert_on_failure=False
    )
    if not ok or len(answer) < 96:
        return empty(Slowdown)
    return abi_decode(answer, Slowdown)


@view
def _queue_end() -> uint256:
    """
    @return the latest that a breaker's `queued_until` answers [unix s]
    """
    question: Bytes[4] = method_id("queued_until()")
    end: uint256 = 0
    for breaker: IBreaker in self.installed:
        end = max(end, probe._ask(breaker.address, question, 0))
    return end


def _record(action: uint256, asset: address, amount: uint256):
    for breaker: IBreaker in self.installed:
        extcall breaker.record(action, asset, amount)


def _sync():
    self.counted = self._halted_seconds()
    self.ticked = self._auction_time()
    self.synced_at = block.timestamp
    for action: uint256 in range(3):
        end: uint256 = 0
        for breaker: IBreaker in self.installed:
            end = max(end, self._halt_end(breaker, action, 0))
        self.until[action] = end
    self.slow = self._slowdown()
    self.queue_end = self._queue_end()
    log HaltsSynced(
        caller=msg.sender,
        until=self.until,
        halted_seconds=self.counted,
        slowdown=self.slow,
        queued_until=self.queue_end,
        auction_time=self.ticked,
    )


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
