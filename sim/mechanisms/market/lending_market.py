"""Twin of contracts/LendingMarket.vy: the parts put together, and what its owner may do."""

from __future__ import annotations

from sim.mechanisms.kernel import Address, Chain, Revert
from sim.mechanisms.market.borrowing import Borrowing
from sim.mechanisms.market.collateral_book import CollateralConfig
from sim.mechanisms.market.interest import Model
from sim.mechanisms.market.ownership import Ownership
from sim.mechanisms.market.recovery import Recovery
from sim.mechanisms.market.vault import Vault


class LendingMarket(Ownership, Vault, Borrowing, Recovery):
    """Amounts in the token's own decimals, prices and ratios in [WAD], rates in [WAD a year]."""

    guarded = True

    def __init__(
        self,
        chain: Chain,
        address: Address,
        debt_token: Address,
        owner: Address,
        guardian: Address,
        min_debt: int,
        borrow_cap: int,
        *model: int,
    ) -> None:
        super().__init__(chain, address)
        self._init_ownership(owner, guardian)
        self._init_gates()
        self._init_collateral_book(debt_token)
        self._init_debt_book(debt_token, Model(*model))
        decimals: int = self._call(debt_token, "decimals")
        self._init_erc20("Firesale lender share", "FIRE", decimals + 6)
        self._init_borrowing(min_debt, borrow_cap)
        self._init_recovery()

    def add_collateral(
        self,
        collateral: Address,
        feed: Address,
        ltv: int,
        liquidation_threshold: int,
        cap: int,
        max_age: int,
    ) -> None:
        """Accept one more collateral. Only the owner."""
        self._only_owner()
        if collateral == self.debt_token:
            raise Revert("market: collateral is debt token")
        terms = CollateralConfig(feed, 0, ltv, liquidation_threshold, cap, max_age)
        self._add_collateral(collateral, terms)

    def set_collateral(
        self,
        collateral: Address,
        feed: Address,
        ltv: int,
        liquidation_threshold: int,
        cap: int,
        max_age: int,
    ) -> None:
        """Change the terms of a collateral at once, and end a ramp. Only the owner."""
        self._only_owner()
        terms = CollateralConfig(feed, 0, ltv, liquidation_threshold, cap, max_age)
        self._set_collateral(collateral, terms)

    def ramp_threshold(
        self, collateral: Address, liquidation_threshold: int, duration: int
    ) -> None:
        """Lower a liquidation threshold linearly, within `duration` [s]. Only the owner."""
        self._only_owner()
        self._ramp(collateral, liquidation_threshold, duration)

    def set_liquidation(self, module: Address) -> None:
        """Trust another liquidation module, once no sale is open. Only the owner."""
        self._only_owner()
        self._set_module(module)

    def add_breaker(self, breaker: Address) -> None:
        """Obey one more breaker. Only the owner."""
        self._only_owner()
        self._add_breaker(breaker)

    def remove_breaker(self, breaker: Address) -> None:
        """Obey it no longer. Only the owner."""
        self._only_owner()
        self._remove_breaker(breaker)

    def set_limits(self, min_debt: int, borrow_cap: int) -> None:
        """The smallest debt of an account, the largest of all. Only the owner."""
        self._only_owner()
        self._set_limits(min_debt, borrow_cap)

    def set_rates(self, model: tuple[int, int, int, int, int]) -> None:
        """Change what debt costs from now on. Only the owner."""
        self._only_owner()
        self._accrue()
        self._set_rates(Model(*model))

    def freeze_borrowing(self) -> None:
        """Set the borrow cap to zero. Only the guardian or the owner."""
        self._only_guardian()
        self._set_limits(self.min_debt, 0)
