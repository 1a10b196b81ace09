"""Traces made by hand: no engine, no world, every number chosen by the test."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from sim.trace import ROLES, Recorder, Trace

USDC, WETH = 10**6, 10**18
COLLATERAL = "0x" + "c" * 40
STEP = {
    "mined": True,
    "half_spread": 0.0,
    "venue_depth": 1.0,
    "venue_volume": 0.0,
    "pool_depth": 1e6,
    "pool_collateral": 0.5,
    "pool_volume": 0.0,
    "eligible_debt": 0.0,
    "eligible_debt_ever": 0.0,
    "executed_debt": 0.0,
    "bad_debt": 0.0,
    "total_debt": 0.0,
    "debt_in_sale": 0.0,
    "cash": 0.0,
    "reserve": 0.0,
    "gas_used": 0,
    "others_gas": 0,
    "base_fee": 20 * 10**9,
    "gas_limit": 30_000_000,
    "full": False,
    "pending": 0,
    "expired": 0,
    "halted_borrow": False,
    "halted_withdraw": False,
    "halted_liquidate": False,
    "halted_seconds": 0,
}


def manifest(design: str = "fixed", seed: int = 0, breakers: int = 0) -> dict[str, Any]:
    """What a run says about itself, with the parts that metrics and reports read."""
    token = {"token": {"symbol": "WETH", "decimals": 18}, "liquidation_threshold": 0.83}
    rates = {"base": 0.0, "kink": 0.9, "at_kink": 0.09, "at_full": 0.5}
    race = {"benefit": 3.0, "cost": 1.0, "noise": 0.1}
    return {
        "scenario": {
            "name": "synthetic",
            "summary": "a panic made by hand",
            "population": {"lenders": {"race": race}},
        },
        "design": {
            "name": design,
            "summary": f"the {design} design",
            "market": {
                "debt_token": {"symbol": "USDC", "decimals": 6},
                "collaterals": [token],
                "interest": rates,
            },
            "liquidation": {"contract": "Anything"},
            "breakers": [{"contract": "PriceBreaker"}] * breakers,
        },
        "seed": seed,
        "engine": "synthetic",
        "versions": {"firesale": "0"},
        "block_hash": "0x" + f"{seed:064x}",
        "blocks": 2,
        "transactions": 0,
        "reverted": 0,
    }


def ledger(**usd: float) -> dict[str, Any]:
    """A ledger in which roles earned `usd` and the venue stands for the rest: the sum is zero."""
    units = {role: round(usd.get(role, 0.0) * USDC) for role in ROLES}
    units["venue"] -= sum(units.values())
    roles = {role: str(amount) for role, amount in units.items()}
    return {
        "tokens": {"USDC": {"decimals": 6, "roles": roles}},
        "mark": {"USDC": 1.0},
        "value_usd": {role: amount / USDC for role, amount in units.items()},
    }


class RunBuilder:
    """Adds rows in the words of the domain; amounts are whole tokens and USD."""

    def __init__(self) -> None:
        self.recorder = Recorder()
        self.block = 0
        self.time_s = 0
        self._tx = 0

    def step(self, time_s: int, price: float, **values: Any) -> RunBuilder:
        """A mined block at `price` in all places, except where `values` say otherwise."""
        self.block, self.time_s = self.block + 1, time_s
        prices = dict.fromkeys(("fundamental", "venue", "pool", "oracle"), price)
        self._add("block", **{**STEP, **prices, **values})
        return self

    def take(self, paid: float, fee: float, received: float, **args: Any) -> RunBuilder:
        """A take in the present block."""
        amounts = {
            "paid": round(paid * USDC),
            "fee": round(fee * USDC),
            "received": round(received * WETH),
            "price": round(paid / received * WETH),
        }
        common = {"account": self.account(0), "collateral": COLLATERAL}
        self.event("liquidation", "Taken", **{**common, **amounts, **args})
        return self

    def start(self, price: float, account: int = 0, restart: bool = False) -> RunBuilder:
        """A start or restart of an auction in the present block."""
        name = "SaleRestarted" if restart else "SaleStarted"
        self.event(
            "liquidation", name, account=self.account(account), start_price=int(price * WETH)
        )
        return self

    def bad_debt(self, from_reserve: float, from_lenders: float, account: int = 0) -> RunBuilder:
        self.event(
            "market",
            "BadDebt",
            account=self.account(account),
            from_reserve=round(from_reserve * USDC),
            from_lenders=round(from_lenders * USDC),
        )
        return self

    def swap(self, role: str, collateral: float, debt: float, token0: bool = False) -> RunBuilder:
        """A swap in the pool: what it takes in (negative: gives)."""
        legs = (round(collateral * WETH), round(debt * USDC))
        price = abs(debt / collateral) * USDC / WETH
        self.event(
            "pool",
            "Swap",
            role=role,
            amount0=legs[0 if token0 else 1],
            amount1=legs[1 if token0 else 0],
            sqrtPriceX96=int((price if token0 else 1 / price) ** 0.5 * 2**96),
        )
        return self

    def event(self, contract: str, name: str, role: str = "keepers", **args: Any) -> RunBuilder:
        """An event and the transaction that emitted it."""
        self.transaction(role)
        text = {k: v if isinstance(v, str) else str(v) for k, v in args.items()}
        self._add("event", tx=self._tx, target=contract, event=name, args=json.dumps(text))
        return self

    def transaction(
        self, role: str, ok: bool = True, reason: str = "", function: str = "any", waited: int = 0
    ) -> RunBuilder:
        self._tx += 1
        self._add(
            "transaction",
            tx=self._tx,
            role=role,
            sender=self.account(9),
            target="market",
            function=function,
            ok=ok,
            reason=reason,
            priority_fee=0,
            waited=waited,
        )
        return self

    def trade(self, role: str, side: str, amount: float, usd: float, forced: bool) -> RunBuilder:
        self._add(
            "trade",
            role=role,
            sender=self.account(9),
            side=side,
            amount=amount,
            usd=usd,
            price=usd / amount,
            forced=forced,
        )
        return self

    def episode(
        self, since_s: int, cleared_s: int | None, how: str, account: int = 0
    ) -> RunBuilder:
        self.recorder.add(
            "episode",
            block=self.block,
            time_s=since_s,
            account=self.account(account),
            debt=1.0,
            cleared_s=cleared_s,
            how=how,
        )
        return self

    def position(self, moment: str, debt: float, health: float | None) -> RunBuilder:
        self._add(
            "account",
            role="borrowers",
            moment=moment,
            account=self.account(0),
            debt=debt,
            collateral=1.0,
            health=health,
        )
        return self

    def depth(self, moment: str, usd: float) -> RunBuilder:
        """The pool pays `usd` for each percent of a fall."""
        for percent in range(51):
            self._add("depth", moment=moment, drop=percent / 100, usd=percent * usd)
        return self

    def claim(self, moment: str, lender: int, usd: float) -> RunBuilder:
        who = {"role": "lenders", "account": self.account(lender)}
        self._add("claim", moment=moment, usd=usd, **who)
        return self

    def withdrawal(self, lender: int, usd: float) -> RunBuilder:
        sums = {"assets": int(usd * USDC), "shares": int(usd * USDC) * 10**6}
        return self.event("market", "Withdraw", "lenders", owner=self.account(lender), **sums)

    def race(self, strength: float, inside: int, ran: int, usd: float) -> RunBuilder:
        self._add("race", role="lenders", strength=strength, inside=inside, ran=ran, usd=usd)
        return self

    def trace(self, **about: Any) -> Trace:
        """The finished trace; `about` replaces the manifest and the ledger."""
        return self.recorder.trace(
            about.get("manifest", manifest()), about.get("ledger", ledger(keepers=0.0))
        )

    @staticmethod
    def account(index: int) -> str:
        return f"0x{index:040x}"

    def _add(self, kind: str, **values: Any) -> None:
        self.recorder.add(kind, block=self.block, time_s=self.time_s, **values)


def panic(design: str, seed: int, hours: int = 36, spacing_s: int = 120) -> Trace:
    """A whole run that looks like a panic: all kinds of row.

    Designs called "dutch..." hold auctions, those called "...breaker" halt.
    Loosely shaped numbers from a generator; nothing in it is a result.
    """
    return _Panic(design, seed, hours * 3600, spacing_s).run()


class _Panic:
    def __init__(self, design: str, seed: int, end_s: int, spacing_s: int) -> None:
        self.design, self.seed, self.end_s, self.spacing_s = design, seed, end_s, spacing_s
        self.auctions, self.breaker = design.startswith("dutch"), design.endswith("breaker")
        self.rng = np.random.default_rng(seed)
        self.builder = RunBuilder()
        self.open: list[tuple[int, int]] = []  # auctions: account, started [s]
        self.state = dict.fromkeys(("eligible", "ever", "executed", "bad", "halted"), 0.0)

    def run(self) -> Trace:
        self._positions("start")
        hours = np.array([0, 8, 10.5, 11.5, 18, 22, 23.5, 26.3, 28, 36]) * self.end_s / 36
        levels = [194, 167, 133, 138, 139, 129, 108, 92, 112, 127]
        for time_s in range(0, self.end_s, self.spacing_s):
            level = np.interp(time_s, hours, levels)
            fundamental = float(level * np.exp(self.rng.normal(0, 0.004)))
            self._step(time_s, fundamental)
        self._positions("end")
        return self.builder.trace(
            manifest=manifest(self.design, self.seed, int(self.breaker)), ledger=self._ledger()
        )

    def _step(self, time_s: int, fundamental: float) -> None:
        stress = max(0.0, (150 - fundamental) / 60)
        halted = self.breaker and stress > 0.6 and time_s % 7200 < 3600
        self._move_debt(stress, halted)
        dip = stress * (0.02 if self.breaker else 0.035)
        fullness = min(1.0, 0.1 + stress * self.rng.uniform(0.4, 1.3))
        self.builder.step(
            time_s,
            fundamental,
            venue=fundamental * (1 - dip / 2),
            pool=fundamental * (1 - dip * self.rng.uniform(0.5, 1.5)),
            oracle=round(fundamental * 1.003, 0),
            eligible_debt=self.state["eligible"],
            eligible_debt_ever=self.state["ever"],
            executed_debt=self.state["executed"],
            bad_debt=self.state["bad"],
            total_debt=5e7 - self.state["executed"],
            debt_in_sale=1e5 * len(self.open),
            cash=2e7,
            reserve=5e5,
            gas_used=int(fullness * 30e6),
            full=fullness == 1,
            halted_borrow=halted,
            halted_liquidate=halted,
            halted_seconds=int(self.state["halted"]),
        )
        if stress > 0.05 and not halted:
            self._liquidate(time_s, fundamental)
        hour, rest = divmod(time_s, 3600)
        if not rest:
            self._lenders(hour)

    def _lenders(self, hour: int) -> None:
        """Ten lenders; one leaves at the end of each of the hours 10 to 15, two of them race."""
        for lender in range(10):
            if hour == 0:
                self.builder.claim("start", lender, 7e6)
            elif hour == self.end_s // 3600 - 1:
                self.builder.claim("end", lender, 0.0 if lender < 6 else 6.9e6)
        if 10 <= hour < 16:
            self.builder.withdrawal(hour - 10, 7e6)
        inside = 2 if hour < 14 else 1
        self.builder.race(0.5 - hour / 80, inside, int(hour == 14), inside * 7e6)

    def _move_debt(self, stress: float, halted: bool) -> None:
        fresh = stress * self.rng.uniform(0, 4e4)
        done = 0.0 if halted else 0.2 * self.state["eligible"]
        self.state["ever"] += fresh
        self.state["eligible"] += fresh - done
        self.state["executed"] += done
        self.state["halted"] += self.spacing_s if halted else 0

    def _liquidate(self, time_s: int, price: float) -> None:
        account = int(self.rng.integers(0, 500))
        self.builder.swap("panic_sellers", 20.0, -20 * price * 0.98)
        self.builder.trade("panic_sellers", "sell", 30.0, 30 * price, True)
        since, until = time_s - self.spacing_s, time_s + int(self.rng.exponential(900))
        self.builder.episode(since, until, "liquidated", account)
        self.builder.transaction("oracle", function="push")
        if not self.auctions:
            self._buy(account, price * 0.94)
            return
        self.builder.start(price * 1.15, account)
        self.open.append((account, time_s))
        due = [sale for sale in self.open if time_s - sale[1] > self.rng.exponential(1200)]
        for account, started in due:
            self.open.remove((account, started))
            self._buy(account, price * float(self.rng.normal(0.975, 0.01)))

    def _buy(self, account: int, price: float) -> None:
        lot = float(self.rng.lognormal(4, 1))
        who = {"account": self.builder.account(account)}
        self.builder.take(lot * price, lot * price * 0.01, lot, **who)
        if self.rng.random() < (0.04 if self.auctions else 0.1):
            self.builder.bad_debt(2_000.0, 9_000.0)
            self.state["bad"] += 11_000.0

    def _positions(self, moment: str) -> None:
        start = np.random.default_rng(self.seed)
        for debt, health in zip(
            start.lognormal(10, 1.4, 500), start.lognormal(0.35, 0.22, 500), strict=True
        ):
            if moment == "start":
                self.builder.position("start", debt, health)
            elif health < 1.5:
                self.builder.position("end", debt * 0.3, health * 0.8 + 0.3)
            else:
                self.builder.position("end", debt, health * 0.7)
        self.builder.depth(moment, 40_000.0 if moment == "start" else 15_000.0)

    def _ledger(self) -> dict[str, Any]:
        lost = 0.06 * self.state["executed"]
        return ledger(
            borrowers=-lost,
            keepers=0.5 * lost,
            lenders=-0.4 * self.state["bad"],
            reserve=0.2 * lost - 0.6 * self.state["bad"],
            liquidity_providers=-0.3 * lost,
            panic_sellers=-2e5,
            arbitrageurs=1.5e5,
            gas=2e4,
        )
