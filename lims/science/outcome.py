"""What a calculation returns: a value that knows its qualifier, unit, interval and origin."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from lims.science import trace
from lims.science.plain import Plain, canonical, decode, encode
from lims.science.trace import Difference, Step, recompute

Value = float | int | Decimal | str | bool | None


class Qualifier(StrEnum):
    """How the value stands to the truth: exact, a bound, or estimated outside the range."""

    EQUAL = "="
    LESS = "<"
    GREATER = ">"
    AT_MOST = "≤"
    AT_LEAST = "≥"
    ESTIMATED = "~"


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval in the unit of its outcome.

    `kind` names the construction ("exact Poisson", "profile likelihood", "Fieller" ...);
    an open side is `None`.
    """

    lower: float | None
    upper: float | None
    confidence: float
    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """A result with everything needed to show, judge and recompute it.

    Attributes:
        value: unrounded; `None` when the method gives no value.
        qualifier: `<` and `>` make the value a bound (censored result).
        unit: part of the identity of the value.
        interval: confidence interval, where the method defines one.
        invalid: sentences saying why there is no valid result; empty when valid. The
            arithmetic may still have given a number: it is then only for information.
        warnings: sentences a reviewer must read; the result stands.
        trace: the steps, in order; empty when tracing was off.
        details: further answers by name, plain data.
    """

    value: Value
    qualifier: Qualifier = Qualifier.EQUAL
    unit: str = ""
    interval: Interval | None = None
    invalid: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    trace: tuple[Step, ...] = ()
    details: Mapping[str, object] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Outcome) and self.canonical() == other.canonical()

    __hash__ = None  # type: ignore[assignment]  # details is a mapping

    @property
    def valid(self) -> bool:
        return not self.invalid

    def as_data(self) -> dict[str, object]:
        """JSON-ready: only dictionaries, lists, text, numbers, booleans and null."""
        return {
            "value": encode(self.value),
            "qualifier": self.qualifier.value,
            "unit": self.unit,
            "interval": None if self.interval is None else _interval_data(self.interval),
            "invalid": list(self.invalid),
            "warnings": list(self.warnings),
            "trace": trace.as_data(self.trace),
            "details": encode(self.details),
        }

    def canonical(self) -> str:
        """The one text of this outcome, to keep and to digest."""
        return canonical(self.as_data())

    def recompute(self) -> tuple[Difference, ...]:
        """Steps of the trace that no longer give what they recorded; empty when all do."""
        return recompute(self.trace)

    @classmethod
    def from_canonical(cls, text: str) -> "Outcome":
        return cls.from_data(json.loads(text))

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> "Outcome":
        """The inverse of `as_data`."""
        return cls(
            value=_value(data["value"]),
            qualifier=Qualifier(str(data["qualifier"])),
            unit=str(data["unit"]),
            interval=_interval(data["interval"]),
            invalid=_sentences(data["invalid"]),
            warnings=_sentences(data["warnings"]),
            trace=trace.from_data([_mapping(step) for step in _list(data["trace"])]),
            details=_mapping(decode(data["details"])),
        )


def _interval_data(interval: Interval) -> dict[str, object]:
    return {
        "lower": encode(interval.lower),
        "upper": encode(interval.upper),
        "confidence": interval.confidence,
        "kind": interval.kind,
    }


def _interval(data: object) -> Interval | None:
    if data is None:
        return None
    kept = _mapping(data)
    confidence = decode(kept["confidence"])
    assert isinstance(confidence, float)  # noqa: S101 -- as_data wrote it
    return Interval(
        _bound(decode(kept["lower"])), _bound(decode(kept["upper"])), confidence, str(kept["kind"])
    )


def _bound(value: Plain) -> float | None:
    assert value is None or isinstance(value, int | float)  # noqa: S101 -- as_data wrote it
    return value


def _value(data: object) -> Value:
    value = decode(data)
    assert value is None or isinstance(value, str | bool | int | float | Decimal)  # noqa: S101
    return value


def _sentences(data: object) -> tuple[str, ...]:
    return tuple(str(text) for text in _list(data))


def _list(data: object) -> list[object]:
    assert isinstance(data, list)  # noqa: S101 -- as_data wrote it
    return data


def _mapping(data: object) -> Mapping[str, object]:
    assert isinstance(data, Mapping)  # noqa: S101 -- as_data wrote it
    return data
