"""A borrower's account and wallet beside a pool without impact, for agents that need many
transactions."""

from __future__ import annotations

from collections.abc import Sequence

from sim.agents.base import Agent, Intent, View
from sim.engines.base import address_of
from tests.helpers.world import USDC, WETH, Wallets, rng, snapshot, view

ME = address_of("borrower")
LT, LTV = 0.83, 0.805  # of the design `fixed`


class Account:
    """The only one of its market; no interest. Prices stand until the test moves them."""

    def __init__(self, collateral: float, debt: float) -> None:
        self.collateral, self.debt = collateral, debt  # [WETH, USD]
        self.price = 2000.0  # of feed and pool
        self.wallets = Wallets()

    @property
    def health(self) -> float:
        return self.collateral * self.price * LT / self.debt if self.debt else 1e9

    def view(self, venue: Sequence[float] = (2000.0,)) -> View:
        state = snapshot(
            [self.debt], [self.health], [self.collateral], oracle=self.price, pool=self.price
        )
        return view(state, venue=venue, wallets=self.wallets)

    def do(self, intent: Intent) -> None:
        """What the market and the pool do, at no impact; checked as the contracts check it."""
        chain, call, args = self.wallets.chain, intent.call, intent.call.args
        if call.function == "exactInputSingle":
            sold, amount = args[0][0].strip("<>"), args[0][5]
            bought = "USDC" if sold == "WETH" else "WETH"
            rate = self.price * USDC / WETH if sold == "WETH" else WETH / USDC / self.price
            self._move(sold, -amount)
            self._move(bought, int(amount * rate))
        elif call.function == "repay":
            paid = min(args[0], round(self.debt * USDC))
            self._move("USDC", -paid)
            self.debt = round(self.debt - paid / USDC, 6)
            assert self.debt == 0 or self.debt >= 1000, "below minimum debt"
        elif call.function == "borrow":
            self.debt += args[0] / USDC
            self._move("USDC", args[0])
        elif call.function == "withdraw_collateral":
            self.collateral -= args[1] / WETH
            self._move("WETH", args[1])
        elif call.function == "supply_collateral":
            self.collateral += args[1] / WETH
            self._move("WETH", -args[1])
        assert min(chain.values()) >= 0
        if call.function in ("borrow", "withdraw_collateral"):
            assert self.debt <= self.collateral * self.price * LTV, "unhealthy"

    def _move(self, token: str, amount: int) -> None:
        self.wallets.chain[ME, token] = self.wallets.on_chain(ME, token) + amount


def live(
    agent: Agent, account: Account, steps: int, venue: Sequence[float] = (2000.0,)
) -> list[str]:
    """Functions that were called, step by step."""
    source = rng()
    called: list[str] = []
    for _ in range(steps):
        for intent in agent.act(account.view(venue), source):
            assert isinstance(intent, Intent)
            account.do(intent)
            called.append(intent.call.function)
    return called
