"""Acceptance criteria as JSON-ready data and back, for a specification kept in a database."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from decimal import Decimal

from lims.science.acceptance import (
    COMPENDIAL_FACTOR,
    Absence,
    AllOf,
    BadCriterion,
    Bounds,
    Criterion,
    Equivalence,
    ForInformation,
    OneOf,
    PowerOfTen,
    Stage,
    Staged,
)
from lims.science.inputs import Inputs


def as_data(criterion: Criterion) -> dict[str, object]:
    """The criterion by the name of its form; decimals as text, so that no digit is lost."""
    return {"form": _form(criterion), **_fields(criterion)}


def from_data(data: Mapping[str, object]) -> Criterion:
    """The inverse of `as_data`.

    Raises:
        BadCriterion: the form is unknown, or a field that it does not have is given.
        BadInputs: a field is missing or cannot be.
    """
    inputs = Inputs(data, "criterion")
    form = inputs.text("form")
    if form not in _READERS:
        raise BadCriterion(f"“{form}” is not a form of acceptance criterion.")
    criterion = _READERS[form][1](inputs)
    if unread := inputs.unread():
        raise BadCriterion(f"A {form} criterion has no field {', '.join(unread)}.")
    return criterion


def _form(criterion: Criterion) -> str:
    return next(form for form, (kind, _) in _READERS.items() if type(criterion) is kind)


def _fields(value: Criterion | Stage) -> dict[str, object]:
    return {each.name: _written(getattr(value, each.name)) for each in fields(value)}


def _written(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple):
        return [_written(each) for each in value]
    if isinstance(value, Bounds | Stage):
        return _fields(value)
    return value


def _bounds(inputs: Inputs) -> Bounds:
    return Bounds(
        inputs.text("unit", ""),
        inputs.optional_text("lower"),
        inputs.optional_text("upper"),
        inputs.flag("lower_excluded", default=False),
        inputs.flag("upper_excluded", default=False),
    )


def _power_of_ten(inputs: Inputs) -> PowerOfTen:
    factor = inputs.decimal("factor", str(COMPENDIAL_FACTOR))
    return PowerOfTen(inputs.integer("exponent"), inputs.text("unit"), factor)


def _absence(inputs: Inputs) -> Absence:
    return Absence(inputs.decimal("required"), inputs.text("unit"))


def _one_of(inputs: Inputs) -> OneOf:
    return OneOf(inputs.texts("allowed"))


def _all_of(inputs: Inputs) -> AllOf:
    return AllOf(inputs.texts("members"))


def _equivalence(inputs: Inputs) -> Equivalence:
    return Equivalence(
        inputs.text("lower"),
        inputs.text("upper"),
        inputs.text("unit", ""),
        inputs.flag("whole_interval", default=False),
        inputs.optional_text("max_width_ratio"),
    )


def _staged(inputs: Inputs) -> Staged:
    return Staged(tuple(_stage(row) for row in inputs.rows("stages")))


def _stage(inputs: Inputs) -> Stage:
    return Stage(
        inputs.integer("units"), _inner_bounds(inputs, "mean"), _inner_bounds(inputs, "each")
    )


def _inner_bounds(inputs: Inputs, key: str) -> Bounds | None:
    return _bounds(inputs.child(key)) if inputs.has(key) else None


def _for_information(_inputs: Inputs) -> ForInformation:
    return ForInformation()


_READERS: Mapping[str, tuple[type[Criterion], Callable[[Inputs], Criterion]]] = {
    "bounds": (Bounds, _bounds),
    "power_of_ten": (PowerOfTen, _power_of_ten),
    "absence": (Absence, _absence),
    "one_of": (OneOf, _one_of),
    "all_of": (AllOf, _all_of),
    "equivalence": (Equivalence, _equivalence),
    "staged": (Staged, _staged),
    "for_information": (ForInformation, _for_information),
}
