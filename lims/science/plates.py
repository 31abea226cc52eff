"""Plates as they are read, and the named rules that say which of them count."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from lims.science.errors import BadInputs
from lims.science.rounding import CONTEXT, plain_text
from lims.science.trace import operation


class Code(StrEnum):
    """What is written instead of a count."""

    TNTC = "TNTC"  # too numerous to count
    SPREADER = "SPR"
    ACCIDENT = "LA"  # laboratory accident, contaminated


@dataclass(frozen=True, slots=True)
class Plate:
    """One plate.

    Attributes:
        dilution: total dilution as a fraction, such as 1e-6; above 0.
        volume_ml: plated volume, mL; above 0.
        reading: the count, or a code.
    """

    dilution: Decimal
    volume_ml: Decimal
    reading: int | Code

    def __post_init__(self) -> None:
        if not (self.dilution > 0 and self.volume_ml > 0):
            raise BadInputs(
                f"Dilution and volume must be above zero, not {self.dilution} and {self.volume_ml}."
            )
        if not isinstance(self.reading, Code) and self.reading < 0:
            raise BadInputs(f"A count cannot be negative, but is {self.reading}.")

    @property
    def count(self) -> int | None:
        """The colonies; `None` for a code."""
        return None if isinstance(self.reading, Code) else self.reading

    @property
    def amount(self) -> Decimal:
        """Undiluted sample on the plate, mL at the zero dilution."""
        return CONTEXT.multiply(self.dilution, self.volume_ml)

    def __str__(self) -> str:
        return f"{self.reading} at {self.dilution:E} ({plain_text(self.volume_ml)} mL)"


class Method(StrEnum):
    BAM = "BAM"
    ISO = "ISO 7218"
    USP = "USP <61>"


@dataclass(frozen=True, slots=True)
class Profile:
    """Which plates count; `minimum` and `maximum` colonies bound the countable range.

    The figures are defaults of the named texts: confirm them against the current text and
    set your own with `dataclasses.replace`.

    Attributes:
        successive: with ISO, how many successive dilutions are used.
        present_below: with ISO, fewer colonies in total are "present" only.
        review_p: linearity or dispersion tests with a smaller p ask for review.
    """

    method: Method
    minimum: int
    maximum: int
    successive: int = 2
    present_below: int = 4
    review_p: float = 0.01

    def __post_init__(self) -> None:
        if not 0 <= self.minimum <= self.maximum:
            raise BadInputs(f"The range {self.minimum} to {self.maximum} is not a countable range.")


BAM = Profile(Method.BAM, 25, 250)
ISO_7218 = Profile(Method.ISO, 10, 300)
USP_BACTERIA = Profile(Method.USP, 0, 250)
USP_FUNGI = Profile(Method.USP, 0, 50)


@operation("m = Σ d × V × c")
def total_amount(
    dilutions: Sequence[Decimal], volumes_ml: Sequence[Decimal], per_ml: Decimal
) -> Decimal:
    """Sample on the plates, in units of sample.

    `per_ml` is c, sample per mL at the zero dilution: 0.1 g/mL for 1 g in 10 mL total, and 1
    when the first tenfold step is already part of the dilutions. It is applied once.
    """
    terms = (CONTEXT.multiply(d, v) for d, v in zip(dilutions, volumes_ml, strict=True))
    return CONTEXT.multiply(sum(terms, Decimal(0)), per_ml)


@operation("c = weighed mass / suspension volume")
def sample_per_ml(mass_g: Decimal, volume_ml: Decimal) -> Decimal:
    """Sample in each mL of the primary suspension, g/mL: the c of `total_amount`."""
    if mass_g <= 0 or volume_ml <= 0:
        raise BadInputs(f"Mass and volume must be above zero, not {mass_g} g and {volume_ml} mL.")
    return CONTEXT.divide(mass_g, volume_ml)


@operation("S = ΣC")
def total_count(counts: Sequence[int]) -> int:
    return sum(counts)


@operation("N = S / m")
def density(count: int, amount: Decimal) -> Decimal:
    """Colonies per unit of sample: the Poisson maximum likelihood over the accepted plates."""
    return CONTEXT.divide(Decimal(count), amount)
