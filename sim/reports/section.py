"""A section of a Markdown file that a command writes, between two markers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from sim.errors import InputError
from sim.results import write_text


def replace_section(path: Path, command: str, text: str) -> None:
    """Put the text between the markers of `command`.

    Raises InputError when they are not there, OutputError when it can't be written.
    """
    before, _, after = _parts(path, command)
    begin, end = markers(command)
    write_text(path, f"{before}{begin}\n\n{text}\n\n{end}{after}")


def section(path: Path, command: str) -> str:
    """What stands between the markers. Raises InputError when they are not there."""
    return _parts(path, command)[1].strip()


def markers(command: str) -> tuple[str, str]:
    return f"<!-- begin: {command} -->", f"<!-- end: {command} -->"


def _parts(path: Path, command: str) -> tuple[str, str, str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise InputError(f"{path}: can't be read ({e})") from e
    begin, end = markers(command)
    before, found, rest = text.partition(begin)
    inside, found_end, after = rest.partition(end)
    if not found or not found_end:
        raise InputError(f"{path}: needs a line {begin} and below it a line {end}")
    return before, inside, after


def table_lines(
    heads: Sequence[str], sides: Sequence[str], rows: Iterable[Sequence[str]]
) -> list[str]:
    """A table in Markdown; `sides` are ":-" or "-:"."""
    cells = (
        [c.replace("|", r"\|").replace("\n", "<br>") for c in r] for r in (heads, sides, *rows)
    )
    return [f"| {' | '.join(row)} |" for row in cells]
