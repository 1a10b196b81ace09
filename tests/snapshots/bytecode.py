"""How many bytes of a contract's runtime code each of its external functions takes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from vyper import ast as vy_ast
from vyper.compiler import outputs_from_compiler_data
from vyper.compiler.input_bundle import FilesystemInputBundle
from vyper.compiler.phases import CompilerData
from vyper.compiler.settings import Settings
from vyper.ir.compile_ir import assembly_to_evm

from sim.engines.artifacts import ROOT

PUSH1, PUSH32 = 0x60, 0x7F  # opcodes: so many bytes follow
SHARED = "*"  # internal functions, the jump table and all that belongs to no function


def by_function(path: Path) -> dict[str, int]:
    """Own bytes by external function, public variables among them; SHARED is the rest.

    The compiler maps most instructions to the source. What lies between two mapped ones, such as
    the check of a selector in front of a function, belongs to what follows it.
    """
    bundle = FilesystemInputBundle([ROOT / "contracts"])
    data = CompilerData(bundle.load_file(path), bundle, settings=Settings())
    code, maps = assembly_to_evm(data.assembly_runtime, compiler_metadata=None)
    selectors = outputs_from_compiler_data(data, ["method_identifiers"])["method_identifiers"]
    external = {signature.partition("(")[0] for signature in selectors}
    sizes: Counter[str] = Counter()
    owner = SHARED
    for at, length in reversed(_instructions(code)):
        node = maps["pc_raw_ast_map"].get(at)
        if node is not None:
            name = _function(node)
            owner = name if name in external else SHARED
        sizes[owner] += length
    return dict(sizes)


def _instructions(code: bytes) -> list[tuple[int, int]]:
    """Place and length of each."""
    found, at = [], 0
    while at < len(code):
        length = 2 + code[at] - PUSH1 if PUSH1 <= code[at] <= PUSH32 else 1
        found.append((at, min(length, len(code) - at)))  # the tables at the end are no code
        at += length
    return found


def _function(node: Any) -> str:
    """The name of the function or the public variable that an instruction was made for."""
    for kind in (vy_ast.FunctionDef, vy_ast.VariableDecl):
        around = node if isinstance(node, kind) else node.get_ancestor(kind)
        if around is not None:
            return str(around.name if kind is vy_ast.FunctionDef else around.target.id)
    return ""
