"""A real Uniswap v3 pool of WETH and USDC."""

from __future__ import annotations

from sim.engines.opening import OWNER
from sim.engines.uniswap import Pair
from sim.units import MAX_UINT
from tests.helpers.ground import Ground
from tests.helpers.mechanisms import ZERO
from tests.invariants.stages import LENDER, STRANGER, fund

FEE, WIDEST = 3_000, 887_220  # [1e-6], the last tick on the fee's grid
PRICE = 2_000  # [USD]


def lay_pool(g: Ground, depth: int) -> None:
    """With liquidity of so much WETH, and as much in USDC, that reaches everywhere."""
    factory = g.deploy_uniswap("factory", "UniswapV3Factory")
    g.deploy_uniswap("router", "SwapRouter", factory, ZERO)
    g.deploy_uniswap("positions", "NonfungiblePositionManager", factory, ZERO, ZERO)
    pair = _pair(g)
    named, start = (*pair.tokens, FEE), pair.sqrt_price_x96(PRICE)
    g.send(OWNER, "positions", "createAndInitializePoolIfNecessary", *named, start)
    g.attach_uniswap("pool", "UniswapV3Pool", g.ask("factory", "getPool", *named))
    for symbol in ("WETH", "USDC"):
        for who, spender in ((LENDER, "positions"), (STRANGER, "router")):
            fund(g, symbol, who, 10**40, spender)
    add_liquidity(g, depth)


def add_liquidity(g: Ground, depth: int) -> None:
    """So much WETH, and as much in USDC, from one end of the prices to the other."""
    pair = _pair(g)
    amounts = pair.ordered(depth, depth * PRICE // 10**12)
    wish = (*pair.tokens, FEE, -WIDEST, WIDEST, *amounts, 0, 0, LENDER, MAX_UINT)
    g.send(LENDER, "positions", "mint", wish)


def swap_to(g: Ground, price: float) -> None:
    """Move the pool's price [USD per WETH]."""
    pair, limit = _pair(g), _pair(g).sqrt_price_x96(price)
    tokens = pair.tokens if limit < g.ask("pool", "slot0")[0] else pair.tokens[::-1]
    params = (*tokens, FEE, STRANGER, MAX_UINT, 10**39, 0, limit)
    g.send(STRANGER, "router", "exactInputSingle", params)


def _pair(g: Ground) -> Pair:
    return Pair(g["WETH"], g["USDC"], 18, 6, FEE)
