"""Rounding, once and last, in decimal arithmetic.

Binary floats turn 97.95 into 97.949…; everything here works on `Decimal` made from the digits
as written. Source: USP General Notices 7.20; FDA BAM chapter 3 for counts.
"""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from enum import StrEnum

from lims.science.errors import BadInputs
from lims.science.trace import operation

# More digits than any instrument gives, so that "unrounded" can be taken at its word.
CONTEXT = Context(prec=34, rounding=ROUND_HALF_UP)

# Logarithms cost by the digit; seventeen are those of a double, and two are reported.
LOG_CONTEXT = Context(prec=17, rounding=ROUND_HALF_UP)

COUNT_FIGURES = 2  # default: counts are reported to two significant figures
LOG10_PLACES = 2  # default: one for MPN-type or semi-quantitative methods
PERCENT_PLACES = 1  # default
P_VALUE_PLACES = 3  # default
CQ_PLACES = 2  # default
ANI_PLACES = 2  # default
SCORE_PLACES = 2  # default


class RoundingRule(StrEnum):
    """How the digit after the last kept one decides."""

    HALF_UP = "half up"
    BAM = "BAM"


class NotRoundable(BadInputs):
    def __init__(self, value: Decimal, what: str) -> None:
        super().__init__(f"{value} cannot be rounded to {what}.")


def exact(value: float | str | Decimal) -> Decimal:
    """The decimal with the digits a person would read: 97.95 stays 97.95."""
    if isinstance(value, Decimal):
        return value
    return Decimal(repr(float(value)) if isinstance(value, float) else value)


@operation("round half up to the given number of decimal places")
def to_places(value: Decimal, places: int) -> Decimal:
    """Half up at a decimal place, looking only at the first digit beyond it.

    Args:
        value: unrounded; a negative value is rounded in magnitude.
        places: decimal places to keep; negative places round to tens, hundreds ...

    Returns:
        The rounded value with exactly that many places; never a negative zero.
    Source: USP General Notices 7.20.
    """
    rounded = _quantized(value, -places, CONTEXT)
    return abs(rounded) if rounded.is_zero() else rounded


@operation("round to the given number of significant figures")
def to_figures(
    value: Decimal, figures: int = COUNT_FIGURES, rule: str = RoundingRule.HALF_UP
) -> Decimal:
    """Significant figures at the value's own exponent.

    The BAM rule looks at one digit only: 6 to 9 up, 1 to 4 down, 5 makes the last kept digit
    even, whatever follows (15 500 and 15 501 give 16 000; 14 500 and 14 501 give 14 000).

    Args:
        value: unrounded.
        figures: how many figures stay, at least 1.
        rule: a `RoundingRule`.
    Source: FDA BAM chapter 3.
    """
    if figures < 1:
        raise NotRoundable(value, f"{figures} significant figures")
    if value.is_zero():
        return Decimal(0)
    last = value.adjusted() - figures + 1
    if RoundingRule(rule) is RoundingRule.HALF_UP:
        return _quantized(value, last, CONTEXT)
    seen = _quantized(value, last - 1, _TRUNCATING)
    return _quantized(seen, last, _HALF_EVEN)


@operation("log10(x)")
def log10(value: Decimal) -> Decimal:
    """The common logarithm to seventeen digits; exact for powers of ten.

    Raises:
        BadInputs: zero and negative values have none.
    """
    if value <= 0:
        raise BadInputs(f"The logarithm of {value} does not exist.")
    return LOG_CONTEXT.log10(value)


def scientific(value: Decimal, figures: int = COUNT_FIGURES) -> str:
    """A rounded value as `2.4e8`: `figures` digits and the exponent, nothing else.

    The value must already be rounded: digits beyond `figures` would be cut silently.
    """
    if value.is_zero():
        return "0"
    exponent = value.adjusted()
    mantissa = to_places(CONTEXT.scaleb(value, -exponent), figures - 1)
    return f"{mantissa:f}e{exponent}"


def times_ten(value: Decimal, figures: int = COUNT_FIGURES) -> str:
    """A rounded value as it is printed: `2.4 × 10^8`."""
    return scientific(value, figures).replace("e", " × 10^")


def plain_text(value: Decimal) -> str:
    """All digits, no exponent: `24000`, `0.03`."""
    return f"{value:f}"


_TRUNCATING = Context(prec=34, rounding="ROUND_DOWN")
_HALF_EVEN = Context(prec=34, rounding=ROUND_HALF_EVEN)


def _quantized(value: Decimal, exponent: int, context: Context) -> Decimal:
    try:
        return value.quantize(Decimal(1).scaleb(exponent), context=context)
    except ArithmeticError as error:
        raise NotRoundable(value, f"10^{exponent}") from error
