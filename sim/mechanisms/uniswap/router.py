"""Twin of SwapRouter, for swaps in a single pool. Amounts in [token]."""

from __future__ import annotations

from sim.mechanisms.kernel import Address, Revert
from sim.mechanisms.uniswap.periphery import Order, Periphery
from sim.mechanisms.uniswap.ticks import MAX_SQRT_PRICE, MIN_SQRT_PRICE
from sim.mechanisms.words import sint

# token in, token out, fee [1e-6], recipient, deadline [unix s], the exact amount, the bound of the
# other amount, limit of the price's square root (0: none) [Q64.96]
Single = tuple[Address, Address, int, Address, int, int, int, int]


class SwapRouter(Periphery):
    """Swaps what the caller has approved."""

    def exactInputSingle(self, params: Single) -> int:
        """Sell exactly so much, unless a limit stops it before; the amount out."""
        *_, deadline, amount, least, _ = params
        self._check_deadline(deadline)
        _, got = self._swap(params, sint(amount))
        if got < least:
            raise Revert("Too little received")
        return got

    def exactOutputSingle(self, params: Single) -> int:
        """Buy exactly so much; less is taken only where a limit was named. The amount in."""
        *_, deadline, amount, most, limit = params
        self._check_deadline(deadline)
        paid, got = self._swap(params, -sint(amount))
        if not limit and got != amount:
            raise Revert
        if paid > most:
            raise Revert("Too much requested")
        return paid

    def uniswapV3SwapCallback(self, amount0: int, amount1: int, order: Order) -> None:
        """Pay the pool. A swap that moved through nothing but empty ranges has nothing to pay."""
        if amount0 <= 0 and amount1 <= 0:
            raise Revert
        due = (order.token0, amount0) if amount0 > 0 else (order.token1, amount1)
        self._pull(order, *due)

    def _swap(self, params: Single, amount: int) -> tuple[int, int]:
        """Amounts in and out."""
        token_in, token_out, fee, recipient, _, _, _, limit = params
        down = token_in < token_out
        tokens = (token_in, token_out) if down else (token_out, token_in)
        order = Order(*tokens, fee, self._chain.sender)
        end = limit or (MIN_SQRT_PRICE + 1 if down else MAX_SQRT_PRICE - 1)
        pool, to = self._pool(*tokens, fee), self._recipient(recipient)
        amount0, amount1 = self._call(pool, "swap", to, down, amount, end, order)
        return (amount0, -amount1) if down else (amount1, -amount0)
