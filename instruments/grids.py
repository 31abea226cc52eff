"""A table of cells, the common form of a delimited text and a sheet of a workbook."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from instruments.accounting import Ledger, Use
from instruments.errors import Malformed
from instruments.flags import meaning
from instruments.numerals import Cell, Numbers, Numerals
from instruments.places import Place
from instruments.readings import Flag


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Rows of cells. Rows and columns count from 0; whatever lies outside is empty.

    Cells of a text are strings; cells of a sheet are numbers, strings, dates, times and booleans.

    Attributes:
        rows: rows of different lengths; an empty cell is "".
        file: name of the file, for refusals.
        sheet: name of the sheet; None in a text.
        numerals: how numbers are written.
        ledger: which cells were used for what.
    """

    rows: list[list[Cell]]
    file: str
    sheet: str | None
    numerals: Numerals
    ledger: Ledger = field(default_factory=Ledger)

    def __len__(self) -> int:
        return len(self.rows)

    def cell(self, row: int, column: int) -> Cell:
        """The cell as it is: a string, or in a workbook also a number, a date, a time."""
        if 0 <= row < len(self.rows) and 0 <= column < len(self.rows[row]):
            return self.rows[row][column]
        return ""

    def text(self, row: int, column: int) -> str:
        """The cell as stripped text; whole numbers of a workbook without a decimal point."""
        if not 0 <= row < len(self.rows):
            return ""
        cells = self.rows[row]
        cell = cells[column] if 0 <= column < len(cells) else ""
        if isinstance(cell, str):
            return cell.strip()
        if isinstance(cell, float) and cell.is_integer():
            return str(int(cell))
        return str(cell)

    def column(self, column: int, top: int, bottom: int) -> list[Cell]:
        """The cells of a column in the rows `top` to `bottom` (exclusive)."""
        rows = self.rows[top:bottom]
        return [cells[column] if column < len(cells) else "" for cells in rows]

    def texts(self, row: int, left: int, right: int) -> list[str]:
        """The cells `left` to `right` (exclusive) of a row as texts, padded where it is shorter."""
        cells = self.rows[row][left:right] if 0 <= row < len(self.rows) else []
        if all(type(cell) is str for cell in cells):
            texts = [cell.strip() for cell in cells]  # type: ignore[union-attr]
        else:
            texts = [self.text(row, left + index) for index in range(len(cells))]
        return texts + [""] * (right - left - len(texts))

    def number(self, row: int, column: int) -> float | None:
        return self.numerals.one(self.cell(row, column))

    def numbers(self, row: int, left: int, right: int) -> Numbers:
        """The cells `left` to `right` (exclusive) of a row, padded where the row is shorter."""
        cells = self.rows[row][left:right]
        if len(cells) < right - left:
            cells = cells + [""] * (right - left - len(cells))
        return self.numerals.many(cells)

    def is_blank(self, row: int) -> bool:
        if not 0 <= row < len(self.rows):
            return True
        for cell in self.rows[row]:
            if cell != "" and (type(cell) is not str or cell.strip()):
                return False
        return True

    def width(self, row: int) -> int:
        """Columns up to the last cell of the row that is not empty."""
        cells = self.rows[row] if 0 <= row < len(self.rows) else []
        width = len(cells)
        for cell in reversed(cells):
            if cell != "" and (type(cell) is not str or cell.strip()):
                break
            width -= 1
        return width

    def find(self, wanted: str | Sequence[str], start: int = 0, column: int = 0) -> int | None:
        """The first row from `start` whose cell in `column` is one of the wanted texts."""
        texts = {wanted} if isinstance(wanted, str) else set(wanted)
        for row in range(start, len(self.rows)):
            cells = self.rows[row]
            if column < len(cells) and self.text(row, column) in texts:
                return row
        return None

    def mark_block(self, use: Use, top: int, bottom: int, left: int, right: int) -> None:
        """Mark a block in the ledger; as whole rows where nothing stands beside it."""
        if left == 0 and all(len(cells) <= right for cells in self.rows[top:bottom]):
            self.ledger.mark(use, top, bottom)
        else:
            self.ledger.mark(use, top, bottom, left, right)

    def place(self, row: int, column: int | None = None) -> Place:
        return Place(row + 1, None if column is None else column + 1, self.sheet)

    def flag(self, well: str, index: int, text: str, row: int, column: int) -> Flag:
        """A flag for a cell that holds a text in place of a number."""
        return Flag(well, index, meaning(text), text, self.place(row, column))

    def malformed(self, row: int, column: int | None, expected: str) -> Malformed:
        found = "" if column is None else self.text(row, column)
        return Malformed(self.file, place=self.place(row, column), found=found, expected=expected)
