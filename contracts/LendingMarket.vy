# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title One lending market: one debt token, up to 8 collaterals, one liquidation module, up to 4 breakers
@notice This file puts the parts together and says what owner and guardian may do. Three books keep the amounts:
        `debt_book`, `collateral_book` and the shares in `erc20`. Three sides change them: lenders (`vault`),
        borrowers (`borrowing`) and the liquidation module (`recovery`); `gates` asks the breakers.
        Amounts are in the token's own decimals, prices and ratios WAD, indexes RAY.
        A halt or a stale price never blocks lending, repaying, adding collateral, or taking it back without debt.
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed
from ethereum.ercs import IERC4626

from .interfaces import IBreaker
from .interfaces import ILendingMarket
from .modules import borrowing
from .modules import collateral_book
from .modules import debt_book
from .modules import erc20
from .modules import gates
from .modules import interest
from .modules import ownership
from .modules import recovery
from .modules import vault

implements: ILendingMarket
implements: IERC20
implements: IERC20Detailed
implements: IERC4626

initializes: ownership
initializes: gates
initializes: debt_book[gates := gates]
initializes: collateral_book
initializes: erc20
initializes: vault[debt_book := debt_book, erc20 := erc20, gates := gates]
initializes: borrowing[collateral_book := collateral_book, debt_book := debt_book, gates := gates]
initializes: recovery[collateral_book := collateral_book, debt_book := debt_book, gates := gates]

exports: ownership.__interface__
exports: debt_book.__interface__
exports: collateral_book.__interface__
exports: gates.__interface__
exports: erc20.__interface__
exports: vault.__interface__
exports: borrowing.__interface__
exports: recovery.__interface__

@deploy
def __init__(
    debt_token: address,
    owner: address,
    guardian: address,
    min_debt: uint256,
    borrow_cap: uint256,
    base_rate: uint256,
    kink: uint256,
    rate_at_kink: uint256,
    rate_at_full: uint256,
    reserve_factor: uint256,
):
    """
    @param debt_token     6 to 18 decimals, worth 1 in the feeds' quote currency
    @param guardian       may freeze borrowing; the zero address: nobody but the owner
    @param min_debt       [debt token]
    @param borrow_cap     [debt token]
    @param base_rate      at no utilisation [WAD a year]
    @param kink           utilisation [WAD]
    @param rate_at_kink   [WAD a year]
    @param rate_at_full   [WAD a year]
    @param reserve_factor share of the interest [WAD]
    """
    ownership.__init__(owner, guardian)
    collateral_book.__init__(debt_token)
    debt_book.__init__(
        debt_token,
        interest.Model(
            base_rate=base_rate,
            kink=kink,
            rate_at_kink=rate_at_kink,
            rate_at_full=rate_at_full,
            reserve_factor=reserve_factor,
        ),
    )
    share_decimals: uint8 = staticcall IERC20Detailed(debt_token).decimals() + 6
    erc20.__init__("Firesale lender share", "FIRE", share_decimals)
    borrowing.__init__(min_debt, borrow_cap)


@external
def add_collateral(
    collateral: address,
    feed: address,
    ltv: uint256,
    liquidation_threshold: uint256,
    cap: uint256,
    max_age: uint256,
):
    """
    @notice Accept one more collateral, with 6 to 18 decimals. Only the owner.
    @param feed                  AggregatorV3 with 8 decimals
    @param ltv                   [WAD]
    @param liquidation_threshold at least ltv, below 1 [WAD]
    @param cap                   [collateral token]
    @param max_age               [s]
    """
    ownership._only_owner()
    assert collateral != debt_book.debt_token, "market: collateral is debt token"
    collateral_book._add(collateral, feed, ltv, liquidation_threshold, cap, max_age)


@external
def set_collateral(
    collateral: address,
    feed: address,
    ltv: uint256,
    liquidation_threshold: uint256,
    cap: uint256,
    max_age: uint256,
):
    """
    @notice Change the terms of a collateral, at once, also where a ramp was running; the parameters are those of
            `add_collateral`. Only the owner.
    """
    ownership._only_owner()
    collateral_book._set(collateral, feed, ltv, liquidation_threshold, cap, max_age)


@external
def ramp_threshold(collateral: address, liquidation_threshold: uint256, duration: uint256):
    """
    @notice Lower a liquidation threshold linearly from what it is now. Only the owner.
    @param liquidation_threshold at least ltv, below the one of now [WAD]
    @param duration              [s]
    """
    ownership._only_owner()
    collateral_book._ramp(collateral, liquidation_threshold, duration)


@external
def set_liquidation(module: address):
    """
    @notice Trust another liquidation module, once no sale of the present one is open. Only the owner.
    """
    ownership._only_owner()
    recovery._set_module(module)


@external
def add_breaker(breaker: IBreaker):
    """
    @notice Obey one more breaker. Only the owner.
    """
    ownership._only_owner()
    gates._add(breaker)


@external
def remove_breaker(breaker: IBreaker):
    """
    @notice Obey it no longer; the market does not call it. Only the owner.
    """
    ownership._only_owner()
    gates._remove(breaker)


@external
def set_limits(min_debt: uint256, borrow_cap: uint256):
    """
    @param min_debt   [debt token]
    @param borrow_cap [debt token]
    """
    ownership._only_owner()
    borrowing._set_limits(min_debt, borrow_cap)


@external
def set_rates(model: interest.Model):
    """
    @notice Change what debt costs from now on. Only the owner.
    """
    ownership._only_owner()
    debt_book._accrue()
    debt_book._set_rates(model)


@external
def freeze_borrowing():
    """
    @notice Set the borrow cap to zero. Only the guardian or the owner; only the owner can lift it (`set_limits`).
    """
    ownership._only_guardian()
    borrowing._set_limits(borrowing.min_debt, 0)
