# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Hundreds of accounts of a market in one call
@notice Stateless. A stale price or a liquidation module that reverts does not make it revert.
        Gas an eth_call needs: `accounts` about 9,000 for each account and 5,000 for each further collateral;
        `sales` 5 million for memory and what the module's `startable`, `restartable` and `quote` take.
        200 to 500 accounts a call are the fastest on Anvil.
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed
from ethereum.ercs import IERC4626

from ..interfaces import IAggregatorV3
from ..interfaces import ILendingMarket
from ..modules import actions
from ..modules import maths

MAX_ACCOUNTS: constant(uint256) = 500
MAX_SALES: constant(uint256) = 4_000
MAX_COLLATERALS: constant(uint256) = 8
ANSWER_TO_WAD: constant(uint256) = 10**10


struct AccountState:
    debt: uint256  # [debt token]
    health_factor: uint256  # at the feeds' last answers [WAD]; max_value(uint256) without debt
    collateral: DynArray[uint256, MAX_COLLATERALS]  # in the market's order [collateral token]


struct FeedState:
    answer: int256  # [10**-8, debt per collateral]
    updated_at: uint256  # [unix s]


struct MarketState:
    cash: uint256  # [debt token]
    total_debt: uint256  # [debt token]
    debt_in_sale: uint256  # [debt token]
    reserve: uint256  # [debt token]
    total_assets: uint256  # [debt token]
    total_shares: uint256  # [shares]
    halted_until: uint256[3]  # by action [unix s]
    halted_seconds: uint256  # of liquidation [s]
    allowed: uint256[3]  # by action, of an endless wish [debt token]
    feeds: DynArray[FeedState, MAX_COLLATERALS]  # in the market's order


struct SaleState:
    index: uint256  # of the account in the list that was asked for
    collateral: address
    startable: bool
    restartable: bool
    pay: uint256  # for all that is for sale now [debt token]
    receive: uint256  # [collateral token]


struct Terms:
    collateral: address
    price: uint256  # at the feed's last answer; 0 when it has none [WAD, debt per collateral]
    scale: uint256  # amount [collateral token] * price is that many times its value [debt token]
    liquidation_threshold: uint256  # [WAD]


@view
@external
def accounts(
    market: ILendingMarket, accounts: DynArray[address, MAX_ACCOUNTS]
) -> DynArray[AccountState, MAX_ACCOUNTS]:
    """
    @return one row an account, in their order
    """
    index: uint256 = staticcall market.index()
    terms: DynArray[Terms, MAX_COLLATERALS] = self._terms(market)
    states: DynArray[AccountState, MAX_ACCOUNTS] = []
    for account: address in accounts:
        states.append(self._account(market, account, index, terms))
    return states


@view
@external
def market(market: ILendingMarket) -> MarketState:
    """
    @return the whole of the market; LIQUIDATE is asked for the first collateral
    """
    collaterals: DynArray[address, MAX_COLLATERALS] = staticcall market.collaterals()
    sold: address = empty(address)
    if len(collaterals) > 0:
        sold = collaterals[0]
    debt_token: address = staticcall market.debt_token()
    state: MarketState = MarketState(
        cash=staticcall market.cash(),
        total_debt=staticcall market.total_debt(),
        debt_in_sale=staticcall market.debt_in_sale(),
        reserve=staticcall market.reserve(),
        total_assets=staticcall IERC4626(market.address).totalAssets(),
        total_shares=staticcall IERC20(market.address).totalSupply(),
        halted_until=[
            staticcall market.halted_until(actions.BORROW),
            staticcall market.halted_until(actions.WITHDRAW),
            staticcall market.halted_until(actions.LIQUIDATE),
        ],
        halted_seconds=staticcall market.halted_seconds(),
        allowed=[
            self._allowed(market, actions.BORROW, debt_token),
            self._allowed(market, actions.WITHDRAW, debt_token),
            self._allowed(market, actions.LIQUIDATE, sold),
        ],
        feeds=[],
    )
    for collateral: address in collaterals:
        state.feeds.append(self._feed(market, collateral))
    return state


@view
@external
def sales(
    market: ILendingMarket, accounts: DynArray[address, MAX_ACCOUNTS]
) -> DynArray[SaleState, MAX_SALES]:
    """
    @return one row for each account and collateral of which something can be started, restarted or taken now;
            a module that reverts, as with a stale price, has nothing to offer
    """
    module: address = staticcall market.liquidation()
    collaterals: DynArray[address, MAX_COLLATERALS] = staticcall market.collaterals()
    rows: DynArray[SaleState, MAX_SALES] = []
    index: uint256 = 0
    for account: address in accounts:
        startable: bool = self._says_yes(module, abi_encode(account, method_id=method_id("startable(address)")))
        for collateral: address in collaterals:
            row: SaleState = self._sale(module, account, collateral)
            row.index = index
            row.startable = startable and staticcall market.collateral_of(account, collateral) > 0
            if row.startable or row.restartable or row.pay > 0:
                rows.append(row)
        index += 1
    return rows


@view
def _account(
    market: ILendingMarket,
    account: address,
    index: uint256,
    terms: DynArray[Terms, MAX_COLLATERALS],
) -> AccountState:
    """
    @param index the market's, read once for all accounts: half of the work of `debt_of` [RAY]
    """
    scaled: uint256 = staticcall market.scaled_debt_of(account)
    state: AccountState = AccountState(
        debt=maths._mul_div_up(scaled, index, maths.RAY),
        health_factor=max_value(uint256),
        collateral=[],
    )
    limit: uint256 = 0  # [debt token]
    for term: Terms in terms:
        amount: uint256 = staticcall market.collateral_of(account, term.collateral)
        state.collateral.append(amount)
        worth: uint256 = maths._mul_div_down(amount, term.price, term.scale)
        limit += maths._mul_div_down(worth, term.liquidation_threshold, maths.WAD)
    if state.debt > 0:
        state.health_factor = maths._mul_div_down(limit, maths.WAD, state.debt)
    return state


@view
def _terms(market: ILendingMarket) -> DynArray[Terms, MAX_COLLATERALS]:
    debt_token: address = staticcall market.debt_token()
    debt_decimals: uint256 = convert(staticcall IERC20Detailed(debt_token).decimals(), uint256)
    terms: DynArray[Terms, MAX_COLLATERALS] = []
    for collateral: address in staticcall market.collaterals():
        config: ILendingMarket.CollateralConfig = staticcall market.config(collateral)
        answer: int256 = self._feed(market, collateral).answer
        terms.append(
            Terms(
                collateral=collateral,
                price=convert(max(answer, 0), uint256) * ANSWER_TO_WAD,
                scale=10**(18 + config.decimals - debt_decimals),
                liquidation_threshold=config.liquidation_threshold,
            )
        )
    return terms


@view
def _feed(market: ILendingMarket, collateral: address) -> FeedState:
    config: ILendingMarket.CollateralConfig = staticcall market.config(collateral)
    round_id: uint80 = 0
    answer: int256 = 0
    started_at: uint256 = 0
    updated_at: uint256 = 0
    answered_in: uint80 = 0
    (round_id, answer, started_at, updated_at, answered_in) = staticcall IAggregatorV3(
        config.feed
    ).latestRoundData()
    return FeedState(answer=answer, updated_at=updated_at)


@view
def _allowed(market: ILendingMarket, action: uint256, asset: address) -> uint256:
    return staticcall market.allowed(action, asset, max_value(uint256) // 2)


@view
def _sale(module: address, account: address, collateral: address) -> SaleState:
    """
    @return with neither index nor startable
    """
    sale: SaleState = empty(SaleState)
    sale.collateral = collateral
    sale.restartable = self._says_yes(
        module,
        abi_encode(account, collateral, method_id=method_id("restartable(address,address)")),
    )
    ok: bool = False
    answer: Bytes[64] = b""
    ok, answer = raw_call(
        module,
        abi_encode(
            account,
            collateral,
            max_value(uint256),
            method_id=method_id("quote(address,address,uint256)"),
        ),
        max_outsize=64,
        is_static_call=True,
        revert_on_failure=False,
    )
    if ok and len(answer) == 64:
        sale.pay, sale.receive = abi_decode(answer, (uint256, uint256))
    return sale


@view
def _says_yes(module: address, question: Bytes[68]) -> bool:
    """
    @return whether a call of the module succeeds and answers true
    """
    ok: bool = False
    answer: Bytes[32] = b""
    ok, answer = raw_call(
        module, question, max_outsize=32, is_static_call=True, revert_on_failure=False
    )
    return ok and len(answer) == 32 and convert(answer, uint256) == 1
