"""The monitor's book, folded from events, against the lens at every step of a run."""

from __future__ import annotations

import io
import re
import signal
from collections.abc import Sequence

import pytest
from rich.console import Console

from sim.agents.base import Facts
from sim.design import load_design
from sim.engines import open_engine
from sim.engines.base import Address, Block, Call, Engine, Snapshot
from sim.metrics.risk import drops
from sim.monitor.monitor import Monitor
from sim.scenario import load_scenario
from sim.units import FEED
from sim.world.loop import simulate
from sim.world.pool_book import PoolBook
from tests.helpers.command import assert_refused, inside, start

LADDER = ("tier", "ends_at", "locked")
STEPS = 20  # of an hour
SHORT = ("--set", "clock.first_hour=10", "--set", "clock.hours=1")


class Compared(Monitor):
    """Compares at every step, to the unit, and counts what it met."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        self.steps = self.moved = self.in_sale = self.latched = 0

    def open(
        self, facts: Facts, accounts: Sequence[Address], pool: PoolBook, state: Snapshot
    ) -> None:
        super().open(facts, accounts, pool, state)
        self._watched, self._first = accounts, state.debt

    def step(self, block: Block | None, state: Snapshot) -> None:
        super().step(block, state)
        self._compare_accounts(state)
        self._compare_market(state)
        for key, breaker in self.book.breakers.items():
            said = [self._engine.view(Call(key, name)) for name in LADDER]
            assert said == [getattr(breaker, name) for name in LADDER]
            self.latched += breaker.tier > 0
        self.steps += 1

    def _compare_accounts(self, state: Snapshot) -> None:
        found = self.book.standing(state.timestamp)
        row = {account: i for i, account in enumerate(found.accounts)}
        rows = [row[account] for account in self._watched]
        assert [found.debt[i] for i in rows] == list(state.debt)
        assert [found.health[i] for i in rows] == list(state.health)
        assert [found.collateral[0][i] for i in rows] == list(state.collateral["WETH"])
        self.moved += list(state.debt) != list(self._first)

    def _compare_market(self, state: Snapshot) -> None:
        debts, market = self.book.debts, state.market
        assert debts.total(state.timestamp) == market.total_debt
        assert (debts.cash, debts.in_sale) == (market.cash, market.debt_in_sale)
        assert debts.halts.until == tuple(market.halted_until)
        assert self.book.prices.answer("WETH") == state.feeds["WETH"].answer
        assert self.book.pool.sqrt_price_x96 == state.pool.sqrt_price_x96
        self.in_sale += market.debt_in_sale > 0


def watch(design: str, engine: str = "reference", hours: int = 1) -> Compared:
    """The fall of 12 March 2020 from its first hour on, in the scenario's own steps."""
    clock = ["clock.first_hour=10", f"clock.hours={hours}"]
    scenario = load_scenario("black_thursday", overrides=clock)
    with open_engine(engine) as opened:
        compared = Compared(opened)
        simulate(scenario, load_design(design), 1, opened, observer=compared)
    return compared


@pytest.mark.parametrize(
    ("design", "hours", "sales", "trips"),
    [
        ("fixed", 1, False, False),
        ("dutch_breaker", 1, True, True),
        ("composite_breaker", 1, True, True),
        ("english", 6, True, False),  # sees prices an hour late
        ("maker_eth_a", 3, True, False),
        ("clamped", 1, False, False),
    ],
)
def test_book__every_step_of_a_crash__equals_the_lens(
    design: str, hours: int, sales: bool, trips: bool
) -> None:
    compared = watch(design, hours=hours)
    assert compared.steps == hours * STEPS
    assert compared.moved > STEPS // 2
    assert (compared.in_sale > 0, compared.latched > 0) == (sales, trips)
    assert compared.book.prices.mute == ()


@pytest.mark.parametrize("design", ["twap", "median"])
def test_book__feed_that_logs_no_answer__is_named_and_equals_the_lens(design: str) -> None:
    compared = watch(design)
    assert compared.steps == STEPS
    assert compared.book.prices.mute == compared.report().asked == ("WETH",)


@pytest.mark.parametrize("design", ["fixed", "dutch_breaker"])
def test_book__on_the_real_chain__equals_the_lens(design: str) -> None:
    compared = watch(design, "anvil")
    assert compared.steps == STEPS
    assert compared.moved > STEPS // 2
    assert (compared.latched > 0) == (design == "dutch_breaker")


def test_report__of_a_crash__agrees_with_the_accounts_one_by_one() -> None:
    monitor = watch("dutch_breaker")
    report, found = monitor.report(), monitor.book.standing(monitor.now)
    owing = [
        (debt / 1e6, health / 1e18)
        for debt, health in zip(found.debt, found.health, strict=True)
        if debt
    ]
    for risk in report.risks:
        reached = sum(debt for debt, health in owing if health * (1 - risk.fall) < 1 - 1e-12)
        assert risk.debt == pytest.approx(reached)
    assert [risk.depth for risk in report.risks] == sorted(risk.depth for risk in report.risks)
    listed = [row.debt for row in report.exposed]
    assert listed == sorted((d for d, h in owing if drops(h) < 0.2), reverse=True)[: len(listed)]
    assert report.price == monitor.book.prices.answer("WETH") / FEED
    assert {guard.contract for guard in report.guards} == {"PriceBreaker", "FlowBreaker"}


def test_command__not_on_a_terminal__prints_lines_and_the_last_view() -> None:
    said = inside("monitor", *SHORT, "--every", "5", "--seed", "1")
    assert said.returncode == 0, said.stderr
    looks = re.findall(r"^(\d\d:\d\d:\d\d)  price", said.stdout, re.MULTILINE)
    assert looks == ["00:18:00", "00:33:00", "00:48:00", "01:00:00"]
    for text in (
        "If the price falls",
        "Next cluster: ",
        "Largest accounts",
        "PriceBreaker",
        "ends in",
    ):
        assert said.stdout.count(text) == 1
    assert "\x1b" not in said.stdout


def test_command__on_a_terminal__redraws_and_leaves_the_last_view(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = Console(file=io.StringIO(), force_terminal=True, width=110, height=60)
    monkeypatch.setattr("scripts.monitor.console", lambda: screen)
    inside("monitor", *SHORT, "--every", "5", "--design", "fixed")
    drawn = screen.file.getvalue()
    looks = [f"{time}   price" in drawn for time in ("00:18:00", "00:33:00", "01:00:00")]
    assert all(looks)
    assert "00:21:00   price" not in drawn
    assert "\x1b[?25h" in drawn  # the cursor is back


def test_command__unknown_engine__is_refused_in_one_sentence() -> None:
    assert_refused(inside("monitor", "--engine", "abacus"), "engine", "abacus", "reference")


def test_command__interrupted__ends_with_the_last_view() -> None:
    process = start("run", "monitor", "--every", "1")
    assert process.stdout is not None
    assert "price" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Largest accounts" in out
    assert "Traceback" not in out + err
