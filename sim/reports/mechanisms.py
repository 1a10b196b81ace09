"""The catalogue of liquidation rules: on a terminal, as a section of Markdown, as a page."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from sim.catalogue import Catalogue, Fate, Rule
from sim.errors import InputError
from sim.reports.figures.mechanisms import mechanisms
from sim.reports.section import markers, replace_section, table_lines
from sim.results import write_text

COMMAND = "ape run mechanisms"  # whose section it is in a Markdown file
BEGIN, END = markers(COMMAND)
CSS = Path(__file__).parent / "page.css"
RULE_HEADS = ("design", "contract", "rule and parameters", "source")
GUARD_HEADS = ("design", "contract", "parameters", "source")
RULE_NOTE = "A number without a unit is a ratio. Sources of all: {}."
FATE_NOTE = (
    "A debt of {:,.0f} {}, whose health factor falls from 1 at once. Keepers take all that is "
    "offered as soon as it costs no more than the feed's price, without gas: at once, or on an "
    "auction's clock. Two bidders outbid each other as long as that holds. Feeds follow at once, "
    "breakers are left out, tips are the reserve's. Gain and equity are at the feed's price."
)
WRAP = 'th[scope="row"] { white-space: normal; }'
LEFT = [":-"] * len(RULE_HEADS)
TEXT_COLUMNS = 2  # of the table of fates; the others are numbers

Row = Sequence[str]


def terminal(found: Catalogue) -> Group:
    """Both tables and how to read them."""
    of_rules, of_fates = (Padding(Text(note, style="dim"), (0, 1)) for note in notes(found))
    rules = _texts("Liquidation rules", RULE_HEADS, rule_rows(found))
    guards = _texts("Breakers, and adapters of feeds", GUARD_HEADS, guard_rows(found))
    mechanisms = Group(rules, "", guards) if found.guards else rules
    return Group(mechanisms, of_rules, "", _fates(found), of_fates)


def _texts(title: str, heads: Row, rows: Iterable[Row]) -> Table:
    columns = [Column(head, overflow="fold") for head in heads]  # a source is to be followed
    table = Table(*columns, title=title, show_lines=True)
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _fates(found: Catalogue) -> Table:
    """A section for each health factor, so that rules stand under each other."""
    title = f"One position under every rule, on {found.engine}"
    table = Table(title=title, box=SIMPLE_HEAD, padding=(0, 0, 0, 1))
    for head in fate_heads(found)[1:]:
        left = head == "design"
        table.add_column(Text(head), justify="left" if left else "right", width=26 if left else 8)
    for i, health in enumerate(found.healths):
        table.add_section()
        table.add_row(Text(f"health factor {health:.2f}", style="bold"))
        for _, *cells in fate_rows(found, i):
            table.add_row(*cells)
    return table


def markdown(found: Catalogue) -> str:
    """Both tables and how to read them, the numbers folded."""
    of_rules, of_fates = notes(found)
    heads = fate_heads(found)
    sides = [":-"] * TEXT_COLUMNS + ["-:"] * (len(heads) - TEXT_COLUMNS)
    rows = [row for i in range(len(found.healths)) for row in fate_rows(found, i)]
    return "\n".join(
        [
            *table_lines(RULE_HEADS, LEFT, rule_rows(found)),
            "",
            *(table_lines(GUARD_HEADS, LEFT, guard_rows(found)) if found.guards else ()),
            f"\n{of_rules}\n\n{of_fates}\n",
            "<details><summary>In numbers</summary>\n",
            *table_lines(heads, sides, rows),
            "\n</details>",
        ]
    )


def refresh(path: Path, found: Catalogue) -> None:
    """Put the section into a Markdown file, between its markers.

    Raises InputError when they are not there, OutputError when it can't be written.
    """
    replace_section(path, COMMAND, markdown(found))


def check_page(path: Path) -> None:
    """Raises InputError when `write_page` could not make such a file."""
    if path.suffix != ".html":
        raise InputError(f"{path}: the figure goes into an HTML file; end its name in .html")


def write_page(path: Path, found: Catalogue) -> None:
    """The figure and all tables as one HTML file without a network. Raises OutputError."""
    figure = mechanisms(found)
    drawing = figure.drawing.to_html(
        full_html=False, include_plotlyjs=True, config={"displayModeBar": False}
    )
    rows = [row for i in range(len(found.healths)) for row in fate_rows(found, i)]
    of_rules, of_fates = map(html.escape, notes(found))
    guards = _html(GUARD_HEADS, guard_rows(found), len(GUARD_HEADS)) if found.guards else ""
    rules = _html(RULE_HEADS, rule_rows(found), len(RULE_HEADS))
    fates = _html(fate_heads(found), rows, TEXT_COLUMNS)
    write_text(
        path,
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Liquidation rules</title>'
        f"<style>{CSS.read_text(encoding='utf-8')}{WRAP}</style><main>"
        f"<h1>{html.escape(figure.title)}</h1>{drawing}<p>{html.escape(figure.reading)}</p>"
        f"{fates}<p>{of_fates}</p>{rules}{guards}<p>{of_rules}</p></main></html>",
    )


def notes(found: Catalogue) -> tuple[str, str]:
    """How to read the table of rules and that of fates."""
    shared = "; ".join(found.shared_sources) or "none but those listed"
    return RULE_NOTE.format(shared), FATE_NOTE.format(found.fates[0].debt, found.debt_token)


def rule_rows(found: Catalogue) -> list[Row]:
    return [
        (_names(rule), rule.contract, f"{rule.summary}\n{_parameters(rule)}", _own(rule, found))
        for rule in found.rules
    ]


def guard_rows(found: Catalogue) -> list[Row]:
    return [
        (_names(guard), guard.contract, _parameters(guard), _own(guard, found))
        for guard in found.guards
    ]


def _names(rule: Rule) -> str:
    return rule.name + (f"\n(also {', '.join(rule.also)})" if rule.also else "")


def _parameters(rule: Rule) -> str:
    return ", ".join(f"{name} {value}" for name, value in rule.parameters)


def _own(rule: Rule, found: Catalogue) -> str:
    """The sources that not all have."""
    return "; ".join(source for source in rule.sources if source not in found.shared_sources)


def fate_heads(found: Catalogue) -> Row:
    money, goods = found.debt_token, found.collateral
    paid = (f"paid [{money}]", f"seized [{goods}]", f"to protocol [{money}]", f"gain [{money}]")
    left = (f"bad debt [{money}]", f"debt left [{money}]", f"equity left [{money}]", "after [s]")
    return ("health", "design", *paid, *left)


def fate_rows(found: Catalogue, health: int) -> list[Row]:
    """At one health factor, a row for cases of the same amounts."""
    return [
        (
            f"{found.healths[health]:.2f}",
            ", ".join(fates[health].case for fates in group),
            *_amounts(group[0][health]),
            _span([fates[health].seconds for fates in group]),
        )
        for group in found.groups
    ]


def _amounts(fate: Fate) -> Row:
    money = (fate.fee, fate.gain, fate.bad_debt, fate.debt_left, fate.equity_left)
    return (_whole(fate.paid), f"{fate.seized:.2f}", *map(_whole, money))


def _whole(amount: float) -> str:
    return f"{round(amount):,}"


def _span(seconds: Sequence[float]) -> str:
    low, high = min(seconds), max(seconds)
    return f"{low:,.0f}" if low == high else f"{low:,.0f}-{high:,.0f}"


def _html(heads: Row, rows: Iterable[Row], texts: int) -> str:
    """A table whose first columns are texts and the others numbers."""
    kind = " class=runs" if texts == len(heads) else ""
    head = "".join(f'<th scope="col">{html.escape(h)}</th>' for h in heads)
    body = "".join(f"<tr>{_cells(row, texts)}</tr>" for row in rows)
    return f"<table{kind}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(row: Row, texts: int) -> str:
    cells = [html.escape(cell).replace("\n", "<br>") for cell in row]
    if texts == len(row):
        return "".join(f"<td>{cell}</td>" for cell in cells)
    names = "".join(f'<th scope="row">{cell}</th>' for cell in cells[:texts])
    return names + "".join(f"<td>{cell}</td>" for cell in cells[texts:])
