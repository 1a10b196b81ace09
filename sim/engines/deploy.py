"""What to deploy and to call, in order, to put a design on a chain.

The plan knows no chain; a `Deployer` executes it: on a local Anvil (sim/engines/anvil.py), through
Ape's provider (`ape run deploy`), or on nothing at all, to check a design before anything starts.
Tokens and feeds are test contracts that the owner mints and the feeder pushes: the plan is for
local chains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sim.design import CollateralSpec, ContractSpec, Design, MarketSpec
from sim.engines.artifacts import Artifact, Library
from sim.engines.base import Address, address_of
from sim.engines.constructor import Filled, Values, arguments
from sim.engines.uniswap import SPACING, Pair
from sim.errors import InputError
from sim.units import FEED, to_units, to_wad

NOBODY: Address = "0x" + "0" * 40


class Deployer(Protocol):
    """Executes the plan as the owner. Keys are those of `Deployment.addresses`."""

    def deploy(self, key: str, artifact: Artifact, args: Sequence[Any]) -> Address:
        """Deploy, remember under the key, return the address."""
        ...

    def attach(self, key: str, artifact: Artifact, address: Address) -> None:
        """Remember a contract that another contract has deployed."""
        ...

    def call(self, key: str, function: str, *args: Any) -> None:
        """Send a transaction; raises when it fails."""
        ...

    def view(self, key: str, function: str, *args: Any) -> Any:
        """Call without a transaction."""
        ...


@dataclass(frozen=True)
class Terms:
    """What a deployment needs besides the design."""

    owner: Address  # sends everything
    guardian: Address
    feeder: Address  # may push answers to the feeds
    price: float  # [debt token per collateral token] of feeds and pool at the start
    pool_fee: int  # [1e-6]


@dataclass
class Plan:
    """Deploys one design; `addresses` fills as it goes."""

    to: Deployer
    library: Library
    design: Design
    terms: Terms
    addresses: dict[str, Address] = field(default_factory=dict)

    def run(self) -> None:
        """Everything. Raises InputError when the design can't be deployed as it stands."""
        market = self.design.market
        for token in [market.debt_token, *(c.token for c in market.collaterals)]:
            self._deploy(token.symbol, "Token", [token.symbol, token.symbol, token.decimals])
        self._exchange()
        for collateral in market.collaterals:
            self._feed(collateral)
        self._market(market)
        self._mechanism()
        self._reserve(market)
        self._deploy("lens", "Lens", [])

    def flash_keepers(self, owners: Sequence[Address]) -> None:
        """One FlashKeeper for each owner, as flash:0, flash:1, ..."""
        for i, owner in enumerate(owners):
            args = [owner, self.addresses["router"], self.terms.pool_fee]
            self._deploy(f"flash:{i}", "FlashKeeper", args)

    def pair(self) -> Pair:
        """The exchange's pool: the first collateral against the debt token."""
        debt, first = self.design.market.debt_token, self.design.market.collaterals[0].token
        at = self.addresses
        return Pair(
            at[first.symbol], at[debt.symbol], first.decimals, debt.decimals, self.terms.pool_fee
        )

    def _deploy(self, key: str, name: str, args: Sequence[Any]) -> Address:
        return self._put(key, self.library.get(name), args)

    def _put(self, key: str, artifact: Artifact, args: Sequence[Any]) -> Address:
        self.addresses[key] = self.to.deploy(key, artifact, args)
        return self.addresses[key]

    def _exchange(self) -> None:
        """Uniswap v3 with one pool at the starting price.

        Nobody pays in native coin, so its wrapped form stays unnamed.
        """
        if self.terms.pool_fee not in SPACING:
            raise InputError(
                f"pool_fee: Uniswap v3 has no tier {self.terms.pool_fee}; it has {list(SPACING)}"
            )
        factory = self._put("factory", self.library.uniswap("UniswapV3Factory"), [])
        self._put("router", self.library.uniswap("SwapRouter"), [factory, NOBODY])
        manager = self.library.uniswap("NonfungiblePositionManager")
        self._put("positions", manager, [factory, NOBODY, NOBODY])
        pair = self.pair()
        start = pair.sqrt_price_x96(self.terms.price)
        self.to.call(
            "positions", "createAndInitializePoolIfNecessary", *pair.tokens, pair.fee, start
        )
        pool: Address = self.to.view("factory", "getPool", *pair.tokens, pair.fee)
        self.to.attach("pool", self.library.uniswap("UniswapV3Pool"), pool)
        self.addresses["pool"] = pool

    def _feed(self, collateral: CollateralSpec) -> None:
        spec = collateral.feed
        answer = int(self.terms.price * FEED)
        args = [self.terms.feeder, answer, spec.heartbeat_s, to_wad(spec.deviation)]
        symbol = collateral.token.symbol
        self._deploy(f"feed:{symbol}", "PushFeed", args)
        if spec.adapter is not None:
            index = self.design.market.collaterals.index(collateral)
            where = f"market.collaterals.{index}.feed.adapter"
            if not self.library.get(spec.adapter.contract, f"{where}.contract").interface.has(
                "latestRoundData", 0
            ):
                raise InputError(f"{where}.contract: {spec.adapter.contract} is not a price feed")
            self._contract(f"oracle:{symbol}", spec.adapter, where, symbol)

    def _oracle(self, symbol: str) -> Address:
        """What the market reads the price of a collateral from."""
        return self.addresses.get(f"oracle:{symbol}", self.addresses[f"feed:{symbol}"])

    def _market(self, spec: MarketSpec) -> None:
        rates, decimals = spec.interest, spec.debt_token.decimals
        params = {
            "min_debt": to_units(spec.min_debt, decimals),
            "borrow_cap": to_units(spec.borrow_cap, decimals),
            "base_rate": to_wad(rates.base),
            "kink": to_wad(rates.kink),
            "rate_at_kink": to_wad(rates.at_kink),
            "rate_at_full": to_wad(rates.at_full),
            "reserve_factor": to_wad(rates.reserve_factor),
        }
        self._contract("market", ContractSpec(contract="LendingMarket", **params), "market")
        for c in spec.collaterals:
            self.to.call(
                "market",
                "add_collateral",
                self.addresses[c.token.symbol],
                self._oracle(c.token.symbol),
                to_wad(c.ltv),
                to_wad(c.liquidation_threshold),
                to_units(c.cap, c.token.decimals),
                c.feed.max_age_s,
            )

    def _mechanism(self) -> None:
        module = self._contract("liquidation", self.design.liquidation, "liquidation")
        self.to.call("market", "set_liquidation", module)
        for i, breaker in enumerate(self.design.breakers):
            self.to.call(
                "market", "add_breaker", self._contract(f"breaker:{i}", breaker, f"breakers[{i}]")
            )

    def _reserve(self, spec: MarketSpec) -> None:
        amount = to_units(spec.initial_reserve, spec.debt_token.decimals)
        if amount:
            self.to.call(spec.debt_token.symbol, "mint", self.terms.owner, amount)
            self.to.call(spec.debt_token.symbol, "approve", self.addresses["market"], amount)
            self.to.call("market", "fund_reserve", amount)

    def _contract(self, key: str, spec: ContractSpec, where: str, symbol: str = "") -> Address:
        """A contract that the design names, after the contracts that its parameters name.

        They belong to the collateral of the `symbol`, the first unless told otherwise; `push` names
        its pushed feed.
        """
        symbol = symbol or self.design.market.collaterals[0].token.symbol
        artifact = self.library.get(spec.contract, f"{where}.contract")
        prefix = "" if key == "liquidation" else f"{key}."
        params = {
            name: self._nested(f"{prefix}{name}", value, f"{where}.{name}", symbol)
            for name, value in spec.params.items()
        }
        known = {**self.addresses, "push": self.addresses[f"feed:{symbol}"]}
        values = Values.of(self.design, known)
        filled = self._filled(symbol)
        return self._put(key, artifact, arguments(artifact, params, filled, values, where))

    def _nested(self, key: str, value: Any, where: str, symbol: str) -> Any:
        """A parameter's value, with the address of every contract that it names in its place."""
        if isinstance(value, Mapping) and "contract" in value:
            return self._contract(key, ContractSpec(**value), where, symbol)
        if isinstance(value, (list, tuple)):
            items = enumerate(value)
            return [self._nested(f"{key}[{i}]", v, f"{where}[{i}]", symbol) for i, v in items]
        return value

    def _filled(self, symbol: str) -> Filled:
        """What constructors get without being told, by the name of the argument."""
        market, at = self.design.market, self.addresses
        known: dict[str, Address | list[Address]] = {
            "owner": self.terms.owner,
            "guardian": self.terms.guardian,
            "debt_token": at[market.debt_token.symbol],
            "collateral": at[symbol],
            "collaterals": [at[c.token.symbol] for c in market.collaterals],
            "feed": self._oracle(symbol),
            "source": at[f"feed:{symbol}"],
        }
        known.update({key: at[key] for key in ("market", "pool", "router") if key in at})
        return known


class Rehearsal:
    """A Deployer without a chain: addresses are made up, calls do nothing."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}  # of the contracts, by key

    def deploy(self, key: str, artifact: Artifact, args: Sequence[Any]) -> Address:
        artifact.interface.constructor.encode(args)
        self.names[key] = artifact.name
        return address_of(key)

    def attach(self, key: str, artifact: Artifact, address: Address) -> None:
        pass

    def call(self, key: str, function: str, *args: Any) -> None:
        pass

    def view(self, key: str, function: str, *args: Any) -> Any:
        return address_of(f"{key}.{function}")


def check_design(design: Design, library: Library | None = None) -> Mapping[str, str]:
    """Go through the whole plan without a chain; the names of its contracts by key.

    Raises InputError naming the field that can't be deployed.
    """
    nobody = address_of("nobody")
    terms = Terms(owner=nobody, guardian=nobody, feeder=nobody, price=1.0, pool_fee=3000)
    rehearsal = Rehearsal()
    Plan(rehearsal, library or Library(), design, terms).run()
    return rehearsal.names


def ape_container(artifact: Artifact) -> Any:
    """A contract as Ape deploys it."""
    from ape.contracts import ContractContainer
    from ethpm_types import ContractType

    content = {"abi": artifact.abi, "deploymentBytecode": {"bytecode": artifact.bytecode}}
    kind = ContractType.model_validate({"contractName": artifact.name, **content})
    return ContractContainer(kind)
