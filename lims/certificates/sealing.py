"""Puts a person's signature into a prepared certificate: PAdES B-B, P-256, visible block.

All fields exist before the first signature. The first one certifies the file and allows nothing
afterwards but filling the remaining fields; so an addition by anybody else is a breach that every
reader can see. Source: ETSI EN 319 142-1; ISO 32000-1 12.8.2.2.
"""

import dataclasses
import io
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.generic import DictionaryObject, NameObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, Signer
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko.stamp import BaseStamp, BaseStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from lims.accounts.keys import OpenedKey, fingerprint, login_of, printed_name_of
from lims.certificates.archive import ATTACHMENT, DRAFT_ATTACHMENT
from lims.certificates.content import ChainHead, ExpectedSigner
from lims.certificates.errors import (
    DraftNotSignable,
    FieldFilled,
    FieldUnknown,
    KeyNotValid,
    NotSignable,
    SignerAgain,
    WrongMeaning,
    WrongOrder,
)
from lims.certificates.finishing import finished
from lims.certificates.page.frame import printed_time
from lims.certificates.page.pen import Pen
from lims.certificates.page.signature_block import BlockText, caption, draw_signed
from lims.certificates.page.typeset import DRAWING, canvas
from lims.certificates.parts import PARSE_ERRORS, Opened, opened

# Hexadecimal digits kept free for the signature object: twice what names of 64 letters need.
_RESERVED = 8_192


@dataclass(frozen=True)
class SignerFacts:
    """What the visible block and the signature say about who signed.

    Attributes:
        role, meaning: as the certificate expects them in this field.
        at: the time of the act, UTC.
        local_time: the same moment on the laboratory's clock with its zone, as printed.
        chain_head: the audit chain's head at this moment; carried in the signature's reason.
        title: of the person, printed after the login; may be empty.
    """

    printed_name: str
    login: str
    role: str
    meaning: str
    at: datetime
    local_time: str
    chain_head: ChainHead
    title: str = ""

    @property
    def reason(self) -> str:
        head = self.chain_head
        return f"{self.meaning}, {self.role}. Audit chain event {head.number} sha256 {head.sha256}"


def sign(pdf: bytes, field: str, key: OpenedKey, facts: SignerFacts) -> bytes:
    """The file with one more signature appended; the bytes before it are unchanged.

    Raises:
        SigningRefused: a draft, an unknown or filled field, the wrong order, role or meaning, a
            person who has signed already, or a key that is not this person's or out of its life.
    """
    file = _opened(pdf)
    _check_field(file, field)
    _check_meaning(file, field, facts)
    _check_key(file, key, facts)
    return _signed(file, field, key, facts)


def _opened(pdf: bytes) -> Opened:
    try:
        file = opened(pdf)
    except PARSE_ERRORS as error:
        raise NotSignable("it is no readable PDF") from error
    if file.attachment_name == DRAFT_ATTACHMENT:
        raise DraftNotSignable
    if not file.expected or file.attachment_name != ATTACHMENT:
        raise NotSignable("it carries no certificate of ours")
    if file.fields != tuple(signer.field for signer in file.expected):
        raise NotSignable("its signature fields are not those of its content")
    return file


def _check_field(file: Opened, field: str) -> None:
    if field not in file.fields:
        raise FieldUnknown(field, file.fields)
    if field in file.filled:
        raise FieldFilled(field)
    first = next(name for name in file.fields if name not in file.filled)
    if first != field:
        raise WrongOrder(field, first)


def _check_meaning(file: Opened, field: str, facts: SignerFacts) -> None:
    expected = next(signer for signer in file.expected if signer.field == field)
    given = ExpectedSigner(field, facts.role, facts.meaning)
    if given != expected:
        raise WrongMeaning(field, caption(expected), caption(given))


def _check_key(file: Opened, key: OpenedKey, facts: SignerFacts) -> None:
    if facts.at.utcoffset() != UTC.utcoffset(None):
        raise KeyNotValid("the signing time is not in UTC")
    certificate = key.certificate
    if (login_of(certificate), printed_name_of(certificate)) != (
        facts.login,
        facts.printed_name[:64],
    ):
        raise KeyNotValid(f"its certificate is not that of {facts.printed_name} ({facts.login})")
    if not certificate.not_valid_before_utc <= facts.at <= certificate.not_valid_after_utc:
        raise KeyNotValid("its certificate is not valid at this time")
    if facts.login in file.logins:
        raise SignerAgain(facts.login)


def _signed(file: Opened, field: str, key: OpenedKey, facts: SignerFacts) -> bytes:
    metadata = PdfSignatureMetadata(
        field_name=field,
        md_algorithm="sha256",
        reason=facts.reason,
        name=f"{facts.printed_name} ({facts.login})",
        certify=not file.filled,
        docmdp_permissions=MDPPerm.FILL_FORMS,
        subfilter=SigSeedSubFilter.PADES,
    )
    signer = PdfSigner(
        metadata, _PersonSigner(key), stamp_style=_Block(text=_block_text(key, facts))
    )
    # The file has been parsed for the checks; the revision builds on that.
    revision = _Revision(file.reader.stream, prev=file.reader)
    return finished(_sealed(signer, revision, facts.at))


async def _sealed(signer: PdfSigner, revision: "_Revision", at: datetime) -> bytes:
    """PyHanko's own steps, with the time of the act in place of the host's clock."""
    session = signer.init_signing_session(revision, existing_fields_only=True)
    session.system_time = at
    document = session.prepare_tbs_document(validation_info=None, bytes_reserved=_RESERVED)
    file = io.BytesIO()
    prepared, _ = document.digest_tbs_document(output=file)
    attributes = PdfCMSSignedAttributes(signing_time=at)
    await document.perform_signature(prepared.document_digest, attributes)
    return file.getvalue()


class _Revision(IncrementalPdfFileWriter):
    """An appended revision that leaves the document's description alone.

    The description is part of what was prepared; a new producer and date in it would make it
    differ from the certificate that the first person saw.
    """

    def _update_meta(self) -> None:
        """Nothing to update."""


class _PersonSigner(Signer):
    """Signs with the opened key itself, so that the private key is never exported again."""

    def __init__(self, key: OpenedKey) -> None:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register(_asn1(key.authority.public_bytes(serialization.Encoding.DER)))
        super().__init__(
            signing_cert=_asn1(key.certificate.public_bytes(serialization.Encoding.DER)),
            cert_registry=store,
        )
        self._key = key.private_key

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,  # noqa: ARG002 - pyHanko's interface
        dry_run: bool = False,  # noqa: ARG002, FBT001, FBT002
    ) -> bytes:
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))


def _asn1(der: bytes) -> asn1.Certificate:
    return asn1.Certificate.load(der)


@dataclass(frozen=True)
class _Block(BaseStampStyle):
    """The visible block, drawn by ReportLab and imported whole.

    pyHanko's own text stamp spaces letters apart and cuts long lines at the box.
    """

    text: BlockText = dataclasses.field(kw_only=True)

    def create_stamp(
        self,
        writer: BasePdfFileWriter,
        box: BoxConstraints,
        text_params: dict[str, str],  # noqa: ARG002
    ) -> "_Appearance":
        return _Appearance(writer, self, box)


class _Appearance(BaseStamp):
    def apply_appearance(self, annot_dict: DictionaryObject) -> None:
        size = (float(self.box.width), float(self.box.height))
        page = PdfFileReader(io.BytesIO(_drawn(self.style.text, size)))
        form = self._ensure_writer.import_page_as_xobject(page)
        appearance = DictionaryObject({NameObject("/N"): form})  # type: ignore[no-untyped-call]
        annot_dict[NameObject("/AP")] = appearance


def _block_text(key: OpenedKey, facts: SignerFacts) -> BlockText:
    digits = fingerprint(key.certificate)
    return BlockText(
        caption=caption(ExpectedSigner("", facts.role, facts.meaning)),
        name=facts.printed_name,
        role=f"{facts.login}, {facts.title}" if facts.title else facts.login,
        local_time=facts.local_time,
        utc_time=f"{printed_time(facts.at)} UTC",
        closing=f"Signed electronically · {digits[:4]} {digits[4:8]}",
    )


def _drawn(text: BlockText, size: tuple[float, float]) -> bytes:
    file = io.BytesIO()
    with DRAWING:
        pen = Pen(canvas(file, size))
        draw_signed(pen, text, size)
        pen.canvas.save()
    return file.getvalue()
