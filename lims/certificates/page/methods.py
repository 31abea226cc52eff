"""The last page: method versions and dates, notes, how to check, signatures behind the records."""

from collections.abc import Iterator

from reportlab.lib.units import mm

from lims.certificates.content import CertificateContent, RichText, Span
from lims.certificates.page.flow import BOTTOM, LEFT, MEASURE, Block
from lims.certificates.page.frame import CAPTION, printed_date, printed_time
from lims.certificates.page.pen import Node, Pen
from lims.certificates.page.table import Column, Row, Table
from lims.certificates.page.typeset import (
    BOLD,
    DEEP,
    INK,
    INK_2,
    MEDIUM,
    MONO,
    REGULAR,
    Line,
    Style,
    lines,
)

_HEADING = Style(BOLD, 10, 13.6, DEEP)
_TEXT = Style(REGULAR, 8.6, 11.9, INK)
_CELL = Style(REGULAR, 8.2, 11.3, INK)
_KEY = Style(MEDIUM, 8.2, 11.3, INK_2)
_MONO = Style(MONO, 7.4, 11.1, INK)
_SMALL = Style(REGULAR, 7, 10.2, INK_2)
_PADDING = 1.2 * mm
_HALF = (MEASURE - 9 * mm) / 2
_GENUINE = (
    "Scan the code or open the address beside it and enter number and code. The page says whether "
    "the certificate is in force, replaced or withdrawn, and can compare your file with ours "
    "without uploading it."
)
_EQUIVALENT = (
    "Electronic signatures on this certificate are intended as the equivalent of handwritten "
    "signatures. This certificate may be reproduced only in full."
)


def blocks(
    content: CertificateContent, fingerprint: str, tree: Node, top: float
) -> Iterator[Block]:
    yield from _methods(content, tree)
    notes = _notes(content, tree, _HALF, LEFT)
    genuine = _genuine(content, fingerprint, tree, LEFT + _HALF + 9 * mm)
    high = max(sum(block.height for block in notes), genuine.height)
    if notes and high < (top - BOTTOM) / 2:
        yield _beside(notes, genuine, high)
    else:
        yield from _notes(content, tree, MEASURE, LEFT)
        yield _genuine(content, fingerprint, tree, LEFT)
    yield from _signatures(content, tree)
    yield _paragraph(f"{_EQUIVALENT} {content.closing}".strip(), _SMALL, "closing", tree)


def _heading(text: str, tree: Node, left: float = LEFT, before: float = 7 * mm) -> Block:
    set_ = lines(text, _HEADING, MEASURE, "heading")

    def draw(pen: Pen, top: float) -> None:
        pen.text(tree.add("H2"), set_, _HEADING, (left, top - before))

    return Block("heading", before + _HEADING.leading + 2 * mm, draw, with_next=True)


def _paragraph(text: str, style: Style, field: str, tree: Node) -> Block:
    set_ = lines(text, style, MEASURE, field)

    def draw(pen: Pen, top: float) -> None:
        pen.text(tree.add("P"), set_, style, (LEFT, top - 2.4 * mm))

    return Block(field, len(set_) * style.leading + 2.4 * mm, draw)


def _methods(content: CertificateContent, tree: Node) -> Iterator[Block]:
    columns = (
        Column("Method", _KEY, widest=34 * mm),
        Column("Title", _CELL, widest=60 * mm),
        Column("Version", _CELL, widest=16 * mm),
        Column("Compendial reference", _CELL, widest=44 * mm),
        Column("Tested", _CELL, widest=24 * mm),
        Column("Performed", _CELL, widest=20 * mm),
        Column("Reviewed", _CELL, widest=20 * mm),
    )
    rows = _method_rows(content)
    yield _heading("Methods and notes", tree, before=2 * mm)
    table = Table.measured(columns, rows, _PADDING, tree)
    yield table.head()
    for row in rows:
        yield table.row(row)


def _method_rows(content: CertificateContent) -> list[Row]:
    """One row per method and day; tests that share both share the row."""
    rows: dict[tuple[str | RichText, ...], str] = {}
    for line in content.lines:
        method, day = line.method, printed_date(line.tested_on) if line.tested_on else ""
        start = (method.identifier, method.title, method.version, method.compendial)
        rows.setdefault((*start, day, line.performed_by, line.reviewed_by), f"method {line.code}")
    return [Row(field, cells) for cells, field in rows.items()]


def _texts(content: CertificateContent) -> list[RichText]:
    own = [(*line.test, Span(f": {line.note}")) for line in content.lines if line.note]
    return own + list(content.notes)


def _notes(content: CertificateContent, tree: Node, width: float, left: float) -> list[Block]:
    texts = _texts(content)
    if not texts:
        return []
    return [_heading("Notes for the reader", tree, left)] + [
        _note(number, text, tree, width, left) for number, text in enumerate(texts, 1)
    ]


def _note(number: int, text: RichText, tree: Node, width: float, left: float) -> Block:
    set_ = lines(text, _TEXT, width - 5 * mm, f"note {number}")
    count = lines(f"{number}.", _TEXT, 8 * mm, "note")

    def draw(pen: Pen, top: float) -> None:
        node = tree.add("P")
        pen.text(node, count, _TEXT, (left, top), right=left + 4.2 * mm)
        pen.text(node, set_, _TEXT, (left + 5 * mm, top))

    return Block(f"note {number}", len(set_) * _TEXT.leading + 1.2 * mm, draw)


def _genuine(content: CertificateContent, fingerprint: str, tree: Node, left: float) -> Block:
    said = lines(_GENUINE, _TEXT, _HALF, "genuine")
    facts = [
        (lines(caption, CAPTION, _HALF, field), lines(value, _MONO, _HALF, field))
        for caption, value, field in _fingerprints(content, fingerprint)
    ]
    heading = _heading("Is this certificate genuine?", tree, left)
    high = heading.height + len(said) * _TEXT.leading + 3 * mm
    high += sum(CAPTION.leading + len(value) * _MONO.leading + 1.6 * mm for _, value in facts)

    def draw(pen: Pen, top: float) -> None:
        heading.draw(pen, top)
        y = pen.text(tree.add("P"), said, _TEXT, (left, top - heading.height)) - 3 * mm
        for caption, value in facts:
            y = _fact(pen, tree, caption, value, (left, y))

    return Block("genuine", high, draw)


def _fact(
    pen: Pen,
    tree: Node,
    caption: tuple[Line, ...],
    value: tuple[Line, ...],
    at: tuple[float, float],
) -> float:
    node = tree.add("P")
    y = pen.text(node, caption, CAPTION, at)
    return pen.text(node, value, _MONO, (at[0], y)) - 1.6 * mm


def _fingerprints(content: CertificateContent, fingerprint: str) -> Iterator[tuple[str, str, str]]:
    yield "Attached record (SHA-256)", grouped(fingerprint), "fingerprint"
    yield "Signatures", "PAdES, ECDSA P-256, each signer's own certificate", "signatures"
    yield "Laboratory CA (SHA-256)", grouped(content.ca_fingerprint), "ca_fingerprint"
    if content.chain_head:
        head = content.chain_head
        said = f"event {head.number} of {head.count}, {printed_time(head.at)} UTC"
        yield "Audit trail when prepared", said, "chain_head"
        yield "Hash of that event (SHA-256)", grouped(head.sha256), "chain_head"


def grouped(digits: str) -> str:
    """Hexadecimal digits in fours, which people can compare."""
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def _beside(notes: list[Block], genuine: Block, high: float) -> Block:
    def draw(pen: Pen, top: float) -> None:
        y = top
        for block in notes:
            block.draw(pen, y)
            y -= block.height
        genuine.draw(pen, top)

    return Block("notes", high, draw)


def _signatures(content: CertificateContent, tree: Node) -> Iterator[Block]:
    if not content.record_signatures:
        return
    columns = (
        Column("Signed by", Style(MEDIUM, 8.2, 11.3), widest=54 * mm),
        Column("Meaning", _CELL, widest=64 * mm),
        Column("Date and time, UTC", _CELL, widest=50 * mm),
        Column("Signed records", _CELL, widest=40 * mm),
    )
    rows = [
        Row("record_signatures", (made.signed_by, made.meaning, made.when, made.records))
        for made in content.record_signatures
    ]
    yield _heading("Signatures on the records behind this certificate", tree)
    table = Table.measured(columns, rows, _PADDING, tree)
    yield table.head()
    for row in rows:
        yield table.row(row)
