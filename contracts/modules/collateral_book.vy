# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title The book of collateral: what is accepted, who holds how much, what it is worth
@notice A ramp lowers a liquidation threshold linearly in time, so that nobody becomes unhealthy all at once.
"""

from ethereum.ercs import IERC20Detailed

from ..interfaces import IAggregatorV3
from ..interfaces import ILendingMarket
from . import maths

MAX_COLLATERALS: constant(uint256) = 8
FEED_DECIMALS: constant(uint8) = 8
ANSWER_TO_WAD: constant(uint256) = 10**10


struct Ramp:
    start: uint256  # liquidation threshold from which it falls [WAD]
    duration: uint256  # [s]
    ends_at: uint256  # [unix s]


event CollateralConfigured:
    owner: indexed(address)
    collateral: indexed(address)
    config: ILendingMarket.CollateralConfig


event ThresholdRamped:
    owner: indexed(address)
    collateral: indexed(address)
    start: uint256  # [WAD]
    liquidation_threshold: uint256  # at the end [WAD]
    ends_at: uint256  # [unix s]


DEBT_DECIMALS: immutable(uint256)

listed: DynArray[address, MAX_COLLATERALS]
configs: HashMap[address, ILendingMarket.CollateralConfig]  # as at the end of ramps
ramp: public(HashMap[address, Ramp])  # by collateral, the last one that was begun
collateral_of: public(HashMap[address, HashMap[address, uint256]])  # account -> collateral -> [collateral token]
held: public(HashMap[address, uint256])  # by all accounts [collateral token]


@deploy
def __init__(debt_token: address):
    DEBT_DECIMALS = self._decimals_of(debt_token)


@view
@reentrant
@external
def collaterals() -> DynArray[address, MAX_COLLATERALS]:
    """
    @return every collateral that was ever added, in this order
    """
    return self.listed


@view
@reentrant
@external
def config(collateral: address) -> ILendingMarket.CollateralConfig:
    """
    @return with the liquidation threshold of now; all zero for an unknown collateral
    """
    config: ILendingMarket.CollateralConfig = self.configs[collateral]
    config.liquidation_threshold = self._threshold_up(collateral)
    return config


@view
@reentrant
@external
def price(collateral: address) -> uint256:
    """
    @return [WAD, debt per collateral]
    """
    return self._price(collateral)


@view
@reentrant
@external
def value_down(collateral: address, amount: uint256) -> uint256:
    """
    @param amount [collateral token]
    @return [debt token]
    """
    return maths._mul_div_down(amount, self._price(collateral), self._scale(collateral))


# --- reading -------------------------------------------------------------------------------------------------


@view
def _decimals_of(token: address) -> uint256:
    decimals: uint256 = convert(staticcall IERC20Detailed(token).decimals(), uint256)
    assert 6 <= decimals and decimals <= 18, "market: token decimals"
    return decimals


@view
def _only_known(collateral: address):
    assert self.configs[collateral].feed != empty(address), "market: unknown collateral"


@view
def _threshold_up(collateral: address) -> uint256:
    """
    @return liquidation threshold of now [WAD]
    """
    target: uint256 = self.configs[collateral].liquidation_threshold
    ramp: Ramp = self.ramp[collateral]
    if block.timestamp >= ramp.ends_at:
        return target
    return target + maths._mul_div_up(ramp.start - target, ramp.ends_at - block.timestamp, ramp.duration)


@view
def _price(collateral: address) -> uint256:
    """
    @return the feed's answer as [WAD, debt per collateral]
    """
    self._only_known(collateral)
    feed: IAggregatorV3 = IAggregatorV3(self.configs[collateral].feed)
    round_id: uint80 = 0
    answer: int256 = 0
    started_at: uint256 = 0
    updated_at: uint256 = 0
    answered_in: uint80 = 0
    (round_id, answer, started_at, updated_at, answered_in) = staticcall feed.latestRoundData()
    assert answer > 0, "market: zero price"
    assert block.timestamp <= updated_at + self.configs[collateral].max_age, "market: stale price"
    return convert(answer, uint256) * ANSWER_TO_WAD


@view
def _scale(collateral: address) -> uint256:
    """
    @return amount [collateral token] * price [WAD] is that many times its value [debt token]
    """
    return 10**(18 + self.configs[collateral].decimals - DEBT_DECIMALS)


@view
def _value_up(collateral: address, amount: uint256) -> uint256:
    """
    @param amount [collateral token]
    @return [debt token]
    """
    return maths._mul_div_up(amount, self._price(collateral), self._scale(collateral))


@view
def _values(account: address) -> ILendingMarket.AccountValues:
    """
    @return without the debt; only collateral that the account holds is priced
    """
    sums: ILendingMarket.AccountValues = empty(ILendingMarket.AccountValues)
    for collateral: address in self.listed:
        amount: uint256 = self.collateral_of[account][collateral]
        if amount == 0:
            continue
        worth: uint256 = amount * self._price(collateral) // self._scale(collateral)
        threshold: uint256 = self._threshold_up(collateral)
        sums.collateral += worth
        sums.borrow_limit += maths._mul_div_down(worth, self.configs[collateral].ltv, maths.WAD)
        sums.liquidation_limit += maths._mul_div_down(worth, threshold, maths.WAD)
    return sums


# --- writing -------------------------------------------------------------------------------------------------


def _add(collateral: address, feed: address, ltv: uint256, threshold: uint256, cap: uint256, max_age: uint256):
    assert self.configs[collateral].feed == empty(address), "market: known collateral"
    assert len(self.listed) < MAX_COLLATERALS, "market: too many collaterals"
    self.listed.append(collateral)
    self.configs[collateral].decimals = self._decimals_of(collateral)
    self._configure(collateral, feed, ltv, threshold, cap, max_age)


def _set(collateral: address, feed: address, ltv: uint256, threshold: uint256, cap: uint256, max_age: uint256):
    self._only_known(collateral)
    self._configure(collateral, feed, ltv, threshold, cap, max_age)


def _configure(
    collateral: address, feed: address, ltv: uint256, threshold: uint256, cap: uint256, max_age: uint256
):
    assert ltv <= threshold and threshold < maths.WAD, "market: bad thresholds"
    assert staticcall IAggregatorV3(feed).decimals() == FEED_DECIMALS, "market: feed decimals"
    config: ILendingMarket.CollateralConfig = ILendingMarket.CollateralConfig(
        feed=feed,
        decimals=self.configs[collateral].decimals,
        ltv=ltv,
        liquidation_threshold=threshold,
        cap=cap,
        max_age=max_age,
    )
    self.configs[collateral] = config
    self.ramp[collateral] = empty(Ramp)
    log CollateralConfigured(owner=msg.sender, collateral=collateral, config=config)


def _ramp(collateral: address, threshold: uint256, duration: uint256):
    self._only_known(collateral)
    start: uint256 = self._threshold_up(collateral)
    assert self.configs[collateral].ltv <= threshold and threshold < start, "market: bad thresholds"
    assert duration > 0, "market: zero duration"
    assert duration <= maths.YEAR, "market: ramp above a year"
    ends_at: uint256 = block.timestamp + duration
    self.configs[collateral].liquidation_threshold = threshold
    self.ramp[collateral] = Ramp(start=start, duration=duration, ends_at=ends_at)
    log ThresholdRamped(
        owner=msg.sender, collateral=collateral, start=start, liquidation_threshold=threshold, ends_at=ends_at
    )


def _credit(account: address, collateral: address, amount: uint256):
    self._only_known(collateral)
    assert account != empty(address), "market: zero address"
    self.collateral_of[account][collateral] += amount
    self.held[collateral] += amount


def _debit(account: address, collateral: address, amount: uint256):
    self._only_known(collateral)
    assert self.collateral_of[account][collateral] >= amount, "market: insufficient collateral"
    self.collateral_of[account][collateral] -= amount
    self.held[collateral] -= amount
