"""How fast the engine is: a stream of liquidations through it, and through a bare loop."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.design import Design
from sim.engines.anvil import AnvilEngine
from sim.engines.artifacts import Library
from sim.engines.base import NATIVE, Address, Call, Position, Setup, Tx, address_of
from sim.engines.blocks import Slot
from sim.engines.deploy import ape_container
from sim.engines.rpc import ORDERED, encode
from sim.errors import EngineError
from sim.units import FEED, GWEI, MAX_UINT, to_units

START = 1_583_971_200  # [unix s]
STEP = 12  # [s]
PRICE, CRASH = 200.0, 160.0  # before and in the first block [debt token per collateral token]
COLLATERAL, DEBT = 20, 3_100  # of each borrower [whole tokens]
TAKE, SALE, REPAYMENT = 1_000, 0.1, 10  # [debt token, collateral token, debt token]
KEEPERS, HOLDERS = 20, 100
FEE = 3000  # of the pool [1e-6]
GAS = 900_000  # of a transaction
FOREVER = 2**64 - 1  # a deadline [unix s]


@dataclass(frozen=True)
class Stream:
    """A liquidation-heavy load: what stands before it and the blocks of it."""

    design: Design
    setup: Setup
    before: Sequence[Tx]
    blocks: Sequence[Sequence[Tx]]

    @property
    def size(self) -> int:
        """Transactions in all blocks."""
        return sum(len(block) for block in self.blocks)


def liquidation_stream(design: Design, blocks: int = 3, size: int = 300) -> Stream:
    """Each block: a push, then per ten 3 takes, 2 flash takes, 2 swaps, 2 repayments, a transfer.

    For designs that sell at once (FixedSpread); every account is taken from in one block only.
    """
    return _Writer(design, blocks, size).stream()


class _Writer:
    def __init__(self, design: Design, blocks: int, size: int) -> None:
        self._design, self._blocks, self._size = design, blocks, size
        self._debt = design.market.debt_token
        self._token = design.market.collaterals[0].token
        self._at = f"<{self._token.symbol}>"
        self._ids = itertools.count()
        self._borrowers = [address_of("borrowers", i) for i in range(blocks * size)]
        self._keepers = [address_of("keepers", i) for i in range(2 * KEEPERS)]
        self._holders = [address_of("panic_sellers", i) for i in range(HOLDERS)]
        self._lender, self._feeder = address_of("lenders"), address_of("oracle")

    def stream(self) -> Stream:
        blocks = [self._block(i) for i in range(self._blocks)]
        return Stream(self._design, self._setup(), self._before(), blocks)

    def _tx(self, sender: Address, target: str, function: str, *args: Any, tip: int = 0) -> Tx:
        return Tx(next(self._ids), "bench", sender, Call(target, function, args), GAS, tip * GWEI)

    def _tokens(self, amount: float) -> int:
        return to_units(amount, self._token.decimals)

    def _usd(self, amount: float) -> int:
        return to_units(amount, self._debt.decimals)

    def _setup(self) -> Setup:
        """Deep pockets for everybody and a deep pool; half of the keepers own a FlashKeeper."""
        everyone = [*self._borrowers, *self._keepers, *self._holders, self._lender, self._feeder]
        much, money = self._tokens(10_000), self._usd(10_000_000)
        funding = [(who, NATIVE, 10**21) for who in everyone]
        funding += [(who, self._token.symbol, much) for who in self._borrowers + self._holders]
        funding += [(who, self._debt.symbol, money) for who in [*self._keepers, self._lender]]
        depth = self._tokens(10**6), self._usd(2 * 10**8)
        return Setup(
            timestamp=START,
            price=PRICE,
            pool_fee=FEE,
            positions=[Position(address_of("liquidity_providers"), 50.0, 500.0, *depth)],
            funding=funding,
            watched=self._borrowers,
            keepers=self._keepers[:KEEPERS],
            feeder=self._feeder,
            base_fee=GWEI,
            gas_limit=self._size * GAS * 2,
        )

    def _before(self) -> list[Tx]:
        debt, token, everything = self._debt.symbol, self._token.symbol, MAX_UINT
        allowed = [(self._lender, debt, "<market>")]
        allowed += [(b, t, "<market>") for b in self._borrowers for t in (debt, token)]
        allowed += [(k, debt, "<liquidation>") for k in self._keepers]
        allowed += [(h, token, "<router>") for h in self._holders]
        txs = [self._tx(who, t, "approve", spender, everything) for who, t, spender in allowed]
        txs.append(self._tx(self._lender, "market", "deposit", self._usd(10_000_000), self._lender))
        for b in self._borrowers:
            amount = self._tokens(COLLATERAL)
            txs.append(self._tx(b, "market", "supply_collateral", self._at, amount, b))
            txs.append(self._tx(b, "market", "borrow", self._usd(DEBT), b))
        return txs

    def _block(self, number: int) -> list[Tx]:
        answer = int((CRASH - number) * FEED)
        push = self._tx(self._feeder, f"feed:{self._token.symbol}", "push", answer)
        start = number * self._size
        return [push, *(self._turn(i, self._borrowers[start + i]) for i in range(1, self._size))]

    def _turn(self, i: int, borrower: Address) -> Tx:
        """The `i`-th transaction of a block, around a borrower who is nobody else's."""
        keeper, holder = i % KEEPERS, self._holders[i % HOLDERS]
        debt, at, most = f"<{self._debt.symbol}>", self._at, self._usd(TAKE)
        if i % 10 < 3:
            who = self._keepers[KEEPERS + keeper]
            return self._tx(who, "liquidation", "take", borrower, at, most, 0, who, b"", tip=5)
        if i % 10 < 5:
            sale = ("<liquidation>", borrower, at, most, 0)
            return self._tx(self._keepers[keeper], f"flash:{keeper}", "execute", *sale, tip=4)
        if i % 10 < 7:
            swap = (at, debt, FEE, holder, FOREVER, self._tokens(SALE), 0, 0)
            return self._tx(holder, "router", "exactInputSingle", swap, tip=3)
        if i % 10 < 9:
            return self._tx(borrower, "market", "repay", self._usd(REPAYMENT), borrower, tip=2)
        other = self._holders[(i + 1) % HOLDERS]
        return self._tx(holder, self._token.symbol, "transfer", other, self._tokens(SALE), tip=1)


class Track:
    """A stream on an engine of its own. Each measurement starts from the same state."""

    def __init__(self, engine: AnvilEngine, stream: Stream) -> None:
        self._engine, self._stream = engine, stream
        engine.deploy(stream.design, stream.setup)
        engine.prepare(stream.before)
        self._last_hash = ""

    def engine_rate(self) -> float:
        """Transactions a second through the engine, from calls to outcomes and events."""
        with self._engine.undone():
            begin = time.perf_counter()
            blocks = [self._engine.mine(t, txs) for t, txs in self._timed()]
            seconds = time.perf_counter() - begin
        failed = [o for b in blocks for o in b.outcomes if not o.ok]
        if failed:
            call = failed[0].tx.call
            raise EngineError(
                f"bench: {call.target}.{call.function} fails under design "
                f"{self._stream.design.name}: {failed[0].reason}; its stream wants one that sells "
                "at once and has no tight limits, as fixed does"
            )
        self._last_hash = blocks[-1].hash
        return self._stream.size / seconds

    def ceiling_rate(self) -> float:
        """The same transactions, encoded before, through a loop that only feeds and mines.

        Raises EngineError when it does not end with the same block as the engine did.
        """
        with self._engine.undone():
            batches = self._encoded()
            begin = time.perf_counter()
            for batch in batches:
                self._engine.node.exchange(batch)
            seconds = time.perf_counter() - begin
            last: str = self._engine.node.call("eth_getBlockByNumber", "latest", False)["hash"]
        if self._last_hash not in ("", last):
            raise EngineError("bench: the bare loop did not mine the engine's block")
        return self._stream.size / seconds

    def lens_rate(self, reads: int = 5) -> float:
        """Accounts a second, by whole snapshots."""
        begin = time.perf_counter()
        for _ in range(reads):
            self._engine.read(START + STEP)
        return reads * len(self._stream.setup.watched) / (time.perf_counter() - begin)

    def _timed(self) -> list[tuple[int, Sequence[Tx]]]:
        return [(START + STEP * (i + 1), txs) for i, txs in enumerate(self._stream.blocks)]

    def _encoded(self) -> list[bytes]:
        """All that the bare loop sends."""
        setup, nonces, batches = self._stream.setup, dict[Address, int](), []
        for timestamp, txs in self._timed():
            sends = [self._engine.encode(tx, nonces) for tx in txs]
            parts = [sends[i : i + ORDERED] for i in range(0, len(sends), ORDERED)]
            slot = Slot(timestamp, setup.base_fee, setup.gas_limit)
            batches += [encode(part) for part in (slot.requests(), *parts, [("evm_mine", [])])]
        return batches


def ape_rate(transactions: int = 20) -> float:
    """Transactions a second through Ape's contract objects: transfers, each with its receipt."""
    from ape import accounts, networks
    from ape.logging import LogLevel, logger

    local = networks.parse_network_choice("ethereum:local:foundry")
    with logger.at_level(LogLevel.WARNING), local:
        sender, receiver = accounts.test_accounts[0], accounts.test_accounts[1]
        token = sender.deploy(ape_container(Library().get("Token")), "USDC", "USDC", 6)
        token.mint(sender, transactions, sender=sender)
        begin = time.perf_counter()
        for _ in range(transactions):
            token.transfer(receiver, 1, sender=sender)
        return transactions / (time.perf_counter() - begin)
