"""What a PDF of ours is made of: signature fields, who filled them, the attached record."""

import io
import struct
import zlib
from dataclasses import dataclass
from functools import cached_property

from asn1crypto import x509 as asn1
from pyhanko.pdf_utils.decode_limits import (
    DecodeLimits,
    DocumentDecodeBudget,
    StreamDecodeLimits,
)
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.general import CMSExtractionError, CMSStructuralError
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from lims.certificates import schema
from lims.certificates.content import CertificateContent, ExpectedSigner
from lims.certificates.errors import ContentUnreadable

# What the PDF and CMS readers raise on damaged files. Besides their own families they let the
# errors of plain Python through where a damaged object has another type than the standard demands.
PARSE_ERRORS = (
    PdfError,
    CMSExtractionError,
    CMSStructuralError,
    SignatureValidationError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    NotImplementedError,
    AssertionError,
    EOFError,
    OSError,
    zlib.error,
    struct.error,
)

# A small file must not unpack to more than a server has.
_MEBIBYTE = 1024 * 1024
_LIMITS = DecodeLimits(
    per_stream=StreamDecodeLimits(max_output_size=16 * _MEBIBYTE),
    document_budget=DocumentDecodeBudget(base_allowance=64 * _MEBIBYTE, max_ratio=20),
)


@dataclass(frozen=True)
class Opened:
    """A parsed file.

    Attributes:
        fields: names of the signature fields in the order of the form.
        filled: names of those that hold a signature.
        logins: of the certificates in the signatures.
        content: of the attached record; None when there is none that can be read.
    """

    reader: PdfFileReader
    fields: tuple[str, ...]
    signatures: tuple[EmbeddedPdfSignature, ...]
    attachment_name: str
    attached: bytes

    @cached_property
    def content(self) -> CertificateContent | None:
        try:
            return schema.from_json(self.attached.decode())
        except (ContentUnreadable, UnicodeDecodeError):
            return None

    @cached_property
    def expected(self) -> tuple[ExpectedSigner, ...]:
        """Who is to sign, in order; empty when the record cannot be read."""
        try:
            return schema.signers_from_json(self.attached.decode())
        except (ContentUnreadable, UnicodeDecodeError):
            return ()

    @property
    def filled(self) -> tuple[str, ...]:
        return tuple(signature.field_name for signature in self.signatures)

    @property
    def logins(self) -> tuple[str, ...]:
        return tuple(login(signature.signer_cert) for signature in self.signatures)


def opened(pdf: bytes) -> Opened:
    """Parse a file; raises one of `PARSE_ERRORS` when it cannot be."""
    reader = PdfFileReader(io.BytesIO(pdf), decode_limits=_LIMITS)
    fields = tuple(str(name) for name, _, _ in enumerate_sig_fields(reader))
    name, attached = _attachment(reader)
    return Opened(reader, fields, tuple(reader.embedded_signatures), name, attached)


def login(certificate: asn1.Certificate) -> str:
    """The login in a certificate's subject, "" when there is none."""
    found = certificate.subject.native.get("user_id", "")
    return found if isinstance(found, str) else ""


def _attachment(reader: PdfFileReader) -> tuple[str, bytes]:
    files = reader.root.get("/AF", ())
    if len(files) != 1:
        return "", b""
    return str(files[0]["/UF"]), files[0]["/EF"]["/F"].data
