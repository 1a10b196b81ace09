# pragma version 0.4.3
"""
@title Questions that must not fail
@notice A view that a lens asks for hundreds of accounts, and a pulse, go on when a feed is stale; the market goes on
        when a breaker is broken.
        A caller who gives too little gas makes the answer fail too: nothing may be won by that.
"""


@view
def _price_or_zero(market: address, collateral: address) -> uint256:
    """
    @return what `market.price(collateral)` answers [WAD, debt per collateral]; 0 when it reverts
    """
    return self._ask(market, abi_encode(collateral, method_id=method_id("price(address)")), 0)


@view
def _health_or_max(market: address, account: address) -> uint256:
    """
    @return what `market.health_factor(account)` answers [WAD]; max_value(uint256) when it reverts
    """
    call: Bytes[36] = abi_encode(account, method_id=method_id("health_factor(address)"))
    return self._ask(market, call, max_value(uint256))


@view
def _ask(target: address, call: Bytes[100], otherwise: uint256) -> uint256:
    """
    @return what the call answers; `otherwise` when it reverts
    """
    ok: bool = False
    answer: Bytes[32] = b""
    ok, answer = raw_call(target, call, max_outsize=32, is_static_call=True, revert_on_failure=False)
    if ok and len(answer) == 32:
        return convert(answer, uint256)
    return otherwise
