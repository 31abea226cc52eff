"""Mutation testing of rounding, criteria, plate counts and lysis.

    python tests/long/mutate_science.py [--report FILE] [MODULE ...]

Changes one operator, number, comparison or condition at a time and runs the tests of that module;
a mutant that no test notices survives. Exit status 1 when less than the wanted share dies.

Each mutant runs in a forked child that already has numpy, scipy and pytest loaded, and gets the
changed module from an import hook: no file is touched.
"""

import argparse
import ast
import copy
import importlib.abc
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import hypothesis.strategies
import numpy as np
import pytest
import scipy.integrate
import scipy.optimize
import scipy.special

# Loaded once, before forking, so that no child pays for it; never `lims.science` itself.
_PRELOADED = (np, scipy)

ROOT = Path(__file__).parents[2]
WANTED = 0.90
TIMEOUT_S = 60

_ROUNDING = ("test_rounding.py",)
_CRITERIA = ("test_criteria.py", "test_rounding.py")
_COUNTS = ("test_plate_count.py",)
_UNCERTAINTY = ("test_count_uncertainty.py",)
_LYSIS = ("test_lysis.py",)

TESTS: dict[str, tuple[str, ...]] = {
    "rounding": _ROUNDING,
    "limits": _ROUNDING,
    "acceptance": _CRITERIA,
    "criteria": _CRITERIA,
    "criteria_data": _CRITERIA,
    "plates": _COUNTS,
    "plate_choice": _COUNTS,
    "plate_count": _COUNTS,
    "preparations": ("test_preparations.py",),
    "count_uncertainty": _UNCERTAINTY,
    "tntc": _UNCERTAINTY,
    "lysis_curves": _LYSIS,
    "lysis": _LYSIS,
    "lysis_plate": _LYSIS,
}


@dataclass(frozen=True)
class Mutant:
    module: str
    line: int
    change: str
    tree: ast.Module


# --- making mutants --------------------------------------------------------------------------

_COMPARE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_BINARY: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.Mod: ast.Mult,
}
_NAMES = {"max": "min", "min": "max", "any": "all", "all": "any"}


def mutants(module: str) -> Iterator[Mutant]:
    source = (ROOT / "lims" / "science" / f"{module}.py").read_text(encoding="utf-8")
    tree = ast.parse(source)
    skipped = {id(node) for node in _not_arithmetic(tree)}
    nodes = [node for node in ast.walk(tree) if hasattr(node, "lineno")]
    for number, node in enumerate(nodes):
        if id(node) in skipped:
            continue
        for change, apply in _changes(node):
            mutated = copy.deepcopy(tree)
            twins = [each for each in ast.walk(mutated) if hasattr(each, "lineno")]
            apply(twins[number])
            ast.fix_missing_locations(mutated)
            yield Mutant(module, node.lineno, change, mutated)


def _not_arithmetic(tree: ast.Module) -> Iterator[ast.AST]:
    """Annotations, decorators and assertions: changing them changes no answer."""
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        if isinstance(node, ast.FunctionDef):
            parts = [node.returns, *node.decorator_list, *(a.annotation for a in _arguments(node))]
        elif isinstance(node, ast.ClassDef):
            parts = list(node.decorator_list)
        elif isinstance(node, ast.AnnAssign):
            parts = [node.annotation]
        elif isinstance(node, ast.Assert):
            parts = [node]
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp | ast.Subscript):
            parts = [node.value] if _is_type_alias(node) else []
        for part in parts:
            if part is not None:
                yield from ast.walk(part)


def _arguments(node: ast.FunctionDef) -> list[ast.arg]:
    return [*node.args.args, *node.args.kwonlyargs, *node.args.posonlyargs]


def _is_type_alias(node: ast.Assign) -> bool:
    names = [target.id for target in node.targets if isinstance(target, ast.Name)]
    return bool(names) and all(name[0].isupper() and not name.isupper() for name in names)


Change = tuple[str, Callable[[ast.AST], None]]


def _changes(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.Compare):
        yield from _compare_changes(node)
    elif isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        new = _BINARY[type(node.op)]
        yield f"{type(node.op).__name__} to {new.__name__}", _setter("op", new())
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield f"{type(node.op).__name__} to {type(other).__name__}", _setter("op", other)
    elif isinstance(node, ast.Constant):
        yield from _constant_changes(node)
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        yield "condition turned round", _negate
    elif isinstance(node, ast.UnaryOp):
        yield from _unary_changes(node)
    elif isinstance(node, ast.Name) and node.id in _NAMES:
        yield f"{node.id} to {_NAMES[node.id]}", _setter("id", _NAMES[node.id])
    elif isinstance(node, ast.Break):
        yield "break to continue", _break_to_continue


def _compare_changes(node: ast.Compare) -> Iterator[Change]:
    for at, op in enumerate(node.ops):
        for new in _COMPARE[type(op)]:
            yield f"{type(op).__name__} to {new.__name__}", _compare_setter(at, new())


def _constant_changes(node: ast.Constant) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool):
        yield f"{value} to {not value}", _setter("value", not value)
    elif isinstance(value, int):
        yield f"{value} to {value + 1}", _setter("value", value + 1)
    elif isinstance(value, float):
        yield f"{value} to {value * 2 + 1}", _setter("value", value * 2 + 1)


def _unary_changes(node: ast.UnaryOp) -> Iterator[Change]:
    if isinstance(node.op, ast.USub):
        yield "minus dropped", _setter("op", ast.UAdd())
    elif isinstance(node.op, ast.Not):
        yield "not dropped", _drop_not


def _setter(name: str, value: object) -> Callable[[ast.AST], None]:
    return lambda node: setattr(node, name, value)


def _compare_setter(at: int, op: ast.cmpop) -> Callable[[ast.AST], None]:
    def apply(node: ast.AST) -> None:
        assert isinstance(node, ast.Compare)
        node.ops[at] = op

    return apply


def _negate(node: ast.AST) -> None:
    assert isinstance(node, ast.If | ast.IfExp | ast.While)
    node.test = ast.UnaryOp(ast.Not(), node.test)


def _drop_not(node: ast.AST) -> None:
    assert isinstance(node, ast.UnaryOp)
    node.operand = ast.UnaryOp(ast.Not(), node.operand)


def _break_to_continue(node: ast.AST) -> None:
    node.__class__ = ast.Continue


# --- running them ----------------------------------------------------------------------------


class _Hook(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the mutated module to whoever imports it."""

    def __init__(self, mutant: Mutant) -> None:
        self._name, self._mutant = f"lims.science.{mutant.module}", mutant

    def find_spec(self, fullname, _path, _target=None):
        if fullname != self._name:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=fullname)

    def exec_module(self, module) -> None:
        # Code of our own, changed by us in memory: that is what a mutation test does.
        exec(compile(self._mutant.tree, self._name, "exec"), module.__dict__)  # noqa: S102


def survives(mutant: Mutant | None, tests: tuple[str, ...]) -> bool:
    """Whether the tests pass although the mutant is in place."""
    child = os.fork()
    if child == 0:
        os._exit(_run_tests(mutant, tests))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def _run_tests(mutant: Mutant | None, tests: tuple[str, ...]) -> int:
    signal.alarm(TIMEOUT_S)  # a mutant that loops for ever is noticed
    hypothesis.settings.register_profile(
        "mutants", max_examples=25, database=None, derandomize=True, deadline=None
    )
    hypothesis.settings.load_profile("mutants")
    if mutant is not None:
        sys.meta_path.insert(0, _Hook(mutant))
    paths = [str(ROOT / "tests" / "science" / name) for name in tests]
    arguments = [
        "-x",
        "-q",
        "--noconftest",
        "--assert=plain",
        "--no-header",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(ROOT),
    ]
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    try:
        return int(pytest.main([*arguments, *paths]))
    except BaseException:  # noqa: BLE001 -- whatever a mutant does, it has been noticed
        return 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=list(TESTS), metavar="MODULE")
    parser.add_argument("--together", action="store_true", help="judge the modules as one")
    parser.add_argument("--report", type=Path, help="write the table and the survivors here")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    assert not any(name.startswith("lims.") for name in sys.modules)
    rows: list[tuple[str, int, int]] = []
    alive: list[Mutant] = []
    for module in options.modules:
        killed, survivors = _mutate(module)
        rows.append((module, killed, killed + len(survivors)))
        alive += survivors
    text = _table(rows, alive)
    sys.stdout.write(text + "\n")
    if options.report is not None:
        options.report.write_text(text + "\n", encoding="utf-8")
    if options.together:
        rows = [("all", sum(row[1] for row in rows), sum(row[2] for row in rows))]
    return 0 if all(killed >= WANTED * made for _, killed, made in rows) else 1


def _mutate(module: str) -> tuple[int, list[Mutant]]:
    tests = tuple(t for t in TESTS[module] if (ROOT / "tests" / "science" / t).exists())
    if not survives(None, tests):
        raise SystemExit(f"The tests of {module} fail without any mutant.")
    started, killed, alive = time.monotonic(), 0, []
    for mutant in mutants(module):
        if survives(mutant, tests):
            alive.append(mutant)
            sys.stderr.write(f"{mutant.module}.py, line {mutant.line}: {mutant.change}\n")
            sys.stderr.flush()
        else:
            killed += 1
    took = time.monotonic() - started
    share = f"{killed} of {killed + len(alive)}"
    sys.stderr.write(f"{module}: {share} in {took:.0f} s\n")
    return killed, alive


def _table(rows: list[tuple[str, int, int]], alive: list[Mutant]) -> str:
    lines = ["| module | mutants | killed | share |", "| --- | ---: | ---: | ---: |"]
    for module, killed, made in rows:
        lines.append(f"| {module} | {made} | {killed} | {100 * killed / made:.1f} % |")
    made, killed = sum(row[2] for row in rows), sum(row[1] for row in rows)
    lines.append(f"| all | {made} | {killed} | {100 * killed / made:.1f} % |")
    lines += ["", "Survivors:", ""]
    lines += [f"- {m.module}.py, line {m.line}: {m.change}" for m in alive]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
