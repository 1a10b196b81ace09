"""Random programs for a lending market: calls of every role, amounts often at a limit."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from sim.engines.base import Address, Call, address_of
from sim.engines.opening import GUARDIAN, OWNER
from sim.mechanisms.kernel import NOBODY
from sim.mechanisms.market.lending_market import LendingMarket
from sim.mechanisms.oracles.push_feed import PushFeed
from sim.mechanisms.oracles.share_feed import ShareFeed
from sim.mechanisms.token import Token
from sim.units import FEED, MAX_UINT, WAD
from tests.differential.looks import choices, questions
from tests.differential.mocks import RogueToken, ScriptedBreaker, ZeroFeed, encoded
from tests.differential.rig import USERS, Act, Rig

FEEDER = address_of("feeder")
MODULE = address_of("module")  # an account that the market trusts as its liquidation module
HEIR = address_of("heir")
PEOPLE = (*USERS, OWNER, GUARDIAN, MODULE, HEIR, NOBODY)
DECIMALS = {"USD": 6, "WETH": 18, "WBTC": 8}
COLLATERALS = ("WETH", "WBTC", "ROGUE")
BREAKERS = ("breaker0", "breaker1", "breaker2", "breaker3", "breaker4")
MAX_AGE = 400 * 86_400  # [s]
MODEL = (WAD // 50, WAD * 9 // 10, WAD // 10, WAD * 2, WAD // 10)
TERMS = (WAD * 8 // 10, WAD * 83 // 100, 10**26, MAX_AGE)
PRICES = {"WETH": 2_000 * FEED, "WBTC": 60_000 * FEED, "ROGUE": FEED}
ACTIONS = range(3)

Maker = Callable[[], Act]


class MarketScene:
    """A market with three collaterals and three users, on both sides."""

    def __init__(self, rig: Rig, random: Random, crowded: bool) -> None:
        self.rig, self._random = rig, random
        self._deploy()
        self._open()
        if crowded:
            self._fill()

    def address(self, key: str) -> Address:
        return self.rig.contracts.addresses[key]

    def ask(self, function: str, *args: Any, of: str = "market") -> Any:
        """The twin's answer; a text where it reverts."""
        return self.rig.view(Call(of, function, args))

    def compare(self) -> None:
        """All that can be read of the market, and what a feed says that its shares are worth."""
        tokens = [self.address(key) for key in ("WETH", "WBTC", "ROGUE", "USD")]
        amounts = (1, self._random.getrandbits(self._random.choice([40, 80, 255])))
        named = dict.fromkeys(("amount", "assets", "shares"), amounts)
        among = {**choices(USERS, USERS, (), tokens), **named, "action": (*ACTIONS, len(ACTIONS))}
        for key, contract in (("market", "LendingMarket"), ("share", "ShareFeed")):
            self.rig.compare(list(questions(key, self.rig.library.get(contract), among)))

    def _deploy(self) -> None:
        rig = self.rig
        for symbol, decimals in DECIMALS.items():
            rig.deploy(symbol, Token, symbol, symbol, decimals)
        rig.deploy("ODD", Token, "ODD", "ODD", 5)
        limits = (10**6, 10**15)
        rig.deploy("market", LendingMarket, self.address("USD"), OWNER, GUARDIAN, *limits, *MODEL)
        rig.deploy("share", ShareFeed, self.address("market"))
        rig.deploy("ROGUE", RogueToken, self.address("market"))
        for key, price in PRICES.items():
            rig.deploy(f"feed:{key}", PushFeed, FEEDER, price, 3_600, WAD // 100)
        rig.deploy("zero", ZeroFeed)
        for key in BREAKERS:
            rig.deploy(key, ScriptedBreaker)

    def _open(self) -> None:
        """Money for everybody, collaterals, and a lender."""
        rig, market = self.rig, self.address("market")
        acts = []
        for who in (*USERS, MODULE):
            for symbol, decimals in DECIMALS.items():
                acts.append(Act(OWNER, Call(symbol, "mint", (who, 10 ** (decimals + 7)))))
                acts.append(Act(who, Call(symbol, "approve", (market, MAX_UINT))))
        for key in COLLATERALS:
            terms = (self.address(key), self.address(f"feed:{key}"), *TERMS)
            acts.append(Act(OWNER, Call("market", "add_collateral", terms)))
        acts.append(Act(OWNER, Call("market", "set_liquidation", (MODULE,))))
        acts.append(Act(USERS[0], Call("market", "deposit", (10**12, USERS[0]))))
        first = (self.address(key) for key in BREAKERS[: self._random.randrange(5)])
        acts += [Act(OWNER, Call("market", "add_breaker", (breaker,))) for breaker in first]
        assert {fate.reason for fate in rig.run(12, acts)} == {""}

    def _fill(self) -> None:
        """As many collaterals as there may be, and one more."""
        acts = []
        for i in range(6):
            self.rig.deploy(f"more{i}", Token, "More", "MORE", 18)
            terms = (self.address(f"more{i}"), self.address("feed:WETH"), *TERMS)
            acts.append(Act(OWNER, Call("market", "add_collateral", terms)))
        reasons = [fate.reason for fate in self.rig.run(12, acts)]
        assert reasons == [""] * 5 + ["market: too many collaterals"]


class MarketAuthor:
    """Draws the acts."""

    def __init__(self, random: Random, scene: MarketScene) -> None:
        self._random, self._scene = random, scene
        lending = [self._deposit, self._mint, self._withdraw, self._redeem]
        borrowing = [self._supply, self._supply, self._withdraw_collateral, self._borrow]
        self._makers: list[Maker] = [
            *lending * 3,
            *borrowing * 6,
            *[self._repay] * 3,
            self._check,
            *[self._recover] * 8,
            *[self._push] * 3,
            *[self._tell_breaker, self._tell_breaker, self._pulse] * 2,
            *[self._install, self._administer, self._list, self._allow, self._hand_over] * 2,
            *[self._tell_rogue, self._fund, self._set_rates, self._ramp],
        ]

    def act(self) -> Act:
        """Mostly by whom it is meant for."""
        act = self._random.choice(self._makers)()
        if self._random.random() < 0.05:
            return Act(self._random.choice([*USERS, GUARDIAN, HEIR]), act.call)
        return act

    def _near(self, limit: Any) -> int:
        """Around a limit, or anything; a limit that can't be read is a thousand."""
        most = limit if isinstance(limit, int) else 10**9
        if self._random.random() < 0.6:
            return self._random.randrange(most + 1) if most < MAX_UINT else 10**9
        ends = [most, most, min(most + 1, MAX_UINT), max(most - 1, 0), 0, 1, MAX_UINT]
        size: int = 10 ** self._random.randrange(30)
        return self._random.choice([*ends, size])

    def _user(self) -> Address:
        return self._random.choice(USERS)

    def _anyone(self) -> Address:
        return self._random.choice([*USERS, *USERS, NOBODY])

    def _key(self) -> str:
        return self._random.choice(["WETH"] * 6 + ["WBTC"] * 6 + ["ROGUE", "ROGUE", "ODD"])

    def _market(self, sender: Address, function: str, *args: Any) -> Act:
        return Act(sender, Call("market", function, args))

    def _owner(self) -> Address:
        owner: Address = self._scene.ask("owner")
        return owner

    def _deposit(self) -> Act:
        user = self._user()
        amount = self._near(self._scene.ask("balanceOf", user, of="USD"))
        return self._market(user, "deposit", amount, self._anyone())

    def _mint(self) -> Act:
        return self._market(self._user(), "mint", self._near(10**18), self._anyone())

    def _withdraw(self) -> Act:
        user, owner = self._user(), self._random.choice(USERS)
        amount = self._near(self._scene.ask("maxWithdraw", owner))
        sender = owner if self._random.random() < 0.7 else user
        return self._market(sender, "withdraw", amount, self._anyone(), owner)

    def _redeem(self) -> Act:
        user = self._user()
        shares = self._near(self._scene.ask("maxRedeem", user))
        return self._market(self._user(), "redeem", shares, self._anyone(), user)

    def _supply(self) -> Act:
        key, user = self._key(), self._user()
        if self._random.random() < 0.05:
            amount = self._near(self._scene.ask("config", self._scene.address(key))[4])
        else:
            amount = self._near(10 ** (DECIMALS.get(key, 18) + 3))
        return self._market(
            user, "supply_collateral", self._scene.address(key), amount, self._anyone()
        )

    def _withdraw_collateral(self) -> Act:
        token, user = self._scene.address(self._key()), self._user()
        amount = self._near(self._scene.ask("collateral_of", user, token))
        return self._market(user, "withdraw_collateral", token, amount, self._anyone())

    def _borrow(self) -> Act:
        user = self._user()
        values = self._scene.ask("values", user)
        room = None if isinstance(values, str) else max(values[2] - values[0], 0)
        return self._market(user, "borrow", self._near(room), self._anyone())

    def _repay(self) -> Act:
        debtor = self._anyone()
        return self._market(
            self._user(), "repay", self._near(self._scene.ask("debt_of", debtor)), debtor
        )

    def _check(self) -> Act:
        return self._market(self._user(), "check", self._anyone())

    def _recover(self) -> Act:
        """What only the liquidation module may."""
        user, token = self._user(), self._scene.address(self._key())
        debt, held = (self._scene.ask(f, *a) for f, a in _holding(user, token))
        sale = self._scene.ask("debt_in_sale")
        calls: list[tuple[Any, ...]] = [
            ("seize", user, token, self._near(held), self._anyone()),
            ("return_collateral", user, token, self._near(10**8)),
            ("assume_debt", user, self._near(debt)),
            ("assume_debt", user, self._near(debt)),
            ("return_debt", user, self._near(sale)),
            ("settle", token, self._near(sale), self._near(10**8)),
            ("write_off", user, self._near(sale)),
            ("pay_incentive", self._anyone(), self._near(self._scene.ask("reserve"))),
        ]
        return self._market(MODULE, *self._random.choice(calls))

    def _fund(self) -> Act:
        return self._market(self._user(), "fund_reserve", self._near(10**9))

    def _push(self) -> Act:
        key = self._random.choice(COLLATERALS)
        answer = PRICES[key] * self._random.randrange(50, 150) // 100
        return Act(FEEDER, Call(f"feed:{key}", "push", (answer,)))

    def _pulse(self) -> Act:
        return self._market(self._user(), "pulse")

    def _tell_breaker(self) -> Act:
        action, end = self._random.choice(ACTIONS), self._moment()
        pace, uplift = (self._random.choice([0, WAD // 3, WAD, 2 * WAD]) for _ in range(2))
        calls = [
            ("set_limit", action, self._random.choice([0, 10**8, 10**10])),
            ("set_limit", action, MAX_UINT),
            ("set_next_halt", action, end),
            ("set_slowdown", pace, uplift, end),
            ("set_queue", end),
            ("set_broken", self._random.random() < 0.3),
            ("set_broken", False),
        ]
        function, *args = self._random.choice(calls)
        return Act(OWNER, Call(self._random.choice(BREAKERS), str(function), tuple(args)))

    def _moment(self) -> int:
        """Around now, or never to come."""
        ahead = self._random.choice([-100, 0, 12, 100, 5_000, 100_000])
        return self._random.choice([0, MAX_UINT, *[self._scene.rig.time + ahead] * 6])

    def _install(self) -> Act:
        key = self._random.choice([*BREAKERS, "USD"])
        function = self._random.choice(["add_breaker", "add_breaker", "remove_breaker"])
        return self._market(self._owner(), function, self._scene.address(key))

    def _administer(self) -> Act:
        debts = (self._random.choice([0, 10**6, 10**9]), self._random.choice([10**9, 10**15]))
        calls: list[tuple[Any, ...]] = [
            ("set_limits", *debts),
            *[("set_limits", 10**6, 10**15)] * 3,
            ("set_liquidation", self._random.choice([MODULE, MODULE, NOBODY])),
        ]
        if self._random.random() < 0.2:
            who = self._random.choice([GUARDIAN, OWNER, HEIR])
            return self._market(who, "freeze_borrowing")
        return self._market(self._owner(), *self._random.choice(calls))

    def _list(self) -> Act:
        token = self._scene.address(self._random.choice([*COLLATERALS, "ODD", "USD", "feed:WETH"]))
        feeds = ["feed:WETH"] * 6 + ["zero", "WBTC", "USD"]
        ltv, threshold = (self._random.randrange(WAD // 100, WAD * 101 // 100) for _ in range(2))
        terms = (ltv, threshold) if self._random.random() < 0.3 else TERMS[:2]
        function = self._random.choice(["add_collateral", "set_collateral", "set_collateral"])
        feed = self._scene.address(self._random.choice(feeds))
        age = self._random.choice([MAX_AGE] * 6 + [60, MAX_UINT])
        cap = self._random.choice([10**20, 10**26, MAX_UINT])
        return self._market(self._owner(), function, token, feed, *terms, cap, age)

    def _ramp(self) -> Act:
        token = self._scene.address(self._random.choice(["WETH", "WETH", "WBTC", "ODD"]))
        _, _, ltv, now, *_ = self._scene.ask("config", token)
        low, high = sorted((ltv, max(now - 1, 0)))
        threshold = self._random.choice([low, high, self._random.randrange(low, high + 1), now])
        duration = self._random.choice([600, 86_400 * 30, 86_400 * 30, 0, MAX_UINT])
        return self._market(self._owner(), "ramp_threshold", token, threshold, duration)

    def _allow(self) -> Act:
        """Shares of the market, from hand to hand."""
        user, other = self._user(), self._anyone()
        amount = self._near(self._scene.ask("balanceOf", user))
        calls: list[tuple[Any, ...]] = [
            ("approve", other, amount),
            ("approve", other, MAX_UINT),
            ("transfer", other, amount),
            ("transferFrom", self._user(), other, amount),
        ]
        return self._market(user, *self._random.choice(calls))

    def _hand_over(self) -> Act:
        guardian = self._random.choice([GUARDIAN, GUARDIAN, NOBODY])
        acts = [
            self._market(self._owner(), "transfer_ownership", HEIR),
            self._market(HEIR, "accept_ownership"),
            self._market(HEIR, "transfer_ownership", OWNER),
            self._market(OWNER, "accept_ownership"),
            self._market(self._owner(), "set_guardian", guardian),
        ]
        return self._random.choice(acts)

    def _tell_rogue(self) -> Act:
        """What the token calls while it moves, if anything."""
        token = self._scene.address("WETH")
        inner: list[Call | None] = [
            *[None] * 3,
            *(Call("market", f) for f in ("pulse", "cash", "owner", "liquidation", "borrow_cap")),
            *(Call("market", f) for f in ("debt_token", "name", "breakers", "auction_time")),
            *(Call("market", f, (token,)) for f in ("price", "config", "held", "health_factor")),
            Call("market", "repay", (1, USERS[0])),
        ]
        if self._random.random() < 0.4:
            return Act(OWNER, Call("ROGUE", "set_refuses", (self._random.random() < 0.7,)))
        code = encoded(self._scene.rig, self._random.choice(inner))
        return Act(OWNER, Call("ROGUE", "set_call", (code,)))

    def _set_rates(self) -> Act:
        """The usual ones, or with one number out of place."""
        model = list(MODEL)
        if self._random.random() < 0.6:
            model[self._random.randrange(5)] = self._random.choice([0, WAD, 11 * WAD])
        return self._market(self._owner(), "set_rates", tuple(model))


def _holding(user: Address, token: Address) -> list[tuple[str, tuple[Address, ...]]]:
    return [("debt_of", (user,)), ("collateral_of", (user, token))]
