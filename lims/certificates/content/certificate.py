"""The whole content, with the conclusion that its rows give."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from lims.certificates.content.facts import (
    ChainHead,
    ExpectedSigner,
    Footnote,
    Laboratory,
    Lookup,
    Lot,
    Manufacturer,
    Original,
    Product,
    RecordSignature,
    Specification,
    Superseded,
)
from lims.certificates.content.results import Family, LineVerdict, TestLine
from lims.certificates.content.text import RichText
from lims.certificates.errors import ContentRefused

LOGO_LIMIT = 200_000
"""Bytes."""


class Conclusion(StrEnum):
    COMPLIES = "complies"
    DOES_NOT_COMPLY = "does_not_comply"
    INCOMPLETE = "incomplete"


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
