"""A tour through every external function, of those that write on the path that it is made for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from sim import config
from sim.design import FOLDER as DESIGNS
from sim.design import Design, load_design
from sim.engines.artifacts import Library
from sim.engines.base import Address
from sim.engines.deploy import Terms, check_design
from sim.engines.opening import GUARDIAN, OWNER
from sim.engines.process import AnvilNode
from sim.units import LIQUIDATE, MAX_UINT, to_wad
from tests.differential.looks import VIEWS, WRITES, choices, questions
from tests.helpers.ground import Ground, Receipt
from tests.helpers.ledger import INTEREST, TERMS, answer, usd
from tests.helpers.mechanisms import AUCTION, ENGLISH, FLOW, RESPONSE, eth
from tests.invariants.registry import prepare
from tests.invariants.stages import BORROWER, KEEPER, LENDER, MODULE, STRANGER, fund, set_price

EXTRA = {"accounts": [(BORROWER, LENDER)], "min_receive": (0,), "bytes": ("0x",)}  # to ask with
FALL = 0.02  # of the price at each age
AGES = (60, 900, 6_300)  # at which a sale is looked at, each after the one before [s]


class Metered(Ground):
    """Notes the most gas that calls of each function take, and runtime bytes."""

    def __init__(self, node: AnvilNode, library: Library) -> None:
        super().__init__(node, library)
        self.gas: dict[tuple[str, str], int] = {}  # by contract and function
        self.refused: dict[tuple[str, str], int] = {}  # of calls that reverted, likewise
        self.sizes: dict[str, int] = {}  # by contract [bytes]
        self.staged: list[str] = []  # keys of what stands on the stage
        self.collateral = "WETH"  # its symbol

    def deploy(self, key: str, contract: str, /, **values: Any) -> Address:
        address = super().deploy(key, contract, **values)
        self._weigh(key)
        return address

    def deploy_design(self, design: Design, terms: Terms) -> dict[str, Address]:
        addresses = super().deploy_design(design, terms)
        for key in addresses:
            self._weigh(key)
        return addresses

    def _weigh(self, key: str) -> None:
        self.sizes[self.contract_of(key)] = self.code_size(key)
        self.staged.append(key)

    def unseen(self, design: Design) -> list[str]:
        """Keys of the design's contracts that have not been on the stage."""
        ours = set(self._library.names()) - self.sizes.keys()
        return [key for key, contract in check_design(design).items() if contract in ours]

    def look(self, *keys: str) -> None:
        """Send every view of these contracts, of all on the stage when none is named."""
        with self.undone():
            for call in self._calls(keys or self.staged, VIEWS):
                self.attempt(STRANGER, *call)

    def do_anything(self, *keys: str) -> None:
        """Try all that these contracts can be asked and told, each call as if it were the first."""
        self.look(*keys)
        for call in self._calls(keys, WRITES):
            for who in (KEEPER, GUARDIAN, OWNER):
                with self.undone():
                    self.attempt(who, *call)

    def _calls(self, keys: Sequence[str], kinds: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Key, function and arguments."""
        tokens = [self[self.collateral]] if self.collateral in self.staged else []
        among = choices([BORROWER], [LENDER], [], tokens) | EXTRA
        if "market" in self.staged:
            among["market"] = [self["market"]]
        for key in keys:
            artifact = self._library.get(self.contract_of(key))
            if any(entry.get("name") == "latestRoundData" for entry in artifact.abi):
                among["round_id"] = [self.ask(key, "latestRoundData")[0]]
            for call in questions(key, artifact, among, kinds):
                yield key, call.function, *call.args

    def attempt(self, sender: Address, key: str, function: str, *args: Any) -> Receipt:
        receipt = super().attempt(sender, key, function, *args)
        known, entry = (
            self.refused if receipt.reason else self.gas,
            (self.contract_of(key), function),
        )
        known[entry] = max(receipt.gas, known.get(entry, 0))
        return receipt


def tour(g: Metered) -> None:
    """All of it; each part on the stage of a family of invariants, which is left as it was."""
    for family, part in (
        ("MARKET", lenders_and_borrowers),
        ("MARKET", module_and_owner),
        ("AUCTION", dutch),
        ("ENGLISH", english),
        ("CURVE", lambda g: None),
        ("FEED", feeds),
        ("SHARE", lambda g: None),
        ("VOLATILITY", price_breakers),
        ("FLOW", measuring_breakers),
    ):
        _on_stage(g, family, part)
    for name in config.names(DESIGNS):
        design = load_design(name)
        if unseen := g.unseen(design):
            with g.undone():
                g.staged.clear()
                on_its_own(g, design, unseen)
    _on_stage(g, "KEEPER", flash)  # which takes from a module that a design has brought


def _on_stage(g: Metered, family: str, part: Callable[[Metered], None]) -> None:
    with g.undone():
        g.staged.clear()
        g.collateral = "WETH"
        prepare(family, g)
        g.look()
        part(g)


def lenders_and_borrowers(g: Metered) -> None:
    g.send(OWNER, "market", "set_rates", tuple(INTEREST.values()))
    weth, step = g["WETH"], 60
    for who, function, args in (
        (LENDER, "deposit", (usd(1_000), LENDER)),
        (BORROWER, "supply_collateral", (weth, eth(10), BORROWER)),
        (BORROWER, "borrow", (usd(10_000), BORROWER)),
        (BORROWER, "repay", (usd(1_000), BORROWER)),
        (BORROWER, "withdraw_collateral", (weth, eth(1), BORROWER)),
        (STRANGER, "check", (BORROWER,)),
        (LENDER, "mint", (10**12, LENDER)),
        (LENDER, "withdraw", (usd(100), LENDER, LENDER)),
        (LENDER, "redeem", (10**12, LENDER, LENDER)),
        (LENDER, "transfer", (KEEPER, 10**12)),
        (LENDER, "approve", (KEEPER, 10**12)),
        (KEEPER, "transferFrom", (LENDER, STRANGER, 10**11)),
        (KEEPER, "pulse", ()),
    ):
        g.wait(step)
        g.send(who, "market", function, *args)
    g.look("market")
    for who, function, args in (
        (LENDER, "transfer", (KEEPER, 1)),
        (LENDER, "approve", (KEEPER, 1)),
        (KEEPER, "transferFrom", (LENDER, KEEPER, 1)),
    ):
        g.send(who, "USDC", function, *args)


def module_and_owner(g: Ground) -> None:
    weth, feed = g["WETH"], g["feed:WETH"]
    g.send(BORROWER, "market", "supply_collateral", weth, eth(10), BORROWER)
    g.send(BORROWER, "market", "borrow", usd(10_000), BORROWER)
    g.deploy("other", "Token", name="Other", symbol="OTHER", decimals=18)
    g.deploy("breaker", "ScriptedBreaker")
    terms, ramped = tuple(TERMS.values()), to_wad("0.76")
    for who, function, args in (
        (OWNER, "fund_reserve", (usd(100),)),
        (MODULE, "assume_debt", (BORROWER, usd(1_000))),
        (MODULE, "seize", (BORROWER, weth, eth(1), MODULE)),
        (MODULE, "return_collateral", (BORROWER, weth, eth("0.5"))),
        (MODULE, "settle", (weth, usd(700), usd(70))),
        (MODULE, "return_debt", (BORROWER, usd(100))),
        (MODULE, "write_off", (BORROWER, usd(200))),
        (MODULE, "pay_incentive", (KEEPER, usd(10))),
        (OWNER, "add_collateral", (g["other"], feed, *terms)),
        (OWNER, "set_collateral", (weth, feed, *terms)),
        (OWNER, "ramp_threshold", (weth, ramped, 86_400)),
        (OWNER, "add_breaker", (g["breaker"],)),
        (OWNER, "remove_breaker", (g["breaker"],)),
        (OWNER, "set_liquidation", (KEEPER,)),
        (OWNER, "set_limits", (usd(200), usd(1_000_000))),
        (GUARDIAN, "freeze_borrowing", ()),
        (OWNER, "set_guardian", (STRANGER,)),
        (OWNER, "transfer_ownership", (STRANGER,)),
        (STRANGER, "accept_ownership", ()),
    ):
        g.send(who, "market", function, *args)


def dutch(g: Metered) -> None:
    sold = BORROWER, g["WETH"]
    set_price(g, 1_200)
    g.look("auction")
    g.send(KEEPER, "auction", "start", *sold)
    g.look("auction")
    with g.undone():
        g.send(OWNER, "auction", "cancel", *sold)
    g.wait(AUCTION["tail"] + 1)
    g.look("auction")
    g.send(KEEPER, "auction", "restart", *sold)
    g.wait(900)
    for most in (usd(2_000), MAX_UINT):
        g.send(KEEPER, "auction", "take", *sold, most, 0, KEEPER, "0x")
    g.send(GUARDIAN, "auction", "set_stopped", 1)


def english(g: Metered) -> None:
    sold = BORROWER, g["WETH"]
    set_price(g, 1_200)
    g.look("english")
    g.send(KEEPER, "english", "start", *sold)
    g.look("english")
    with g.undone():
        g.send(OWNER, "english", "cancel", *sold)
    for bidder in (KEEPER, STRANGER):
        g.send(bidder, "english", "take", *sold, MAX_UINT, 0, bidder, "0x")
    g.look("english")
    g.wait(ENGLISH["bid_life"])
    g.send(KEEPER, "english", "restart", *sold)


def feeds(g: Ground) -> None:
    g.wait(3_600)
    g.send(OWNER, "pushed", "push", answer(1_990))
    g.send(OWNER, "first", "set_round", answer(1_990), g.now)
    for feed in ("delayed", "clamped"):
        g.send(KEEPER, feed, "poke")


def price_breakers(g: Metered) -> None:
    for key, falls in (("breaker", (1_390, 960, 660)), ("volatility", (1_390, 500, 150))):
        with g.undone():
            _lock(g, key, [partial(_tell, g, "feed:WETH", price) for price in falls])


def measuring_breakers(g: Metered) -> None:
    g.send(STRANGER, "market", "borrow", usd(400_000), STRANGER)
    g.wait(10 * FLOW["half_life"])
    with g.undone():
        _lock(g, "deviation", [partial(_tell, g, "other", 1_000)] * 3)
    with g.undone():
        _lock(g, "composite", [partial(_sell, g, price) for price in (1_390, 960, 660)])
    with g.undone():
        _lock(g, "flow", [partial(_sell, g, 200)] * 3)


def _lock(g: Metered, key: str, trips: Sequence[Callable[[], None]]) -> None:
    """As the market's only breaker trip its deepest tier until it locks, and lift the lock."""
    for other in g.ask("market", "breakers"):
        g.send(OWNER, "market", "remove_breaker", other)
    g.send(OWNER, "market", "add_breaker", g[key])
    for trip in trips:
        g.wait(12)
        trip()
        g.send(KEEPER, key, "pulse")
        g.look(key)
        g.wait(RESPONSE["duration"][2])
        g.send(KEEPER, key, "pulse")
        g.wait(RESPONSE["rest"])
    g.let_send(g["market"])
    g.send(g["market"], key, "record", LIQUIDATE, g["WETH"], usd(1))
    g.send(GUARDIAN, key, "clear")


def _tell(g: Ground, key: str, price: int) -> None:
    g.send(OWNER, key, "set_round", answer(price), g.now)


def _sell(g: Ground, price: int) -> None:
    """The module raises 100,000 at a price."""
    _tell(g, "feed:WETH", price)
    g.send(MODULE, "market", "assume_debt", STRANGER, usd(100_000))
    g.send(MODULE, "market", "settle", g["WETH"], usd(100_000), 0)


def flash(g: Metered) -> None:
    set_price(g, 1_200)
    g.look()
    g.send(OWNER, "router", "set_rate", 1_190 * 10**6)
    args = g["fixed"], BORROWER, g["WETH"], MAX_UINT, 0
    g.send(KEEPER, "flash", "execute", *args)
    g.attempt(KEEPER, "flash", "on_take", BORROWER, g["WETH"], 1, 1, "0x")


def on_its_own(g: Metered, design: Design, keys: Sequence[str]) -> None:
    """A design that brings contracts which no other part has: they sell out a borrower."""
    terms, (collateral, *_) = (
        Terms(OWNER, GUARDIAN, OWNER, 2_000.0, 3_000),
        design.market.collaterals,
    )
    g.deploy_design(design, terms)
    g.collateral = collateral.token.symbol
    _populate(g, design)
    g.do_anything(*keys)
    price = 10_000 / 10 / collateral.liquidation_threshold  # health is 1
    for age in AGES:
        g.wait(age)
        price *= 1 - FALL
        g.send(OWNER, f"feed:{g.collateral}", "push", answer(price))
        g.send(KEEPER, "market", "pulse")
        if g.ask("liquidation", "startable", BORROWER):
            g.do_anything(*keys)
            g.send(KEEPER, "liquidation", "start", BORROWER, g[g.collateral])
        g.do_anything(*keys)


def _populate(g: Ground, design: Design) -> None:
    """The borrower owes 10,000 against 10 at 2,000, the keeper may buy."""
    debt, collateral = design.market.debt_token, design.market.collaterals[0].token
    unit, whole = 10**debt.decimals, 10**collateral.decimals
    for who, symbol, amount, spender in (
        (LENDER, debt.symbol, 1_000_000 * unit, "market"),
        (BORROWER, collateral.symbol, 10 * whole, "market"),
        (KEEPER, debt.symbol, 1_000_000 * unit, "liquidation"),
    ):
        fund(g, symbol, who, amount, spender)
    g.send(LENDER, "market", "deposit", 1_000_000 * unit, LENDER)
    g.send(BORROWER, "market", "supply_collateral", g[collateral.symbol], 10 * whole, BORROWER)
    g.send(BORROWER, "market", "borrow", 10_000 * unit, BORROWER)
