"""What a field of a scenario may be, for all of its sections."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Price = Annotated[float, Field(ge=1e-4, le=1e9)]  # what feed and pool can say
NotNegative = Annotated[float, Field(ge=0)]


def _ordered(pair: tuple[float, float]) -> tuple[float, float]:
    if pair[0] > pair[1]:
        raise ValueError(f"the lowest comes first: {[pair[1], pair[0]]}")
    return pair


Range = Annotated[tuple[Positive, Positive], AfterValidator(_ordered)]  # of a uniform draw


def _lasting(window: tuple[float, float]) -> tuple[float, float]:
    if window[0] >= window[1]:
        raise ValueError(f"the beginning comes first: {list(window)}")
    return window


Window = Annotated[tuple[NotNegative, NotNegative], AfterValidator(_lasting)]  # from, to before
