# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title A keeper without capital: take, sell on Uniswap v3, pay, keep the rest
@notice All in one transaction, which reverts when the rest is too small; then only gas is lost.
        Collateral that a pool without liquidity did not take goes to the owner.
"""

from ethereum.ercs import IERC20

from ..interfaces import ILendingMarket
from ..interfaces import ILiquidation
from ..interfaces import ITaker
from ..modules import transfers

implements: ITaker

struct Swap:
    token_in: address
    token_out: address
    fee: uint24  # [1e-6]
    recipient: address
    deadline: uint256  # [unix s]
    amount_in: uint256  # [token_in]
    amount_out_minimum: uint256  # [token_out]
    sqrt_price_limit_x96: uint160  # 0: none


interface ISwapRouter:
    def exactInputSingle(swap: Swap) -> uint256: payable


event Executed:
    liquidation: indexed(address)
    account: indexed(address)
    collateral: indexed(address)
    paid: uint256  # [debt token]
    sold: uint256  # [collateral token]
    profit: uint256  # sent to the owner [debt token]


DATA: constant(Bytes[1024]) = b"sell"  # what it says has no meaning; that there is data asks for the callback

OWNER: public(immutable(address))
ROUTER: public(immutable(address))
POOL_FEE: public(immutable(uint24))  # [1e-6]

debt_token: transient(address)
liquidation: transient(address)  # that may call back; zero: none


@deploy
def __init__(owner: address, router: address, pool_fee: uint24):
    """
    @param owner    who may execute and gets the profit
    @param router   Uniswap v3's SwapRouter
    @param pool_fee of the pool to sell in [1e-6]
    """
    OWNER = owner
    ROUTER = router
    POOL_FEE = pool_fee


@external
def execute(liquidation: address, account: address, collateral: address, max_pay: uint256, min_profit: uint256):
    """
    @notice Take from a sale and send what is left after selling and paying to the owner. Only the owner.
    @param max_pay    most to pay for the take [debt token]
    @param min_profit revert when less is left [debt token]
    """
    assert msg.sender == OWNER, "keeper: only owner"
    market: address = staticcall ILiquidation(liquidation).market()
    self.debt_token = staticcall ILendingMarket(market).debt_token()
    self.liquidation = liquidation
    paid: uint256 = 0
    sold: uint256 = 0
    paid, sold = extcall ILiquidation(liquidation).take(account, collateral, max_pay, 0, self, DATA)
    self.liquidation = empty(address)
    profit: uint256 = staticcall IERC20(self.debt_token).balanceOf(self)
    assert profit >= min_profit, "keeper: unprofitable"
    transfers._push(self.debt_token, OWNER, profit)
    unsold: uint256 = staticcall IERC20(collateral).balanceOf(self)
    if unsold > 0:
        transfers._push(collateral, OWNER, unsold)
    log Executed(
        liquidation=liquidation, account=account, collateral=collateral, paid=paid, sold=sold, profit=profit
    )


@external
@reentrant
def on_take(account: address, collateral: address, pay: uint256, received: uint256, data: Bytes[1024]):
    """
    @notice Sell what was received and let the module fetch the payment. Only from the module, while it is taken from.
    """
    assert msg.sender == self.liquidation, "keeper: unexpected callback"
    transfers._allow(collateral, ROUTER, received)
    swap: Swap = Swap(
        token_in=collateral,
        token_out=self.debt_token,
        fee=POOL_FEE,
        recipient=self,
        deadline=block.timestamp,
        amount_in=received,
        amount_out_minimum=0,
        sqrt_price_limit_x96=0,
    )
    bought: uint256 = extcall ISwapRouter(ROUTER).exactInputSingle(swap)
    assert bought >= pay, "keeper: unprofitable"
    transfers._allow(self.debt_token, msg.sender, pay)
