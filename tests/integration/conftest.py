"""One small comparison, made once as a user makes it, for every test that only looks at one."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers.command import Said, ape
from tests.helpers.source import ROOT, tracked

FIRST_HOUR = ("--set", "clock.first_hour=10", "--set", "clock.hours=1")  # of the crash
SMALL = ("--scenario", "black_thursday", *FIRST_HOUR, "--no-amplification")


@dataclass(frozen=True)
class Comparison:
    """A finished call of `ape run compare` and its folder."""

    said: Said
    out: Path
    call: tuple[str | Path, ...]  # to make it again


@pytest.fixture(scope="session")
def taken_port() -> Iterator[int]:
    """Anvil's usual port, taken by somebody else for as long as the tests run."""
    with socket.socket() as other:
        try:
            other.bind(("127.0.0.1", 8545))
            other.listen()
        except OSError:
            pass  # somebody else has taken it already
        yield 8545


@pytest.fixture(scope="session")
def comparison(tmp_path_factory: pytest.TempPathFactory, taken_port: int) -> Comparison:
    out = tmp_path_factory.mktemp("comparison") / "new" / "folder"
    call = ("run", "compare", *SMALL, "--designs", "fixed,dutch", "--seeds", "1", "--out", out)
    said = ape(*call)
    assert said.returncode == 0, said.stdout + said.stderr
    return Comparison(said, out, call)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the project to change at will, with the compiler's cache and the npm packages."""
    copy = tmp_path / "checkout"
    for path in tracked():
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    compiled = Path(".cache/contracts")
    if (ROOT / compiled).is_dir():
        parts = shutil.ignore_patterns("*.part")  # another process may be writing them
        shutil.copytree(ROOT / compiled, copy / compiled, ignore=parts)
    packages = copy / "node_modules"
    packages.mkdir()
    for scope in ("@foundry-rs", "@uniswap"):
        (packages / scope).symlink_to(ROOT / "node_modules" / scope)
    return copy
