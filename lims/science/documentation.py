"""Writes `docs/calculations.md` from docstrings, formulas and worked examples."""

import inspect
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from importlib import import_module
from itertools import groupby
from math import isinf
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from lims import science
from lims.science.catalogue import Calculation, every, family
from lims.science.inputs import Inputs
from lims.science.trace import Operation, watching

_FIGURES = 8  # enough to check by hand; the last digits of a float are the platform's own

_HEAD = """# Calculations

Written by `lims calc --document` from the code; do not edit. Every function is called as
`lims calc FUNCTION` with the inputs as JSON on standard input. Figures of the examples are
shown to eight significant digits; results keep them all.

Values that a compendium or a method sets (countable ranges, thresholds, factors) are parameters
with named defaults: confirm them against the current text before use.
"""


def document() -> str:
    """The whole page, in the order of families."""
    calculations = sorted(every(), key=lambda each: (family(each.name), each.name))
    parts = [_HEAD]
    for name, members in groupby(calculations, key=lambda each: family(each.name)):
        parts.append(f"## {name.replace('_', ' ').capitalize()}\n")
        parts += [_section(each) for each in members]
    parts.append(_LIBRARY)
    parts += [text for name in _modules() if (text := _module(name))]
    return "\n".join(parts).rstrip() + "\n"


_LIBRARY = """## Every function and formula

What the product itself calls, module by module: public functions with their source, and the
operations that a trace names, with their formulas.
"""


def _modules() -> tuple[str, ...]:
    return tuple(sorted(each.name for each in iter_modules(science.__path__) if not each.ispkg))


def _module(name: str) -> str:
    module = import_module(f"{science.__name__}.{name}")
    members = [value for _, value in sorted(vars(module).items())]
    functions = [_function_line(each) for each in members if _is_calculation(each, module)]
    formulas = [
        f"- `{each.name.partition(':')[2]}`: {each.formula}"
        for each in members
        if isinstance(each, Operation) and each.name.partition(":")[0] == name
    ]
    if not functions and not formulas:
        return ""
    title = (inspect.getdoc(module) or "").partition("\n")[0]
    lists = "\n\n".join("\n".join(lines) for lines in (functions, formulas) if lines)
    return f"### `{name}`\n\n{title}\n\n{lists}\n"


def _is_calculation(value: object, module: ModuleType) -> bool:
    public = inspect.isfunction(value) and not value.__name__.startswith("_")
    own = public and getattr(value, "__module__", "") == module.__name__
    text = inspect.getdoc(value) or ""
    return own and ("Source:" in text or "Returns:" in text)


def _function_line(function: Callable[..., object]) -> str:
    text = inspect.getdoc(function) or ""
    first = text.partition("\n")[0]
    source = " ".join(text.partition("Source:")[2].partition("\n\n")[0].split()).rstrip(".")
    return f"- **{function.__name__}**: {first}" + (f" Source: {source}." if source else "")


def _section(calculation: Calculation) -> str:
    with watching() as trace:
        answer = calculation.answer(Inputs(calculation.example))
    formulas = dict.fromkeys(step.formula for step in trace.steps if step.formula)
    parts = [
        f"### {calculation.name}\n",
        _description(calculation),
        _table("Input", calculation.inputs),
        _table("Answer", calculation.units),
    ]
    if formulas:
        parts.append("Formulas:\n\n" + "".join(f"- {formula}\n" for formula in formulas))
    parts += [
        f"Source: {calculation.source}\n",
        f"Example:\n\n```json\n{_json(calculation.example)}\n```\n",
        f"gives\n\n```json\n{_json(answer)}\n```\n",
    ]
    return "\n".join(parts)


def _description(calculation: Calculation) -> str:
    """The docstring without its arguments, which the tables name, and its source."""
    text = inspect.getdoc(calculation.function) or ""
    kept: list[str] = []
    skipping = False
    for line in text.splitlines():
        section = line.rstrip(":") if line.endswith(":") and not line.startswith(" ") else ""
        if section or line.startswith("Source:"):
            skipping = section in {"Args", "Source"} or line.startswith("Source:")
        if not skipping:
            kept.append(f"**{section}.**" if section else line.strip())
    return "\n".join(kept).strip() + "\n"


def _table(title: str, rows: Mapping[str, str]) -> str:
    lines = [f"| {title} | Meaning, unit |", "| --- | --- |"]
    lines += [
        f"| `{key}` | {text.replace('|', chr(92) + '|') or '–'} |" for key, text in rows.items()
    ]
    return "\n".join(lines) + "\n"


def _json(value: object) -> str:
    text = json.dumps(_shown(value), ensure_ascii=False)
    return text if len(text) < 100 else _broken(value)  # noqa: PLR2004 -- the width of a page


def _broken(value: object) -> str:
    if not isinstance(value, Mapping):
        return json.dumps(_shown(value), ensure_ascii=False, indent=1)
    lines = [
        f"  {json.dumps(key)}: {json.dumps(_shown(inner), ensure_ascii=False)}"
        for key, inner in value.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}"


def _shown(value: object) -> Any:
    if isinstance(value, Mapping):
        return {key: _shown(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(inner) for inner in value]
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float | Decimal):
        return "inf" if isinf(value) else _figure(float(value))
    return str(value)


def _figure(value: float) -> float | int:
    rounded = float(f"{value:.{_FIGURES}g}")
    return int(rounded) if rounded == int(rounded) and abs(rounded) < 10**_FIGURES else rounded
