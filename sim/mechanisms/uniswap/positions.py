"""Twin of NonfungiblePositionManager: positions as numbered tokens. Amounts in [token]."""

from __future__ import annotations

from typing import NamedTuple

from sim.mechanisms.kernel import NOBODY, Address, Chain, Revert, Table, view
from sim.mechanisms.uniswap.periphery import Order, Periphery
from sim.mechanisms.uniswap.state import UINT128, earned
from sim.mechanisms.uniswap.ticks import Q96, sqrt_price_at
from sim.mechanisms.words import mul_div_down, uint

# token0, token1, fee, lower tick, upper tick, amount0 and amount1 to put in at most, least of each,
# recipient, deadline [unix s]
Minting = tuple[Address, Address, int, int, int, int, int, int, int, Address, int]
Increase = tuple[int, int, int, int, int, int]  # id, most of each, least of each, deadline
Decrease = tuple[int, int, int, int, int]  # id, liquidity, least of each, deadline
Collection = tuple[int, Address, int, int]  # id, recipient, most of each


class Held(NamedTuple):
    """A position in the order of the manager's getter, without nonce and operator."""

    token0: Address
    token1: Address
    fee: int
    lower: int
    upper: int
    liquidity: int
    inside0: int  # fee growth inside when it was last looked at [Q128]
    inside1: int
    owed0: int
    owed1: int


class NonfungiblePositionManager(Periphery):
    """Owns the positions in the pools on behalf of the tokens' owners."""

    def __init__(self, chain: Chain, address: Address, factory: Address) -> None:
        super().__init__(chain, address, factory)
        self._next_id = 1
        self._held: Table[int, Held | None] = self._table(None)
        self._owners = self._table(NOBODY)  # by id

    @view
    def ownerOf(self, token_id: int) -> Address:
        """Of the position."""
        owner: Address = self._owners[token_id]
        if owner == NOBODY:
            raise Revert("ERC721: owner query for nonexistent token")
        return owner

    @view
    def positions(self, token_id: int) -> tuple[object, ...]:
        """Nonce and operator (never used here), and the position."""
        held = self._held[token_id]
        if held is None:
            raise Revert("Invalid token ID")
        return (0, NOBODY, *held)

    def createAndInitializePoolIfNecessary(
        self, token0: Address, token1: Address, fee: int, s: int
    ) -> Address:
        """The pool, with a price."""
        if token0 >= token1:
            raise Revert
        pool = self._pool(token0, token1, fee)
        if pool == NOBODY:
            pool = self._call(self.factory, "createPool", token0, token1, fee)
        if not self._call(pool, "slot0")[0]:
            self._call(pool, "initialize", s)
        return pool

    def mint(self, params: Minting) -> tuple[int, int, int, int]:
        """A new position; its id, liquidity and the amounts that went in."""
        token0, token1, fee, lower, upper, *amounts, recipient, deadline = params
        self._check_deadline(deadline)
        place = (token0, token1, fee, lower, upper)
        liquidity, amount0, amount1 = self._add(place, *amounts)
        token_id, self._next_id = self._next_id, self._next_id + 1
        if recipient == NOBODY:
            raise Revert("ERC721: mint to the zero address")
        self._owners[token_id] = recipient
        self._log("Transfer", **{"from": NOBODY, "to": recipient, "tokenId": token_id})
        self._held[token_id] = Held(*place, liquidity, *self._inside(place), 0, 0)
        return token_id, *self._tell("IncreaseLiquidity", token_id, liquidity, amount0, amount1)

    def increaseLiquidity(self, params: Increase) -> tuple[int, int, int]:
        """More into anybody's position; liquidity and amounts that went in."""
        token_id, *amounts, deadline = params
        self._check_deadline(deadline)
        held = self._held[token_id]
        if held is None:  # its pool would be that of no tokens
            raise Revert
        liquidity, amount0, amount1 = self._add(held[:5], *amounts)
        self._held[token_id] = self._refreshed(held, liquidity)
        return self._tell("IncreaseLiquidity", token_id, liquidity, amount0, amount1)

    def decreaseLiquidity(self, params: Decrease) -> tuple[int, int]:
        """Take liquidity out, into what is owed. Only the owner."""
        token_id, liquidity, least0, least1, deadline = params
        held = self._owned(token_id)
        self._check_deadline(deadline)
        if not 0 < liquidity <= held.liquidity:
            raise Revert
        burn = (held.lower, held.upper, liquidity)
        amount0, amount1 = self._call(self._pool(*held[:3]), "burn", *burn)
        _check_slippage(amount0, amount1, least0, least1)
        self._held[token_id] = self._refreshed(held, -liquidity, amount0, amount1)
        self._tell("DecreaseLiquidity", token_id, liquidity, amount0, amount1)
        return amount0, amount1

    def collect(self, params: Collection) -> tuple[int, int]:
        """Pay out what is owed and the fees until now, up to so much. Only the owner."""
        token_id, recipient, most0, most1 = params
        held = self._owned(token_id)
        if not most0 and not most1:
            raise Revert
        to, pool = self._recipient(recipient), self._pool(*held[:3])
        if held.liquidity:
            self._call(pool, "burn", held.lower, held.upper, 0)
            held = self._refreshed(held, 0)
        asked0, asked1 = min(most0, held.owed0), min(most1, held.owed1)
        paid = self._call(pool, "collect", to, held.lower, held.upper, asked0, asked1)
        left0, left1 = held.owed0 - asked0, held.owed1 - asked1
        self._held[token_id] = held._replace(owed0=left0, owed1=left1)
        self._log("Collect", tokenId=token_id, recipient=to, amount0=asked0, amount1=asked1)
        return paid[0], paid[1]

    def uniswapV3MintCallback(self, amount0: int, amount1: int, order: Order) -> None:
        """Pay the pool."""
        for token, amount in ((order.token0, amount0), (order.token1, amount1)):
            if amount:
                self._pull(order, token, amount)

    def _add(
        self, place: tuple[Address, Address, int, int, int], *amounts: int
    ) -> tuple[int, int, int]:
        """The most liquidity that the first two amounts allow, and what it took of them.

        Reverts with Price slippage check below the last two.
        """
        token0, token1, fee, lower, upper = place
        wish0, wish1, least0, least1 = amounts
        pool = self._pool(token0, token1, fee)
        s = self._call(pool, "slot0")[0]
        liquidity = liquidity_for(s, sqrt_price_at(lower), sqrt_price_at(upper), wish0, wish1)
        order = Order(token0, token1, fee, self._chain.sender)
        minted = self._call(pool, "mint", self.address, lower, upper, liquidity, order)
        amount0, amount1 = minted
        _check_slippage(amount0, amount1, least0, least1)
        return liquidity, amount0, amount1

    def _refreshed(self, held: Held, delta: int, owed0: int = 0, owed1: int = 0) -> Held:
        """With the fees until now and `owed` of principal, and `delta` more liquidity."""
        inside0, inside1 = self._inside(held[:5])
        owed0 += held.owed0 + earned(held.liquidity, inside0, held.inside0)
        owed1 += held.owed1 + earned(held.liquidity, inside1, held.inside1)
        return held._replace(
            liquidity=uint(held.liquidity + delta, 128),
            inside0=inside0,
            inside1=inside1,
            owed0=owed0 & UINT128,
            owed1=owed1 & UINT128,
        )

    def _inside(self, place: tuple[Address, Address, int, int, int]) -> tuple[int, int]:
        """Fee growth inside, as the pool has noted it for this contract's position."""
        pool = self._pool(*place[:3])
        position = self._call(pool, "positions", self.address, *place[3:])
        return position.inside0, position.inside1

    def _owned(self, token_id: int) -> Held:
        """The position of the caller. Reverts when it is another's, or nobody's."""
        held = self._held[token_id]
        if held is None:
            raise Revert("ERC721: operator query for nonexistent token")
        if self._owners[token_id] != self._chain.sender:
            raise Revert("Not approved")
        return held

    def _tell(
        self, event: str, token_id: int, liquidity: int, amount0: int, amount1: int
    ) -> tuple[int, int, int]:
        """Log a change of liquidity; gives back its numbers."""
        amounts = {"amount0": amount0, "amount1": amount1}
        self._log(event, tokenId=token_id, liquidity=liquidity, **amounts)
        return liquidity, amount0, amount1


def liquidity_for(s: int, low: int, high: int, amount0: int, amount1: int) -> int:
    """The most liquidity between two square roots of prices for these amounts (WP 6.29, 6.30).

    L = amount0 low high / (high - low) and L = amount1 / (high - low), each in its part of the
    range; the smaller one around the price.
    """
    low, high = min(low, high), max(low, high)
    if s <= low:
        return _liquidity_for0(low, high, amount0)
    if s >= high:
        return _liquidity_for1(low, high, amount1)
    return min(_liquidity_for0(s, high, amount0), _liquidity_for1(low, s, amount1))


def _liquidity_for0(low: int, high: int, amount: int) -> int:
    return uint(mul_div_down(amount, mul_div_down(low, high, Q96), high - low), 128)


def _liquidity_for1(low: int, high: int, amount: int) -> int:
    return uint(mul_div_down(amount, Q96, high - low), 128)


def _check_slippage(amount0: int, amount1: int, least0: int, least1: int) -> None:
    if amount0 < least0 or amount1 < least1:
        raise Revert("Price slippage check")
