"""Where in a file something stands."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """One cell, line or row of a file, counted from 1 as people count.

    Attributes:
        line: line of a text, or row of a sheet.
        column: field of the line, or column of the sheet; None means the whole line.
        sheet: name of the sheet; None in a text file.
    """

    line: int
    column: int | None = None
    sheet: str | None = None

    def __str__(self) -> str:
        if self.sheet is None:
            field = "" if self.column is None else f", field {self.column}"
            return f"line {self.line}{field}"
        if self.column is None:
            return f"sheet {self.sheet!r}, row {self.line}"
        return f"sheet {self.sheet!r}, cell {column_letters(self.column)}{self.line}"


def column_letters(column: int) -> str:
    """Letters of a spreadsheet column: 1 is A, 27 is AA."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
