"""The top of the first page: product, verdict, facts of the lot, and what this version replaces."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reportlab.lib.units import mm

from lims.certificates.content import (
    CertificateContent,
    Conclusion,
    RichText,
    Span,
    plain,
)
from lims.certificates.page.flow import LEFT, MEASURE, RIGHT, Block, columns
from lims.certificates.page.frame import CAPTION, printed_date, printed_period, unbroken
from lims.certificates.page.pen import Node, Pen
from lims.certificates.page.typeset import (
    BOLD,
    DEEP,
    FAIL,
    INK,
    INK_2,
    LINE,
    LINE_2,
    MEDIUM,
    NO_BREAK,
    PASS,
    REGULAR,
    WARN,
    Line,
    Style,
    fitted,
    lines,
    longest_word,
    natural_width,
)

_TITLE = Style(BOLD, 21, 29, DEEP, tracking=-0.4)
_PRODUCT = Style(BOLD, 12, 16, INK)
_STRENGTH = Style(REGULAR, 9.4, 13, INK_2)
_STRAIN = Style(REGULAR, 8.6, 11.9, INK_2)
_FACT = Style(MEDIUM, 8.1, 10.6, INK)
_BANNER = Style(REGULAR, 8.6, 11.9, INK)
_SAYS = {
    Conclusion.COMPLIES: ("Complies", PASS),
    Conclusion.DOES_NOT_COMPLY: ("Does not comply", FAIL),
    Conclusion.INCOMPLETE: ("No conclusion", WARN),
}
_PAD = 2 * mm


def blocks(content: CertificateContent, tree: Node) -> Iterator[Block]:
    yield _title(content, tree)
    yield _facts(content, tree)
    yield from _banners(content, tree)


@dataclass(frozen=True)
class _Verdict:
    word: tuple[Line, ...]
    basis: tuple[Line, ...]
    word_style: Style
    basis_style: Style

    @property
    def width(self) -> float:
        return max(self.word[0].width, self.basis[0].width) + 14 * mm

    height = 14 * mm


def _verdict(content: CertificateContent) -> _Verdict:
    word, color = _SAYS[content.conclusion]
    basis = f"{content.specification.number} version {content.specification.version}"
    big, small = Style(BOLD, 12.5, 14.4, color), Style(REGULAR, 7.6, 10.4, color)
    set_word, big = fitted(word, big, 44 * mm, "conclusion")
    set_basis, small = fitted(basis, small, 44 * mm, "specification.number", smallest=5)
    return _Verdict(set_word, set_basis, big, small)


def _title(content: CertificateContent, tree: Node) -> Block:
    verdict, product = _verdict(content), content.product
    width = MEASURE - verdict.width - 8 * mm
    texts: list[tuple[str, RichText, Style, str]] = [
        ("P", (Span(product.name),), _PRODUCT, "product.name"),
        ("P", _strength(content), _STRENGTH, "product.strength"),
    ]
    texts += [("P", strain, _STRAIN, "product.strains") for strain in product.strains]
    if product.description:
        texts.append(("P", (Span(product.description),), _STRAIN, "product.description"))
    set_ = [(role, lines(t, style, width, field), style) for role, t, style, field in texts]
    height = _TITLE.leading + sum(len(rows) * style.leading for _, rows, style in set_)
    height = max(height, _TITLE.leading + verdict.height) + 4 * mm

    def draw(pen: Pen, top: float) -> None:
        heading = lines("Certificate of Analysis", _TITLE, MEASURE, "title")
        y = pen.text(tree.add("H1"), heading, _TITLE, (LEFT, top))
        for role, rows, style in set_:
            y = pen.text(tree.add(role), rows, style, (LEFT, y))
        _draw_verdict(pen, tree, verdict, content.conclusion, top - height + 4 * mm)

    return Block("product.name", height, draw)


def _strength(content: CertificateContent) -> RichText:
    """Strength, form and label claim on one line; the claim only where it says more."""
    product = content.product
    said = [product.strength, (Span(product.dosage_form),)]
    if plain(product.label_claim) not in ("", plain(product.strength)):
        said.append((Span("label claim "), *product.label_claim))
    spans: list[Span] = []
    for text in said:
        spans += [Span(", "), *text] if spans and plain(text) else [*text]
    return tuple(spans)


def _draw_verdict(
    pen: Pen, tree: Node, verdict: _Verdict, conclusion: Conclusion, bottom: float
) -> None:
    left, color = RIGHT - verdict.width, verdict.word_style.color
    pen.box((left, bottom), (verdict.width, verdict.height), 2 * mm, 0.9, color)
    middle = (left + 6 * mm, bottom + verdict.height / 2)
    with pen.marked(None):
        pen.canvas.setStrokeColor(color)
        pen.canvas.setLineWidth(1.3)
        pen.canvas.circle(*middle, 7.2, stroke=1, fill=0)
    sign(pen, conclusion is Conclusion.COMPLIES, middle, 4.2)
    node, x = tree.add("P"), left + 10.6 * mm
    y = bottom + verdict.height - 2.4 * mm
    y = pen.text(node, verdict.word, verdict.word_style, (x, y))
    pen.text(node, verdict.basis, verdict.basis_style, (x, y))


def sign(pen: Pen, good: bool, middle: tuple[float, float], half: float) -> None:  # noqa: FBT001
    """A tick, or a bar where the verdict is anything else; drawn in the current colour."""
    x, y = middle
    with pen.marked(None):
        path = pen.canvas.beginPath()
        if good:
            path.moveTo(x - half * 0.8, y)
            path.lineTo(x - half * 0.2, y - half * 0.6)
            path.lineTo(x + half * 0.8, y + half * 0.6)
        else:
            path.moveTo(x - half * 0.6, y)
            path.lineTo(x + half * 0.6, y)
        pen.canvas.drawPath(path, stroke=1, fill=0)


def _short_facts(content: CertificateContent) -> Iterator[tuple[str, str, str]]:
    lot = content.lot
    yield "Lot number", lot.number, "lot.number"
    yield "Date of manufacture", printed_date(lot.manufactured_on), "lot.manufactured_on"
    yield "Expiry date", printed_date(lot.expires_on), "lot.expires_on"
    yield "Storage", lot.storage, "lot.storage"
    yield "Lot size", lot.size, "lot.size"
    yield "Pack", lot.pack, "lot.pack"
    yield "Drug substance lots", ", ".join(lot.drug_substance_lots), "lot.drug_substance_lots"
    yield "Cell banks", ", ".join(lot.cell_banks), "lot.cell_banks"
    yield "Sampled", printed_date(content.sampled_on), "sampled_on"
    yield "Sample received", printed_date(content.received_on), "received_on"
    yield "Tested", _tested(content), "lines.tested_on"
    yield "Batch record", lot.batch_record, "lot.batch_record"
    yield "Licence", lot.licence, "lot.licence"


def _long_facts(content: CertificateContent) -> Iterator[tuple[str, str, str]]:
    maker, site = content.manufacturer, content.laboratory
    made_by = " · ".join(
        part for part in (maker.name, maker.address, unbroken(maker.contact)) if part
    )
    yield "Manufacturer", made_by, "manufacturer.name"
    tested_by = " · ".join(
        part for part in (site.name, site.site, site.address, unbroken(site.telephone)) if part
    )
    yield "Testing site", tested_by, "laboratory.name"


def _tested(content: CertificateContent) -> str:
    days = sorted(line.tested_on for line in content.lines if line.tested_on)
    if not days:
        return ""
    return printed_period(days[0], days[-1])


Fact = tuple[str, str, str]


def _facts(content: CertificateContent, tree: Node) -> Block:
    short = [fact for fact in _short_facts(content) if fact[1]]
    across = -(-len(short) // -(-len(short) // 6))
    rows = [short[at : at + across] for at in range(0, len(short), across)]
    widths = _grid(rows)
    drawn = [_Row.of(row, widths) for row in rows]
    drawn.append(_Row.of(list(_long_facts(content)), [MEASURE / 2] * 2))
    height = sum(row.height for row in drawn)

    def draw(pen: Pen, top: float) -> None:
        pen.rule((LEFT, top), (RIGHT, top), 0.5, LINE_2)
        for row in drawn:
            row.draw(pen, tree, top)
            top -= row.height

    return Block("lot", height + 3.5 * mm, draw)


def _grid(rows: Sequence[Sequence[Fact]]) -> list[float]:
    natural, least = ([0.0] * len(rows[0]) for _ in range(2))
    for row in rows:
        for at, (caption, value, field) in enumerate(row):
            cap = natural_width(caption, CAPTION, field)
            word = min(longest_word(value, _FACT, field), 34 * mm)
            least[at] = max(least[at], max(longest_word(caption, CAPTION, field), word) + 2 * _PAD)
            wide = min(natural_width(value, _FACT, field), 44 * mm)
            natural[at] = max(natural[at], max(cap, wide) + 2 * _PAD)
    return columns(natural, least, MEASURE)


@dataclass(frozen=True)
class _Row:
    """Cells with caption over value, all as high as the highest."""

    cells: tuple[tuple[tuple[Line, ...], tuple[Line, ...]], ...]
    widths: tuple[float, ...]
    height: float

    @classmethod
    def of(cls, facts: Sequence[Fact], widths: Sequence[float]) -> "_Row":
        cells = tuple(
            (
                lines(caption, CAPTION, width - 2 * _PAD, field),
                lines(value, _FACT, width - 2 * _PAD, field),
            )
            for (caption, value, field), width in zip(facts, widths, strict=False)
        )
        text = max(len(c) * CAPTION.leading + len(v) * _FACT.leading for c, v in cells)
        return cls(cells, tuple(widths), text + 2.5 * mm)

    def draw(self, pen: Pen, tree: Node, top: float) -> None:
        x, bottom = LEFT, top - self.height
        pen.rule((LEFT, top), (LEFT, bottom), 0.5, LINE)
        for (caption, value), width in zip(self.cells, self.widths, strict=False):
            node = tree.add("P")
            y = pen.text(node, caption, CAPTION, (x + _PAD, top - 1.2 * mm))
            pen.text(node, value, _FACT, (x + _PAD, y))
            x += width
            pen.rule((x, top), (x, bottom), 0.5, LINE)
        if x < RIGHT - 1:
            pen.rule((RIGHT, top), (RIGHT, bottom), 0.5, LINE)
        pen.rule((LEFT, bottom), (RIGHT, bottom), 0.5, LINE)


def _banners(content: CertificateContent, tree: Node) -> Iterator[Block]:
    if content.original:
        first = content.original
        said = f"{first.kind} of certificate {first.number} of {first.manufacturer}."
        yield _banner(said, "original", tree)
    if content.supersedes:
        old = content.supersedes
        said = f"Version {content.version} replaces {old.number} version{NO_BREAK}{old.version}. "
        said += f"Reason: {old.reason} What changed: {old.changes}"
        yield _banner(said, "supersedes", tree)


def _banner(said: str, field: str, tree: Node) -> Block:
    text = lines(said, _BANNER, MEASURE - 6 * mm, field)
    high = len(text) * _BANNER.leading + 3 * mm

    def draw(pen: Pen, top: float) -> None:
        pen.box((LEFT, top - high), (MEASURE, high), 1.5 * mm, 0.8, WARN)
        pen.text(tree.add("P"), text, _BANNER, (LEFT + 3 * mm, top - 1.5 * mm))

    return Block(field, high + 3.5 * mm, draw)
