"""Which accounts to ask the liquidation module about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from sim.engines.base import Address, Event
from sim.units import WAD


class OpenSales:
    """Follows the module's events to know which sales of watched accounts are open."""

    def __init__(self, watched: Sequence[Address], liquidation: str = "liquidation") -> None:
        """`liquidation`: the module's key."""
        self._liquidation = liquidation
        self._index = {account: i for i, account in enumerate(watched)}
        self._open: set[tuple[Address, Address]] = set()  # account, collateral

    def note(self, events: Iterable[Event]) -> None:
        """Take in what a block has logged."""
        for event in events:
            if event.contract == self._liquidation and event.name in ("SaleStarted", "SaleEnded"):
                sale = (event.args["account"], event.args["collateral"])
                (self._open.add if event.name == "SaleStarted" else self._open.discard)(sale)

    def to_be_asked(self, health: Sequence[int]) -> list[int]:
        """Watched accounts below health factor 1 [WAD] or with an open sale, as sorted indexes."""
        at_risk = [i for i, h in enumerate(health) if h < WAD]
        in_sale = [self._index[a] for a, _ in self._open if a in self._index]
        return sorted({*at_risk, *in_sale})

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Forget at the end what was noted inside, also after an error."""
        before = set(self._open)
        try:
            yield
        finally:
            self._open = before
