# pragma version 0.4.3
"""
@title What feeds and breakers that look into a Uniswap v3 pool share
"""

from ..interfaces import IUniswapV3Pool


@view
def _is_token0(pool: address, collateral: address, debt_token: address) -> bool:
    """
    @return whether the collateral is the pool's first token; reverts unless the pool has both tokens
    """
    token0: address = staticcall IUniswapV3Pool(pool).token0()
    token1: address = staticcall IUniswapV3Pool(pool).token1()
    if collateral == token0 and debt_token == token1:
        return True
    assert collateral == token1 and debt_token == token0, "pool: other tokens"
    return False
