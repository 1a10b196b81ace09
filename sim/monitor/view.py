"""The monitor's report for a terminal, and as one line."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sim.metrics import compact
from sim.metrics.risk import WIDTH
from sim.monitor.monitor import NEAR, Guard, Report

BAR = 40  # characters
RISK, DEPTH = "red", "cyan"


def line(report: Report) -> str:
    """What matters most, for a log."""
    now = report.risks[0].debt
    tenth = next(risk for risk in report.risks if risk.fall >= 0.1)
    return (
        f"{clock(report.time_s)}  price {report.price:.2f}  pool {report.pool:.2f}  "
        f"liquidatable {compact(now)}  at -{tenth.fall:.0%} {compact(tenth.debt)} "
        f"(pool pays {compact(tenth.depth)})  in sale {compact(report.in_sale)}  "
        f"bad {compact(report.bad)}{_halted(report)}"
    )


def screen(report: Report, title: str) -> Group:
    """Everything; what a small terminal cuts off stands last."""
    parts: list[RenderableType] = [_head(report, title)]
    if report.guards:
        parts.append(_guards(report.guards))
    parts += [_risks(report), _cluster(report), _exposed(report)]
    if report.asked:
        text = f"{', '.join(report.asked)}: this feed logs no answer, so it was asked."
        parts.append(Text(text, style="dim"))
    return Group(*parts)


def clock(seconds: int) -> str:
    """Since the start of the run."""
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"


def _head(report: Report, title: str) -> Text:
    return Text(
        f"{title}   {clock(report.time_s)}   price {report.price:.2f}, pool {report.pool:.2f} USD\n"
        f"debt {compact(report.debt)}, in sale {compact(report.in_sale)}, bad "
        f"{compact(report.bad)}, cash {compact(report.cash)} USD{_halted(report)}"
    )


def _halted(report: Report) -> str:
    return f"  LIQUIDATION HALTED for {report.halted_s} s" if report.halted_s else ""


def _risks(report: Report) -> Table:
    """Debt as a bar and depth as a mark on one axis."""
    table = Table(title="If the price falls", title_justify="left", box=None, pad_edge=False)
    for heading in ("by", "debt at risk", "pool pays"):
        table.add_column(heading, justify="right")
    most = max(max(risk.debt, risk.depth) for risk in report.risks) or 1.0
    table.add_column(f"debt at risk ━ and the pool's depth ┃, up to {compact(most)} USD")
    for risk in report.risks:
        fall = f"{risk.fall:.0%}" if risk.fall else "now"
        bar = _bar(risk.debt / most, risk.depth / most)
        table.add_row(fall, compact(risk.debt), compact(risk.depth), bar)
    return table


def _bar(debt: float, depth: float) -> Text:
    """Both as shares of the axis."""
    length, mark = round(debt * BAR), round(depth * BAR)
    cells = ["━" if i < length else " " for i in range(BAR + 1)]
    cells[mark] = "┃"
    text = Text("".join(cells), style=RISK)
    text.stylize(DEPTH, mark, mark + 1)
    return text


def _cluster(report: Report) -> Text:
    found = report.cluster
    if found is None:
        return Text("No cluster of debt ahead.")
    price = report.price * (1 - found.drop)
    return Text(
        f"Next cluster: {compact(found.debt)} USD within {WIDTH:.0%} from a fall of "
        f"{found.drop:.1%} on (price {price:.2f})."
    )


def _exposed(report: Report) -> Table:
    title = f"Largest accounts within a fall of {NEAR:.0%}"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("account")
    for heading in ("debt USD", "collateral", "health", "falls by"):
        table.add_column(heading, justify="right")
    for row in report.exposed:
        table.add_row(
            f"{row.account[:8]}…{row.account[-4:]}",
            compact(row.debt),
            compact(row.collateral),
            f"{row.health:.3f}",
            f"{row.drop:.1%}" if row.drop > 0 else "liquidatable",
            style=RISK if row.drop <= 0 else "",
        )
    return table


def _guards(guards: tuple[Guard, ...]) -> Table:
    table = Table(title="Breakers", title_justify="left", box=None, pad_edge=False)
    for heading in ("breaker", "tier", "phase", "ends in", *guards[0].modes):
        table.add_column(heading)
    for guard in guards:
        ends = "locked" if guard.locked else f"{guard.left_s} s" if guard.left_s else "–"
        table.add_row(guard.contract, str(guard.tier), guard.phase, ends, *guard.modes.values())
    return table
