"""How numbers are shown: three to four significant figures, by unit."""

from __future__ import annotations

from collections.abc import Callable

_SCALES = ((1e9, " G"), (1e6, " M"), (1e3, " k"))


def compact(value: float) -> str:
    """1234567 -> '1.23 M'. Zero and what rounds to it stand as '0'."""
    for scale, suffix in _SCALES:
        # 0.9995 of a scale already rounds to 1.00 of it
        if abs(value) >= 0.9995 * scale:
            return f"{_significant(value / scale)}{suffix}"
    return _significant(value)


def _significant(value: float) -> str:
    size = abs(value)
    digits = 0 if size >= 99.95 else 1 if size >= 9.995 else 2
    text = f"{value:.{digits}f}"
    return "0" if float(text) == 0 else text


def _fixed(digits: int) -> Callable[[float], str]:
    return lambda value: "0" if round(value, digits) == 0 else f"{value:,.{digits}f}"


SHOWN: dict[str, Callable[[float], str]] = {
    "USD": compact,
    "USD/token": _fixed(2),
    "%": _fixed(2),
    "bp": _fixed(1),
    "s": _fixed(0),
    "blocks": _fixed(0),
    "gas": compact,
    "gwei": _fixed(1),
    "": _fixed(0),
}


def show(value: float | None, unit: str) -> str:
    """The number without its unit; a dash when there is none."""
    return "–" if value is None else SHOWN[unit](value)
