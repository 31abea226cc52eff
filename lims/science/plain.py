"""Values as data: what a trace may hold, and its one canonical text.

A database keeps the text; the same value always gives the same text, so that a digest of it
is a digest of the value. Numbers are written with the fewest digits that read back to the
same number, decimals keep their digits, keys are sorted.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import inf, isfinite, isnan, nan

from lims.science.errors import ScienceError

Plain = str | int | float | bool | Decimal | Sequence["Plain"] | Mapping[str, "Plain"] | None

_SPECIAL = {"inf": inf, "-inf": -inf, "nan": nan}


class NotPlain(ScienceError):
    def __init__(self, value: object) -> None:
        super().__init__(f"A {type(value).__name__} cannot be kept in a trace.")


def encode(value: object) -> object:
    """The value as JSON knows it; `Decimal` and the numbers JSON lacks become tagged objects."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, Mapping):
        return {str(key): encode(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [encode(inner) for inner in value]
    return encode(_unwrapped(value))


def decode(value: object) -> Plain:
    """The inverse of `encode`; lists come back as tuples."""
    if isinstance(value, list):
        return tuple(decode(inner) for inner in value)
    if isinstance(value, dict):
        if value.keys() == {"$decimal"}:
            return Decimal(str(value["$decimal"]))
        if value.keys() == {"$float"}:
            return _SPECIAL[str(value["$float"])]
        return {key: decode(inner) for key, inner in value.items()}
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise NotPlain(value)


def canonical(value: object) -> str:
    """The one text of a value: sorted keys, no spaces, shortest digits."""
    return json.dumps(
        encode(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def _float(value: float) -> object:
    if isfinite(value):
        return float(value)  # numpy's float64 is a float with another repr
    return {"$float": "nan" if isnan(value) else str(float(value))}


def _unwrapped(value: object) -> object:
    # numpy is looked up, not imported: without it loaded, nothing can be an array.
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray | numpy.generic):
        return value.tolist()
    raise NotPlain(value)
