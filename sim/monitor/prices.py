"""What the market reads its prices and thresholds as, from the events of feeds and market."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.agents.base import Facts
from sim.engines.base import FeedState
from sim.mechanisms.maths import mul_div_up
from sim.mechanisms.periphery.lens import ANSWER_TO_WAD, Terms
from sim.units import to_wad

# where the answer stands in the event with which a feed changes it; other feeds change in silence
SPOKEN = {
    "PushFeed": ("AnswerUpdated", "current"),
    "DelayedFeed": ("Poked", "current"),
    "ClampedFeed": ("Stepped", "answer"),
}


class Prices:
    """Of every collateral. `mute` are those whose feed logs no answer (a mean of the pool, a
    median): for these the feed itself has to be asked, see `tell`."""

    def __init__(self, facts: Facts, feeds: Mapping[str, FeedState]) -> None:
        collaterals = facts.design.market.collaterals
        at, decimals = facts.deployment.addresses, facts.deployment.decimals
        self._answers = {symbol: feed.answer for symbol, feed in feeds.items()}
        self._tokens = {at[c.token.symbol]: c.token.symbol for c in collaterals}
        self._scales = {
            s: 10 ** (18 + decimals[s] - decimals[facts.debt]) for s in self._tokens.values()
        }
        self._target = {c.token.symbol: to_wad(c.liquidation_threshold) for c in collaterals}
        self._ramp: dict[str, tuple[int, int, int]] = {}  # from, its end and begin [unix s]
        self._speaks: dict[str, tuple[str, str, str]] = {}  # symbol, event, argument by contract
        for c in collaterals:
            adapter, symbol = c.feed.adapter, c.token.symbol
            name = adapter.contract if adapter else "PushFeed"
            if name in SPOKEN:
                key = f"oracle:{symbol}" if adapter else f"feed:{symbol}"
                self._speaks[key] = (symbol, *SPOKEN[name])
        spoken = {symbol for symbol, *_ in self._speaks.values()}
        self.mute = tuple(s for s in self._answers if s not in spoken)

    def follow(self, contract: str, name: str, args: Mapping[str, Any], now: int) -> None:
        """An event of a feed or of the market."""
        symbol, event, argument = self._speaks.get(contract, ("", "", ""))
        if name == event:
            self._answers[symbol] = args[argument]
        elif name == "CollateralConfigured":
            symbol = self._tokens[args["collateral"]]
            self._target[symbol] = args["config"][3]
            self._ramp.pop(symbol, None)
        elif name == "ThresholdRamped":
            symbol = self._tokens[args["collateral"]]
            self._target[symbol] = args["liquidation_threshold"]
            self._ramp[symbol] = args["start"], args["ends_at"], now

    def tell(self, feeds: Mapping[str, FeedState]) -> None:
        """What mute feeds answer now."""
        self._answers.update({symbol: feeds[symbol].answer for symbol in self.mute})

    def answer(self, symbol: str) -> int:
        """[FEED]"""
        return self._answers[symbol]

    def terms(self, now: int) -> list[Terms]:
        """In the market's order, as the lens has them."""
        return [
            Terms(
                token,
                max(self._answers[symbol], 0) * ANSWER_TO_WAD,
                self._scales[symbol],
                self._threshold_up(symbol, now),
            )
            for token, symbol in self._tokens.items()
        ]

    def _threshold_up(self, symbol: str, now: int) -> int:
        target = self._target[symbol]
        start, ends_at, began = self._ramp.get(symbol, (0, 0, 0))
        left = ends_at - now
        return target + mul_div_up(start - target, left, ends_at - began) if left > 0 else target
