"""What a figure is made of, and what it is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import plotly.graph_objects as go

from sim.reports.style import Look, looks
from sim.results import Results
from sim.trace import Trace


@dataclass(frozen=True)
class Figure:
    """A drawing with the sentence that it shows and a line on how to read it."""

    name: str
    title: str
    reading: str
    drawing: go.Figure


@dataclass(frozen=True)
class Evidence:
    """Results and, of the first seed, each design's trace."""

    results: Results

    @cached_property
    def looks(self) -> Mapping[str, Look]:
        return looks(self.results.designs)

    @cached_property
    def traces(self) -> Mapping[str, Trace]:
        return {d: self.results.trace(d, self.seed) for d in self.results.designs}

    @property
    def seed(self) -> int:
        return self.results.seeds[0]

    def of_run(self, metric: str) -> dict[str, float | None]:
        """The metric of the runs whose traces are drawn, by design."""
        return {
            run["design"]: run["metrics"][metric]
            for run in self.results.runs
            if run["seed"] == self.seed
        }
