"""The rows of a certificate: tests, methods, results as reported, verdicts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lims.certificates.content.text import RichText, Script, Span, rich
from lims.certificates.errors import ContentRefused


class Family(StrEnum):
    """The parts of the results table, in the order they are printed."""

    IDENTITY = "identity"
    POTENCY = "potency"
    CONTAMINANTS = "contaminants"
    PHAGE = "phage"


class LineVerdict(StrEnum):
    CONFORMS = "conforms"
    DOES_NOT_CONFORM = "does_not_conform"
    INDETERMINATE = "indeterminate"
    REPORTED = "reported"
    """For information: the specification asks for the result and sets no limit."""
    MISSING = "missing"
    """No approved result yet."""


_QUALIFIERS = {
    "": "",
    "=": "",
    "<": "Less than ",
    ">": "More than ",
    "≤": "Not more than ",
    "≥": "Not less than ",
    "~": "Estimated ",
}


@dataclass(frozen=True)
class Reported:
    """A result as reported: a number with its unit, or a category, never a bare text.

    Attributes:
        qualifier: "", "<", ">", "≤", "≥" or "~" (estimated).
        number: digits as printed, e.g. "4.1"; empty for a category.
        exponent: of ten, as printed; empty when the number is written out.
        unit: e.g. "CFU/dose"; part of the result's identity.
        category: e.g. "Not detected", "Conforms"; empty for a number.
        tested_quantity: e.g. "10 g", printed as "in 10 g".
        detail: what else the method reports, printed in brackets, e.g. 9.51 log10.
        unrounded: all digits of the value before rounding; empty for a category.
    """

    qualifier: str = ""
    number: str = ""
    exponent: str = ""
    unit: str = ""
    category: str = ""
    tested_quantity: str = ""
    detail: RichText = ()
    unrounded: str = ""

    def __post_init__(self) -> None:
        if bool(self.number) == bool(self.category):
            raise ContentRefused("result", "must be either a number or a category")
        if self.qualifier not in _QUALIFIERS:
            raise ContentRefused("result", f"has the unknown qualifier “{self.qualifier}”")
        if self.exponent and not self.number:
            raise ContentRefused("result", "has an exponent and no number")

    def printed(self) -> RichText:
        """The one way this result is written, on the page and wherever it is compared."""
        spans = list(self._number() if self.number else rich(self.category))
        if self.unit:
            spans += [Span(" "), *rich(self.unit)]
        if self.tested_quantity:
            spans += [Span(" in "), *rich(self.tested_quantity)]
        if self.detail:
            spans += [Span(" ("), *self.detail, Span(")")]
        return tuple(spans)

    def _number(self) -> Iterable[Span]:
        text = _QUALIFIERS[self.qualifier] + self.number
        if not self.exponent:
            return [Span(text)]
        raised = Span(self.exponent.replace("-", "−"), Script.SUPERSCRIPT)
        return [Span(f"{text} × 10"), raised]


@dataclass(frozen=True)
class MethodReference:
    """Attributes: compendial: e.g. "Ph. Eur. 2.6.36, adapted"; empty for a method of our own."""

    identifier: str
    version: str
    title: str
    compendial: str = ""


@dataclass(frozen=True)
class TestLine:
    """One specified test with its reportable result.

    Attributes:
        code: the test's key in the specification.
        marks: footnote marks printed after the test's name.
        performed_by, reviewed_by: initials, for the page of methods.
        contract_laboratory, source_certificate: where the result comes from, when not ours.
    """

    __test__ = False

    code: str
    family: Family
    test: RichText
    method: MethodReference
    criterion: RichText
    result: Reported | None
    verdict: LineVerdict
    tested_on: date | None = None
    marks: tuple[str, ...] = ()
    note: str = ""
    performed_by: str = ""
    reviewed_by: str = ""
    contract_laboratory: str = ""
    source_certificate: str = ""

    def __post_init__(self) -> None:
        if (self.result is None) != (self.verdict is LineVerdict.MISSING):
            raise ContentRefused(self.code, "has a verdict without a result, or the reverse")
