"""How the catalogue is shown: on a terminal, as a section of Markdown, as a page."""

from __future__ import annotations

import re
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from sim.catalogue import Catalogue, Fate, Rule
from sim.errors import InputError, OutputError
from sim.reports.figures.mechanisms import PARTS, mechanisms
from sim.reports.mechanisms import BEGIN, END, check_page, markdown, refresh, terminal, write_page

HALF = Fate(
    case="half",
    health=0.9,
    value=110.0,
    debt=100.0,
    paid=52.0,
    fee=2.0,
    seized=0.5,
    seized_value=55.0,
    bad_debt=0.0,
    debt_left=50.0,
    equity_left=5.0,
    seconds=30,
)
LOST = replace(
    HALF,
    case="lost",
    paid=0.0,
    fee=0.0,
    seized=1.0,
    seized_value=110.0,
    bad_debt=100.0,
    debt_left=0.0,
    equity_left=0.0,
)
RULE = Rule("half", (), "Halver", "Half at once", (("part", "0.5"),), ("a book", "a feed"))
OTHER = Rule("lost", ("also",), "Loser", "All | nothing", (("wait", "90 s"),), ("a feed",))
GUARD = Rule("also", (), "Stopper", "", (("levels", "0.1 / 0.2"),), ("a law",))


@pytest.fixture
def found() -> Catalogue:
    lower = [replace(f, health=0.8, bad_debt=f.bad_debt / 2) for f in (HALF, LOST)]
    twin = [replace(HALF, case="twin", seconds=90), replace(lower[0], case="twin", seconds=90)]
    fates = [HALF, lower[0], LOST, lower[1], *twin]
    return Catalogue([RULE, OTHER], [GUARD], fates, "USDC", "WETH", "paper")


def text(found: Catalogue) -> str:
    console = Console(file=StringIO(), width=110)
    console.print(terminal(found))
    return str(console.file.getvalue())


def test_groups__of_cases_with_equal_amounts__stand_together(found: Catalogue) -> None:
    assert [[fates[0].case for fates in group] for group in found.groups] == [
        ["half", "twin"],
        ["lost"],
    ]
    assert found.healths == [0.9, 0.8]


def test_shared_sources__of_one_rule_alone__are_none(found: Catalogue) -> None:
    assert found.shared_sources == ("a feed",)
    assert replace(found, rules=[RULE]).shared_sources == ()


def test_terminal__at_the_least_width__cuts_nothing(found: Catalogue) -> None:
    said = text(found)
    assert "…" not in said
    for part in ("half, twin", "30-90", "health factor 0.90", "part 0.5", "0.1 / 0.2", "after"):
        assert part in said
    assert "a book" in said
    assert "Sources of all: a feed." in said


def test_terminal__without_guards__has_no_table_of_them(found: Catalogue) -> None:
    assert "Breakers" in text(found)
    assert "Breakers" not in text(replace(found, guards=[]))
    assert "Stopper" not in markdown(replace(found, guards=[]))


def test_markdown__of_a_catalogue__has_as_many_cells_in_every_row(found: Catalogue) -> None:
    tables = [line for line in markdown(found).splitlines() if line.startswith("|")]
    widths = {len(re.split(r"(?<!\\)\|", line)) for line in tables}
    assert widths == {6, 12}  # four and ten cells
    assert "| 0.90 | half, twin | 52 | 0.50 | 2 | 3 | 0 | 50 | 5 | 30-90 |" in tables


def test_refresh__of_a_file_with_markers__replaces_what_is_between(
    found: Catalogue, tmp_path: Path
) -> None:
    path = tmp_path / "README.md"
    path.write_text(f"before\n{BEGIN}\nstale\n{END}\nafter\n")
    refresh(path, found)
    first = path.read_text()
    refresh(path, found)
    assert path.read_text() == first
    assert first.startswith(f"before\n{BEGIN}\n\n| design")
    assert first.endswith(f"</details>\n\n{END}\nafter\n")
    assert "stale" not in first


@pytest.mark.parametrize("content", ["", f"{END} {BEGIN}", BEGIN, END])
def test_refresh__of_a_file_without_both_markers__says_what_it_needs(
    found: Catalogue, tmp_path: Path, content: str
) -> None:
    path = tmp_path / "README.md"
    path.write_text(content)
    with pytest.raises(InputError, match=r"README\.md: needs a line"):
        refresh(path, found)
    assert path.read_text() == content


def test_refresh__of_a_file_that_is_not_there__says_so(found: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.md: can't be read"):
        refresh(tmp_path / "none.md", found)


def test_page__of_a_catalogue__needs_no_network_and_has_every_table(
    found: Catalogue, tmp_path: Path
) -> None:
    path = tmp_path / "rules.html"
    write_page(path, found)
    page = path.read_text()
    assert not re.search(r"""<(script|link|img)[^>]+(src|href)=["']?(https?:)?//""", page)
    assert page.count("<table") == 3
    assert "All | nothing<br>wait 90 s" in page


def test_page__that_can_not_be_made__is_refused(found: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"rules\.png: .* \.html"):
        check_page(tmp_path / "rules.png")
    with pytest.raises(OutputError, match=r"rules\.html: could not be written"):
        write_page(tmp_path / "nowhere" / "rules.html", found)


def test_figure__of_a_catalogue__stacks_up_to_the_collateral(found: Catalogue) -> None:
    figure = mechanisms(found)
    bars = list(figure.drawing.data)
    assert len(bars) == len(PARTS) * len(found.groups)
    for i, group in enumerate(found.groups):
        mine = bars[i * len(PARTS) : (i + 1) * len(PARTS)]
        for j, fate in enumerate(group[0]):
            heights = [bar.y[j] for bar in mine]
            assert sum(h for h in heights if h > 0) == pytest.approx(100 * fate.value / fate.debt)
            assert sum(h for h in heights if h < 0) == pytest.approx(-fate.bad_debt)
    assert figure.title == (
        "At a health factor of 0.80, from 0% of the debt (half) to 50% (lost) is never paid."
    )


def test_figure__of_one_rule__says_what_it_leaves(found: Catalogue) -> None:
    alone = replace(found, fates=[LOST])
    assert mechanisms(alone).title == (
        "At a health factor of 0.90, 100% of the debt is never paid under lost."
    )
