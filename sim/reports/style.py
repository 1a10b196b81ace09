"""One look for all figures: colours for the colour-blind, dashes and patterns for grey print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

# Okabe and Ito, "Color Universal Design" (2008), ordered so that neighbours differ in grey too
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
MARKS = ("circle", "diamond", "square", "triangle-up", "x", "star")
PATTERNS = ("", "/", ".", "x", "\\", "-")
INK, GREY, PALE = "#222222", "#777777", "#e4e4e4"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
PANEL_PX, GAP_PX, LEGEND_PX, FOOT_PX = 215, 56, 66, 52
BINS = 450  # points of a line, twice: the lowest and the highest of each bin


@dataclass(frozen=True)
class Look:
    """How a design is drawn in every figure."""

    colour: str
    dash: str
    mark: str
    pattern: str  # on bars


def looks(designs: Sequence[str]) -> dict[str, Look]:
    """By the design's place in the comparison."""
    return {
        design: Look(
            COLOURS[i % len(COLOURS)],
            DASHES[i % len(DASHES)],
            MARKS[i % len(MARKS)],
            PATTERNS[i % len(PATTERNS)],
        )
        for i, design in enumerate(designs)
    }


def bar(look: Look) -> dict[str, object]:
    """The marker of a design's bars."""
    pattern = {"shape": look.pattern, "size": 5, "solidity": 0.25, "fgcolor": "white"}
    return {"color": look.colour, "line": {"color": "white", "width": 1}, "pattern": pattern}


def panels(
    titles: Sequence[str], columns: int, panel_px: int = PANEL_PX, **options: object
) -> go.Figure:
    """A figure of equal panels below a legend, with room for everything in pixels."""
    columns = min(columns, len(titles))
    rows = -(-len(titles) // columns)
    inner = rows * panel_px + (rows - 1) * GAP_PX
    figure = make_subplots(
        rows,
        columns,
        subplot_titles=titles,
        vertical_spacing=GAP_PX / inner if rows > 1 else 0,
        horizontal_spacing=0.09,
        **options,
    )
    figure.update_layout(
        height=inner + LEGEND_PX + FOOT_PX,
        margin={"l": 70, "r": 20, "t": LEGEND_PX, "b": FOOT_PX},
        paper_bgcolor="white",
        plot_bgcolor="white",
        font={"family": FONT, "size": 13, "color": INK},
        legend={"orientation": "h", "yref": "container", "y": 1, "yanchor": "top", "x": 0},
        hovermode="closest",
    )
    grid = {"gridcolor": PALE, "linecolor": GREY, "zeroline": False, "automargin": True}
    figure.update_xaxes(showline=True, ticks="outside", tickcolor=GREY, **grid)
    figure.update_yaxes(showline=True, ticks="outside", tickcolor=GREY, **grid)
    figure.update_annotations(font={"size": 14, "color": INK})
    return figure


def place(index: int, columns: int) -> dict[str, int]:
    """Row and column of a panel."""
    return {"row": index // columns + 1, "col": index % columns + 1}


def say(figure: go.Figure, text: str, row: int, col: int) -> None:
    """A sentence in the place of an empty panel."""
    figure.add_annotation(
        text=text,
        x=0.5,
        y=0.5,
        xref="x domain",
        yref="y domain",
        showarrow=False,
        font={"color": GREY, "size": 14},
        row=row,
        col=col,
    )


def hours(seconds: pd.Series) -> pd.Series:
    return seconds / 3600


def thin(frame: pd.DataFrame, column: str, bins: int = BINS) -> pd.DataFrame:
    """The rows that a line needs: ends, and lowest and highest of each bin, so no spike is lost."""
    if len(frame) <= 2 * bins:
        return frame
    kept: set[int] = set()
    values = frame[column].to_numpy()
    for part in np.array_split(np.arange(len(frame)), bins):
        kept |= {part[values[part].argmin()], part[values[part].argmax()]}
    return frame.iloc[sorted({0, len(frame) - 1} | kept)]
