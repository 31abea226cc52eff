"""A criterion from the fields of its form, and the fields of a form from a criterion."""

from collections.abc import Callable, Mapping

from lims.foundation.errors import RuleBroken
from lims.pages.catalogue.forms import LineForm
from lims.science import criteria_data
from lims.science.acceptance import Criterion
from lims.science.errors import ScienceError

# The field of the form that stands nearest to what a form of criterion can get wrong.
_FIRST = {"bounds": "lower", "power_of_ten": "exponent", "absence": "required", "one_of": "allowed"}


def criterion_of(form: LineForm) -> Criterion:
    """The criterion a person described.

    Raises:
        RuleBroken: a limit cannot be read or contradicts another; the words stand at its field.
    """
    chosen = form.form.data or ""
    try:
        return criteria_data.from_data({"form": chosen, **_READ[chosen](form)})
    except ScienceError as refusal:
        raise RuleBroken(str(refusal), **{_FIRST.get(chosen, "form"): str(refusal)}) from refusal


def fields_of(data: Mapping[str, object]) -> dict[str, object]:
    """What the form shows of a criterion that is kept as data."""
    form = str(data["form"])
    shown: dict[str, object] = {"form": form}
    for name, value in data.items():
        shown[_NAMES.get(form, {}).get(name, name)] = _shown(value)
    return shown


def _shown(value: object) -> object:
    return "\n".join(map(str, value)) if isinstance(value, list) else value


_NAMES = {"power_of_ten": {"unit": "power_unit"}, "absence": {"unit": "absence_unit"}}


def _text(value: str | None) -> str | None:
    """A typed limit as a limit is written: × for a typed x, no blank at the ends."""
    return (value or "").strip() or None


def _bounds(form: LineForm) -> dict[str, object]:
    return {
        "unit": _text(form.unit.data) or "",
        "lower": _text(form.lower.data),
        "upper": _text(form.upper.data),
        "lower_excluded": bool(form.lower_excluded.data),
        "upper_excluded": bool(form.upper_excluded.data),
    }


def _power_of_ten(form: LineForm) -> dict[str, object]:
    told: dict[str, object] = {"unit": _text(form.power_unit.data)}
    told["exponent"] = form.exponent.data
    return told | {"factor": _text(form.factor.data)}


def _absence(form: LineForm) -> dict[str, object]:
    return {"required": _text(form.required.data), "unit": _text(form.absence_unit.data)}


def _one_of(form: LineForm) -> dict[str, object]:
    lines = (form.allowed.data or "").splitlines()
    return {"allowed": [line.strip() for line in lines if line.strip()]}


_READ: Mapping[str, Callable[[LineForm], dict[str, object]]] = {
    "bounds": _bounds,
    "power_of_ten": _power_of_ten,
    "absence": _absence,
    "one_of": _one_of,
    "for_information": lambda _form: {},
}
