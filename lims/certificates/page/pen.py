"""Draws lines of text on ReportLab's canvas and remembers what each piece of the page is.

The structure (heading, table, row, cell ...) becomes the PDF's tags in the archive pass, so that a
screen reader can tell the certificate's table as a table.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas

from lims.certificates.page.typeset import Line, Style


@dataclass(frozen=True)
class Mark:
    """A piece of marked content: its page (from 0) and its number on that page."""

    page: int
    number: int


@dataclass
class Node:
    """An element of the structure tree; grows while the page is drawn."""

    role: str
    kids: list["Node | Mark"] = field(default_factory=list)
    alternative: str = ""
    scope: str = ""

    def add(self, role: str, *, alternative: str = "", scope: str = "") -> "Node":
        child = Node(role, alternative=alternative, scope=scope)
        self.kids.append(child)
        return child


class Pen:
    """A canvas that knows its page and the next free mark."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.page = 0
        self._next = 0
        self._color: Color | None = None

    def turn(self) -> None:
        """On to the next page."""
        self.canvas.showPage()
        self.page += 1
        self._next = 0
        self._color = None

    @contextmanager
    def marked(self, node: Node | None) -> Iterator[None]:
        """What is drawn inside belongs to the node, or is decoration when there is none."""
        if node is None:
            self.canvas.addLiteral("/Artifact BMC")
        else:
            node.kids.append(Mark(self.page, self._next))
            self.canvas.addLiteral(f"/{node.role} <</MCID {self._next}>> BDC")
            self._next += 1
        yield
        self.canvas.addLiteral("EMC")

    def text(
        self,
        node: Node | None,
        lines: Sequence[Line],
        style: Style,
        at: tuple[float, float],
        *,
        right: float | None = None,
    ) -> float:
        """Set lines with their top at `at`, or flush right against `right`; returns the bottom."""
        left, top = at
        with self.marked(node):
            for number, line in enumerate(lines):
                x = left if right is None else right - line.width
                self._line(line, style, x, top - number * style.leading)
        return top - len(lines) * style.leading

    def _line(self, line: Line, style: Style, x: float, top: float) -> None:
        # Capitals stand in the middle of the line: 0.727 em high in this face.
        text = self.canvas.beginText(x, top - style.leading / 2 - 0.3635 * style.size)
        if style.color is not self._color:
            text.setFillColor(style.color)
            self._color = style.color
        if style.tracking:
            text.setCharSpace(style.tracking)
        for run in line.runs:
            text.setFont(run.font, run.size)
            if run.rise:
                text.setRise(run.rise)
            text.textOut(run.text)
            if run.rise:
                text.setRise(0)
        if style.tracking:
            # Spacing outlives the text object.
            text.setCharSpace(0)
        self.canvas.drawText(text)

    def fill(self, color: Color, size: tuple[float, float]) -> None:
        """The whole of a small page in one colour."""
        with self.marked(None):
            self.canvas.setFillColor(color)
            self._color = color
            self.canvas.rect(0, 0, *size, stroke=0, fill=1)

    def rule(
        self, start: tuple[float, float], end: tuple[float, float], width: float, color: Color
    ) -> None:
        with self.marked(None):
            self.canvas.setStrokeColor(color)
            self.canvas.setLineWidth(width)
            self.canvas.line(*start, *end)

    def box(
        self,
        corner: tuple[float, float],
        size: tuple[float, float],
        radius: float,
        width: float,
        color: Color,
    ) -> None:
        """An outline; corner is the lower left."""
        with self.marked(None):
            self.canvas.setStrokeColor(color)
            self.canvas.setLineWidth(width)
            self.canvas.roundRect(*corner, *size, radius, stroke=1, fill=0)
