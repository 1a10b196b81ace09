"""The project's own source, as the architecture tests look at it."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def tracked() -> list[Path]:
    """Every file under version control and every new one that is not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


def python_files(folder: str) -> list[Path]:
    """The Python files under a folder of the project."""
    return sorted((ROOT / folder).rglob("*.py"))


@cache
def vyper_files(contract: str) -> frozenset[str]:
    """A contract's own file and those of the modules that it is made of, under contracts/."""
    paths = {path.stem: path for path in (ROOT / "contracts").rglob("*.vy")}
    found: set[str] = set()
    open_ = [contract]
    while open_:
        name = open_.pop()
        if name in paths and name not in found:
            found.add(name)
            open_ += re.findall(r"^from \S+ import (\w+)$", paths[name].read_text(), re.MULTILINE)
    return frozenset(paths[name].relative_to(ROOT / "contracts").as_posix() for name in found)


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_name(path: Path) -> str:
    """As Python names it: sim/engines/base.py is sim.engines.base."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> set[str]:
    """Every module that a file imports when it runs, at the top or inside a function."""
    found: set[str] = set()
    for node in _run_nodes(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{relative(path)} imports relatively"
            found.add(node.module or "")
            if node.module == "sim":
                found |= {f"sim.{alias.name}" for alias in node.names}
    return found


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and number of lines of every function in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - node.lineno + 1


def _run_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a tree that run: bodies of `if TYPE_CHECKING` are left out."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            continue
        yield child
        yield from _run_nodes(child)
