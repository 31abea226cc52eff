"""Compares an answer with the expected object of a reference case, within its tolerances."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import inf, isnan
from pathlib import Path

from lims.science.catalogue import calculate
from lims.science.errors import BadInputs, ScienceError

_DEFAULT: Mapping[str, object] = {"rel": 1e-6}
_NOT_COMPARED = "published"  # digits as printed by the source: for the reader only


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    function: str
    inputs: object
    expected: Mapping[str, object]
    tolerance: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One place where the answer is not what the case expects."""

    key: str
    expected: object
    got: object

    def __str__(self) -> str:
        return f"{self.key}: expected {self.expected!r}, got {self.got!r}"


def read_cases(path: Path) -> tuple[Case, ...]:
    """The cases of one file.

    Raises:
        BadInputs: the file cannot be read or is not a case file.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
        return tuple(
            Case(
                str(case["id"]),
                str(case["function"]),
                case["inputs"],
                case["expected"],
                case.get("tolerance", {}),
            )
            for case in data["cases"]
        )
    except OSError as error:
        raise BadInputs(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise BadInputs(f"{path} is not JSON ({error}).") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInputs(f"{path} is not a case file: each case needs {_FIELDS}.") from error


_FIELDS = "id, function, inputs and expected, in a list called cases"


def check(case: Case) -> tuple[Mismatch, ...]:
    """Calculate the case and compare; empty when everything agrees.

    Keys the case does not expect are not looked at. A refusal is a mismatch on the whole.
    """
    try:
        answer = calculate(case.function, case.inputs).keys
    except ScienceError as error:
        return (Mismatch("the whole answer", case.expected, str(error)),)
    overall = case.tolerance.get("all_numeric", _DEFAULT)
    return tuple(_compare("", case.expected, answer, case.tolerance, overall))


def _compare(
    key: str, expected: object, got: object, by_key: Mapping[str, object], tolerance: object
) -> Iterator[Mismatch]:
    if isinstance(expected, Mapping):
        yield from _compare_objects(key, expected, got, by_key, tolerance)
    elif isinstance(expected, Sequence) and not isinstance(expected, str):
        yield from _compare_lists(key, expected, got, by_key, tolerance)
    elif not _agree(expected, got, tolerance):
        yield Mismatch(key, expected, got)


def _compare_objects(
    key: str,
    expected: Mapping[str, object],
    got: object,
    by_key: Mapping[str, object],
    tolerance: object,
) -> Iterator[Mismatch]:
    if not isinstance(got, Mapping):
        yield Mismatch(key, expected, got)
        return
    for name, value in expected.items():
        if name == _NOT_COMPARED:
            continue
        path = f"{key}.{name}" if key else name
        if name not in got:
            yield Mismatch(path, value, "nothing")
        else:
            yield from _compare(path, value, got[name], by_key, by_key.get(name, tolerance))


def _compare_lists(
    key: str,
    expected: Sequence[object],
    got: object,
    by_key: Mapping[str, object],
    tolerance: object,
) -> Iterator[Mismatch]:
    if isinstance(got, str) or not isinstance(got, Sequence) or len(got) != len(expected):
        yield Mismatch(key, expected, got)
        return
    for at, (left, right) in enumerate(zip(expected, got, strict=True)):
        yield from _compare(f"{key}[{at}]", left, right, by_key, tolerance)


def _agree(expected: object, got: object, tolerance: object) -> bool:
    left, right = _as_number(expected), _as_number(got)
    if left is None or right is None:
        return type(expected) is type(got) and expected == got
    if left == right:
        return True
    if not isinstance(tolerance, Mapping) or isnan(left) or isnan(right) or inf in (left, right):
        return False
    allowed = max(float(tolerance.get("abs", 0)), float(tolerance.get("rel", 0)) * abs(left))
    return abs(right - left) <= allowed


def _as_number(value: object) -> float | None:
    if value == "inf":
        return inf
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return float(value)
