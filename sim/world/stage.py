"""Setting the stage: from a population to funds, set-up transactions, agents and who counts as
which role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sim.agents.arbitrageurs import Arbitrageurs
from sim.agents.base import Agent, Facts
from sim.agents.borrowers import FLEE, LOOP, REPAY, SELL, TOP_UP, Borrower, Borrowers
from sim.agents.capital_keepers import CapitalKeepers
from sim.agents.flash_keepers import FlashKeepers
from sim.agents.gas import header_limit
from sim.agents.guardian import Guardian
from sim.agents.hot_wallet import HotWallet
from sim.agents.lenders import Lenders
from sim.agents.liquidity_providers import Providers
from sim.agents.loopers import Loopers
from sim.agents.noise_traders import NoiseTraders
from sim.agents.oracle import Oracle
from sim.agents.panic_sellers import PanicSellers
from sim.agents.racers import Racers
from sim.agents.searcher import Searcher
from sim.agents.share_keepers import ShareKeepers
from sim.engines.base import (
    NATIVE,
    Address,
    Call,
    Deployment,
    MarketSetup,
    PoolSetup,
    Setup,
    Tx,
    address_of,
)
from sim.markets.venue import Venue
from sim.scenario import Mechanism, Scenario, VenueSpec
from sim.units import GWEI, MAX_UINT, to_units
from sim.world.parts import SHARE_DECIMALS, Part
from sim.world.population import Population

FEEDER = address_of("oracle")
CROWD_SHARE = 0.1  # of a day's turnover that it holds of each token
SEARCHER = "searcher"  # the agent's name
SANDWICHER = address_of("adversary/searcher")
GUARDIAN = address_of("protocol/guardian")  # whom the engines deploy the market with
SETUP_GAS = 2_000_000
COINS = 10**18 * 1_000  # everybody's for gas [wei]
KEEPERS_COINS = 10**18 * 10**9  # bids are shares of profits: more than all of these [wei]
ABSENT: Mapping[Mechanism, frozenset[str]] = {  # roles that `Scenario.off` leaves out
    "impact": frozenset(),
    "liquidations": frozenset({"keepers"}),
    "panic": frozenset({"panic_sellers"}),
    "withdrawal": frozenset({"lenders", "liquidity_providers"}),
}
HOT_WALLET = 1e6, 1e9  # whole collateral and debt tokens, more than all transfers of a run

ORDER = (  # in which they act
    *("oracle", "guardian", "borrowers", "loopers", "lenders", "racers"),
    *("liquidity_providers", "panic_sellers", "flash_keepers", "capital_keepers"),
    *("arbitrageurs", "hot_wallet", "noise_traders", "searcher"),
)

Funding = tuple[Address, str, int]


def spent_by(part: Part) -> Address:
    """Where what has been borrowed went: it was spent before the run."""
    return address_of(f"{part.prefix}borrowers/spent")


def crowd_of(part: Part) -> Address:
    """All noise traders on the venue."""
    return address_of(f"{part.prefix}noise_traders/crowd")


def setup_of(parts: Sequence[Part]) -> Setup:
    """What the engine puts there before the first step."""
    first, *others = parts
    scenario, people = first.scenario, first.people
    return Setup(
        timestamp=scenario.clock.begin,
        price=first.price,
        pool_fee=scenario.pool.fee,
        positions=people.positions,
        funding=[funds for part in parts for funds in _funding(part)],
        watched=[b.address for b in people.borrowers],
        keepers=[k.address for k in people.flash_keepers],
        feeder=FEEDER,
        base_fee=int(scenario.block_space.base_fee_gwei * GWEI),
        gas_limit=header_limit(scenario.block_gas, [part.design for part in parts]),
        pools=[
            PoolSetup(part.token, part.price, part.scenario.pool.fee, part.people.positions)
            for part in others
            if part.host
        ],
        markets=[
            MarketSetup(
                part.name,
                part.design,
                [b.address for b in part.people.borrowers],
                [k.address for k in part.people.flash_keepers],
            )
            for part in others
        ],
    )


def _funding(part: Part) -> Iterator[Funding]:
    people = part.people
    collateral, debt = part.token, part.design.market.debt_token
    for borrower, amount in _book(part):
        yield borrower.address, *_collateral(part, amount)
        if borrower.kind == REPAY:
            yield borrower.address, debt.symbol, to_units(borrower.stash_usd, debt.decimals)
    for lender in people.suppliers:
        yield lender.address, debt.symbol, to_units(lender.supply_usd, debt.decimals)
    for holder, amount in zip(people.holders, people.holdings, strict=True):
        if not holder.on_venue:
            yield holder.address, collateral.symbol, amount
    yield from _trading_funds(part)
    yield from _searchers_funds(part)
    if part.host:
        yield part.venue, collateral.symbol, to_units(HOT_WALLET[0], collateral.decimals)
        yield part.venue, debt.symbol, to_units(HOT_WALLET[1], debt.decimals)
        yield part.venue, NATIVE, KEEPERS_COINS
    yield from _coins(people)


def _book(part: Part) -> Iterator[tuple[Borrower, int]]:
    """Borrowers and what each has of the collateral, loose or to be put in."""
    people = part.people
    for borrower, amount in zip(people.borrowers, people.collaterals, strict=True):
        stash = to_units(borrower.stash_usd / part.price, part.token.decimals)
        yield borrower, amount + (stash if borrower.kind == TOP_UP else 0)


def _collateral(part: Part, amount: int) -> tuple[str, int]:
    """What somebody gets who is to have so much collateral: shares are bought by a deposit."""
    if part.backing is None:
        return part.token.symbol, amount
    return part.design.market.debt_token.symbol, _price_of(amount)


def _price_of(shares: int) -> int:
    """At the start, rounded up [debt token]."""
    return -(-shares // int(10**SHARE_DECIMALS))


def _trading_funds(part: Part) -> Iterator[Funding]:
    """Of keepers, arbitrageurs and noise traders."""
    people, price, spec = part.people, part.price, part.scenario.population
    collateral, debt = part.token, part.design.market.debt_token
    for keeper in people.capital_keepers:
        capital = keeper.size * spec.keepers.capital_usd
        yield keeper.address, debt.symbol, to_units(capital, debt.decimals)
    quarter = spec.arbitrageurs.capital_usd / 4
    for arbitrageur in people.arbitrageurs:
        yield arbitrageur.address, debt.symbol, to_units(quarter, debt.decimals)
        yield (
            arbitrageur.address,
            collateral.symbol,
            to_units(quarter / price, collateral.decimals),
        )
    if spec.noise_traders is not None:
        half = spec.noise_traders.capital_usd / 2
        for swapper in people.swappers:
            yield swapper, debt.symbol, to_units(half, debt.decimals)
            yield swapper, collateral.symbol, to_units(half / price, collateral.decimals)


def _searchers_funds(part: Part) -> Iterator[Funding]:
    spec = part.scenario.block_space.sandwich
    if spec is None or not part.first:
        return
    collateral, debt = part.token, part.design.market.debt_token
    half = spec.capital_usd / 2
    yield SANDWICHER, debt.symbol, to_units(half, debt.decimals)
    yield SANDWICHER, collateral.symbol, to_units(half / part.price, collateral.decimals)
    yield SANDWICHER, NATIVE, KEEPERS_COINS


def _coins(people: Population) -> Iterator[Funding]:
    for bidders in (people.flash_keepers, people.capital_keepers, people.arbitrageurs):
        yield from ((bidder.address, NATIVE, KEEPERS_COINS) for bidder in bidders)
    for others in (people.borrowers, people.suppliers, people.holders, people.providers):
        yield from ((member.address, NATIVE, COINS) for member in others)
    yield from ((swapper, NATIVE, COINS) for swapper in people.swappers)
    yield from ((address, NATIVE, KEEPERS_COINS) for address in (FEEDER, GUARDIAN))


def open_accounts(part: Part, venue: Venue) -> None:
    """What holders and arbitrageurs have on the venue."""
    scenario, people, price = part.scenario, part.people, part.price
    for holder, amount in zip(people.holders, people.holdings, strict=True):
        if holder.on_venue:
            venue.open_account(holder.address, venue.collateral, amount)
    quarter = scenario.population.arbitrageurs.capital_usd / 4
    for arbitrageur in people.arbitrageurs:
        venue.open_account(
            arbitrageur.address, venue.collateral, venue.collateral_for(quarter, price)
        )
        venue.open_account(arbitrageur.address, venue.debt, venue.debt_for(quarter))
    noise = scenario.population.noise_traders
    if noise is not None:
        stock = CROWD_SHARE * noise.venue_usd_per_day
        venue.open_account(crowd_of(part), venue.collateral, venue.collateral_for(stock, price))
        venue.open_account(crowd_of(part), venue.debt, venue.debt_for(stock))


def preparations(parts: Sequence[Part]) -> list[Tx]:
    """The transactions that bring the markets into their first state."""
    calls = [
        call
        for part in parts
        for calls in (_lending(part), _buying(part), _borrowing(part), _approvals(part))
        for call in calls
    ]
    return [Tx(i, role, sender, call, SETUP_GAS) for i, (role, sender, call) in enumerate(calls)]


def _lending(part: Part) -> Iterator[tuple[str, Address, Call]]:
    debt, market = part.design.market.debt_token, f"{part.prefix}market"
    for lender in part.people.suppliers:
        supply = to_units(lender.supply_usd, debt.decimals)
        yield "lenders", lender.address, _approve(debt.symbol, market)
        yield "lenders", lender.address, Call(market, "deposit", (supply, lender.address))


def _buying(part: Part) -> Iterator[tuple[str, Address, Call]]:
    """Shares of another market, by those who borrow against them."""
    if part.backing is None:
        return
    debt, giver = part.design.market.debt_token.symbol, part.token.symbol
    for borrower, shares in _book(part):
        assets = _price_of(shares)
        yield "borrowers", borrower.address, _approve(debt, giver)
        yield "borrowers", borrower.address, Call(giver, "deposit", (assets, borrower.address))


def _borrowing(part: Part) -> Iterator[tuple[str, Address, Call]]:
    people, symbol, market = part.people, part.token.symbol, f"{part.prefix}market"
    book = zip(people.borrowers, people.collaterals, people.debts, strict=True)
    for borrower, collateral, debt in book:
        me = borrower.address
        yield "borrowers", me, _approve(symbol, market)
        supply = (f"<{symbol}>", collateral, me)
        yield "borrowers", me, Call(market, "supply_collateral", supply)
        yield "borrowers", me, Call(market, "borrow", (debt, spent_by(part)))


def _approvals(part: Part) -> Iterator[tuple[str, Address, Call]]:
    """Who may pull what from whom later."""
    people, prefix = part.people, part.prefix
    collateral, debt = part.token.symbol, part.design.market.debt_token.symbol
    for borrower in people.borrowers:
        if borrower.kind in (REPAY, SELL, FLEE, LOOP):
            yield "borrowers", borrower.address, _approve(debt, f"{prefix}market")
        if borrower.kind in (SELL, FLEE, LOOP):
            yield "borrowers", borrower.address, _approve(collateral, "router")
        if borrower.kind == LOOP:
            yield "borrowers", borrower.address, _approve(debt, "router")
    for holder in people.holders:
        yield "panic_sellers", holder.address, _approve(collateral, "router")
    for keeper in people.capital_keepers:
        yield "keepers", keeper.address, _approve(debt, f"{prefix}liquidation")
        if part.backing is None:
            yield "keepers", keeper.address, _approve(collateral, "router")
    yield from _traders_approvals((collateral, debt), people)
    if part.first and part.scenario.block_space.sandwich is not None:
        yield from (("adversary", SANDWICHER, _approve(t, "router")) for t in (collateral, debt))


def _traders_approvals(
    tokens: tuple[str, str], people: Population
) -> Iterator[tuple[str, Address, Call]]:
    """Of those who may want either token."""
    for token in tokens:
        for arbitrageur in people.arbitrageurs:
            yield "arbitrageurs", arbitrageur.address, _approve(token, "router")
        for swapper in people.swappers:
            yield "noise_traders", swapper, _approve(token, "router")
        for provider in people.providers:
            yield "liquidity_providers", provider.address, _approve(token, "positions")


def _approve(token: str, spender: str) -> Call:
    return Call(token, "approve", (f"<{spender}>", MAX_UINT))


def cast(part: Part, facts: Facts, liquidity: Sequence[int], venue: Venue) -> dict[str, Agent]:
    """All agents of a market by the name of their stream, in the order in which they act, but for
    roles that are off.

    `liquidity` is that of the set-up's positions.
    """
    absent = frozenset[str]().union(*(ABSENT[mechanism] for mechanism in part.scenario.off))
    agents = _staff(part, facts)
    if part.host:
        agents |= _crowd(part, facts, liquidity, venue)
    sandwich = part.scenario.block_space.sandwich
    if part.first and sandwich is not None:
        agents[SEARCHER] = Searcher(facts, sandwich, SANDWICHER)
    return {n: agents[n] for n in ORDER if n in agents and agents[n].role not in absent}


def venue_spec(scenario: Scenario) -> VenueSpec:
    """With withdrawal off the market makers stay too."""
    if "withdrawal" not in scenario.off:
        return scenario.venue
    return scenario.venue.model_copy(update={"withdrawal": None})


def _staff(part: Part, facts: Facts) -> dict[str, Agent]:
    """Who has to do with the market."""
    spec, people, venue = part.scenario.population, part.people, part.scenario.venue
    accounts = [b.address for b in people.borrowers]
    keepers = CapitalKeepers if part.backing is None else ShareKeepers
    return {
        "oracle": Oracle(facts, spec.oracle, FEEDER, posts=part.host),
        "guardian": Guardian(facts, GUARDIAN),
        "borrowers": Borrowers(facts, spec.borrowers, people.borrowers),
        "loopers": Loopers(facts, spec.borrowers, people.borrowers),
        "lenders": Lenders(facts, spec.lenders, people.lenders),
        "racers": Racers(facts, spec.lenders.race, people.racers),
        "flash_keepers": FlashKeepers(facts, spec.keepers, people.flash_keepers, accounts),
        "capital_keepers": keepers(facts, spec.keepers, venue, people.capital_keepers, accounts),
    }


def _crowd(part: Part, facts: Facts, liquidity: Sequence[int], venue: Venue) -> dict[str, Agent]:
    """Who has to do with the asset; CROWD in sim/world/parts.py names their members."""
    spec, people = part.scenario.population, part.people
    agents: dict[str, Agent] = {
        "liquidity_providers": Providers.starting(
            facts, spec.liquidity_providers, people.providers, liquidity
        ),
        "panic_sellers": PanicSellers(facts, spec.panic_sellers, people.holders, people.contacts),
        "arbitrageurs": Arbitrageurs(
            facts, spec.arbitrageurs, part.scenario.venue, people.arbitrageurs
        ),
        "hot_wallet": HotWallet(facts, venue),
    }
    if spec.noise_traders is not None:
        agents["noise_traders"] = NoiseTraders(
            facts, spec.noise_traders, people.swappers, crowd_of(part)
        )
    return agents


def members(part: Part, deployment: Deployment) -> Mapping[str, Sequence[Address]]:
    """Addresses by role, for the ledger; the market and its module are split there."""
    at, people = deployment.addresses, part.people
    flash = [address for key, address in at.items() if key.startswith(f"{part.prefix}flash:")]
    keepers = [*people.flash_keepers, *people.capital_keepers]
    pool, crowd = ([at[deployment.pool]], [crowd_of(part)]) if part.host else ([], [])
    return {
        "borrowers": [*(b.address for b in people.borrowers), spent_by(part)],
        "lenders": [x.address for x in people.suppliers],
        "keepers": [*(k.address for k in keepers), *flash],
        "arbitrageurs": [a.address for a in people.arbitrageurs],
        "liquidity_providers": [*(p.address for p in people.providers), *pool],
        "panic_sellers": [h.address for h in people.holders],
        "noise_traders": [*people.swappers, *crowd],
        "oracle": [FEEDER] if part.first else [],
        "guardian": [GUARDIAN] if part.first else [],
        "adversary": [SANDWICHER] if part.first else [],
        "venue": [part.venue] if part.host else [],
    }
