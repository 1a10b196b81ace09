"""`make`, with installers that only note that they were called."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers.command import environment
from tests.helpers.source import ROOT

PYTHON = """#!/bin/sh
# Stands in for Python 3.11: notes what it is asked to do and installs itself as the environment's.
case "$*" in
  *version_info*) exit ${FAKE_OLD:-0} ;;
  *find_anvil*) echo /usr/bin/true; exit ;;
  "-m venv"*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
esac
echo "python $*" >> called
"""
TOOL = """#!/bin/sh
echo "$(basename "$0") $*" >> called
case "$(basename "$0") $1" in "npm ci") mkdir -p node_modules ;; esac
"""


@dataclass(frozen=True)
class Sandbox:
    """A folder with the Makefile and the locks, and a PATH of stand-ins."""

    folder: Path
    tools: Path

    def make(self, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.tools}:/usr/bin:/bin"
        return subprocess.run(
            [str(shutil.which("make")), *args],
            cwd=self.folder,
            env=environment(PATH=path, **env),
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self) -> list[str]:
        """What was called since the last time, by the first two words."""
        log = self.folder / "called"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [" ".join(line.split()[:3]) for line in lines]


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    folder, tools = tmp_path / "project", tmp_path / "tools"
    folder.mkdir()
    tools.mkdir()
    for name in ("Makefile", "requirements.lock", "package-lock.json"):
        shutil.copy(ROOT / name, folder)
    for name, text in {"python3.11": PYTHON, "npm": TOOL, "ape": TOOL}.items():
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    return Sandbox(folder, tools)


INSTALL = ["python -m venv", "python -m pip", "npm ci --ignore-scripts"]


def test_setup__first_time__installs_python_and_npm_packages(sandbox: Sandbox) -> None:
    said = sandbox.make("setup")
    assert said.returncode == 0, said.stderr
    assert sandbox.calls() == INSTALL
    assert (sandbox.folder / ".venv" / "bin" / "anvil").is_symlink()


def test_setup__second_time__installs_nothing(sandbox: Sandbox) -> None:
    sandbox.make("setup")
    sandbox.calls()
    assert sandbox.make("setup").returncode == 0
    assert sandbox.calls() == []


def test_setup__new_lock__installs_what_it_belongs_to(sandbox: Sandbox) -> None:
    sandbox.make("setup")
    sandbox.calls()
    (sandbox.folder / "requirements.lock").touch()
    sandbox.make("setup")
    assert sandbox.calls() == ["python -m venv", "python -m pip"]


def test_setup__an_installer_fails__tries_again_the_next_time(sandbox: Sandbox) -> None:
    (sandbox.tools / "npm").write_text("#!/bin/sh\nexit 1\n")
    assert sandbox.make("setup").returncode != 0
    sandbox.calls()
    (sandbox.tools / "npm").write_text(TOOL)
    assert sandbox.make("setup").returncode == 0
    assert sandbox.calls() == ["npm ci --ignore-scripts"]


def test_compare__first_time__installs_and_compares_the_four_designs(sandbox: Sandbox) -> None:
    said = sandbox.make("compare")
    assert said.returncode == 0, said.stderr
    assert sandbox.calls() == [*INSTALL, "ape run compare"]


def test_test__first_time__installs_and_runs_the_suite(sandbox: Sandbox) -> None:
    assert sandbox.make("test").returncode == 0
    assert sandbox.calls() == [*INSTALL, "ape test --numprocesses"]


def test_setup__no_python__says_what_is_needed(sandbox: Sandbox) -> None:
    said = sandbox.make("setup", "PYTHON=python3.99")
    assert said.returncode != 0
    assert "Firesale needs Python 3.11" in said.stderr


def test_setup__another_python__says_what_is_needed(sandbox: Sandbox) -> None:
    said = sandbox.make("setup", FAKE_OLD="1")
    assert said.returncode != 0
    assert "is not Python 3.11" in said.stderr


def test_setup__no_node__says_what_is_needed(sandbox: Sandbox, tmp_path: Path) -> None:
    (sandbox.tools / "npm").unlink()
    shell = tmp_path / "shell"  # nothing but what the Makefile itself uses
    shell.mkdir()
    for name in ("sh", "mkdir", "cp", "touch", "ln", "sed", "cat"):
        (shell / name).symlink_to(str(shutil.which(name)))
    said = subprocess.run(
        [str(shutil.which("make")), "setup"],
        cwd=sandbox.folder,
        env=environment(PATH=f"{sandbox.tools}:{shell}"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode != 0
    assert "Firesale needs Node" in said.stderr


def test_help__lists_every_job(sandbox: Sandbox) -> None:
    said = sandbox.make("help")
    for job in (
        "setup",
        "compare",
        "stylised",
        "agreement",
        "test",
        "mutants",
        "snapshots",
        "lint",
        "lock",
        "clean",
    ):
        assert f"make {job}" in said.stdout


def test_python__of_this_very_run__is_the_one_that_is_locked_for() -> None:
    assert sys.version_info[:2] == (3, 11)
