"""Everything a certificate of analysis says, fixed when it is prepared.

Nothing here floats: numbers are text as printed, with the unrounded text beside them. The overall
conclusion is computed from the rows and cannot be set, so it cannot contradict them.
Sources: ICH Q7 11.4; WHO model certificate of analysis.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum

from lims.certificates.errors import ContentRefused

SCHEMA_VERSION = 1
LOGO_LIMIT = 200_000


class Script(StrEnum):
    PLAIN = "plain"
    ITALIC = "italic"
    SUPERSCRIPT = "superscript"
    SUBSCRIPT = "subscript"


@dataclass(frozen=True)
class Span:
    """A piece of text set in one way."""

    text: str
    script: Script = Script.PLAIN


RichText = tuple[Span, ...]

_POWER = re.compile(r"(?<![\w.])10\^([−-]?\d{1,3})(?!\w)")


def rich(text: str) -> RichText:
    """Plain text as rich text; `10^9` gets its exponent raised, the rest stays as written."""
    spans: list[Span] = []
    end = 0
    for power in _POWER.finditer(text):
        exponent = power[1].replace("-", "−")
        spans += [Span(text[end : power.start()] + "10"), Span(exponent, Script.SUPERSCRIPT)]
        end = power.end()
    return tuple(span for span in (*spans, Span(text[end:])) if span.text)


def italic(text: str) -> RichText:
    """A genus or species name."""
    return (Span(text, Script.ITALIC),)


def plain(text: RichText) -> str:
    """The characters alone, as a reader of the PDF's text finds them."""
    return "".join(span.text for span in text)


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


class Conclusion(StrEnum):
    COMPLIES = "complies"
    DOES_NOT_COMPLY = "does_not_comply"
    INCOMPLETE = "incomplete"


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


@dataclass(frozen=True)
class Laboratory:
    """Attributes: zone: IANA name, e.g. "Europe/Vienna"; logo: PNG bytes or None."""

    name: str
    address: str
    telephone: str
    site: str
    zone: str
    logo: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Manufacturer:
    name: str
    address: str
    contact: str = ""


@dataclass(frozen=True)
class Product:
    name: str
    strains: tuple[RichText, ...]
    dosage_form: str
    strength: RichText
    label_claim: RichText
    description: str = ""


@dataclass(frozen=True)
class Lot:
    number: str
    size: str
    manufactured_on: date
    expires_on: date
    storage: str
    drug_substance_lots: tuple[str, ...] = ()
    cell_banks: tuple[str, ...] = ()
    pack: str = ""
    batch_record: str = ""
    licence: str = ""


@dataclass(frozen=True)
class Specification:
    """Attributes: tests: the codes of all tests it demands; each needs a row to comply."""

    number: str
    version: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Footnote:
    mark: str
    text: RichText


@dataclass(frozen=True)
class RecordSignature:
    """A signature on the records behind the certificate, named on its last page."""

    signed_by: str
    meaning: str
    when: str
    records: str


@dataclass(frozen=True)
class Superseded:
    """The earlier version that this one replaces, why, and what is different."""

    number: str
    version: int
    reason: str
    changes: str


@dataclass(frozen=True)
class Original:
    """The certificate this one repeats: duplicate, translation, repacking.

    Source: ICH Q7 11.44.
    """

    manufacturer: str
    number: str
    kind: str


@dataclass(frozen=True)
class ChainHead:
    """The audit chain's newest event when the certificate was prepared.

    Attributes: number: of the event; sha256: its hash; count: events so far.
    """

    number: int
    sha256: str
    count: int
    at: datetime


@dataclass(frozen=True)
class Lookup:
    """Where anybody may ask about the certificate, and the code printed there."""

    url: str
    code: str


@dataclass(frozen=True)
class ExpectedSigner:
    """Attributes: field: name of the signature field; role and meaning: as printed beside it."""

    field: str
    role: str
    meaning: str


@dataclass(frozen=True)
class CertificateContent:
    """All that is printed and attached. The same value always gives the same bytes."""

    number: str
    version: int
    prepared_at: datetime
    laboratory: Laboratory
    manufacturer: Manufacturer
    product: Product
    lot: Lot
    specification: Specification
    sampled_on: date
    received_on: date
    lines: tuple[TestLine, ...]
    signers: tuple[ExpectedSigner, ...]
    lookup: Lookup
    ca_fingerprint: str
    chain_head: ChainHead | None = None
    supersedes: Superseded | None = None
    original: Original | None = None
    footnotes: tuple[Footnote, ...] = ()
    notes: tuple[RichText, ...] = ()
    record_signatures: tuple[RecordSignature, ...] = ()
    closing: str = ""

    def __post_init__(self) -> None:
        self._check_version()
        self._check_lines()
        self._check_signers()
        if self.prepared_at.utcoffset() != UTC.utcoffset(None):
            raise ContentRefused("prepared_at", "is not a time in UTC")
        if self.laboratory.logo is not None and len(self.laboratory.logo) > LOGO_LIMIT:
            raise ContentRefused("laboratory.logo", f"is larger than {LOGO_LIMIT // 1000} kB")

    def _check_version(self) -> None:
        if not self.number.strip():
            raise ContentRefused("number", "is empty")
        if self.version < 1:
            raise ContentRefused("version", "is below 1")
        if (self.version > 1) != (self.supersedes is not None):
            raise ContentRefused("supersedes", "must name the earlier version from version 2 on")

    def _check_lines(self) -> None:
        codes = [line.code for line in self.lines]
        if len(set(codes)) != len(codes):
            raise ContentRefused("lines", "name the same test twice")
        known = {note.mark for note in self.footnotes}
        for line in self.lines:
            if not known.issuperset(line.marks):
                raise ContentRefused(line.code, "points to a footnote that does not exist")

    def _check_signers(self) -> None:
        fields = [signer.field for signer in self.signers]
        if not fields or len(set(fields)) != len(fields):
            raise ContentRefused("signers", "must be one or more, each with a field of its own")
        for name in fields:
            if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", name):
                raise ContentRefused("signers", f"hold “{name}”, which is no field name")

    @property
    def conclusion(self) -> Conclusion:
        """What the rows say together: any failing, open or absent one forbids *complies*."""
        verdicts = {line.verdict for line in self.lines}
        if LineVerdict.DOES_NOT_CONFORM in verdicts:
            return Conclusion.DOES_NOT_COMPLY
        absent = set(self.specification.tests) - {line.code for line in self.lines}
        open_ = verdicts & {LineVerdict.MISSING, LineVerdict.INDETERMINATE}
        if absent or open_ or LineVerdict.CONFORMS not in verdicts:
            return Conclusion.INCOMPLETE
        return Conclusion.COMPLIES

    @property
    def conclusion_sentence(self) -> str:
        specification = f"specification {self.specification.number} version "
        specification += self.specification.version
        said = {
            Conclusion.COMPLIES: f"All results meet {specification}.",
            Conclusion.DOES_NOT_COMPLY: f"The lot does not meet {specification}.",
            Conclusion.INCOMPLETE: f"Not all tests of {specification} have a final result, "
            "so no conclusion is drawn.",
        }[self.conclusion]
        return (
            f"Lot {self.lot.number} was tested as listed above. {said} The disposition of the lot "
            "is a separate record; its current state is shown at the address beside the code."
        )

    def lines_of(self, family: Family) -> tuple[TestLine, ...]:
        return tuple(line for line in self.lines if line.family is family)
