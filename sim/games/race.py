"""The race to the exit: everybody sees the market's strength with noise, nobody sees the others.

A market of strength theta [share of the claims that it can bear to lose at once] holds as long as
no greater share leaves. Who leaves gets 0. Who stays gains `benefit` when the market holds and
loses `cost` when it fails. Agent i sees x_i = theta + noise e_i, e_i uniform in [-1, 1], and knows
nothing else of theta (a flat prior).

With theta known to all, both "all leave" and "all stay" are equilibria for 0 <= theta < 1. With the
signals there is one only (Carlsson and van Damme 1993; Morris and Shin 2003, ch. 3), of cutoffs:
leave when x_i < x*. Let F(u) = (1 + u) / 2 be the distribution of e. Then the share that leaves is

    A(theta) = F((x* - theta) / noise)                                                          (1)

and falls in theta, so the market fails below the theta* at which A(theta*) = theta*. Who sees just
x* holds theta = x* - noise e, so fails with probability P(e > (x* - theta*) / noise) =
1 - F((x* - theta*) / noise) = 1 - theta*, whatever the noise. Indifference, benefit theta* =
cost (1 - theta*), gives

    theta* = cost / (benefit + cost),        x* = theta* + noise (2 theta* - 1).                (2)

Where c is the price of attacking and b the gain of it, as in currency crises, the same argument
gives 1 - c / (b + c): here c is what staying may lose.

Together they would all stay for every theta >= 0: nothing fails when nobody leaves. Below 0 the
market fails anyhow and they would all leave. Between 0 and theta* it fails of the race alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.errors import InputError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Race:
    """The game of one market; payoffs in any one unit of value for each agent."""

    benefit: float  # of staying when the market holds, above 0
    cost: float  # of staying when it fails, above 0
    noise: float  # half the width of a signal [share of the claims], above 0

    def __post_init__(self) -> None:
        for name in ("benefit", "cost", "noise"):
            if not getattr(self, name) > 0:
                raise InputError(f"race: {name} {getattr(self, name)} must be above 0")

    @property
    def threshold(self) -> float:
        """theta*: the strength below which the market fails [share of the claims]; eq. 2."""
        return self.cost / (self.benefit + self.cost)

    @property
    def cutoff(self) -> float:
        """x*: the signal below which an agent leaves [share of the claims]; eq. 2."""
        return self.threshold + self.noise * (2 * self.threshold - 1)

    def share_leaving(self, theta: npt.ArrayLike) -> Floats:
        """A(theta) of many agents, each for itself [share of the agents]; eq. 1."""
        z = (self.cutoff - np.asarray(theta, dtype=float)) / self.noise
        return np.asarray(np.clip((1 + z) / 2, 0.0, 1.0))

    def coordinated_share(self, theta: npt.ArrayLike) -> Floats:
        """What would leave if all decided together [share of the agents]."""
        return np.where(np.asarray(theta, dtype=float) >= 0, 0.0, 1.0)

    def payoff(self, share: npt.ArrayLike, theta: npt.ArrayLike) -> Floats:
        """Mean over all agents, leavers and stayers, when `share` of them leave."""
        left = np.asarray(share, dtype=float)
        holds = left <= np.asarray(theta, dtype=float)
        return np.asarray((1 - left) * np.where(holds, self.benefit, -self.cost))

    def forgone(self, share: npt.ArrayLike, theta: npt.ArrayLike) -> Floats:
        """What the lack of coordination costs: the mean payoff less than it could have been."""
        return self.payoff(self.coordinated_share(theta), theta) - self.payoff(share, theta)

    def signals(self, rng: np.random.Generator, theta: float, agents: int) -> Floats:
        """What so many agents see."""
        return theta + self.noise * rng.uniform(-1.0, 1.0, agents)

    def learned_cutoff(self, rng: np.random.Generator, agents: int, rounds: int) -> float:
        """Where a crowd ends that knows no theory: from "all leave at 1" it moves by experience.

        Each round one agent sees just the crowd's cutoff, stays, and the cutoff falls by a step
        times what that gained. Steps shrink as 1 / round (Robbins and Monro 1951). The mean gain
        rises by (benefit + cost) / (1 + 2 noise) with the cutoff, and steps are the inverse of it,
        so with many agents the cutoff has, in the limit, the standard deviation
        (1 + 2 noise) sqrt(theta* (1 - theta*) / rounds); `agents` finite adds less than
        (1 + 2 noise) / agents.
        """
        cutoff = 1.0
        step = (1 + 2 * self.noise) / (self.benefit + self.cost)
        for played in range(1, rounds + 1):
            theta = cutoff - self.noise * rng.uniform(-1.0, 1.0)
            share = np.count_nonzero(self.signals(rng, theta, agents - 1) < cutoff) / agents
            cutoff -= step / played * (self.benefit if share <= theta else -self.cost)
        return cutoff
