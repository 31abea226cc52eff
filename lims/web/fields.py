"""Values of a form that was validated."""

from typing import TypeVar

T = TypeVar("T")


def entered(value: T | None) -> T:
    """A field that its validators demand is there once the form is valid."""
    if value is None:
        sentence = "a required field is empty although its form was validated"
        raise AssertionError(sentence)
    return value
