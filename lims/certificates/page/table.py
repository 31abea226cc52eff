"""A table whose rows wrap, whose head is repeated, and whose cells are tagged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from reportlab.lib.colors import Color
from reportlab.lib.units import mm

from lims.certificates.content import RichText
from lims.certificates.page.flow import LEFT, MEASURE, RIGHT, Block, Draw, columns
from lims.certificates.page.pen import Node, Pen
from lims.certificates.page.typeset import (
    INK,
    INK_3,
    LINE,
    MEDIUM,
    Line,
    Style,
    lines,
    longest_word,
    natural_width,
)

HEADING = Style(MEDIUM, 6.6, 9.2, INK_3, capitals=True, tracking=0.36)
GUTTER = 2 * mm


@dataclass(frozen=True)
class Column:
    """Attributes: widest: a cell's text is broken rather than wider than this (points)."""

    title: str
    style: Style
    right: bool = False
    widest: float = 70 * mm
    indent: float = 0.0


@dataclass(frozen=True)
class Row:
    """Texts by column, the field to name when one cannot be set, and a second line if any."""

    field: str
    cells: tuple[str | RichText, ...]
    under: str = ""


UNDER = Style(size=6.8, leading=9.2, color=INK_3)


@dataclass(frozen=True)
class Table:
    columns: tuple[Column, ...]
    widths: tuple[float, ...]
    padding: float
    parent: Node
    node: Node
    """Joins the tree when the head is drawn, so that the tags follow the order of reading."""

    @classmethod
    def measured(
        cls, columns_: Sequence[Column], rows: Sequence[Row], padding: float, parent: Node
    ) -> "Table":
        """Column widths from all rows, so that the table looks one from page to page."""
        natural, least = [], []
        for at, column in enumerate(columns_):
            texts = [(row.cells[at], column.style, row.field) for row in rows]
            texts.append((column.title, HEADING, column.title))
            wide = max(natural_width(*text) for text in texts)
            word = max(longest_word(*text) for text in texts)
            extra = GUTTER + column.indent
            natural.append(min(wide, column.widest) + extra)
            least.append(min(word, column.widest) + extra)
        return cls(
            tuple(columns_), tuple(columns(natural, least, MEASURE)), padding, parent, Node("Table")
        )

    @cached_property
    def repeated_head(self) -> Block:
        return self.head(repeated=True)

    def head(self, *, repeated: bool = False) -> Block:
        """The line of column titles; decoration where it is repeated on a further page."""
        titles = [
            lines(column.title, HEADING, width - GUTTER - column.indent + 0.01, column.title)
            for column, width in zip(self.columns, self.widths, strict=True)
        ]
        high = max(len(title) for title in titles) * HEADING.leading

        def draw(pen: Pen, top: float) -> None:
            if not repeated:
                self.parent.kids.append(self.node)
            row = None if repeated else self.node.add("TR")
            for title, column, x, width in self._places(titles, self.columns):
                cell = row.add("TH", scope="Column") if row else None
                self._set(pen, cell, title, HEADING, (x, top), column, width)
            bottom = top - high - 1.2 * mm
            pen.rule((LEFT, bottom), (RIGHT, bottom), 0.9, INK)

        return Block("table", high + 1.4 * mm, draw, with_next=not repeated)

    def colored(self, row: Row, at: int, color: Color) -> Block:
        """A row with one column's text in another colour."""
        changed = list(self.columns)
        changed[at] = replace(changed[at], style=replace(changed[at].style, color=color))
        return self.row(row, tuple(changed))

    def row(self, row: Row, columns_: tuple[Column, ...] = ()) -> Block:
        """A row, set in the table's own columns or in ones that differ in style."""
        columns_ = columns_ or self.columns
        cells = [
            lines(text, column.style, width - GUTTER - column.indent + 0.01, row.field)
            for text, column, width in zip(row.cells, columns_, self.widths, strict=True)
        ]
        under = lines(row.under, UNDER, MEASURE * 0.6, row.field) if row.under else ()
        text = max(
            len(cell) * column.style.leading for cell, column in zip(cells, columns_, strict=True)
        )
        high = text + len(under) * UNDER.leading + 2 * self.padding

        def draw(pen: Pen, top: float) -> None:
            node = self.node.add("TR")
            y = top - self.padding
            for at, (cell, column, x, width) in enumerate(self._places(cells, columns_)):
                into = node.add("TH", scope="Row") if at == 0 else node.add("TD")
                self._set(pen, into, cell, column.style, (x, y), column, width)
                if at == 0 and under:
                    pen.text(into, under, UNDER, (LEFT, y - text))
            pen.rule((LEFT, top - high), (RIGHT, top - high), 0.4, LINE)

        return Block(row.field, high, draw, repeats=self.repeated_head)

    def _places(
        self, cells: Sequence[tuple[Line, ...]], columns_: tuple[Column, ...]
    ) -> Iterator[tuple[tuple[Line, ...], Column, float, float]]:
        x = LEFT
        for cell, column, width in zip(cells, columns_, self.widths, strict=True):
            yield cell, column, x, width
            x += width

    def left_of(self, at: int) -> float:
        """The left edge of a column."""
        return LEFT + sum(self.widths[:at])

    @staticmethod
    def _set(
        pen: Pen,
        node: Node | None,
        cell: tuple[Line, ...],
        style: Style,
        at: tuple[float, float],
        column: Column,
        width: float,
    ) -> None:
        x, y = at
        right = x + width - GUTTER if column.right else None
        pen.text(node, cell, style, (x + column.indent, y), right=right)


def decorated(block: Block, mark: Draw) -> Block:
    """A row with something drawn over it, given its top."""

    def draw(pen: Pen, top: float) -> None:
        block.draw(pen, top)
        mark(pen, top)

    return replace(block, draw=draw)
