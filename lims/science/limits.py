"""A limit keeps its text: the digits it shows decide how a result is rounded before comparing.

Source: USP General Notices 7.20.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from lims.science.errors import BadInputs
from lims.science.rounding import (
    RoundingRule,
    plain_text,
    scientific,
    to_figures,
    to_places,
)
from lims.science.trace import operation

_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?")
_SCIENTIFIC = re.compile(
    r"(?P<mantissa>\d+(?:\.\d+)?)\s*(?:[eE]|[x×*·]\s*10\s*\^?)\s*(?P<exponent>[+-]?\d+)"
)
_POWER = re.compile(r"10\^(?P<exponent>[+-]?\d+)")
_BLANKS = re.compile(r"\s+")


class NotALimit(BadInputs):
    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(f"“{text}” is not a limit; write it as 98.0, 1.0e9 or 1.0 × 10^9.")


@dataclass(frozen=True)
class Limit:
    """A limit as it is written in the specification; `0.02` shows two decimals, `0.020` three."""

    text: str

    def __post_init__(self) -> None:
        _ = self._parts  # a limit that cannot be read is refused when it is made

    @property
    def value(self) -> Decimal:
        """The limit itself, never rounded."""
        mantissa, exponent = self._parts
        return mantissa if exponent is None else mantissa.scaleb(exponent)

    @property
    def is_scientific(self) -> bool:
        return self._parts[1] is not None

    @property
    def places(self) -> int:
        """Decimals shown (of the mantissa, when the limit is scientific)."""
        exponent = self._parts[0].as_tuple().exponent
        return -int(exponent)

    @property
    def figures(self) -> int:
        """Significant figures of the mantissa: 1.0e9 has two."""
        return self.places + 1 + self._parts[0].adjusted()

    @cached_property
    def _parts(self) -> tuple[Decimal, int | None]:
        text = _BLANKS.sub(" ", self.text).strip()
        if _PLAIN.fullmatch(text):
            return Decimal(text), None
        if power := _POWER.fullmatch(text):
            return Decimal(1), int(power["exponent"])
        written = _SCIENTIFIC.fullmatch(text)
        if written is None or not Decimal(written["mantissa"]):
            raise NotALimit(self.text)
        return Decimal(written["mantissa"]), int(written["exponent"])

    def __str__(self) -> str:
        return self.text


class Side(StrEnum):
    """On which side of the limit the result must lie; the last two exclude the limit itself."""

    NMT = "NMT"
    NLT = "NLT"
    LESS = "LT"
    MORE = "MT"

    @property
    def is_upper(self) -> bool:
        return self in {Side.NMT, Side.LESS}

    @property
    def is_strict(self) -> bool:
        return self in {Side.LESS, Side.MORE}


@operation("round half up to the digits that the limit shows")
def rounded_like(value: Decimal, limit: str) -> Decimal:
    """The result as it is printed and compared.

    A plain limit gives its decimal places. A limit a × 10^n gives its significant figures, at
    the result's own exponent: 9.5 × 10^8 stays below 1.0 × 10^9, 9.96 × 10^8 reaches it.
    """
    shown = Limit(limit)
    if not shown.is_scientific:
        return to_places(value, shown.places)
    return to_figures(value, shown.figures, RoundingRule.HALF_UP)


@operation("NMT: r ≤ L; NLT: r ≥ L; LT: r < L; MT: r > L")
def meets(value: Decimal, side: str, limit: str) -> bool:
    """Whether a value, already rounded, lies on the right side of the limit."""
    bound, wanted = Limit(limit).value, Side(side)
    if wanted.is_upper:
        return value < bound or (value == bound and not wanted.is_strict)
    return value > bound or (value == bound and not wanted.is_strict)


def printed_like(value: Decimal, limit: Limit) -> str:
    """Text of a value already rounded like the limit, in the limit's notation."""
    return scientific(value, limit.figures) if limit.is_scientific else plain_text(value)


@operation("factor × 10^n")
def max_acceptable(exponent: int, factor: Decimal) -> Decimal:
    """The largest count that a compendial power-of-ten limit accepts.

    Args:
        exponent: n of the limit 10^n.
        factor: 2 for USP <61>/<1111> and Ph. Eur. 5.1.4; 5 for Ph. Eur. 5.1.8; 1 for a
            manufacturer's own plain limit.
    """
    if factor <= 0:
        raise BadInputs(f"The factor of a power-of-ten limit must be above zero, not {factor}.")
    return factor * Decimal(10) ** exponent
