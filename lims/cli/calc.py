"""`lims calc`: the science from the command line, for a laboratory's validator."""

import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from math import isinf, isnan
from pathlib import Path

import click

from lims.science import catalogue, checking, documentation
from lims.science.errors import BadInputs, ScienceError

_REFUSED = 3


@click.command(name="calc")
@click.argument("function", required=False)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--list", "listing", is_flag=True, help="Name every function, its inputs and source.")
@click.option("--json", "as_json", is_flag=True, help="With --list: as JSON.")
@click.option("--document", "documenting", is_flag=True, help="Print the page of calculations.")
@click.option("--check", is_flag=True, help="Run case FILES and print what differs.")
def command(
    *,
    function: str | None,
    files: tuple[Path, ...],
    listing: bool,
    as_json: bool,
    check: bool,
    documenting: bool,
) -> None:
    """Calculate FUNCTION from the `inputs` object on standard input.

    Prints the object of its answers as JSON. Exit status: 0 calculated or nothing differs,
    1 a checked case differs, 2 wrong usage, 3 refused with a sentence.
    """
    try:
        if check:
            _check(_files(function, files))
        elif documenting:
            click.echo(documentation.document(), nl=False)
        elif listing:
            _list(as_json=as_json)
        else:
            _calculate(_one(function, files))
    except ScienceError as error:
        click.echo(str(error), err=True)
        sys.exit(_REFUSED)


def _files(function: str | None, files: tuple[Path, ...]) -> tuple[Path, ...]:
    if function is None:
        raise click.UsageError("--check needs at least one case file.")
    return (Path(function), *files)


def _one(function: str | None, files: tuple[Path, ...]) -> str:
    if function is None or files:
        raise click.UsageError("Name one function, or use --list or --check.")
    return function


def _calculate(name: str) -> None:
    catalogue.family(name)
    answer = catalogue.calculate(name, _standard_input())
    for key in answer.unread:
        click.echo(f"Warning: {key} was not used.", err=True)
    click.echo(json.dumps(_shown(answer.keys), ensure_ascii=False, allow_nan=False))


def _standard_input() -> object:
    try:
        return json.loads(sys.stdin.buffer.read().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadInputs("Standard input is not UTF-8 text.") from error
    except json.JSONDecodeError as error:
        raise BadInputs(
            f"Standard input is not JSON: {error.msg} (line {error.lineno})."
        ) from error
    except (ValueError, RecursionError) as error:
        raise BadInputs("Standard input is JSON beyond what can be read.") from error


def _shown(value: object) -> object:
    """As JSON: infinity is the text "inf" as in the case files."""
    if isinstance(value, Mapping):
        return {key: _shown(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(inner) for inner in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float):
        return _shown_float(float(value))
    return value


def _shown_float(value: float) -> object:
    if isnan(value):
        return None
    if isinf(value):
        return "inf" if value > 0 else "-inf"
    return value


def _list(*, as_json: bool) -> None:
    entries = [_entry(each) for each in catalogue.every()]
    if as_json:
        click.echo(json.dumps(entries, ensure_ascii=False, indent=1))
        return
    for entry in entries:
        click.echo(_paragraph(entry))


def _entry(calculation: catalogue.Calculation) -> dict[str, object]:
    return {
        "name": calculation.name,
        "family": catalogue.family(calculation.name),
        "inputs": dict(calculation.inputs),
        "units": dict(calculation.units),
        "source": calculation.source,
    }


def _paragraph(entry: Mapping[str, object]) -> str:
    lines = [f"{entry['name']}  ({entry['family']})"]
    for title in ("inputs", "units"):
        keys = entry[title]
        assert isinstance(keys, dict)  # noqa: S101 -- _entry wrote it
        word = "in " if title == "inputs" else "out"
        lines += [f"  {word} {key}: {text or '-'}" for key, text in keys.items()]
    return "\n".join([*lines, f"  source: {entry['source']}", ""])


def _check(paths: tuple[Path, ...]) -> None:
    passed = differing = 0
    for path in paths:
        for case in checking.read_cases(path):
            found = checking.check(case)
            for mismatch in found:
                click.echo(f"{path.name}: {case.id} ({case.function}): {mismatch}")
            passed, differing = passed + (not found), differing + bool(found)
    click.echo(f"{passed} of {passed + differing} cases agree.")
    if differing:
        sys.exit(1)
