"""The archive pass: what PDF/A-3b asks for and ReportLab does not write.

Output intent, XMP with one description per schema, the attached record, tags, language, title, and
the signature fields, all made before the first signature. The document information dictionary is
left out: its facts would drift from XMP with every signature.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from lims.certificates.content import CertificateContent
from lims.certificates.page.closing import SignaturePlace
from lims.certificates.page.pen import Node
from lims.certificates.page.signature_block import caption
from lims.certificates.tags import add_tags

ATTACHMENT = "certificate.json"
DRAFT_ATTACHMENT = "draft.json"
LANGUAGE = "en-GB"
_PROFILE = Path(__file__).parent / "color" / "livelot-srgb-v2.icc"
_PRINT_AND_LOCKED = 4 | 128
_SIGNATURE_FIELDS_APPEND_ONLY = 1 | 2


@dataclass(frozen=True)
class Drawn:
    """What ReportLab drew: pages, then one small page per signer for the unsigned fields."""

    pdf: bytes
    pages: int
    tree: Node
    places: tuple[SignaturePlace, ...]


def archived(drawn: Drawn, content: CertificateContent, attachment: bytes, *, draft: bool) -> bytes:
    """The finished file; a draft gets its blocks painted instead of fields."""
    with Pdf.open(io.BytesIO(drawn.pdf)) as pdf:
        if draft:
            _paint(pdf, drawn)
        else:
            _add_fields(pdf, drawn, content)
        del pdf.pages[drawn.pages :]
        add_tags(pdf, drawn.tree)
        _describe(pdf, content, draft=draft)
        _attach(pdf, attachment, content, DRAFT_ATTACHMENT if draft else ATTACHMENT)
        file = io.BytesIO()
        # Plain objects: a fifth larger than packed ones, and verified in half the time.
        pdf.save(
            file,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            min_version="1.7",
        )
    return file.getvalue()


def _add_fields(pdf: Pdf, drawn: Drawn, content: CertificateContent) -> None:
    """One widget per expected signer, in the order of signing."""
    fields = Array()
    for at, (place, signer) in enumerate(zip(drawn.places, content.signers, strict=True)):
        page = pdf.pages[place.page]
        widget = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Widget,
                FT=Name.Sig,
                T=String(signer.field),
                TU=String(caption(signer)),
                F=_PRINT_AND_LOCKED,
                Rect=Array([round(edge, 3) for edge in place.rectangle]),
                P=page.obj,
                AP=Dictionary(N=_form(pdf, drawn.pages + at)),
            )
        )
        page.obj.Annots = Array([*page.obj.get(Name.Annots, Array()), widget])
        fields.append(widget)
    pdf.Root.AcroForm = Dictionary(Fields=fields, SigFlags=_SIGNATURE_FIELDS_APPEND_ONLY)


def _form(pdf: Pdf, page: int) -> pikepdf.Object:
    return pdf.make_indirect(pdf.pages[page].as_form_xobject())


def _paint(pdf: Pdf, drawn: Drawn) -> None:
    for at, place in enumerate(drawn.places):
        block = pdf.pages[drawn.pages + at]
        pdf.pages[place.page].add_overlay(block, pikepdf.Rectangle(*place.rectangle))


def _describe(pdf: Pdf, content: CertificateContent, *, draft: bool) -> None:
    root = pdf.Root
    root.Lang = String(LANGUAGE)
    root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    root.Metadata = Stream(pdf, _xmp(content, draft=draft), Type=Name.Metadata, Subtype=Name.XML)
    profile = Stream(pdf, _profile(), N=3)
    root.OutputIntents = Array(
        [
            Dictionary(
                Type=Name.OutputIntent,
                S=Name.GTS_PDFA1,
                OutputConditionIdentifier=String("sRGB IEC61966-2.1"),
                Info=String("sRGB IEC61966-2.1"),
                DestOutputProfile=pdf.make_indirect(profile),
            )
        ]
    )
    if Name.Info in pdf.trailer:
        del pdf.trailer.Info


@cache
def _profile() -> bytes:
    return _PROFILE.read_bytes()


def title(content: CertificateContent, *, draft: bool) -> str:
    said = f"Certificate of Analysis {content.number} version {content.version}"
    return f"{'DRAFT ' if draft else ''}{said}, lot {content.lot.number}"


_SPACES = {
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
}


def _xmp(content: CertificateContent, *, draft: bool) -> bytes:
    described = "".join(
        f'<rdf:Description rdf:about="" xmlns:{prefix}="{_SPACES[prefix]}">{body}</rdf:Description>'
        for prefix, body in _schemas(content, draft=draft)
    )
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'{described}</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()


def _schemas(content: CertificateContent, *, draft: bool) -> Iterator[tuple[str, str]]:
    """One description per schema: some checkers see only the first of a shared one."""
    at = f"{content.prepared_at:%Y-%m-%dT%H:%M:%SZ}"
    heading, author = escape(title(content, draft=draft)), escape(content.laboratory.name)
    yield "pdfaid", _element("pdfaid:part", "3") + _element("pdfaid:conformance", "B")
    yield (
        "dc",
        _element("dc:format", "application/pdf")
        + f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{heading}</rdf:li></rdf:Alt></dc:title>'
        + f"<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>"
        + f"<dc:language><rdf:Bag><rdf:li>{LANGUAGE}</rdf:li></rdf:Bag></dc:language>",
    )
    times = ("CreateDate", "ModifyDate", "MetadataDate")
    yield (
        "xmp",
        "".join(_element(f"xmp:{name}", at) for name in times)
        + _element("xmp:CreatorTool", "Livelot"),
    )
    yield "pdf", _element("pdf:Producer", "Livelot")


def _element(name: str, text: str) -> str:
    return f"<{name}>{text}</{name}>"


def _attach(pdf: Pdf, attachment: bytes, content: CertificateContent, name: str) -> None:
    at = String(f"D:{content.prepared_at:%Y%m%d%H%M%S}Z")
    file = pdf.make_indirect(
        Stream(
            pdf,
            attachment,
            Type=Name.EmbeddedFile,
            Subtype=Name("/application/json"),
            Params=Dictionary(Size=len(attachment), ModDate=at),
        )
    )
    specification = pdf.make_indirect(
        Dictionary(
            Type=Name.Filespec,
            F=String(name),
            UF=String(name),
            Desc=String("The certificate's content, machine-readable"),
            AFRelationship=Name.Data,
            EF=Dictionary(F=file, UF=file),
        )
    )
    pdf.Root.AF = Array([specification])
    tree = Dictionary(Names=Array([String(name), specification]))
    pdf.Root.Names = Dictionary(EmbeddedFiles=tree)
