"""Formulas as text: arithmetic only, evaluated with their derivatives, never executed as code."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import pi
from typing import TYPE_CHECKING

from lims.science.errors import BadInputs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

MAX_LETTERS = 500


@dataclass(frozen=True, slots=True)
class Dual:
    """A value with its derivative by each parameter; a missing derivative is zero."""

    value: "Array"
    by: Mapping[str, "Array"]


Unary = Callable[["Array"], tuple["Array", "Array"]]


class Formula:
    """A parsed formula of named parameters and one variable.

    Numbers, + − * / ** (or ^), brackets, the constant pi, and exp, log, ln, log10, sqrt, sin,
    cos, tan, arctan. Everything else is refused.
    """

    def __init__(self, text: str, parameters: Sequence[str] = (), variable: str = "x") -> None:
        """Parse.

        Args:
            text: the right-hand side, such as `b1*(1-exp(-b2*x))`.
            parameters: names that are fitted.
            variable: name of the variable.

        Raises:
            BadInputs: too long, not a formula, or with a name or sign that is not allowed.

        """
        self.text = text
        self._parameters = frozenset(parameters)
        self._variable = variable
        self._tree = _parsed(text)
        self._names: set[str] = set()
        _check(self._tree, self._parameters | {variable, "pi"}, text, self._names)

    @property
    def used(self) -> frozenset[str]:
        """Names that occur."""
        return frozenset(self._names)

    def evaluate(self, values: Mapping[str, float], x: Sequence[float]) -> Dual:
        """Value and derivatives at every x; not finite where the formula has no value."""
        import numpy as np  # noqa: PLC0415

        points = np.asarray(x, dtype=float)
        one = np.ones_like(points)
        known = {self._variable: Dual(points, {}), "pi": Dual(pi * one, {})}
        for name, value in values.items():
            known[name] = Dual(value * one, {name: one})
        with np.errstate(all="ignore"):
            return _evaluate(self._tree, known, one)


def arithmetic(text: str) -> float:
    """The value of a plain calculation such as `670*16.7/25`.

    Raises:
        BadInputs: not a calculation with numbers only, or without a finite value.
    """
    from math import isfinite  # noqa: PLC0415

    formula = Formula(text)
    if formula.used - {"pi"}:
        raise BadInputs(f"“{text}” must be a calculation with numbers only.")
    value = float(formula.evaluate({}, [0.0]).value[0])
    if not isfinite(value):
        raise BadInputs(f"“{text}” has no finite value.")
    return value


def _parsed(text: str) -> ast.expr:
    if len(text) > MAX_LETTERS:
        raise BadInputs(f"A formula may have {MAX_LETTERS} letters, not {len(text)}.")
    try:
        return ast.parse(text.strip().replace("^", "**"), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BadInputs(f"“{text}” is not a formula.") from error


def _check(node: ast.expr, names: frozenset[str], text: str, seen: set[str]) -> None:
    match node:
        case ast.Name(id=name) if name in names:
            seen.add(name)
        case ast.UnaryOp(op=ast.UAdd() | ast.USub(), operand=inner):
            _check(inner, names, text, seen)
        case ast.BinOp(
            op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.Pow(), left=one, right=two
        ):
            _check(one, names, text, seen)
            _check(two, names, text, seen)
        case ast.Call(func=ast.Name(id=name), args=[inner], keywords=[]) if name in _FUNCTIONS:
            _check(inner, names, text, seen)
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            pass
        case _:
            raise BadInputs(f"“{ast.unparse(node)}” is not allowed in the formula “{text}”.")


def _evaluate(node: ast.expr, known: Mapping[str, Dual], one: "Array") -> Dual:
    match node:
        case ast.Constant(value=int() | float() as number):
            return Dual(_large(number) * one, {})
        case ast.Name(id=name):
            return known[name]
        case ast.UnaryOp(op=sign, operand=inner):
            found = _evaluate(inner, known, one)
            return found if isinstance(sign, ast.UAdd) else _scaled(found, -one)
        case ast.BinOp(op=sign, left=left, right=right):
            return _combined(sign, _evaluate(left, known, one), _evaluate(right, known, one))
        case ast.Call(func=ast.Name(id=name), args=[inner]):
            found = _evaluate(inner, known, one)
            value, slope = _unary(name)(found.value)
            return Dual(value, {key: slope * part for key, part in found.by.items()})
    raise AssertionError(ast.dump(node))  # _check let nothing else pass


def _large(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return float("inf")


def _scaled(found: Dual, factor: "Array") -> Dual:
    return Dual(factor * found.value, {key: factor * part for key, part in found.by.items()})


def _sum(one: Mapping[str, "Array"], other: Mapping[str, "Array"]) -> dict[str, "Array"]:
    shared = {key: one[key] + other[key] for key in one.keys() & other.keys()}
    return {**one, **other, **shared}


def _combined(sign: ast.operator, one: Dual, other: Dual) -> Dual:
    match sign:
        case ast.Add():
            return Dual(one.value + other.value, _sum(one.by, other.by))
        case ast.Sub():
            return _combined(ast.Add(), one, _scaled(other, 0 * other.value - 1))
        case ast.Mult():
            left, right = _scaled(one, other.value), _scaled(other, one.value)
            return Dual(left.value, _sum(left.by, right.by))
        case ast.Div():
            value, slope = 1 / other.value, -1 / other.value**2
            inverse = Dual(value, {key: slope * part for key, part in other.by.items()})
            return _combined(ast.Mult(), one, inverse)
    return _power(one, other)


def _power(one: Dual, other: Dual) -> Dual:
    import numpy as np  # noqa: PLC0415

    value = np.power(one.value, other.value)
    slope = other.value * np.power(one.value, other.value - 1)
    by = {key: slope * part for key, part in one.by.items()}
    if other.by:
        steep = value * np.log(one.value)
        by = _sum(by, {key: steep * part for key, part in other.by.items()})
    return Dual(value, by)


_FUNCTIONS = ("exp", "log", "ln", "log10", "sqrt", "sin", "cos", "tan", "arctan", "atan")


def _unary(name: str) -> Unary:
    import numpy as np  # noqa: PLC0415

    def tangent(v: "Array") -> tuple["Array", "Array"]:
        return np.tan(v), 1 / np.cos(v) ** 2

    def natural(v: "Array") -> tuple["Array", "Array"]:
        return np.log(v), 1 / v

    def arc(v: "Array") -> tuple["Array", "Array"]:
        return np.arctan(v), 1 / (1 + v**2)

    table: dict[str, Unary] = {
        "exp": lambda v: (np.exp(v), np.exp(v)),
        "log": natural,
        "ln": natural,
        "log10": lambda v: (np.log10(v), 1 / (v * np.log(10.0))),
        "sqrt": lambda v: (np.sqrt(v), 0.5 / np.sqrt(v)),
        "sin": lambda v: (np.sin(v), np.cos(v)),
        "cos": lambda v: (np.cos(v), -np.sin(v)),
        "tan": tangent,
        "arctan": arc,
        "atan": arc,
    }
    return table[name]
