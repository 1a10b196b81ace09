"""A scenario's stress, made larger or smaller by a factor; 1 leaves it as it is.

| what | scaled by s |
|---|---|
| candles, a path, the base of a pegged asset | the logarithm of price / first price, times s |
| discount of a pegged asset | the logarithm of (1 - discount) / (1 - first discount), times s |
| volatility, mean and deviation of jumps | times s |
| a product | each factor |
| further assets of a network | discount, volatility, jumps, as above; beta stays |
| the schedule of others' load on the chain | the logarithm of each level, times s |
| a false print of the oracle | the logarithm of its factor, times s |
| an outage of the oracle or of keepers | its length, times s, from the same beginning |

People, liquidity and rules stay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Data = Mapping[str, Any]


def shocked(scenario: Data, s: float) -> dict[str, Any]:
    """A whole scenario, as JSON says it, under the shock `s`."""
    people = {**scenario["population"]}
    people["oracle"] = _oracle(people["oracle"], s)
    people["keepers"] = _keepers(people["keepers"], s)
    return {
        **scenario,
        "prices": _prices(scenario["prices"], s),
        "population": people,
        "block_space": _block_space(scenario["block_space"], s),
        "network": _network(scenario["network"], s),
    }


def _oracle(oracle: Data, s: float) -> dict[str, Any]:
    return {
        **oracle,
        "outages": [_longer(window, s) for window in oracle["outages"]],
        "prints": [{**shown, "factor": shown["factor"] ** s} for shown in oracle["prints"]],
    }


def _keepers(keepers: Data, s: float) -> Data:
    outages = [{**outage, "hours": _longer(outage["hours"], s)} for outage in keepers["outages"]]
    return {**keepers, "outages": outages}


def _block_space(space: Data, s: float) -> Data:
    load = space["load"]
    if load is None:
        return space
    return {**space, "load": {**load, "schedule": [[h, x**s] for h, x in load["schedule"]]}}


def _network(network: Data | None, s: float) -> Data | None:
    if network is None:
        return None
    assets = [{**asset, "price": _prices(asset["price"], s)} for asset in network["assets"]]
    return {**network, "assets": assets}


def _longer(window: list[float], s: float) -> list[float]:
    begin, end = window
    return [begin, begin + (end - begin) * s]


def _prices(prices: Data, s: float) -> dict[str, Any]:
    return {**prices, **_KINDS[prices["kind"]](prices, s)}


def _moved(price: float, first: float, s: float) -> float:
    return float(first * (price / first) ** s)


def _candles(prices: Data, s: float) -> Data:
    first = prices["open"]
    return {"bars": [[_moved(price, first, s) for price in bar] for bar in prices["bars"]]}


def _process(prices: Data, s: float) -> Data:
    return {key: prices[key] * s for key in ("volatility", "jump_mean", "jump_sd")}


def _path(prices: Data, s: float) -> Data:
    first = prices["points"][0][1]
    points = [[hour, _moved(price, first, s)] for hour, price in prices["points"]]
    return {"points": points, "volatility": prices["volatility"] * s}


def _pegged(prices: Data, s: float) -> Data:
    first = 1 - prices["discount"][0][1]
    discount = [[hour, 1 - _moved(1 - ratio, first, s)] for hour, ratio in prices["discount"]]
    base = (
        {"base": _prices(prices["base"], s)} if "base" in prices else {}
    )  # a network's: the first asset
    return {**base, "discount": discount}


def _product(prices: Data, s: float) -> Data:
    return {"factors": [_prices(factor, s) for factor in prices["factors"]]}


_KINDS: Mapping[str, Callable[[Data, float], Data]] = {
    "candles": _candles,
    "process": _process,
    "correlated": _process,
    "path": _path,
    "pegged": _pegged,
    "product": _product,
}
