"""What to deploy and to call, in order, to put a design on a chain.

The plan knows no chain; a `Deployer` executes it: on a local Anvil (sim/engines/anvil.py), through
Ape's provider (`ape run deploy`), or on nothing at all, to check a design before anything starts.
Tokens and feeds are test contracts that the owner mints and the feeder pushes: the plan is for
local chains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from sim.design import CollateralSpec, ContractSpec, Design, MarketSpec, TokenSpec
from sim.engines.artifacts import Artifact, Library
from sim.engines.base import Address, MarketSetup, address_of, is_share
from sim.engines.constructor import Filled, Values, arguments, check_scales
from sim.engines.uniswap import SPACING, Pair
from sim.errors import InputError
from sim.units import FEED, MAX_UINT, to_units, to_wad

LONGEST_SYMBOL = 16  # contracts/modules/erc20.vy
NOBODY: Address = "0x" + "0" * 40
BEYOND_BUDGET = "breaker: budget exceeded"  # contracts/modules/response.vy


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
    """Deploys one design; `addresses` fills as it goes.

    `beside` gives the plan of a further market on the same chain.
    """

    to: Deployer
    library: Library
    design: Design
    terms: Terms
    addresses: dict[str, Address] = field(default_factory=dict)
    prefix: str = ""  # of the keys of the market's own contracts
    pool: str = "pool"  # key of the first collateral's pool

    def run(self) -> None:
        """Everything. Raises InputError when the design can't be deployed as it stands."""
        market = self.design.market
        for token in [market.debt_token, *(c.token for c in market.collaterals)]:
            self._token(token)
        self._exchange()
        self.open_market()
        self._deploy("lens", "Lens", [])

    def beside(self, setup: MarketSetup, terms: Terms) -> Plan:
        """The plan of another market; `terms` hold the price and the pool of its collateral.

        Tokens, the exchange and pushed feeds are shared. That of a market that takes shares comes
        from the plan of the market that gives them.
        """
        symbol = setup.design.market.collaterals[0].token.symbol
        pool = self.pool if symbol == self._first or is_share(symbol) else f"pool:{symbol}"
        return replace(self, design=setup.design, terms=terms, prefix=setup.prefix, pool=pool)

    def open_asset(self, token: TokenSpec, terms: Terms) -> None:
        """A further token, and its pool."""
        self._token(token)
        self._pool(f"pool:{token.symbol}", self._pair(token, terms), terms.price)

    def open_market(self) -> None:
        """Feeds, the market itself, its mechanism and breakers, its reserve."""
        market = self.design.market
        for collateral in market.collaterals:
            self._feed(collateral)
        self._market(market)
        self._mechanism()
        self._reserve(market)

    def flash_keepers(self, owners: Sequence[Address]) -> None:
        """One FlashKeeper for each owner, as flash:0, flash:1, ..."""
        for i, owner in enumerate(owners):
            args = [owner, self.addresses["router"], self.terms.pool_fee]
            self._deploy(f"{self.prefix}flash:{i}", "FlashKeeper", args)

    def pair(self) -> Pair:
        """The exchange's pool: the first collateral against the debt token."""
        return self._pair(self.design.market.collaterals[0].token, self.terms)

    def _pair(self, token: TokenSpec, terms: Terms) -> Pair:
        debt, at = self.design.market.debt_token, self.addresses
        return Pair(
            at[token.symbol], at[debt.symbol], token.decimals, debt.decimals, terms.pool_fee
        )

    @property
    def symbols(self) -> tuple[str, str]:
        """Of the pool's tokens: first collateral and debt token."""
        return self._first, self.design.market.debt_token.symbol

    @property
    def _first(self) -> str:
        """The first collateral's symbol."""
        return self.design.market.collaterals[0].token.symbol

    def _token(self, token: TokenSpec) -> None:
        if not 0 < len(token.symbol) <= LONGEST_SYMBOL:
            raise InputError(
                f"token {token.symbol!r}: its symbol must have 1 to {LONGEST_SYMBOL} characters"
            )
        self._deploy(token.symbol, "Token", [token.symbol, token.symbol, token.decimals])

    def _deploy(self, key: str, name: str, args: Sequence[Any]) -> Address:
        return self._put(key, self.library.get(name), args)

    def _put(self, key: str, artifact: Artifact, args: Sequence[Any]) -> Address:
        self.addresses[key] = self.to.deploy(key, artifact, args)
        return self.addresses[key]

    def _exchange(self) -> None:
        """Uniswap v3, and the first collateral's pool.

        Nobody pays in native coin, so its wrapped form stays unnamed.
        """
        factory = self._put("factory", self.library.uniswap("UniswapV3Factory"), [])
        self._put("router", self.library.uniswap("SwapRouter"), [factory, NOBODY])
        manager = self.library.uniswap("NonfungiblePositionManager")
        self._put("positions", manager, [factory, NOBODY, NOBODY])
        self._pool(self.pool, self.pair(), self.terms.price)

    def _pool(self, key: str, pair: Pair, price: float) -> None:
        """A pool at the starting price."""
        if pair.fee not in SPACING:
            raise InputError(f"pool_fee: Uniswap v3 has no tier {pair.fee}; it has {list(SPACING)}")
        start = pair.sqrt_price_x96(price)
        self.to.call(
            "positions", "createAndInitializePoolIfNecessary", *pair.tokens, pair.fee, start
        )
        pool: Address = self.to.view("factory", "getPool", *pair.tokens, pair.fee)
        self.to.attach(key, self.library.uniswap("UniswapV3Pool"), pool)
        self.addresses[key] = pool

    def _feed(self, collateral: CollateralSpec) -> None:
        spec = collateral.feed
        answer = int(self.terms.price * FEED)
        args = [self.terms.feeder, answer, spec.heartbeat_s, to_wad(spec.deviation)]
        symbol = collateral.token.symbol
        if is_share(symbol):
            if f"feed:{symbol}" not in self.addresses:
                self._deploy(f"feed:{symbol}", "ShareFeed", [self.addresses[symbol]])
        elif f"feed:{symbol}" not in self.addresses:
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
        own = f"{self.prefix}oracle:{symbol}"
        return self.addresses.get(own, self.addresses[f"feed:{symbol}"])

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
                f"{self.prefix}market",
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
        market = f"{self.prefix}market"
        self.to.call(market, "set_liquidation", module)
        for i, breaker in enumerate(self.design.breakers):
            address = self._contract(f"breaker:{i}", breaker, f"breakers[{i}]")
            self.to.call(market, "add_breaker", address)

    def _reserve(self, spec: MarketSpec) -> None:
        amount = to_units(spec.initial_reserve, spec.debt_token.decimals)
        if amount:
            self.to.call(spec.debt_token.symbol, "mint", self.terms.owner, amount)
            market = f"{self.prefix}market"
            self.to.call(spec.debt_token.symbol, "approve", self.addresses[market], amount)
            self.to.call(market, "fund_reserve", amount)

    def _contract(self, key: str, spec: ContractSpec, where: str, symbol: str = "") -> Address:
        """A contract that the design names, after the contracts that its parameters name.

        They belong to the collateral of the `symbol`, the first unless told otherwise; `push` names
        its pushed feed.
        """
        symbol = symbol or self._first
        artifact = self.library.get(spec.contract, f"{where}.contract")
        outer = "" if key == "liquidation" else f"{key}."
        params = {
            name: self._nested(f"{outer}{name}", value, f"{where}.{name}", symbol)
            for name, value in spec.params.items()
        }
        check_scales(spec.params, self.library.units(spec.contract), where)
        known = {**self.addresses, **self._own(), "push": self.addresses[f"feed:{symbol}"]}
        values = Values.of(self.design, known)
        filled = self._filled(symbol)
        args = arguments(artifact, params, filled, values, where)
        try:
            return self._put(f"{self.prefix}{key}", artifact, args)
        except InputError as e:
            raise InputError(f"{e}{self._beyond_budget(artifact, args, str(e))}") from e

    def _beyond_budget(self, artifact: Artifact, args: Sequence[Any], refusal: str) -> str:
        """How far a breaker is beyond its budget of bad debt, which its reason does not say."""
        names = [entry["name"] for entry in artifact.constructor]
        if not refusal.endswith(BEYOND_BUDGET) or "budget" not in names:
            return ""
        at = names.index("budget")
        self._put("unlimited", artifact, [*args[:at], MAX_UINT, *args[at + 1 :]])
        worst = self.to.view("unlimited", "worst_bad_debt")
        token = self.design.market.debt_token
        cost, budget = (amount / 10**token.decimals for amount in (worst, args[at]))
        return (
            f": the longest halt could cost {cost:,.0f} {token.symbol} at price_speed, the budget "
            f"is {budget:,.0f}; raise it, or lower duration, guardian_response or price_speed"
        )

    def _own(self) -> Mapping[str, Address]:
        """The market's own contracts by the keys that a design file gives them."""
        at = self.addresses.items()
        return {k.removeprefix(self.prefix): a for k, a in at if k.startswith(self.prefix)}

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
        shared = {"market": f"{self.prefix}market", "router": "router"}
        if not is_share(symbol):
            shared["pool"] = self.pool
        known.update({name: at[key] for name, key in shared.items() if key in at})
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
