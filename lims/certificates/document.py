"""The certificate as PDF: the same content always gives the same bytes.

ReportLab in invariant mode draws; the archive pass adds tags, attachment, signature fields and what
PDF/A-3 asks for. Nothing that is not in the content is printed, and no signing time: that is drawn
by the signatures themselves.
"""

import hashlib
import io

from lims.certificates import schema
from lims.certificates.archive import Drawn, archived
from lims.certificates.content import CertificateContent, Conclusion
from lims.certificates.errors import ContentRefused
from lims.certificates.page import closing, head, methods, results
from lims.certificates.page.closing import SignaturePlace
from lims.certificates.page.flow import PAGE_HEIGHT, PAGE_WIDTH, Block, Sheet, pour
from lims.certificates.page.frame import Frame, frame
from lims.certificates.page.pen import Node, Pen
from lims.certificates.page.signature_block import draw_pending
from lims.certificates.page.typeset import DRAWING, canvas

_PLACE_HELD_PAGES = 2


def render(content: CertificateContent, *, draft: bool = False) -> bytes:
    """The PDF, ready to be signed; a draft is marked on every page and has no signature fields.

    Raises:
        ContentRefused: a text cannot be printed, naming its field; or the content is not final
            (open results, no audit-chain head) and this is no draft.
    """
    if not draft:
        _check_final(content)
    attachment = schema.to_json(content).encode()
    with DRAWING:
        drawn = _drawn(content, hashlib.sha256(attachment).hexdigest(), draft=draft)
    return archived(drawn, content, attachment, draft=draft)


def _check_final(content: CertificateContent) -> None:
    if content.conclusion is Conclusion.INCOMPLETE:
        raise ContentRefused("conclusion", "cannot be drawn while a result is missing or undecided")
    if content.chain_head is None:
        raise ContentRefused("chain_head", "is missing")


def _drawn(content: CertificateContent, fingerprint: str, *, draft: bool) -> Drawn:
    tree, places = Node("Document"), list[SignaturePlace]()
    first = tree.add("Sect")
    page = frame(content, _PLACE_HELD_PAGES, draft=draft)
    sheets = pour(_parts(content, fingerprint, tree, places, page.top), page.top)
    if len(str(len(sheets))) > len(str(_PLACE_HELD_PAGES)):
        page = frame(content, len(sheets), draft=draft)
        sheets = pour(_parts(content, fingerprint, tree, places, page.top), page.top)
    file = io.BytesIO()
    pen = Pen(canvas(file, (PAGE_WIDTH, PAGE_HEIGHT)))
    _pages(pen, sheets, page, first)
    _pending(pen, content, draft=draft)
    pen.canvas.save()
    return Drawn(file.getvalue(), len(sheets), tree, tuple(places))


def _parts(
    content: CertificateContent,
    fingerprint: str,
    tree: Node,
    places: list[SignaturePlace],
    top: float,
) -> list[list[Block]]:
    certificate = [
        *head.blocks(content, tree),
        *results.blocks(content, tree),
        closing.block(content, tree, places),
    ]
    return [certificate, list(methods.blocks(content, fingerprint, tree, top))]


def _pages(pen: Pen, sheets: list[Sheet], page: Frame, first: Node) -> None:
    for at, sheet in enumerate(sheets):
        page.draw(pen, len(sheets), first if at == 0 else None)
        for block, top in sheet.placed:
            block.draw(pen, top)
        pen.turn()


def _pending(pen: Pen, content: CertificateContent, *, draft: bool) -> None:
    """One small page per signer: what its field shows until it is signed."""
    said = "Draft: cannot be signed" if draft else "Not yet signed"
    size = closing.box_size()
    for signer in content.signers:
        pen.canvas.setPageSize(size)
        draw_pending(pen, signer, size, said)
        pen.turn()
