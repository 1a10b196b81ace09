"""What an agent is: it reads a view, draws from its own generator and returns what it wants to do.

An agent stands for all members of a role, so that hundreds of them cost one vector operation. It
remembers what its members have decided; what became of their transactions it takes from `learn`
only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.agents.gas import LIMITS
from sim.design import Design
from sim.elementary import exp, log
from sim.engines.base import Address, Block, Call, Deployment, Event, Snapshot
from sim.markets.depth import PoolDepth
from sim.markets.impact import Quote
from sim.markets.venue import VENUE, Fill, VenueOrder
from sim.units import GWEI, MAX_UINT, YEAR_S

Floats = NDArray[np.float64]
HEADROOM = 10  # base fees that one who must not get stuck pays at most, besides the tip
LEAST_SALE_USD = 20.0  # less is not worth a transaction


class Intent(NamedTuple):
    """A transaction that a member wants in a block. A later one of the same sender and key replaces
    it."""

    role: str
    sender: Address
    call: Call
    key: str
    priority_fee: int = 0  # [wei per gas]
    latency_s: float = 0.0  # after the last block until it reaches the builder
    max_fee: int | None = None  # most for base and priority fee together [wei per gas]

    @property
    def gas_limit(self) -> int:
        return LIMITS[self.call.function]


@dataclass(frozen=True, slots=True)
class VenueTransfer:
    """Ask the venue to send tokens to the holder's address on the chain."""

    role: str
    holder: Address
    token: str
    amount: int


@dataclass(frozen=True, slots=True)
class Round:
    """What those who race have decided on one round of signals: nothing is asked of the world but
    to note it."""

    role: str
    strength: float  # of the market [share of the claims]
    inside: int  # who were still in and saw a signal
    ran: int  # of them
    claims_usd: float  # of those who were in


Wish = Intent | VenueOrder | VenueTransfer | Round


@dataclass(frozen=True, slots=True)
class Facts:
    """What everybody knows of a market and what does not change in a run. One volatile collateral,
    one debt token. Agents name contracts by the keys that stand here: there may be other markets on
    the chain."""

    design: Design
    deployment: Deployment
    collateral: str
    debt: str
    collateral_unit: float  # 10 ** decimals
    debt_unit: float
    pool_fee: int  # [1e-6]
    spacing_s: int
    hour_zero: int = 0  # of the scenario, from which windows in hours count [unix s]
    venue: Address = VENUE  # the hot wallet of the collateral's venue

    @property
    def prefix(self) -> str:
        """Of the keys of the market's own contracts."""
        return self.deployment.prefix

    @property
    def pool(self) -> str:
        """Key of the collateral's pool."""
        return self.deployment.pool

    @property
    def market(self) -> str:
        """The market's key, which is also its shares' as a token."""
        return f"{self.prefix}market"

    @property
    def liquidation(self) -> str:
        return f"{self.prefix}liquidation"

    @property
    def feed(self) -> str:
        """The pushed feed of the collateral, which all markets that take it share."""
        return f"feed:{self.collateral}"

    @property
    def position_ids(self) -> tuple[int, ...]:
        """Of the set-up's positions in the pool, in order."""
        return self.deployment.position_ids

    def breaker(self, index: int) -> str:
        return f"{self.prefix}breaker:{index}"

    def flash(self, index: int) -> str:
        """The contract of a keeper without capital."""
        return f"{self.prefix}flash:{index}"

    @property
    def collateral_arg(self) -> str:
        """How a call names the collateral token."""
        return f"<{self.collateral}>"

    @property
    def debt_arg(self) -> str:
        return f"<{self.debt}>"

    @property
    def collateral_is_token0(self) -> bool:
        """Of the pool, where tokens stand by their addresses."""
        at = self.deployment.addresses
        return int(at[self.collateral], 16) < int(at[self.debt], 16)

    @property
    def ltv(self) -> float:
        return self.design.market.collaterals[0].ltv

    @property
    def liquidation_threshold(self) -> float:
        return self.design.market.collaterals[0].liquidation_threshold


class Wallets(Protocol):
    """Token balances of anybody on the chain and on the venue."""

    def on_chain(self, holder: Address, token: str) -> int: ...

    def on_venue(self, holder: Address, token: str) -> int: ...


@dataclass(frozen=True, slots=True)
class View:
    """What everybody sees before a block."""

    time: int  # of the block to come [unix s]
    step: int  # of the run, from 1
    snapshot: Snapshot
    depth: PoolDepth
    venue: Floats  # price at the end of each step so far and now, oldest first [USD]
    quote: Quote  # the venue's screen
    wallets: Wallets
    liquidated_hour: float  # in the last hour [USD]
    bad_debt: float  # since the start [USD]
    debt: Floats  # by borrower [USD]
    health: Floats  # by borrower; infinite without debt
    pending: Mapping[tuple[Address, str], int]  # priority fee of what waits, by sender and key
    base_fee: int  # of the block to come [wei per gas]
    coin_price: float  # of the chain's own coin, in which gas is paid [USD]
    backing: Snapshot | None = None  # of the market whose shares are the collateral
    venue_price: float = field(init=False)  # now: agents ask for it thousands of times a step [USD]

    def __post_init__(self) -> None:
        object.__setattr__(self, "venue_price", float(self.venue[-1]))

    def gas_usd(self, function: str, priority_fee: int = 0) -> float:
        """Cost of a call at its gas limit in the block to come [USD]."""
        return LIMITS[function] * (self.base_fee + priority_fee) / 1e18 * self.coin_price


class Result(NamedTuple):
    """What became of an intent that has left the mempool."""

    intent: Intent
    status: Literal["ok", "reverted", "expired", "replaced"]
    events: tuple[Event, ...] = ()


class News(NamedTuple):
    """What an agent learns after a step: its own results and fills, and all that is public."""

    time: int  # [unix s]
    block: Block | None
    results: Sequence[Result]
    fills: Sequence[Fill]


class Agent(Protocol):
    """A role. `act` must not change what it reads; orders for the venue from `learn` are filled at
    once."""

    role: str

    def act(self, view: View, rng: np.random.Generator) -> Sequence[Wish]: ...

    def learn(self, news: News) -> Sequence[Wish]: ...


def chance(rate_per_s: Floats | float, seconds: float) -> Floats:
    """Probability that a Poisson event of this rate happens within `seconds`."""
    return 1.0 - exp(-rate_per_s * seconds)


def window(view: View, facts: Facts, seconds: float) -> Floats:
    """The venue's prices of the last `seconds`, at least the last two."""
    steps = max(1, round(seconds / facts.spacing_s))
    return view.venue[-(steps + 1) :]


def log_returns(prices: Floats) -> Floats:
    """Of successive prices, one fewer than they are."""
    logs = log(prices)
    return np.asarray(logs[1:] - logs[:-1])


def volatility(view: View, facts: Facts, seconds: float) -> float:
    """Of the venue's price in the last `seconds`, per square-root year; zero before there is a
    move."""
    moves = log_returns(window(view, facts, seconds))
    if not len(moves):
        return 0.0
    return math.sqrt(float((moves**2).mean()) * YEAR_S / facts.spacing_s)


def sell_in_pool(
    facts: Facts, role: str, sender: Address, amount: int, slippage: float, view: View, fee: int
) -> Intent | None:
    """Sell no more collateral at once than moves the pool by `slippage`; None: not worth it."""
    bearable = view.depth.sell_down_to(view.depth.price * (1 - slippage)).spent
    amount = min(amount, int(bearable))
    if amount / facts.collateral_unit * view.venue_price < LEAST_SALE_USD:
        return None
    least = int(view.depth.sell(amount).got * (1 - slippage))
    return swap(facts, role, sender, facts.collateral, amount, least, fee)


def buy_in_pool(
    facts: Facts, role: str, sender: Address, units: int, slippage: float, view: View, fee: int
) -> Intent | None:
    """Spend no more of the debt token at once than moves the pool by `slippage`; None: not worth
    it."""
    bearable = view.depth.buy_up_to(view.depth.price * (1 + slippage), units)
    amount = min(units, int(bearable.spent))
    if amount / facts.debt_unit < LEAST_SALE_USD:
        return None
    least = int(bearable.got * (1 - slippage))
    return swap(facts, role, sender, facts.debt, amount, least, fee)


def swap(
    facts: Facts,
    role: str,
    sender: Address,
    token_in: str,
    amount: int,
    least: int,
    fee: int,
    latency_s: float = 0.0,
) -> Intent:
    """A swap of an exact input through Uniswap's router; amounts in the tokens' own units.

    It stops at a tenth of its worst average price: in a pool that others have emptied before it, it
    would walk through all prices and pay for the gas.
    """
    token_out = facts.debt if token_in == facts.collateral else facts.collateral
    limit = _sqrt_price_limit(facts, token_in, amount, least)
    terms = (facts.pool_fee, sender, MAX_UINT, amount, least, limit)
    params = (f"<{token_in}>", f"<{token_out}>", *terms)
    call = Call("router", "exactInputSingle", (params,))
    return Intent(role, sender, call, "swap", fee, latency_s)


def _sqrt_price_limit(facts: Facts, token_in: str, amount: int, least: int) -> int:
    """The root of the price at which a swap stops [Uniswap's Q64.96]; 0: nowhere."""
    if not least:
        return 0
    worst = least / amount / 10  # token out for token in
    first = facts.collateral_is_token0 == (token_in == facts.collateral)
    return int(math.sqrt(worst if first else 1 / worst) * 2**96)


def deposit(facts: Facts, role: str, sender: Address, token: str, amount: int, fee: int) -> Intent:
    """Send tokens to the venue's hot wallet, which credits them to the sender."""
    call = Call(token, "transfer", (facts.venue, amount))
    return Intent(role, sender, call, f"deposit {token}", fee)


def bid(function: str, budget_usd: float, price: float) -> int:
    """The priority fee that spends `budget_usd` on a call at its gas limit [wei per gas]."""
    return max(0, int(budget_usd / price * 1e18 / LIMITS[function]))


def with_headroom(intent: Intent, view: View) -> Intent:
    """With a cap far above the base fee: a transaction that waits holds up all later ones of its
    sender, which those who trade for a living do not let happen."""
    return intent._replace(max_fee=HEADROOM * view.base_fee + intent.priority_fee)


def everyday_fee(rng: np.random.Generator) -> int:
    """The priority fee of somebody in no special hurry: around 1 gwei [wei per gas]."""
    return int(rng.lognormal(0.0, 0.5) * GWEI)


def received(result: Result, token: str) -> int:
    """What a transaction brought its sender [the token's own units]."""
    me = result.intent.sender
    return sum(
        e.args["value"]
        for e in result.events
        if e.name == "Transfer" and e.contract == token and e.args["receiver"] == me
    )
