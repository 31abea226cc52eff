"""Acceptance criteria in every form a specification uses, as data.

A criterion says what is accepted; `lims.science.criteria.judge` applies it, and
`lims.science.criteria_data` carries it through a database. Source: USP General Notices 7.20, USP
<1111>, Ph. Eur. 5.1.4 and 5.1.8, Ph. Eur. 5.3.
"""

from dataclasses import dataclass
from decimal import Decimal

from lims.science.errors import BadInputs
from lims.science.limits import Limit, Side, max_acceptable
from lims.science.rounding import plain_text

COMPENDIAL_FACTOR = Decimal(2)  # default: USP <61>/<1111>, Ph. Eur. 5.1.4


class BadCriterion(BadInputs):
    pass


@dataclass(frozen=True, slots=True)
class Bounds:
    """Upper limit, lower limit or range, inclusive unless the specification says "less than".

    The texts of the limits decide the rounding: "98.0" is not "98". For a range on log10, give
    the unit as log10; a result in another unit is not comparable, never converted.
    """

    unit: str = ""
    lower: str | None = None
    upper: str | None = None
    lower_excluded: bool = False
    upper_excluded: bool = False

    def __post_init__(self) -> None:
        if self.lower is None and self.upper is None:
            raise BadCriterion("A limit needs a lower or an upper bound.")
        values = [Limit(text).value for text in (self.lower, self.upper) if text is not None]
        if values != sorted(values):
            raise BadCriterion(f"The range {self.lower} to {self.upper} is upside down.")

    @property
    def sides(self) -> tuple[tuple[Side, str], ...]:
        """The bounds that exist, lower first, each with its side and its text."""
        found: list[tuple[Side, str]] = []
        if self.lower is not None:
            found.append((Side.MORE if self.lower_excluded else Side.NLT, self.lower))
        if self.upper is not None:
            found.append((Side.LESS if self.upper_excluded else Side.NMT, self.upper))
        return tuple(found)

    def __str__(self) -> str:
        words = {Side.NLT: "NLT", Side.NMT: "NMT", Side.MORE: "more than", Side.LESS: "less than"}
        if self.lower is not None and self.upper is not None and not self._excludes:
            return _with_unit(f"{self.lower} to {self.upper}", self.unit)
        text = " and ".join(f"{words[side]} {limit}" for side, limit in self.sides)
        return _with_unit(text, self.unit)

    @property
    def _excludes(self) -> bool:
        return self.lower_excluded or self.upper_excluded


def band(target: str, within: str, unit: str) -> Bounds:
    """A range around a target, such as within ±0.5 log10 of 10.00 log10 CFU/dose.

    Both texts are decimals; the bounds show the finer of their decimal places.
    """
    centre, half = Limit(target), Limit(within)
    if centre.is_scientific or half.is_scientific or half.value < 0:
        raise BadCriterion("A band needs a plain target and a plain, positive half width.")
    lower, upper = centre.value - half.value, centre.value + half.value
    return Bounds(unit, plain_text(lower), plain_text(upper))


@dataclass(frozen=True, slots=True)
class PowerOfTen:
    """A compendial microbial limit: NMT 10^n, which accepts up to factor × 10^n.

    The factor is part of the criterion: 2 for USP <61>/<1111> and Ph. Eur. 5.1.4, 5 for
    Ph. Eur. 5.1.8, 1 for a manufacturer's own limit written as a plain number.
    """

    exponent: int
    unit: str
    factor: Decimal = COMPENDIAL_FACTOR

    def __post_init__(self) -> None:
        max_acceptable(self.exponent, self.factor)

    @property
    def maximum(self) -> Decimal:
        return max_acceptable(self.exponent, self.factor)

    @property
    def maximum_text(self) -> str:
        shown = self.maximum.normalize()
        return plain_text(shown)

    def __str__(self) -> str:
        limit = _with_unit(f"NMT 10^{self.exponent}", self.unit)
        return f"{limit} (max. acceptable {self.maximum_text})"


@dataclass(frozen=True, slots=True)
class Absence:
    """Not detected in at least the required quantity, such as absent in 10 g."""

    required: Decimal
    unit: str

    def __post_init__(self) -> None:
        if self.required <= 0:
            raise BadCriterion(f"Absence needs a quantity above zero, not {self.required}.")

    def __str__(self) -> str:
        return _with_unit(f"absent in {plain_text(self.required)}", self.unit)


@dataclass(frozen=True, slots=True)
class OneOf:
    """A category out of those allowed, such as "Gram-positive rod"."""

    allowed: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.allowed:
            raise BadCriterion("A category criterion needs at least one allowed category.")

    def __str__(self) -> str:
        return " or ".join(self.allowed)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every member of the set present and no other, such as all strains of a consortium."""

    members: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.members or len(set(self.members)) != len(self.members):
            raise BadCriterion("A set criterion needs at least one member, each named once.")

    def __str__(self) -> str:
        return f"all of {', '.join(self.members)}; no other"


@dataclass(frozen=True, slots=True)
class Equivalence:
    """A relative value inside limits: the point, or the whole confidence interval.

    `max_width_ratio` further limits the width of the interval, upper over lower.
    """

    lower: str
    upper: str
    unit: str = ""
    whole_interval: bool = False
    max_width_ratio: str | None = None

    def __post_init__(self) -> None:
        Bounds(self.unit, self.lower, self.upper)
        if self.max_width_ratio is not None:
            Limit(self.max_width_ratio)

    @property
    def bounds(self) -> Bounds:
        return Bounds(self.unit, self.lower, self.upper)

    def __str__(self) -> str:
        what = "confidence interval within " if self.whole_interval else ""
        width = f"; upper/lower NMT {self.max_width_ratio}" if self.max_width_ratio else ""
        return f"{what}{self.bounds}{width}"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a staged test: `units` more units, judged with those of earlier stages.

    `mean` applies to the mean of all units so far, `each` to every one of them.
    """

    units: int
    mean: Bounds | None = None
    each: Bounds | None = None

    def __post_init__(self) -> None:
        if self.units < 1 or (self.mean is None and self.each is None):
            raise BadCriterion("A stage needs at least one unit and a limit on mean or each.")


@dataclass(frozen=True, slots=True)
class Staged:
    """Stages defined ahead, taken one after the other until one is met; never improvised."""

    stages: tuple[Stage, ...]

    def __post_init__(self) -> None:
        if not self.stages:
            raise BadCriterion("A staged criterion needs at least one stage.")

    def __str__(self) -> str:
        return "; ".join(
            f"S{at}: n = {stage.units}{_stage_text(stage)}"
            for at, stage in enumerate(self.stages, start=1)
        )


@dataclass(frozen=True, slots=True)
class ForInformation:
    """No limit: the result is reported, no verdict is given."""

    def __str__(self) -> str:
        return "report result"


Criterion = Bounds | PowerOfTen | Absence | OneOf | AllOf | Equivalence | Staged | ForInformation


def _stage_text(stage: Stage) -> str:
    mean = f", mean {stage.mean}" if stage.mean is not None else ""
    each = f", each {stage.each}" if stage.each is not None else ""
    return mean + each


def _with_unit(text: str, unit: str) -> str:
    return f"{text} {unit}".rstrip()
