"""Who and what a certificate is about: laboratory, maker, product, lot, signers, witnesses."""

from dataclasses import dataclass, field
from datetime import date, datetime

from lims.certificates.content.text import RichText


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
