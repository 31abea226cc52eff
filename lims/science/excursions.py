"""Excursions of a logger record from its label range, and the budget they draw on."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, pairwise

from lims.science.errors import BadInputs
from lims.science.outcome import Outcome
from lims.science.trace import operation, tracing


class Budget(StrEnum):
    ACCEPTABLE = "acceptable"
    REMAINING = "acceptable with remaining budget"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class LabelRange:
    """What the label allows.

    Attributes:
        low: °C, inclusive.
        high: °C, inclusive.
        grace_h: excursions up to this long are recorded but do not count; hours.
        freeze_c: at or below this is a freeze event; `None` for frozen products.
    """

    low: float
    high: float
    grace_h: float = 0.25
    freeze_c: float | None = 0.0


REFRIGERATED = LabelRange(2.0, 8.0)


@dataclass(frozen=True, slots=True)
class Excursion:
    """A contiguous time outside the range.

    Attributes:
        start_h: hours of the record at its first reading outside.
        end_h: hours at the first reading inside again (or the last of the record).
        above: warm side.
        peak_c: the farthest reading.
        degree_hours: Σ of degrees beyond the limit × hours.
        freeze: a reading at or below the freeze limit.
        counts: longer than the grace, or a freeze.
    """

    start_h: float
    end_h: float
    above: bool
    peak_c: float
    degree_hours: float
    freeze: bool
    counts: bool

    @property
    def hours(self) -> float:
        return self.end_h - self.start_h


def find_excursions(
    hours: Sequence[float], temperatures: Sequence[float], label: LabelRange = REFRIGERATED
) -> tuple[Excursion, ...]:
    """Excursions in the order of time; a reading holds until the next one.

    Args:
        hours: time of each reading in hours, strictly increasing.
        temperatures: °C at each.
        label: allowed range, grace and freeze limit.

    Raises:
        BadInputs: fewer than two readings, lengths that differ, or time that does not increase.
    """
    _check(hours, temperatures)
    sides = [_side(temperature, label) for temperature in temperatures]
    runs = [(side, [at for at, _ in group]) for side, group in groupby(enumerate(sides), _second)]
    return tuple(
        _excursion(run, side > 0, hours, temperatures, label) for side, run in runs if side
    )


def _second(pair: tuple[int, int]) -> int:
    return pair[1]


def _check(hours: Sequence[float], temperatures: Sequence[float]) -> None:
    if len(hours) != len(temperatures) or len(hours) < 2:  # noqa: PLR2004
        raise BadInputs("A record needs two readings or more, each with a time and a temperature.")
    if any(after <= before for before, after in pairwise(hours)):
        raise BadInputs("The times of a record must increase from reading to reading.")


def _side(temperature: float, label: LabelRange) -> int:
    return (temperature > label.high) - (temperature < label.low)


def _excursion(
    run: Sequence[int],
    above: bool,  # noqa: FBT001
    hours: Sequence[float],
    temperatures: Sequence[float],
    label: LabelRange,
) -> Excursion:
    last = min(run[-1] + 1, len(hours) - 1)
    beyond = [
        temperatures[at] - label.high if above else label.low - temperatures[at] for at in run
    ]
    spans = [hours[min(at + 1, last)] - hours[at] for at in run]
    readings = [temperatures[at] for at in run]
    freeze = label.freeze_c is not None and min(readings) <= label.freeze_c
    return Excursion(
        start_h=hours[run[0]],
        end_h=hours[last],
        above=above,
        peak_c=max(readings) if above else min(readings),
        degree_hours=sum(far * span for far, span in zip(beyond, spans, strict=True)),
        freeze=freeze,
        counts=freeze or hours[last] - hours[run[0]] > label.grace_h,
    )


def find_gaps(hours: Sequence[float], interval_h: float) -> tuple[tuple[float, float], ...]:
    """Start and end of each stretch longer than two logging intervals, in hours."""
    return tuple(
        (before, after) for before, after in pairwise(hours) if after - before > 2 * interval_h
    )


@dataclass(frozen=True, slots=True)
class Allowance:
    """Hours that stability data allow between two temperatures, over the life of a lot."""

    low: float
    high: float
    hours: float


@operation("hours with low < T ≤ high, each reading holding until the next")
def hours_between(
    *, hours: Sequence[float], temperatures: Sequence[float], low: float, high: float
) -> float:
    return sum(
        after - before
        for (before, after), temperature in zip(pairwise(hours), temperatures, strict=False)
        if low < temperature <= high
    )


def judge_budget(
    hours: Sequence[float],
    temperatures: Sequence[float],
    allowances: Sequence[Allowance],
    *,
    label: LabelRange = REFRIGERATED,
    already_used: Sequence[float] | None = None,
    trace: bool = True,
) -> Outcome:
    """Whether a record's warm excursions stay within the lot's allowance.

    Time above the label range is booked on the allowance whose band holds the temperature.
    Time above every band, any counting time below the range, or more hours than are left
    mean *hold*: no allowance covers it, and a person decides.

    Args:
        hours: time of each reading in hours, strictly increasing.
        temperatures: °C at each.
        allowances: bands above the label range with their total hours.
        label: allowed range, grace and freeze limit.
        already_used: hours used before on each allowance, in their order.
        trace: keep the steps.

    Returns:
        A `Budget` word; `details`: used_h, remaining_h (per allowance), unallowed_h, freezes.

    Raises:
        BadInputs: as `find_excursions`, or `already_used` of another length.

    Source: USP <1079>; the allowances are the product's own stability data.
    """
    before = list(already_used or [0.0] * len(allowances))
    if len(before) != len(allowances):
        raise BadInputs("Hours used before are needed for each allowance.")
    found = [one for one in find_excursions(hours, temperatures, label) if one.counts]
    steps = tracing(trace)
    used = [
        steps.step(
            f"{band.low:g} to {band.high:g} °C",
            "h",
            hours_between,
            hours=hours,
            temperatures=temperatures,
            low=max(band.low, label.high),
            high=band.high,
        )
        for band in allowances
    ]
    top = max((band.high for band in allowances), default=label.high)
    beyond = steps.step(
        f"above {top:g} °C",
        "h",
        hours_between,
        hours=hours,
        temperatures=temperatures,
        low=top,
        high=1e9,
    )
    left = [band.hours - old - new for band, old, new in zip(allowances, before, used, strict=True)]
    freezes = sum(one.freeze for one in found)
    return Outcome(
        value=_verdict(found, left, beyond, freezes).value,
        trace=steps.steps,
        details={"used_h": used, "remaining_h": left, "unallowed_h": beyond, "freezes": freezes},
    )


def _verdict(
    found: Sequence[Excursion],
    left: Sequence[float],
    beyond: float,
    freezes: int,
) -> Budget:
    if not found:
        return Budget.ACCEPTABLE
    cold = any(not one.above for one in found)
    if freezes or cold or beyond > 0 or any(hours < 0 for hours in left) or not left:
        return Budget.HOLD
    return Budget.REMAINING
