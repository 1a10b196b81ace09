"""Twin of contracts/modules/market_link.vy: what every liquidation module needs of its market."""

from __future__ import annotations

from typing import Any

from sim.mechanisms.kernel import Address
from sim.mechanisms.maths import mul_div_up
from sim.mechanisms.transfers import Transfers
from sim.mechanisms.words import uint
from sim.units import LIQUIDATE, MAX_UINT


class MarketLink(Transfers):
    """A module of one market."""

    def _init_market_link(self, market: Address) -> None:
        self.market = market
        self._debt_token: Address = self._ask_market("debt_token")
        self._debt_decimals: int = self._call(self._debt_token, "decimals")
        self._allow(self._debt_token, market, MAX_UINT)

    def _ask_market(self, function: str, *args: Any) -> Any:
        return self._chain.call(self.address, self.market, function, *args)

    def _scale(self, collateral: Address) -> int:
        """Amount [collateral token] * price [WAD] is that many times its value [debt token]."""
        decimals: int = self._ask_market("config", collateral).decimals
        scale: int = 10 ** (18 + decimals - self._debt_decimals)
        return scale

    def _passing(self, collateral: Address, amount: int) -> int:
        """How much of a liquidation of `amount` the breakers let pass [debt token]."""
        passing: int = self._ask_market("allowed", LIQUIDATE, collateral, amount)
        return passing

    def _share_up(self, account: Address, collateral: Address) -> int:
        """The part of the account's debt that this holding answers for [debt token]."""
        held = self._ask_market("collateral_of", account, collateral)
        worth: int = self._ask_market("value_down", collateral, held)
        values = self._ask_market("values", account)
        if worth == values.collateral:
            debt: int = values.debt
            return debt
        return mul_div_up(values.debt, worth, values.collateral)

    def _has_collateral(self, account: Address) -> bool:
        collaterals = self._ask_market("collaterals")
        return any(self._ask_market("collateral_of", account, one) for one in collaterals)

    def _charge(
        self,
        account: Address,
        collateral: Address,
        debt: int,
        fee: int,
        received: int,
        receiver: Address,
        data: bytes,
    ) -> None:
        """Call the receiver if there is data, then pull debt and fee from the caller and settle."""
        pay = uint(debt + fee)
        if data:
            self._call(receiver, "on_take", account, collateral, pay, received, data)
        self._pull(self._debt_token, self._chain.sender, pay)
        self._ask_market("settle", collateral, debt, fee)

    def _write_off(self, account: Address, unpaid: int) -> int:
        """Recognise debt in sale and all that the account still owes as lost [debt token]."""
        lost: int = unpaid + self._ask_market("assume_debt", account, MAX_UINT)
        if lost:
            self._ask_market("write_off", account, lost)
        return lost
