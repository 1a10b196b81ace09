"""Compiled contracts by name: sources and JSON artifacts under contracts/, Uniswap's from npm."""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import vyper
from vyper.compiler import outputs_from_compiler_data
from vyper.compiler.input_bundle import FilesystemInputBundle
from vyper.compiler.phases import CompilerData
from vyper.compiler.settings import Settings
from vyper.exceptions import VyperException

from sim.engines.abi import Interface
from sim.errors import EngineError, InputError

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Artifact:
    """A contract that can be deployed."""

    name: str
    abi: Sequence[Mapping[str, Any]]
    bytecode: str  # of the deployment, 0x hex
    code_size: int  # of the runtime, as far as the compiler says it [bytes]

    @cached_property
    def interface(self) -> Interface:
        return Interface(self.abi)

    @property
    def constructor(self) -> Sequence[Mapping[str, Any]]:
        """The ABI entries of the constructor's arguments."""
        return next((e["inputs"] for e in self.abi if e["type"] == "constructor"), ())


class Library:
    """The contracts of a project folder, compiled once for each state of their sources."""

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root
        self._known: dict[str, Artifact] = {}

    def names(self) -> list[str]:
        """Every deployable contract: files whose name begins with a capital."""
        return sorted(self._files())

    def get(self, name: str, field: str = "contract") -> Artifact:
        """A contract by name. Raises InputError naming the design's `field` when there is none."""
        if name not in self._known:
            files = self._files().get(name, [])
            if not files:
                raise InputError(
                    f"{field}: there is no contract {name} under contracts/{self._hint(name)}"
                )
            if len(files) > 1:
                where = ", ".join(str(f.relative_to(self._root)) for f in files)
                raise InputError(f"{field}: {name} is there more than once ({where}); rename one")
            load = _from_json if files[0].suffix == ".json" else self._from_vyper
            self._known[name] = load(files[0])
        return self._known[name]

    def sources(self, name: str) -> list[str]:
        """The Vyper text of a contract, and of each module that it imports itself; of a JSON
        artifact nothing. Raises InputError as `get` does."""
        self.get(name)
        path = self._files()[name][0]
        if path.suffix != ".vy":
            return []
        own = path.read_text()
        modules = {p.stem: p for p in sorted((self._root / "contracts").rglob("*.vy"))}
        imported = re.findall(r"^from \S+ import (\w+)$", own, re.MULTILINE)
        return [own, *(modules[n].read_text() for n in imported if n in modules)]

    def units(self, name: str) -> dict[str, str]:
        """What stands in brackets in the comments of a Vyper constructor's arguments, by argument;
        of those that a module takes, in the module's. Raises InputError as `get` does."""
        units: dict[str, str] = {}
        for source in reversed(self.sources(name)):
            units |= _units(source)
        return units

    def uniswap(self, name: str) -> Artifact:
        """A contract of Uniswap v3 from the npm packages."""
        if name not in self._known:
            folder = self._root / "node_modules" / "@uniswap"
            paths = [
                folder / f"v3-{p}/artifacts/contracts/{name}.sol/{name}.json"
                for p in ("core", "periphery")
            ]
            path = next((p for p in paths if p.exists()), None)
            if path is None:
                raise EngineError(
                    f"Uniswap's {name} is not in node_modules: run `make setup` (it calls `npm ci`)"
                )
            self._known[name] = _from_json(path)
        return self._known[name]

    def _files(self) -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        for path in sorted((self._root / "contracts").rglob("*")):
            if path.suffix in (".vy", ".json") and path.name[0].isupper():
                found.setdefault(path.stem, []).append(path)
        return found

    def _hint(self, name: str) -> str:
        folded = {n.casefold(): n for n in self.names()}
        close = difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.5)
        return f"; did you mean {' or '.join(folded[c] for c in close)}?" if close else ""

    def _from_vyper(self, path: Path) -> Artifact:
        cache = self._root / ".cache" / "contracts" / f"{path.stem}.json"
        kept = self._read(cache)
        if kept is None:
            kept = self._compile(path)
            _keep(cache, kept)
        return Artifact(path.stem, kept["abi"], kept["bytecode"], kept["code_size"])

    def _read(self, cache: Path) -> dict[str, Any] | None:
        """What was kept, unless the compiler or one of the sources has changed since."""
        try:
            kept: dict[str, Any] = json.loads(cache.read_text())
            fresh = all(_digest(self._root / name) == was for name, was in kept["sources"].items())
        except (OSError, ValueError, KeyError):
            return None
        return kept if fresh and kept["vyper"] == vyper.__version__ else None

    def _compile(self, path: Path) -> dict[str, Any]:
        bundle = FilesystemInputBundle([self._root / "contracts"])
        try:
            data = CompilerData(bundle.load_file(path), bundle, settings=Settings())
            out = outputs_from_compiler_data(data, ["abi", "bytecode", "bytecode_runtime"])
        except VyperException as e:
            said = " ".join(str(e).split())[:300]
            raise InputError(f"{path.relative_to(self._root)} does not compile: {said}") from e
        imported = (
            i.resolved_path for i in data.resolved_imports.compiler_inputs if not i.from_builtin
        )
        return {
            "vyper": vyper.__version__,
            "sources": {_relative(p, self._root): _digest(Path(p)) for p in [path, *imported]},
            "abi": out["abi"],
            "bytecode": out["bytecode"],
            "code_size": len(out["bytecode_runtime"]) // 2 - 1,
        }


def _units(source: str) -> dict[str, str]:
    found = re.search(r'def __init__\(.*?"""(.*?)"""', source, re.DOTALL)
    comments = re.split(r"@param ", found.group(1) if found else "")[1:]
    units = {c.split()[0]: re.findall(r"\[([^\]]+)\]", c) for c in comments}
    return {name: known[-1] for name, known in units.items() if known}


def _relative(path: Path, root: Path) -> str:
    return str(Path(path).resolve().relative_to(root.resolve()))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _keep(cache: Path, compiled: Mapping[str, Any]) -> None:
    part = cache.with_suffix(f".{id(compiled)}.part")
    with contextlib.suppress(OSError):  # a checkout that can't be written to works, only slower
        cache.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(compiled))
        part.replace(cache)


def _from_json(path: Path) -> Artifact:
    """The common part of Hardhat's, Foundry's and Ape's artifacts: abi and bytecode."""
    try:
        content = json.loads(path.read_text())
        code, runtime = (_code(content.get(key)) for key in ("bytecode", "deployedBytecode"))
        artifact = Artifact(path.stem, content["abi"], "0x" + code, len(runtime) // 2)
    except (ValueError, KeyError, TypeError, AttributeError) as e:
        raise InputError(f"{path}: not an artifact with `abi` and `bytecode` ({e})") from e
    if not code or "__$" in code:
        raise InputError(f"{path}: its bytecode is empty or waits for a library to be linked")
    return artifact


def _code(entry: Any) -> str:
    text = entry.get("object") if isinstance(entry, dict) else entry
    return str(text or "").removeprefix("0x")
