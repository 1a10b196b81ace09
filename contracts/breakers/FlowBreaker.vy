# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Throttles what leaves the market, and trips when too much of it has left
@notice Two parts.
        1. A bucket. The actions that are THROTTLE in `always` pass at the most `throttle_capacity` at once and
           `throttle_refill` a second, whatever the ladder says. Lenders' door is no wider than that of sales: where
           liquidation is always throttled, so is withdrawing, by a bucket of the same size.
        2. A window, after the idea of ERC-7265: what has left is held against what would be there without it. With
           F the flow out of a stock of which R is retained, the share is F / (F + R). Two stocks are watched: the
           market's debt tokens, which lenders and borrowers draw on (F is net: what came in lately may leave again,
           so nobody trips the breaker by going in and out), and the collateral, by value (F is what was liquidated).
           Of the debt tokens counts what two observations running agree on: a level between the two changes nothing,
           so what comes or goes for the moment of a pulse is no flow, and a real one counts an observation later.
           The window is elastic: a flow counts in full at first and half as much after each `half_life`. Flows up to
           `least_flow` don't count. The strain is the share over the share that is allowed, the larger one of both
           stocks'; when it reaches `level[i]` tier i + 1 is breached, and when it is back at `release[i]` or below
           that tier is released. When a tier ends, the flow that latched it is forgiven: it can't latch twice, but
           until it fades it keeps the tier from being released. Money that came back has to be forgiven anew before
           it may leave again unseen.
        A pulse looks at the stocks once a block. Which tier latches and until when is in `modules/ladder.vy`, what it
        limits in `modules/response.vy`, for all collaterals.
"""

from ethereum.ercs import IERC20

from ..interfaces import IBreaker
from ..modules import actions
from ..modules import ladder
from ..modules import maths
from ..modules import price_reference
from ..modules import probe
from ..modules import ray_maths
from ..modules import response

implements: IBreaker
initializes: ladder
initializes: response[ladder := ladder]

exports: ladder.__interface__
exports: (
    response.COLLATERAL,
    response.GUARDIAN_RESPONSE,
    response.PRICE_SPEED,
    response.clear,
    response.halted_until,
    response.longest,
    response.market,
    response.tokens,
    response.worst_bad_debt,
)


struct Flow:
    out: int256  # what has left, faded [debt token]
    forgiven: int256  # the part of it that has latched a tier that ended, faded alike [debt token]


struct Stock:
    is_known: bool
    value: uint256  # [debt token]


event Observed:
    cash_out: int256  # net, faded [debt token]
    sold: int256  # faded [debt token]
    strain: uint256  # without what is forgiven [WAD]
    breach: uint256  # tier; 0: none


LARGEST: constant(uint256) = 2**128  # stock or flow that is told apart from a larger one [debt token]
DEBT_TOKEN: immutable(IERC20)
ALWAYS: immutable(uint256[3])  # mode by action, OPEN or THROTTLE, while no tier asks for more
DECAY: immutable(uint256)  # what is left of a flow after a second [RAY]
CASH_SHARE: public(immutable(uint256))  # of the debt tokens, whose leaving is a strain of 1; 0: not watched [WAD]
SOLD_SHARE: public(immutable(uint256))  # of the collateral, likewise [WAD]
LEAST_FLOW: public(immutable(uint256))  # up to which a flow is no strain [debt token]
LEVELS: immutable(uint256[3])  # strain by tier [WAD]
RELEASES: immutable(uint256[3])  # strain by tier [WAD]

cash_flow: public(Flow)  # net, out of the market
sales: public(Flow)  # liquidated
cash: public(uint256)  # that two observations running agreed on [debt token]
seen: public(uint256)  # cash at the last observation [debt token]
faded_at: public(uint256)  # up to when the flows are faded [unix s]
observed_at: public(uint256)  # [unix s]


@deploy
def __init__(
    market: address,
    always: uint256[3],
    half_life: uint256,
    cash_share: uint256,
    sold_share: uint256,
    least_flow: uint256,
    level: uint256[3],
    release: uint256[3],
    duration: uint256[3],
    rest: uint256,
    repeat: uint256,
    calm: uint256,
    liquidation: uint256[3],
    borrowing: uint256[3],
    withdrawal: uint256[3],
    throttle_capacity: uint256,
    throttle_refill: uint256,
    pace: uint256,
    uplift: uint256,
    guardian_response: uint256,
    price_speed: uint256,
    budget: uint256,
):
    """
    @notice From `duration` on the parameters are those of `ladder` and `response`.
    @param market     whose actions are gated
    @param always     by action (borrowing, withdrawal, liquidation): 0 open or 1 throttled while no tier is latched
    @param half_life  of a flow's weight [s]
    @param cash_share of the debt tokens, whose leaving is a strain of 1; 0: not watched [WAD]
    @param sold_share of the collateral's value, whose liquidation is a strain of 1; 0: not watched [WAD]
    @param least_flow up to which a flow is no strain [debt token]
    @param level      strain that breaches, by tier [WAD]
    @param release    strain that releases, by tier [WAD]
    """
    assert max(always[0], max(always[1], always[2])) <= actions.THROTTLE, "breaker: unknown mode"
    assert always[actions.LIQUIDATE] <= always[actions.WITHDRAW], "breaker: lenders leave first"
    assert max(cash_share, sold_share) <= maths.WAD, "breaker: share above 1"
    assert least_flow < LARGEST, "breaker: least flow too large"
    ladder._check_levels(level, release)
    ALWAYS = always
    DECAY = price_reference._decay(half_life)
    CASH_SHARE = cash_share
    SOLD_SHARE = sold_share
    LEAST_FLOW = least_flow
    LEVELS = level
    RELEASES = release
    ladder.__init__(duration, rest, repeat, calm)
    response.__init__(
        market,
        empty(address),
        liquidation,
        borrowing,
        withdrawal,
        throttle_capacity,
        throttle_refill,
        pace,
        uplift,
        guardian_response,
        price_speed,
        budget,
    )
    DEBT_TOKEN = IERC20(staticcall response.MARKET.debt_token())
    self.cash = self._stock_of_cash()
    self.seen = self.cash
    self.faded_at = block.timestamp
    self.observed_at = block.timestamp


@view
@external
def gate(action: uint256, asset: address, amount: uint256) -> uint256:
    """
    @param action BORROW, WITHDRAW or LIQUIDATE
    @param asset  without meaning here: all collaterals are gated
    @param amount what the caller wants [debt token]
    @return how much of it may pass now [debt token]
    """
    return response._passing(self._mode(action, asset), action, amount)


@view
@external
def slowdown() -> (uint256, uint256, uint256):
    """
    @return pace of auctions [WAD], uplift of their start [WAD], until when [unix s]; (1, 0, 0) while none is asked
    """
    return response._slowdown(self._mode(actions.LIQUIDATE, response.COLLATERAL))


@view
@external
def queued_until() -> uint256:
    """
    @return when the throttled bucket of liquidation will be half full again [unix s]; 0: it is, or nothing is throttled
    """
    return response._queued_until(self._mode(actions.LIQUIDATE, response.COLLATERAL))


@external
@reentrant
def pulse():
    """
    @notice Observe and latch. A call from anyone but the market pulses all of its breakers.
    """
    if not response._is_pulsed_by_market():
        return
    if ladder._settle():
        self._fade()
        self.cash_flow.forgiven = self.cash_flow.out
        self.sales.forgiven = self.sales.out
    if self.observed_at < block.timestamp:
        self._observe()


@external
def record(action: uint256, asset: address, amount: uint256):
    """
    @notice Count what was liquidated, and take what passed through a throttle out of its bucket. Only the market.
    @param amount that has passed [debt token]
    """
    response._only_market()
    if action == actions.LIQUIDATE:
        self._fade()
        self.sales.out = min(self.sales.out + self._bounded(amount), self._bounded(LARGEST))
    response._pay(self._mode(action, asset), action, amount)


@view
def _mode(action: uint256, asset: address) -> uint256:
    return max(response._mode(action, asset), ALWAYS[action])


def _observe():
    """
    @notice See what has left since the last time, and latch what the strain calls for.
    """
    self._fade()
    seen: uint256 = self._stock_of_cash()
    cash: uint256 = min(max(self.cash, min(seen, self.seen)), max(seen, self.seen))
    most: int256 = self._bounded(LARGEST)
    moved: int256 = self._bounded(self.cash) - self._bounded(cash)
    self.cash_flow.out = min(max(self.cash_flow.out + moved, -most), most)
    self.cash_flow.forgiven = min(self.cash_flow.forgiven, max(self.cash_flow.out, 0))
    self.cash = cash
    self.seen = seen
    self.observed_at = block.timestamp
    collateral: Stock = self._stock_of_collateral()
    fresh: uint256 = self._strain(
        self.cash_flow.out - self.cash_flow.forgiven, self.sales.out - self.sales.forgiven, collateral
    )
    whole: uint256 = self._strain(self.cash_flow.out, self.sales.out, collateral)
    breach: uint256 = ladder._breach_of(fresh, LEVELS)
    is_inside: bool = ladder.tier > 0 and whole <= RELEASES[ladder.breach - 1]
    ladder._climb(breach, is_inside)
    log Observed(cash_out=self.cash_flow.out, sold=self.sales.out, strain=fresh, breach=breach)


def _fade():
    """
    @notice Bring the weight of the flows up to now, each rounded towards zero.
    """
    elapsed: uint256 = block.timestamp - self.faded_at
    if elapsed == 0:
        return
    kept: int256 = convert(ray_maths._pow_half_up(DECAY, elapsed), int256)
    ray: int256 = convert(maths.RAY, int256)
    cash: Flow = self.cash_flow
    sold: Flow = self.sales
    self.cash_flow = Flow(out=cash.out * kept // ray, forgiven=cash.forgiven * kept // ray)
    self.sales = Flow(out=sold.out * kept // ray, forgiven=sold.forgiven * kept // ray)
    self.faded_at = block.timestamp


@view
def _strain(cash_out: int256, sold: int256, collateral: Stock) -> uint256:
    """
    @param cash_out   [debt token]
    @param sold       [debt token]
    @param collateral what is retained of it
    @return the larger strain [WAD]
    """
    strain: uint256 = self._strain_on(cash_out, self.cash, CASH_SHARE)
    if not collateral.is_known:
        return strain
    return max(strain, self._strain_on(sold, collateral.value, SOLD_SHARE))


@view
def _strain_on(flow: int256, retained: uint256, allowed: uint256) -> uint256:
    """
    @param flow     out of the stock [debt token]
    @param retained of the stock [debt token]
    @param allowed  share that is a strain of 1; 0: not watched [WAD]
    @return strain, rounded down [WAD]
    """
    if allowed == 0 or flow <= convert(LEAST_FLOW, int256):
        return 0
    left: uint256 = convert(flow, uint256)
    share: uint256 = left * maths.WAD // (left + min(retained, LARGEST))
    return share * maths.WAD // allowed


@view
def _stock_of_cash() -> uint256:
    """
    @return the market's debt tokens, gifts too: its own book can't be read in the middle of an action [debt token]
    """
    return min(staticcall DEBT_TOKEN.balanceOf(response.MARKET.address), LARGEST)


@view
def _stock_of_collateral() -> Stock:
    """
    @return value of all collateral in the market, of that whose feed answers; unknown when none does
    """
    stock: Stock = empty(Stock)
    for collateral: address in staticcall response.MARKET.collaterals():
        amount: uint256 = staticcall IERC20(collateral).balanceOf(response.MARKET.address)
        question: Bytes[68] = abi_encode(
            collateral, amount, method_id=method_id("value_down(address,uint256)")
        )
        value: uint256 = probe._ask(response.MARKET.address, question, max_value(uint256))
        if value < max_value(uint256):
            stock = Stock(is_known=True, value=stock.value + min(value, LARGEST))
    return stock


@pure
def _bounded(amount: uint256) -> int256:
    return convert(min(amount, LARGEST), int256)
