"""Fields that say what to enter, and their values once a form is valid."""

from typing import TypeVar

from wtforms import DateField, DecimalField

T = TypeVar("T")


def entered(value: T | None) -> T:
    """A field that its validators demand is there once the form is valid."""
    if value is None:
        sentence = "a required field is empty although its form was validated"
        raise AssertionError(sentence)
    return value


class Day(DateField):
    """A calendar day; a text that is none is answered with how to write one."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            text = " ".join(valuelist)
            raise ValueError(f"“{text}” is not a date; enter it as 2026-11-22.") from error


class Number(DecimalField):
    """A decimal number; a comma or a word is answered with how to write it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            text = " ".join(valuelist)
            hint = f", as {text.replace(',', '.')}" if "," in text else ""
            sentence = f"“{text}” is not a number; write it in digits with a point{hint}."
            raise ValueError(sentence) from error
