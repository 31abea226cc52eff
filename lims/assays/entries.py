"""Reading what a person typed: exactly as documented, or refused with what to enter; no guess."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from lims.assays.assay import BadEntry, BadParameter, Check, CheckState, Field, FieldKind, Parameter

TOO_MANY, SPREADER, LOST = "TNTC", "SPR", "LA"
COUNT_CODES = (TOO_MANY, SPREADER, LOST)
_COUNT = re.compile(r"\d{1,7}")
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,12})?")
MOMENT_FORMAT = "%Y-%m-%dT%H:%M"
_LONGEST = {FieldKind.LONG_TEXT: 20_000, FieldKind.TEXT: 500}


REMARK = Field(
    "remark",
    "Remark, if anything differed from the method",
    "remark",
    FieldKind.LONG_TEXT,
    required=False,
)


def check_entry(field: Field, text: str) -> str:
    """A typed text in the one form it is kept in.

    Raises:
        BadEntry: what stands there and what was expected.
    """
    text = text.strip()
    if not text:
        raise BadEntry(f"{field.label} is empty; enter {_expected(field)}.")
    if field.kind is FieldKind.COUNT:
        return _count(field, text)
    if field.kind is FieldKind.NUMBER:
        return _decimal(field, text)
    if field.kind is FieldKind.MOMENT:
        return _moment(field, text)
    if field.kind is FieldKind.CHOICE and text not in field.choices:
        raise BadEntry(f"{field.label}: “{text}” is none of {', '.join(field.choices)}.")
    if len(text) > _LONGEST.get(field.kind, 200):
        raise BadEntry(f"{field.label} is longer than {_LONGEST.get(field.kind, 200)} characters.")
    if any(ord(sign) < 32 and sign not in "\n\r\t" for sign in text):  # noqa: PLR2004
        raise BadEntry(f"{field.label} has a control character in it; type it again.")
    return text


def _count(field: Field, text: str) -> str:
    short = {"T": TOO_MANY, "S": SPREADER, "L": LOST, "LOST": LOST}
    code = short.get(text.upper(), text.upper())
    if code in field.codes:
        return code
    if _COUNT.fullmatch(text):
        return str(int(text))
    codes = f" or {', '.join(field.codes)}" if field.codes else ""
    raise BadEntry(
        f"{field.label}: “{text}” is not a count. Enter whole colonies from 0 up, "
        f"in digits only{codes}."
    )


def _decimal(field: Field, text: str) -> str:
    if "," in text:
        raise BadEntry(
            f"{field.label}: “{text}” has a comma. Write the decimal sign as a point, "
            f"for example {text.replace(',', '.')}."
        )
    if not _NUMBER.fullmatch(text):
        raise BadEntry(f"{field.label}: “{text}” is not a number. Enter it in digits, as 10.05.")
    return text


def _moment(field: Field, text: str) -> str:
    try:
        moment = datetime.strptime(text.replace(" ", "T")[:16], MOMENT_FORMAT)  # noqa: DTZ007
    except ValueError as error:
        raise BadEntry(
            f"{field.label}: “{text}” is not a date and time. Enter it as 2026-11-19 13:50."
        ) from error
    return moment.strftime(MOMENT_FORMAT)


def _expected(field: Field) -> str:
    return {
        FieldKind.COUNT: "the colonies counted",
        FieldKind.NUMBER: f"a number{' in ' + field.unit if field.unit else ''}",
        FieldKind.MOMENT: "date and time",
        FieldKind.CHOICE: "one of the choices",
        FieldKind.MATERIAL: "the code on the label",
        FieldKind.EQUIPMENT: "the code on the instrument",
    }.get(field.kind, "a text")


def check_parameter(parameter: Parameter, text: str) -> None:
    if not text.strip():
        raise BadParameter(f"{parameter.label} is empty.")
    if parameter.kind in {FieldKind.NUMBER, FieldKind.COUNT} and not _NUMBER.fullmatch(text):
        hint = f", as {text.replace(',', '.')}" if "," in text else ""
        raise BadParameter(f"{parameter.label}: “{text}” is not a number in digits{hint}.")
    if parameter.choices and text not in parameter.choices:
        raise BadParameter(
            f"{parameter.label}: “{text}” is none of {', '.join(parameter.choices)}."
        )


def missing(fields: Sequence[Field], entries: Mapping[str, str]) -> dict[str, str]:
    """Required fields without an entry, by key."""
    return {
        field.key: f"{field.label} is not recorded yet."
        for field in fields
        if field.required and not entries.get(field.key)
    }


def hours_between(start: str, end: str) -> Decimal:
    """Hours from one moment to another, as entered on one clock."""
    span = datetime.strptime(end, MOMENT_FORMAT) - datetime.strptime(start, MOMENT_FORMAT)  # noqa: DTZ007
    return Decimal(int(span.total_seconds())) / 3600


def incubation_check(
    entries: Mapping[str, str],
    start: str,
    end: str,
    least: str,
    most: str,
    name: str = "Incubation",
) -> Check:
    """Whether an incubation lasted as long as the method says, in hours."""
    if not (entries.get(start) and entries.get(end)):
        return Check(name, CheckState.OPEN, "", f"{least} to {most} h")
    hours = hours_between(entries[start], entries[end])
    inside = Decimal(least) <= hours <= Decimal(most)
    state = CheckState.PASSED if inside else CheckState.FAILED
    return Check(name, state, f"{hours:.1f} h", f"method: {least} to {most} h")


def category_check(entries: Mapping[str, str], key: str, wanted: str, name: str) -> Check:
    """Whether a control came out as the method demands."""
    seen = entries.get(key, "")
    if not seen:
        return Check(name, CheckState.OPEN, "", f"expected: {wanted}")
    state = CheckState.PASSED if seen == wanted else CheckState.FAILED
    return Check(name, state, seen, f"expected: {wanted}")
