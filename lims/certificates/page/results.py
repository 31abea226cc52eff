"""The results table: every specified test by family, as reported, with its verdict."""

from collections.abc import Iterator

from reportlab.lib.units import mm

from lims.certificates.content import (
    CertificateContent,
    Family,
    LineVerdict,
    RichText,
    Script,
    Span,
    TestLine,
)
from lims.certificates.page.flow import LEFT, MEASURE, RIGHT, Block
from lims.certificates.page.head import sign
from lims.certificates.page.pen import Node, Pen
from lims.certificates.page.table import Column, Row, Table, decorated
from lims.certificates.page.typeset import (
    ACCENT,
    BOLD,
    FAIL,
    FAMILY_LINE,
    INK_2,
    MEDIUM,
    NO_BREAK,
    PASS,
    REGULAR,
    WARN,
    Style,
    lines,
)

_TITLES = {
    Family.IDENTITY: "Identity",
    Family.POTENCY: "Potency",
    Family.CONTAMINANTS: "Contaminants",
    Family.PHAGE: "Bacteriophage",
}
WORDS = {
    LineVerdict.CONFORMS: "Meets",
    LineVerdict.DOES_NOT_CONFORM: "Does not meet",
    LineVerdict.INDETERMINATE: "Undecided",
    LineVerdict.REPORTED: "Reported",
    LineVerdict.MISSING: "No result",
}
_COLORS = {LineVerdict.CONFORMS: PASS, LineVerdict.DOES_NOT_CONFORM: FAIL}
_FAMILY = Style(BOLD, 8.8, 12.2, ACCENT)
_COLUMNS = (
    Column("Test", Style(MEDIUM), widest=54 * mm),
    Column("Method", Style(color=INK_2), widest=24 * mm),
    Column("Acceptance criterion", Style(REGULAR), widest=64 * mm),
    Column("Result", Style(BOLD), right=True, widest=48 * mm),
    Column("Verdict", Style(BOLD, color=WARN), widest=24 * mm, indent=5 * mm),
)
_PADDING = 1.3 * mm


def blocks(content: CertificateContent, tree: Node) -> Iterator[Block]:
    rows = {line.code: _row(line) for line in content.lines}
    table = Table.measured(_COLUMNS, list(rows.values()), _PADDING, tree)
    yield table.head()
    for family in Family:
        family_lines = content.lines_of(family)
        if family_lines:
            yield _family(_TITLES[family], table)
        for line in family_lines:
            yield _with_verdict(table, rows[line.code], line.verdict)
    if content.footnotes:
        yield footnotes(content, tree)


def _row(line: TestLine) -> Row:
    printed: RichText = line.result.printed() if line.result else ()
    marks = tuple(Span(mark, Script.SUPERSCRIPT) for mark in line.marks)
    name = (*line.test, Span(NO_BREAK), *marks) if marks else line.test
    cells = (name, line.method.identifier, line.criterion, printed, WORDS[line.verdict])
    return Row(f"test {line.code}", cells, _contract(line))


def _contract(line: TestLine) -> str:
    if not line.contract_laboratory:
        return ""
    source = f", certificate {line.source_certificate}" if line.source_certificate else ""
    return f"Tested by {line.contract_laboratory}{source}"


def _family(title: str, table: Table) -> Block:
    text = lines(title, _FAMILY, MEASURE, "family")
    high = _FAMILY.leading + 2.4 * mm

    def draw(pen: Pen, top: float) -> None:
        row = table.node.add("TR").add("TH", scope="Row")
        pen.text(row, text, _FAMILY, (LEFT, top - 1.7 * mm))
        pen.rule((LEFT, top - high), (RIGHT, top - high), 0.6, FAMILY_LINE)

    return Block("family", high, draw, with_next=True, repeats=table.repeated_head)


def _with_verdict(table: Table, row: Row, verdict: LineVerdict) -> Block:
    """The verdict in its colour, with a tick or a bar: never told by colour alone."""
    color = _COLORS.get(verdict, WARN)
    block = table.colored(row, len(_COLUMNS) - 1, color)

    def mark(pen: Pen, top: float) -> None:
        x = table.left_of(len(_COLUMNS) - 1) + 2.4 * mm
        y = top - _PADDING - _COLUMNS[0].style.leading / 2
        pen.canvas.setStrokeColor(color)
        pen.canvas.setLineWidth(1.4)
        sign(pen, verdict is LineVerdict.CONFORMS, (x, y), 3.2)

    return decorated(block, mark) if verdict is not LineVerdict.REPORTED else block


_NOTE = Style(REGULAR, 7, 10.2, INK_2)


def footnotes(content: CertificateContent, tree: Node) -> Block:
    spans: list[Span] = []
    for note in content.footnotes:
        spans += [Span(note.mark, Script.SUPERSCRIPT), Span(" "), *note.text, Span(" ")]
    spans.append(Span("Method versions and notes follow the signatures."))
    text = lines(tuple(spans), _NOTE, MEASURE, "footnotes")

    def draw(pen: Pen, top: float) -> None:
        pen.text(tree.add("P"), text, _NOTE, (LEFT, top - 2.4 * mm))

    return Block("footnotes", len(text) * _NOTE.leading + 3.4 * mm, draw)
