"""A check: one line that says what a run has to show, as in

    liquidated_debt_usd > 1e6 and bad_debt_usd < 0.02 * liquidated_debt_usd

Names stand for numbers given later; there are + - * /, comparisons (0 < a < b as well) and `and`.
Nothing else is understood, so a check from a file can't do anything.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

LONGEST = 400  # characters
LARGEST = 1e300
WORDING = "a check compares metrics and numbers, as in 'bad_debt_usd < 0.02 * liquidated_debt_usd'"

Number = float | None  # None: there is nothing to measure
Numbers = Mapping[str, Number]

_SUMS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
}


@dataclass(frozen=True)
class Part:
    """One comparison of a check."""

    text: str
    comparison: ast.Compare

    @property
    def names(self) -> tuple[str, ...]:
        """In their order, each once."""
        found = (n.id for n in ast.walk(self.comparison) if isinstance(n, ast.Name))
        return tuple(dict.fromkeys(found))

    def holds(self, numbers: Numbers) -> bool | None:
        """None: a number in it is missing, or it divides by zero."""
        terms = [self.comparison.left, *self.comparison.comparators]
        values = [_value(term, numbers) for term in terms]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return None
        signs = [_COMPARISONS[type(sign)] for sign in self.comparison.ops]
        return all(sign(a, b) for sign, a, b in zip(signs, known, known[1:], strict=False))


def parse(check: str) -> tuple[Part, ...]:
    """The comparisons of a check; none of an empty one. Raises ValueError saying what is wrong."""
    if not check.strip():
        return ()
    if len(check) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    line = " ".join(check.split())
    try:
        whole = ast.parse(line, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(WORDING) from None
    both = isinstance(whole, ast.BoolOp) and isinstance(whole.op, ast.And)
    parts = whole.values if isinstance(whole, ast.BoolOp) and both else [whole]
    return tuple(_part(line, part) for part in parts)


def _part(line: str, node: ast.expr) -> Part:
    if not isinstance(node, ast.Compare):
        raise ValueError(f"{ast.unparse(node)}: {WORDING}")
    for sign in node.ops:
        if type(sign) not in _COMPARISONS:
            raise ValueError(f"{ast.unparse(node)}: compare with <, <=, >, >= or ==")
    for term in (node.left, *node.comparators):
        _check_term(term)
    return Part(ast.get_source_segment(line, node) or ast.unparse(node), node)


def _check_term(node: ast.expr) -> None:
    if isinstance(node, ast.BinOp) and type(node.op) in _SUMS:
        _check_term(node.left)
        _check_term(node.right)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        _check_term(node.operand)
    elif not isinstance(node, ast.Name) and not _is_number(node):
        raise ValueError(f"{ast.unparse(node)}: {WORDING}")


def _is_number(node: ast.expr) -> bool:
    value = node.value if isinstance(node, ast.Constant) else None
    return type(value) in (int, float) and abs(value) < LARGEST  # type: ignore[arg-type]


def _value(node: ast.expr, numbers: Numbers) -> Number:
    if isinstance(node, ast.Constant):
        return float(node.value)  # type: ignore[arg-type]  # _check_term let numbers pass only
    if isinstance(node, ast.Name):
        return numbers[node.id]
    if isinstance(node, ast.UnaryOp):
        operand = _value(node.operand, numbers)
        return None if operand is None else -operand
    if not isinstance(node, ast.BinOp):
        raise TypeError(f"not a term of a check: {ast.unparse(node)}")
    left, right = _value(node.left, numbers), _value(node.right, numbers)
    if left is None or right is None or (isinstance(node.op, ast.Div) and right == 0):
        return None
    return _SUMS[type(node.op)](left, right)
