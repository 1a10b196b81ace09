"""The report: one HTML file that needs no network."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

from plotly.offline import get_plotlyjs

from sim.metrics import METRICS
from sim.reports.amplification import QUANTITIES, shown
from sim.reports.check import check_lines, title
from sim.reports.figures import FIGURES, OF_NETWORKS, Evidence, Figure
from sim.reports.summary import conclusion
from sim.reports.table import cell, groups
from sim.results import Results, write_text

FILE = "report.html"
HERE = Path(__file__).parent
UNIT_TEXT = {"USD/token": "USD per token", "": "count"}


def write_report(out: Path | str) -> Path:
    """Draw DIR/report.html from DIR/results.json and the traces; gives its path.

    Raises InputError when they are not there, OutputError when it can't be written.
    """
    results = Results.load(Path(out))
    path = results.out / FILE
    write_text(path, page(results))
    return path


def page(results: Results) -> str:
    """The whole document."""
    evidence = Evidence(results)
    figures = [
        figure for draw in (*FIGURES, *OF_NETWORKS) if (figure := draw(evidence)) is not None
    ]
    parts = {
        "TITLE": html.escape(f"Firesale: {results.data['scenario']['name']}"),
        "STYLE": (HERE / "page.css").read_text(encoding="utf-8"),
        "CONCLUSION": html.escape(conclusion(results)),
        "LEAD": _lead(results),
        "TABLE": _table(results) + _amplification(results),
        "FIGURES": "\n".join(_figure(f) for f in figures),
        "METHOD": _method(results),
        "COUNT": str(len(figures)),
        "PLOTLY": get_plotlyjs(),
        "DATA": _script_json({f.name: json.loads(f.drawing.to_json()) for f in figures}),
        "SCRIPT": (HERE / "page.js").read_text(encoding="utf-8"),
    }
    template = (HERE / "page.html").read_text(encoding="utf-8")
    first, *rest = template.split("{{")
    return first + "".join(parts[name] + text for name, text in (r.split("}}", 1) for r in rest))


def _script_json(data: Any) -> str:
    """JSON that can stand inside a script element."""
    return json.dumps(data, sort_keys=True).replace("<", "\\u003c")


def _lead(results: Results) -> str:
    scenario, seeds = results.data["scenario"], results.seeds
    runs = f"{len(results.designs)} designs, {_seeds(seeds)}, engine {results.data['engine']}"
    name = html.escape(title(results))
    return f"{name}: {html.escape(scenario['summary'].rstrip('.'))} ({runs})."


def _seeds(seeds: tuple[int, ...]) -> str:
    return f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"


def _figure(figure: Figure) -> str:
    return (
        f'<figure id="{figure.name}"><h3>{html.escape(figure.title)}</h3>'
        f'<div class="plot" data-figure="{figure.name}" '
        f'style="height:{figure.drawing.layout.height}px"></div>'
        f"<figcaption>{html.escape(figure.reading)}</figcaption></figure>"
    )


def _table(results: Results) -> str:
    heads = "".join(f'<th scope="col">{html.escape(d)}</th>' for d in results.designs)
    body = "".join(_group(results, group, names) for group, names in groups(results).items())
    return (
        f'<table><thead><tr><th scope="col">metric</th><th scope="col">unit</th>{heads}</tr>'
        f"</thead>{body}</table>"
    )


def _group(results: Results, group: str, names: tuple[str, ...]) -> str:
    span = len(results.designs) + 2
    rows = "".join(_row(results, name) for name in names)
    return f'<tbody><tr><th colspan="{span}" scope="rowgroup">{group}</th></tr>{rows}</tbody>'


def _row(results: Results, name: str) -> str:
    metric = METRICS[name]
    unit = UNIT_TEXT.get(metric.unit, metric.unit)
    cells = "".join(_cell(results, design, name) for design in results.designs)
    meaning = html.escape(metric.meaning)
    return (
        f'<tr><th scope="row"><abbr title="{meaning}" tabindex="0">{name}</abbr></th>'
        f"<td class=unit>{unit}</td>{cells}</tr>"
    )


def _cell(results: Results, design: str, name: str) -> str:
    found = cell(results, design, METRICS[name])
    spread = f" <small>{found.spread}</small>" if found.spread else ""
    hint = f' title="95% interval {found.interval}"' if found.interval else ""
    gap = ""
    if found.difference:
        what = f"{found.verdict}: {found.difference}" if found.verdict else found.difference
        star = "*" if found.significant else ""
        gap = f'<div class="gap {found.verdict}"{hint}>{what}{star}</div>'
    return f"<td>{found.mean}{spread}{gap}</td>"


def _scenario(results: Results) -> str:
    """Its story and what its check found."""
    story = str(results.data["scenario"].get("story", ""))
    lines = [line for line in (story, *check_lines(results)) if line]
    return "".join(f"<p>{html.escape(line)}</p>" for line in lines)


def _amplification(results: Results) -> str:
    """The table of what each thing switched off changed; nothing when that was left out."""
    if not results.amplification:
        return ""
    heads = "".join(f'<th scope="col">{html.escape(d)}</th>' for d in results.designs)
    rows = "".join(
        f'<tr><th scope="row"><abbr title="{html.escape(q.meaning)}" tabindex="0">{q.name}</abbr>'
        f"</th><td class=unit>{q.unit or 'ratio'}</td>"
        + "".join(f"<td>{shown(results, d, q)}</td>" for d in results.designs)
        + "</tr>"
        for q in QUANTITIES
    )
    return (
        '<table><thead><tr><th scope="col">whose doing the fall was</th>'
        f'<th scope="col">unit</th>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    )


def _method(results: Results) -> str:
    data = results.data
    share = html.escape(str(data["scenario"].get("market_share", "not stated")))
    versions = ", ".join(f"{name} {v}" for name, v in data["versions"].items())
    designs = "".join(
        f"<li><b>{html.escape(name)}</b>: {html.escape(design['summary'])}</li>"
        for name, design in data["manifest"]["designs"].items()
    )
    blocks = "".join(
        f"<tr><td>{html.escape(run['design'])}</td><td>{run['seed']}</td><td>{run['blocks']:,}</td>"
        f"<td>{run['transactions']:,}</td><td>{run['reverted']:,}</td>"
        f"<td class=hash>{html.escape(run['block_hash'])}</td></tr>"
        for run in results.runs
    )
    return (
        f"<h2>Designs</h2><ul>{designs}</ul>"
        "<h2>How it was measured</h2>"
        "<p>All designs face the same draws: a seed gives every agent its own stream of random "
        "numbers, so differences are taken seed by seed. An interval is a 95% Student interval of "
        "the mean over seeds; with one seed there is none. The counterfactual is the fundamental "
        "path: the same prices without anybody's impact. Overshoot and amplification are measured "
        f"against it.</p>{_scenario(results)}<p>Share of the market: {share}</p>"
        "<p>Every run can be repeated from its trace alone: <code>ape run replay "
        "runs/DESIGN-SEED.parquet</code> compares every row and the hash of the final block.</p>"
        "<h2>Runs</h2><table class=runs><thead><tr><th>design</th><th>seed</th><th>blocks</th>"
        "<th>transactions</th><th>reverted</th><th>hash of the final block</th></tr></thead>"
        f"<tbody>{blocks}</tbody></table>"
        f"<p>Versions: {html.escape(versions)}.</p>"
        "<details><summary>Scenario and designs in full</summary><pre>"
        f"{html.escape(json.dumps([data['scenario'], data['manifest']['designs']], indent=1))}"
        "</pre></details>"
    )
