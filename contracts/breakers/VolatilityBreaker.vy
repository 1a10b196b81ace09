# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Trips when the price of one collateral has fallen further than its volatility explains
@notice The fall is that below an exponential average of half-life H (`modules/price_reference.vy`), net of the feed's
        confidence. It breaches tier i + 1 when it is `multiple[i]` times the usual gap or more: calm markets trip
        early, wild ones late. Observation, tiers and response are as in `PriceBreaker`.

        The usual gap. Let the logarithm x of the price be a Brownian motion of variance v a second, and m its average,
        dm = k (x - m) dt with k = ln 2 / H. The gap y = x - m then obeys dy = -k y dt + sqrt(v) dB (Ornstein and
        Uhlenbeck 1930), whose variance tends to v / 2k. So the gap's standard deviation is sqrt(v * HORIZON) with
        HORIZON = H / (2 ln 2), and `multiple` counts standard deviations.

        The variance. A return r over the dt seconds between two observations has realised r**2 / dt a second for so
        long. Weights that halve every `variance_half_life` h give v' = v w + (r**2 / dt) (1 - w), w = 2 ** (-dt / h):
        the weights of all intervals and of the start sum to 1 however irregular the observations, for w is a product
        over the seconds. r is the simple return; one beyond 1 counts as 1.
        An observation is judged by the variance before it, so a fall does not excuse itself. The variance moves on
        while a tier is latched: what has happened stays realised. Nor does a fall release what it has latched: the gap
        that it has widened counts for the release no more than the one by which it was judged.
        The gap is at least `least_gap`, so that no dust trips a market that stood still, and at the most `largest_gap`.
"""

from ..interfaces import IBreaker
from ..modules import ladder
from ..modules import maths
from ..modules import observer
from ..modules import price_reference
from ..modules import ray_maths
from ..modules import response

implements: IBreaker
initializes: ladder
initializes: observer
initializes: price_reference
initializes: response[ladder := ladder]

exports: ladder.__interface__
exports: observer.__interface__
exports: price_reference.__interface__
exports: response.__interface__

event Observed:
    price: uint256  # [WAD, debt per collateral]
    highest: uint256  # that the feed's confidence allows [WAD, debt per collateral]
    reference: uint256  # [WAD, debt per collateral]
    gap: uint256  # usual, by which the price was judged [WAD]
    breach: uint256  # tier; 0: none


MULTIPLES: immutable(uint256[3])  # of the usual gap, by tier [WAD]
RELEASES: immutable(uint256[3])  # of the usual gap, by tier [WAD]
VARIANCE_DECAY: immutable(uint256)  # weight of an old variance after a second [RAY]
HORIZON: immutable(uint256)  # over which the variance makes the usual gap [RAY s]
LEAST_GAP: public(immutable(uint256))  # of the usual gap [WAD]
LARGEST_GAP: public(immutable(uint256))  # of the usual gap [WAD]

held_gap: public(uint256)  # by which the latched fall was judged [WAD]
variance: public(uint256)  # realised, of returns, exponentially averaged [WAD**2/s]


@deploy
def __init__(
    market: address,
    collateral: address,
    half_life: uint256,
    clip: uint256,
    variance_half_life: uint256,
    multiple: uint256[3],
    release: uint256[3],
    usual_gap: uint256,
    least_gap: uint256,
    largest_gap: uint256,
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
    @param market             whose actions are gated
    @param collateral         whose price is watched and whose liquidation is gated
    @param half_life          of the reference [s]
    @param clip               most that one observation moves the reference [WAD]
    @param variance_half_life of the realised variance [s]
    @param multiple           by tier, of the usual gap below the reference [WAD]
    @param release            by tier, of the usual gap, then or now, whichever is less, below what the price fell from
                              [WAD]
    @param usual_gap          at deployment [WAD]
    @param least_gap          whatever the variance [WAD]
    @param largest_gap        whatever the variance [WAD]
    """
    assert collateral != empty(address), "breaker: unknown collateral"
    ladder._check_levels(multiple, release)
    assert multiple[0] >= maths.WAD, "breaker: multiple below 1"
    assert least_gap > 0, "breaker: zero gap"
    assert least_gap <= usual_gap and usual_gap <= largest_gap, "breaker: gaps out of order"
    assert multiple[2] * largest_gap < maths.WAD**2, "breaker: deviation of 1 or more"
    MULTIPLES = multiple
    RELEASES = release
    VARIANCE_DECAY = price_reference._decay(variance_half_life)
    LEAST_GAP = least_gap
    LARGEST_GAP = largest_gap
    price_reference.__init__(half_life, clip)
    HORIZON = half_life * maths.RAY * maths.RAY // (2 * ray_maths.LN2)
    self.variance = usual_gap**2 * maths.RAY // HORIZON
    ladder.__init__(duration, rest, repeat, calm)
    response.__init__(
        market,
        collateral,
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
    self._observe()


@view
@external
def gap() -> uint256:
    """
    @return the usual gap: a standard deviation of the price about the reference [WAD]
    """
    return self._gap()


@external
@reentrant
def pulse():
    """
    @notice Observe and latch. A call from anyone but the market pulses all of its breakers.
    """
    if not response._is_pulsed_by_market():
        return
    if ladder._settle():
        price_reference._rebase()
    self._observe()


def _observe():
    """
    @notice Judge the price, if there is a new one, by what is usual up to now; then learn from it.
    """
    seen: observer.Observation = observer._take(
        response.MARKET, response.COLLATERAL, price_reference.last_price
    )
    if seen.price == 0:
        return
    gap: uint256 = self._gap()
    if seen.elapsed > 0:
        self._learn(seen.price, seen.elapsed)
    price_reference._follow(seen.price, seen.elapsed, ladder._phase() == ladder.LATCHED)
    breach: uint256 = price_reference._levels_reached(seen.highest, self._levels(MULTIPLES, gap))
    if ladder._climb(breach, self._is_inside(seen.price, gap)):
        price_reference.held = price_reference.reference
        self.held_gap = gap
    log Observed(
        price=seen.price,
        highest=seen.highest,
        reference=price_reference.reference,
        gap=gap,
        breach=breach,
    )


def _learn(price: uint256, elapsed: uint256):
    """
    @notice Average the variance that the return since the last observation has realised.
    """
    last: uint256 = price_reference.last_price
    moved: uint256 = max(price, last) - min(price, last)
    change: uint256 = min(maths._mul_div_down(moved, maths.WAD, last), maths.WAD)
    kept: uint256 = ray_maths._pow_half_up(VARIANCE_DECAY, elapsed)
    weighted: uint256 = self.variance * kept + change**2 // elapsed * (maths.RAY - kept)
    self.variance = (weighted + maths.RAY // 2) // maths.RAY


@view
def _gap() -> uint256:
    return min(max(isqrt(self.variance * HORIZON // maths.RAY), LEAST_GAP), LARGEST_GAP)


@pure
def _levels(multiple: uint256[3], gap: uint256) -> uint256[3]:
    """
    @param multiple by tier [WAD]
    @param gap      [WAD]
    @return by tier, rounded down [WAD]
    """
    return [
        multiple[0] * gap // maths.WAD, multiple[1] * gap // maths.WAD, multiple[2] * gap // maths.WAD
    ]


@view
def _is_inside(price: uint256, gap: uint256) -> bool:
    """
    @return whether the price [WAD, debt per collateral] releases the tier latched last
    """
    if ladder.tier == 0:
        return False
    level: uint256 = self._levels(RELEASES, min(gap, self.held_gap))[ladder.breach - 1]
    return not price_reference._is_down(price, price_reference.held, level)
