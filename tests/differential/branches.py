"""What can happen to a design, how it shows, and which of it a design has to reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from sim.design import ContractSpec, Design
from sim.engines.artifacts import Library
from sim.engines.base import Address
from tests.differential.rig import Act, Fate

ALWAYS = frozenset({"take", "partial take", "bad debt", "socialised loss"})
# of those that a design has, what the machine has to reach without a program
BY_MACHINE = ALWAYS | {"restart", "dust shrink", "halt", "throttle", "resume"}
OF_MODE = {
    "throttle": {"throttle", "queue"},
    "slow": {"throttle", "queue", "slow"},
    "halt": {"halt", "resume"},
}
OF_LADDER = {"trip", "escalation", "lock", "clear", "release", "reset"}  # each breaker's own
BY_EVENT = {"SaleStarted": "start", "SaleRestarted": "restart"}
OF_EVENT = BY_EVENT | {"Bid": "outbid"}  # what a mechanism that can log it has to reach
SLACK = 2  # what the roundings of a fee take from an offer [debt token]
LEAST = ("min_", "dust", "leftover")  # in the name of a parameter below which no part may be left
BY_LADDER_EVENT = {
    "TierLatched": "trip",
    "TierReleased": "release",
    "LadderReset": "reset",
    "LockCleared": "clear",
}


def expected(design: Design, library: Library) -> set[str]:
    """Branches that the design's programs have to reach."""
    sale = design.liquidation
    abi = library.get(sale.contract).abi
    of_sale = duties(sale, {entry["name"] for entry in abi if entry["type"] == "event"})
    return set(ALWAYS).union(of_sale, *map(_of_breaker, design.breakers))


def duties(sale: ContractSpec, events: Collection[str]) -> set[str]:
    """Branches of a mechanism beyond those of all, by what it can log and by its parameters."""
    wanted = {branch for event, branch in OF_EVENT.items() if event in events}
    if "Bid" not in events and _has_least(sale):  # a bid is for the whole lot
        wanted.add("dust shrink")
    return wanted


def _has_least(spec: ContractSpec) -> bool:
    """Whether there is a least amount of the debt token, as `min_sale: 2500 USDC`, above 0."""
    least = [value for name, value in spec.params.items() if any(w in name for w in LEAST)]
    amounts = (str(value).partition(" ") for value in least)
    return any(symbol and float(number) > 0 for number, _, symbol in amounts)


def _of_breaker(spec: ContractSpec) -> set[str]:
    """Of a breaker by its modes; one without modes throttles."""
    modes = spec.params.get("liquidation")
    if modes is None:
        return {"throttle", "queue"}
    held = {"lenders held"} if "halt" in spec.params["withdrawal"] else set()
    own = {f"{spec.contract} {branch}" for branch in OF_LADDER}
    return set(own | held).union(*(OF_MODE.get(mode, set()) for mode in modes))


class Tally:
    """How often each branch was reached."""

    def __init__(self, breakers: Mapping[Address, str]) -> None:
        """`breakers`: names of the contracts."""
        self.counts: Counter[str] = Counter()
        self._breakers = breakers
        self._tiers: Counter[Address] = Counter()  # latched last, by breaker
        self._sales_halted = False  # and none has gone on since

    def begin(self) -> None:
        """Another program, from the same state as the one before."""
        self._tiers.clear()
        self._sales_halted = False

    def note(self, act: Act, fate: Fate, now: int, most: int) -> None:
        """What a transaction at a time shows; `most` is what a take would pay if none left dust."""
        halted, throttled = (fate.reason.endswith(end) for end in (": halted", ": throttled"))
        leaves = act.call.function in ("withdraw", "redeem")
        self.counts["halt"] += halted
        self.counts["throttle"] += throttled
        self.counts["lenders held"] += leaves and (halted or throttled)
        self._sales_halted |= halted and act.call.target == "liquidation"
        for address, name, pairs in fate.events:
            self.counts.update(seen(name, dict(pairs), now, most))
            if name in BY_LADDER_EVENT:
                self._note_ladder(address, name, dict(pairs))
            elif name in ("Taken", "Bid"):
                self.counts["resume"] += self._sales_halted
                self._sales_halted = False

    def _note_ladder(self, breaker: Address, name: str, args: Mapping[str, Any]) -> None:
        contract = self._breakers[breaker]
        self.counts[f"{contract} {BY_LADDER_EVENT[name]}"] += 1
        if name == "TierLatched":
            self.counts[f"{contract} lock"] += args["locked"]
            self.counts[f"{contract} escalation"] += 0 < self._tiers[breaker] < args["tier"]
            self._tiers[breaker] = args["tier"]
        elif name == "LadderReset":
            self._tiers[breaker] = 0


def seen(name: str, args: Mapping[str, Any], now: int, most: int) -> dict[str, int]:
    """Branches that an event can show, and whether it does."""
    match name:
        case "Taken":
            part, shrunk = args["lot_left"] > 0, args["paid"] + SLACK < most
            return {"take": 1, "partial take": part, "dust shrink": shrunk}
        case "Spent":
            return {"throttle": args["left"] == 0}  # what passes, a take above all, was cut to it
        case "Bid":
            return {"outbid": args["paid"] > 1}  # the first bid is the smallest unit
        case "BadDebt":
            return {"bad debt": 1, "socialised loss": args["from_lenders"] > 0}
        case "HaltsSynced":
            _, _, slow_until = args["slowdown"]
            return {"slow": slow_until > now, "queue": args["queued_until"] > now}
    return {BY_EVENT[name]: 1} if name in BY_EVENT else {}
