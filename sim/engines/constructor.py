"""From what a design file says of a contract to the arguments of its constructor.

Arguments are found by name. Addresses of the market's parts are filled in. Of the file's values

- a number with a decimal point becomes WAD, a whole number is taken as it is;
- `1000 USDC` becomes units of that token, `0.99 ray` and `5 wad` say their unit;
- `open`, `throttle`, `slow`, `halt` are 0, 1, 2, 3 (the modes of a breaker);
- a list argument takes one value for all collaterals, a list, or a mapping by symbol;
- an array of fixed length takes a list;
- an address is the symbol of a token, a key of the deployment (`feed:WETH`), `push` (the pushed
  feed of the collateral that the contract belongs to), 0x hex, or a contract, `{contract: ...}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sim.design import Design
from sim.engines.artifacts import Artifact
from sim.engines.base import Address
from sim.errors import InputError
from sim.units import to_units

SCALES = {"WAD": 10**18, "RAY": 10**27}
VANISHING = 1e-9  # of a scale: nobody means so little
LEVELS = {"open": 0, "throttle": 1, "slow": 2, "halt": 3}  # contracts/modules/actions.vy
Filled = Mapping[str, Address | list[Address]]  # arguments that the deployer knows, by name


@dataclass(frozen=True)
class Values:
    """Reads the values of one design file."""

    symbols: tuple[str, ...]  # of the collaterals, in order
    decimals: Mapping[str, int]  # by unit: tokens, wad, ray
    addresses: Mapping[str, Address]  # by key of the deployment

    @classmethod
    def of(cls, design: Design, addresses: Mapping[str, Address]) -> Values:
        tokens = [c.token for c in design.market.collaterals]
        decimals = {t.symbol: t.decimals for t in [design.market.debt_token, *tokens]}
        return cls(tuple(t.symbol for t in tokens), {**decimals, "wad": 18, "ray": 27}, addresses)

    def read(self, value: Any, kind: str, field: str) -> Any:
        """The value as the ABI type `kind` wants it. Raises InputError naming the field."""
        if kind.endswith("[]"):
            return [self.read(v, kind[:-2], field) for v in self._each(value, field)]
        if kind.endswith("]"):
            inner, _, count = kind.rpartition("[")
            if not isinstance(value, (list, tuple)) or len(value) != int(count[:-1]):
                raise InputError(f"{field}: must be a list of {count[:-1]}, not {value!r}")
            return [self.read(v, inner, f"{field}[{i}]") for i, v in enumerate(value)]
        if kind == "address":
            return self._address(value, field)
        if kind == "bool":
            if not isinstance(value, bool):
                raise InputError(f"{field}: must be true or false, not {value!r}")
            return value
        return self._number(value, kind, field)

    def _each(self, value: Any, field: str) -> Sequence[Any]:
        if isinstance(value, (list, tuple)):
            return value
        if not isinstance(value, Mapping):
            return [value] * len(self.symbols)
        if set(value) != set(self.symbols):
            raise InputError(
                f"{field}: must have a value for each of {', '.join(self.symbols)} and no other"
            )
        return [value[symbol] for symbol in self.symbols]

    def _address(self, value: Any, field: str) -> Address:
        known = self.addresses.get(str(value))
        if known is not None:
            return known
        if re.fullmatch("0x[0-9a-fA-F]{40}", str(value)):
            return str(value).lower()
        raise InputError(
            f"{field}: {value!r} is not an address; it may be {', '.join(self.addresses)} or 0x hex"
        )

    def _number(self, value: Any, kind: str, field: str) -> int:
        number = self._units(value, field)
        bits = int(kind.lstrip("uint") or 0) if kind.lstrip("u").startswith("int") else 0
        if not bits:
            raise InputError(f"{field}: an argument of type {kind} can't be given in a design")
        lowest, highest = (
            (0, 2**bits) if kind.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1))
        )
        if not lowest <= number < highest:
            raise InputError(f"{field}: {value!r} is out of the range of {kind}")
        return number

    def _units(self, value: Any, field: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and value in LEVELS:
            return LEVELS[value]
        amount, _, unit = str(value).partition(" ")
        try:
            decimals = self.decimals["wad" if isinstance(value, float) else unit.strip()]
            return to_units(Decimal(amount), decimals)
        except (KeyError, ArithmeticError, ValueError):  # no such unit, no number, no finite one
            units, levels = ", ".join(self.decimals), ", ".join(LEVELS)
            raise InputError(
                f"{field}: can't read {value!r}; write a number, an amount with a unit ({units}), "
                f"or one of {levels}"
            ) from None


def check_scales(params: Mapping[str, Any], units: Mapping[str, str], field: str) -> None:
    """Raise InputError for a whole number that would vanish on the scale of its parameter: 2 where
    the contract's comment says WAD is 2e-18. `units` has what the comments say, by parameter."""
    for name, value in params.items():
        scale = SCALES.get(re.split(r"\W", units.get(name, ""))[0], 0)
        for number in _whole_numbers(value) if scale else ():
            if 0 < abs(number) < VANISHING * scale:
                raise InputError(
                    f"{field}.{name}: {number} counts as {number / scale:.0e} here; "
                    f"write {number}.0 if that is meant"
                )


def _whole_numbers(value: Any) -> Iterator[int]:
    """All that stand in a value as they are."""
    if isinstance(value, int) and not isinstance(value, bool):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _whole_numbers(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _whole_numbers(inner)


def arguments(
    artifact: Artifact, params: Mapping[str, Any], filled: Filled, values: Values, field: str
) -> list[Any]:
    """The constructor's arguments in order.

    Raises InputError naming what is unknown, missing or out of range, and what the contract takes.
    """
    wanted = [e["name"] for e in artifact.constructor]
    open_names = [n for n in wanted if n not in filled]
    takes = f"it takes {', '.join(open_names)}" if open_names else "it takes none"
    unknown = [n for n in params if n not in wanted]
    if unknown:
        raise InputError(f"{field}.{unknown[0]}: {artifact.name} has no such parameter; {takes}")
    missing = [n for n in open_names if n not in params]
    if missing:
        raise InputError(f"{field}: {artifact.name} misses {', '.join(missing)}; {takes}")
    return [
        values.read(params[e["name"]], e["type"], f"{field}.{e['name']}")
        if e["name"] in params
        else filled[e["name"]]
        for e in artifact.constructor
    ]
