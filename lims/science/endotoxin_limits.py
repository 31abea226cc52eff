"""Endotoxin limit of a product and the largest dilution at which it may be tested."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from lims.science.errors import BadInputs


@dataclass(frozen=True, slots=True)
class LimitAndMvd:
    """`limit` in `unit`; `mvd` the largest valid dilution, unrounded."""

    limit: float
    unit: str
    mvd: float


def limit_from_dose(k: Decimal, m: Decimal) -> Fraction:
    """Endotoxin limit K/M.

    Args:
        k: threshold pyrogenic dose, EU/kg/h.
        m: largest dose of product, unit/kg/h.

    Raises:
        BadInputs: not both above zero.

    Source: USP <85>, Calculation of Endotoxins Limit.
    """
    if k <= 0 or m <= 0:
        raise BadInputs("K and M must be above zero.")
    return Fraction(k) / Fraction(m)


def maximum_valid_dilution(
    limit: Fraction, sensitivity: Decimal, concentration: Decimal = Decimal(1)
) -> Fraction:
    """MVD = limit × concentration / λ; concentration 1 when the limit is per mL.

    Args:
        limit: EU per unit of product.
        sensitivity: λ, the lowest standard, EU/mL.
        concentration: units of product per mL of the tested solution.

    Raises:
        BadInputs: a figure not above zero.

    Source: USP <85>, Maximum Valid Dilution.
    """
    if limit <= 0 or sensitivity <= 0 or concentration <= 0:
        raise BadInputs("Limit, concentration and λ must be above zero.")
    return limit * Fraction(concentration) / Fraction(sensitivity)


def endotoxin_limit_and_mvd(
    limit: Fraction, unit: str, sensitivity: Decimal, concentration: Decimal = Decimal(1)
) -> LimitAndMvd:
    """The limit with its unit and the maximum valid dilution, exact until they are shown."""
    return LimitAndMvd(
        float(limit), unit, float(maximum_valid_dilution(limit, sensitivity, concentration))
    )
