"""The facts, each as claims: what was observed, how the model's runs are read, and the band that a
mean has to lie in."""

from __future__ import annotations

from collections.abc import Sequence

from sim.errors import InputError
from sim.experiments.stylised import crashes, rules
from sim.experiments.stylised.claim import Claim

TITLES = {
    1: "In a crash forced sales come in a burst",
    2: "Part of the fall comes back, more of it when more was forced",
    3: "Returns: no memory, memory of their size, heavy tails, skewed down; wild and busy",
    4: "Subcritical by default; thin depth or leverage push towards 1",
    5: "Bad debt is tiny on continuous paths; it comes from jumps, late feeds, thin collateral",
    6: "Stuck keepers and dear gas: rising bids close near zero, falling prices do not",
    7: "Dutch auctions move the price less than a fixed spread when taking part is cheap",
    8: "Halts: a magnet before, a smaller trough, bad debt when the price falls on",
    9: "TWAP feeds spare accounts in a V and cost bad debt in an L",
    10: "Shared collateral synchronises liquidations of two markets",
}
CLAIMS: tuple[Claim, ...] = (*crashes.CLAIMS, *rules.CLAIMS)


def chosen(facts: str | None) -> Sequence[Claim]:
    """Of "1,4": the claims of these facts; all without. Raises InputError."""
    if facts is None:
        return CLAIMS
    named = [part.strip() for part in facts.split(",")]
    wrong = [name for name in named if not name.isdecimal() or int(name) not in TITLES]
    if wrong:
        raise InputError(f"facts: there is no {wrong[0]!r}; give numbers of 1 to {max(TITLES)}")
    return [claim for claim in CLAIMS if str(claim.fact) in named]
