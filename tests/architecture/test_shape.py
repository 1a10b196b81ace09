"""The shape of the source: names that tell, functions that fit a screen, reasons that say where."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.helpers.source import ROOT, functions, python_files, relative

VYPER = sorted((ROOT / "contracts").rglob("*.vy"))
DEPLOYABLES = [p for p in VYPER if p.stem[0].isupper() and p.parent.name != "mocks"]
INTERFACES = sorted((ROOT / "contracts").rglob("*.vyi"))
REASON = re.compile(r"[a-z][a-z0-9 ]*: [a-z].*")


def test_file_names__under_contracts__tell_deployables_modules_and_interfaces_apart() -> None:
    for path in VYPER:
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]*|[a-z][a-z0-9_]*", path.stem), relative(path)
    for path in INTERFACES:
        assert re.fullmatch(r"I[A-Z][A-Za-z0-9]*", path.stem), relative(path)


def test_folder__of_modules_and_interfaces__holds_nothing_else() -> None:
    for path in VYPER:
        assert path.stem.islower() == (path.parent.name == "modules"), relative(path)
        assert path.parent.name != "interfaces", relative(path)


def reasons(path: Path) -> list[str]:
    """What the asserts and raises of a Vyper file say, and what it returns for them to say.

    An assert without a reason gives an empty one.
    """
    source = joined(re.sub(r"#.*", "", path.read_text()))
    said = []
    for statement in re.findall(r"^ +((?:assert|raise)\b.*)$", source, re.MULTILINE):
        literal = re.search(r'"([^"]*)"\s*$', statement)
        if literal is None and re.search(r", [a-z_]+\s*$", statement):
            continue  # a variable, which one of the returned texts fills
        said.append(literal.group(1) if literal else "")
    return said + re.findall(r'return "([^"]+)"', source)


def joined(source: str) -> str:
    """Source with every bracketed expression on one line."""
    out, depth = [], 0
    for character in source:
        depth += (character in "([{") - (character in ")]}")
        out.append(" " if character == "\n" and depth else character)
    return "".join(out)


@pytest.mark.parametrize("path", VYPER, ids=relative)
def test_every_assert__in_a_contract__names_its_place_and_what_is_wrong(path: Path) -> None:
    for reason in reasons(path):
        assert REASON.fullmatch(reason), reason or "an assert without a reason"


@pytest.mark.parametrize("path", VYPER + INTERFACES, ids=relative)
def test_every_vyper_file__pins_its_compiler(path: Path) -> None:
    assert "# pragma version 0.4.3" in path.read_text().splitlines()


@pytest.mark.parametrize("path", DEPLOYABLES, ids=relative)
def test_every_deployable__guards_against_reentrancy(path: Path) -> None:
    assert "# pragma nonreentrancy on" in path.read_text().splitlines()


def test_functions__in_python__fit_a_screen() -> None:
    long = [
        f"{relative(path)}: {name} has {lines} lines"
        for folder in ("sim", "scripts", "tests")
        for path in python_files(folder)
        for name, lines in functions(path)
        if lines > 60
    ]
    assert long == []


def test_files__of_source__stay_below_400_lines() -> None:
    sources = [*python_files("sim"), *python_files("tests"), *VYPER]
    long = {relative(p): n for p in sources if (n := len(p.read_text().splitlines())) >= 400}
    assert long == {}


def test_scripts__are_thin() -> None:
    long = {
        relative(p): n
        for p in python_files("scripts")
        if (n := len(p.read_text().splitlines())) > 60
    }
    assert long == {}


# numpy and BLAS give other last bits on other processors, scipy's own C code does not
BY_PROCESSOR = re.compile(
    r"\bnp\.(log\w*|exp\w*|power|float_power|cbrt|a?sinh?|a?cosh?|a?tanh?|arc\w+|hypot"
    r"|dot|vdot|inner|outer|matmul|tensordot|einsum|convolve|correlate|cov|corrcoef|linalg)\b"
    r"| @ "
)


def test_rooms_that_make_traces__leave_elementary_functions_to_the_c_library() -> None:
    """A trace is the same on every processor; integration/test_processors.py tries it."""
    found = [
        f"{relative(path)}: {line.strip()}"
        for folder in ("sim/agents", "sim/markets", "sim/world", "sim/engines", "sim/games")
        for path in python_files(folder)
        for line in path.read_text().splitlines()
        if BY_PROCESSOR.search(line)
    ]
    assert found == []
