# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title The book of collateral: what is accepted, who holds how much, what it is worth
"""

from ethereum.ercs import IERC20Detailed

from ..interfaces import IAggregatorV3
from ..interfaces import ILendingMarket
from . import maths

MAX_COLLATERALS: constant(uint256) = 8
FEED_DECIMALS: constant(uint8) = 8
ANSWER_TO_WAD: constant(uint256) = 10**10

event CollateralConfigured:
    owner: indexed(address)
    collateral: indexed(address)
    config: ILendingMarket.CollateralConfig


DEBT_DECIMALS: immutable(uint256)

listed: DynArray[address, MAX_COLLATERALS]
config: public(reentrant(HashMap[address, ILendingMarket.CollateralConfig]))
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
    assert self.config[collateral].feed != empty(address), "market: unknown collateral"


@view
def _price(collateral: address) -> uint256:
    """
    @return the feed's answer as [WAD, debt per collateral]
    """
    self._only_known(collateral)
    feed: IAggregatorV3 = IAggregatorV3(self.config[collateral].feed)
    round_id: uint80 = 0
    answer: int256 = 0
    started_at: uint256 = 0
    updated_at: uint256 = 0
    answered_in: uint80 = 0
    (round_id, answer, started_at, updated_at, answered_in) = staticcall feed.latestRoundData()
    assert answer > 0, "market: zero price"
    assert block.timestamp <= updated_at + self.config[collateral].max_age, "market: stale price"
    return convert(answer, uint256) * ANSWER_TO_WAD


@view
def _scale(collateral: address) -> uint256:
    """
    @return amount [collateral token] * price [WAD] is that many times its value [debt token]
    """
    return 10**(18 + self.config[collateral].decimals - DEBT_DECIMALS)


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
        threshold: uint256 = self.config[collateral].liquidation_threshold
        sums.collateral += worth
        sums.borrow_limit += maths._mul_div_down(worth, self.config[collateral].ltv, maths.WAD)
        sums.liquidation_limit += maths._mul_div_down(worth, threshold, maths.WAD)
    return sums


# --- writing -------------------------------------------------------------------------------------------------


def _add(collateral: address, feed: address, ltv: uint256, threshold: uint256, cap: uint256, max_age: uint256):
    assert self.config[collateral].feed == empty(address), "market: known collateral"
    assert len(self.listed) < MAX_COLLATERALS, "market: too many collaterals"
    self.listed.append(collateral)
    self.config[collateral].decimals = self._decimals_of(collateral)
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
        decimals=self.config[collateral].decimals,
        ltv=ltv,
        liquidation_threshold=threshold,
        cap=cap,
        max_age=max_age,
    )
    self.config[collateral] = config
    log CollateralConfigured(owner=msg.sender, collateral=collateral, config=config)


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
