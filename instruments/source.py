"""A file as the readers see it: bytes, text, tables, sheets, each made once and when asked for."""

import hashlib
from functools import cached_property

from instruments import limits
from instruments.decoding import Decoded, NotText, decode, lines_of
from instruments.delimited import find_delimiter, split_lines
from instruments.errors import AmbiguousNumbers, Malformed, TooLarge
from instruments.grids import Grid
from instruments.numerals import Cell, Numerals, weigh
from instruments.places import Place
from instruments.readings import Message, Severity
from instruments.workbooks import Sheet, open_workbook

_HEAD_CHARACTERS = 65_536
_HEAD_ROWS = 200
_HEAD_COLUMNS = 16
_TAIL_CHARACTERS = 4096
_TAIL_ROWS = 40
_ZIP, _COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Source:
    """One file. What it is follows from its content; the name is a hint for people only.

    Attributes:
        content: the bytes.
        filename: as handed in, without folders.
        messages: what the frame and the readers have to say about the file.
    """

    def __init__(self, content: bytes, filename: str) -> None:
        self.content = content
        self.filename = _display_name(filename)
        self.messages: list[Message] = []
        self._tables: dict[str, Grid] = {}
        self._is_accounted = False
        if len(content) > limits.FILE_BYTES:
            raise TooLarge(
                self.filename, "file size", found=f"{len(content):,} bytes", allowed="50 MB"
            )
        if not content.strip():
            raise Malformed(self.filename, found="an empty file", expected="an instrument's export")

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def is_workbook(self) -> bool:
        """True for xlsx and xls, by content: a file named .xls may well be an xlsx."""
        return self.content.startswith((_ZIP, _COMPOUND))

    @cached_property
    def is_text(self) -> bool:
        return self._decoded is not None

    @cached_property
    def _decoded(self) -> Decoded | None:
        if self.is_workbook:
            return None
        try:
            decoded = decode(self.content)
        except NotText:
            return None
        self.messages += [Message(Severity.INFO, note) for note in decoded.notes]
        return decoded

    @property
    def text(self) -> str:
        """The whole text; "" for a workbook and for binary files."""
        return "" if self._decoded is None else self._decoded.text

    @property
    def encoding(self) -> str:
        return "" if self._decoded is None else self._decoded.encoding

    @cached_property
    def lines(self) -> list[str]:
        """Lines without their ends; [] for a workbook and for binary files."""
        return lines_of(self.text) if self.text else []

    @cached_property
    def head(self) -> str:
        """What tells the format: the first 64 kB of a text, the top left of every sheet.

        Cells of a sheet are separated by a tab; lines end in a line feed, whatever the file
        uses; for binary files it is "".
        """
        if not self.is_workbook:
            return self.text[:_HEAD_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n")
        return "\n".join(
            "\t".join(map(str, row[:_HEAD_COLUMNS]))
            for sheet in self.sheets
            for row in sheet.rows[:_HEAD_ROWS]
        )

    @cached_property
    def tail(self) -> str:
        """The other end, where programs write their name.

        4 kB of a text; of each sheet the texts that begin its last 40 rows.
        """
        if not self.is_workbook:
            return self.text[-_TAIL_CHARACTERS:]
        return "\n".join(
            row[0]
            for sheet in self.sheets
            for row in sheet.rows[-_TAIL_ROWS:]
            if row and type(row[0]) is str
        )

    @cached_property
    def delimiter(self) -> str:
        return find_delimiter(self.lines)

    @cached_property
    def table(self) -> Grid:
        """The text as a table, split at the delimiter that the file uses."""
        return self.split(self.delimiter)

    def split(self, delimiter: str) -> Grid:
        """The text as a table, for a reader that knows the delimiter better."""
        if delimiter not in self._tables:
            rows = split_lines(self.lines, delimiter, self.filename)
            self._tables[delimiter] = Grid(
                rows,  # type: ignore[arg-type]  # a list of strings is a list of cells here
                self.filename,
                None,
                self._numerals(delimiter),
            )
        return self._tables[delimiter]

    @cached_property
    def sheets(self) -> tuple[Grid, ...]:
        """The visible sheets of a workbook; () for other files."""
        if not self.is_workbook:
            return ()
        grids = []
        for sheet in open_workbook(self.content, self.filename):
            if sheet.visible:
                grids.append(self._grid(sheet))
            elif not sheet.is_chart:
                text = f"sheet {sheet.name!r} is hidden and was not read"
                self.messages.append(Message(Severity.WARNING, text))
        return tuple(grids)

    @property
    def grids(self) -> tuple[Grid, ...]:
        """The sheets of a workbook, or the table of a text."""
        if self.is_workbook:
            return self.sheets
        return (self.table,) if self.is_text else ()

    def accounted(self) -> None:
        """Say that the numbers of this file are accounted for by other means (FCS, XML)."""
        self._is_accounted = True

    @property
    def accounted_grids(self) -> tuple[Grid, ...]:
        """The grids in which every number must be covered; see `accounting`."""
        if self._is_accounted:
            return ()
        return tuple(self._tables.values()) if self._tables else self.grids

    def note(self, severity: Severity, text: str, place: Place | None = None) -> None:
        self.messages.append(Message(severity, text, place))

    def _numerals(self, delimiter: str) -> Numerals:
        evidence = weigh(self.text, delimiter)
        if evidence.open is not None and not evidence.commas and not evidence.dots:
            number, at = evidence.open
            line = self.text.count("\n", 0, at) + 1
            raise AmbiguousNumbers(
                self.filename,
                place=Place(line),
                found=number,
                expected="a number that proves whether the comma is decimal",
            )
        return Numerals("," if evidence.commas > evidence.dots else ".")

    def _grid(self, sheet: Sheet) -> Grid:
        rows = sheet.rows
        self._blank_hidden(sheet, rows)
        for attributes in sheet.unvalued:
            cell = attributes.strip()
            text = f"sheet {sheet.name!r}: a formula without a value was read as empty ({cell})"
            self.messages.append(Message(Severity.WARNING, text))
        return Grid(rows, self.filename, sheet.name, _sheet_numerals(rows))

    def _blank_hidden(self, sheet: Sheet, rows: list[list[Cell]]) -> None:
        hidden = [
            row
            for row in sheet.hidden_rows
            if row < len(rows) and any(cell != "" for cell in rows[row])
        ]
        for row in hidden:
            rows[row] = []
        columns = [c for c in sheet.hidden_columns if any(c < len(r) and r[c] != "" for r in rows)]
        for column in columns:
            for row_cells in rows:
                if column < len(row_cells):
                    row_cells[column] = ""
        for what, numbers in (("row", hidden), ("column", columns)):
            if numbers:
                named = ", ".join(str(number + 1) for number in numbers[:20])
                text = f"sheet {sheet.name!r}: hidden {what} {named} was not read"
                self.messages.append(Message(Severity.WARNING, text))


def _sheet_numerals(rows: list[list[Cell]]) -> Numerals:
    """Numbers of a sheet are numbers; a comma matters only where a sheet holds texts instead."""
    texts = [cell for row in rows for cell in row if type(cell) is str and "," in cell]
    evidence = weigh("\t".join(texts), "\t") if texts else None
    return Numerals("," if evidence is not None and evidence.commas > evidence.dots else ".")


def _display_name(filename: str) -> str:
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in name if sign.isprintable())[:200]
