"""What is installed is pinned by content, and no file knows the machine it was written on."""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import packages_distributions

from tests.helpers.source import ROOT, imports, python_files, relative, tracked

ADDRESS = re.compile(r"https?://|git\+|file:")
OWN_MACHINE = re.compile(r"(?<![\w.])/(?:home|root|Users|work|tmp/lab)/\w")


def blocks() -> list[str]:
    """One text for each package of the Python lock."""
    return re.split(r"\n(?=[a-z0-9])", (ROOT / "requirements.lock").read_text())


def test_python_lock__every_package__has_a_version_and_hashes() -> None:
    for block in blocks():
        assert re.match(r"[a-z0-9-]+==\S+", block), block
        assert "--hash=sha256:" in block, block.splitlines()[0]


def asked() -> set[str]:
    """The packages that requirements.in names."""
    names = re.findall(r"^[A-Za-z0-9-]+", (ROOT / "requirements.in").read_text(), re.MULTILINE)
    return {name.lower() for name in names}


def test_python_lock__fulfils__what_is_asked_for() -> None:
    assert asked() <= {block.split("==")[0] for block in blocks()}


def test_what_is_asked_for__names__every_package_that_is_imported() -> None:
    homes = packages_distributions()
    imported = {
        name.split(".")[0]
        for folder in ("sim", "scripts", "tests")
        for path in python_files(folder)
        for name in imports(path)
    }
    others = imported - sys.stdlib_module_names - {"sim", "scripts", "tests"}
    packages = {home.lower().replace("_", "-") for name in others for home in homes[name]}
    assert packages - asked() == set()


def test_lock_files__have_no_addresses() -> None:
    for name in ("requirements.lock", "package-lock.json"):
        assert not ADDRESS.search((ROOT / name).read_text()), name
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert not any("resolved" in package for package in packages.values())


def test_npm_packages__are_pinned_exactly() -> None:
    manifest = json.loads((ROOT / "package.json").read_text())
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for name, version in manifest["dependencies"].items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
        assert locked[f"node_modules/{name}"]["version"] == version


def test_no_file__mentions_a_machine_s_own_path() -> None:
    this = "tests/architecture/test_pins.py"
    texts = (
        (p, p.read_bytes().decode("utf-8", "ignore")) for p in tracked() if relative(p) != this
    )
    assert [relative(p) for p, text in texts if OWN_MACHINE.search(text)] == []
