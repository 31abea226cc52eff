"""A workbook's cells as text, so that a fuzzer can bend them and a test can replay them.

Starts with the mark of an archive, so that the readers take it for a workbook. Then one sheet after
the other, parted by form feeds: its name in the first line, then rows of cells parted by tabs. A
cell starts with the letter of its kind: `n1.5`, `b1`, `d2024-02-29T14:00:00`, `t14:00:00`,
`x86400.5` (a duration in seconds); anything else is a text, after an `s` where it would be mistaken.
"""

from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from unittest import mock

from instruments import limits
from instruments.workbooks import Sheet

MARK = b"PK\x03\x04cells\n"
_KINDS = "nbdtxs"


def written(sheets):
    """The text of the visible sheets of a workbook."""
    parts = [
        "\n".join([sheet.name, *("\t".join(map(_written, row)) for row in sheet.rows)])
        for sheet in sheets
        if sheet.visible
    ]
    return MARK + "\f".join(parts).encode()


def _written(cell):
    if isinstance(cell, bool):
        return f"b{int(cell)}"
    if isinstance(cell, int | float):
        return f"n{float(cell)!r}"
    if isinstance(cell, datetime | date):
        return f"d{cell.isoformat()}"
    if isinstance(cell, time):
        return f"t{cell.isoformat()}"
    if isinstance(cell, timedelta):
        return f"x{cell.total_seconds()!r}"
    text = cell.replace("\t", " ").replace("\n", "\r").replace("\f", " ")
    return f"s{text}" if text[:1] in _KINDS else text


def sheets_of(content):
    """The sheets that a text of cells stands for; what is no text of cells is one odd sheet."""
    text = content.removeprefix(MARK).decode("utf-8", "replace")
    sheets = []
    for part in text.split("\f")[:64]:
        name, _, cells = part.partition("\n")
        rows = [list(map(_read, line.split("\t"))) for line in cells.split("\n")]
        widest = min(max(map(len, rows)), limits.COLUMNS)
        for row in rows:
            row.extend([""] * (widest - len(row)))
        sheets.append(Sheet(name, visible=True, rows=rows))
    return sheets


def _read(text):
    kind, rest = text[:1], text[1:]
    if kind not in _KINDS or not kind:
        return text
    try:
        return _READ[kind](rest)
    except (ValueError, OverflowError):
        return text.replace("\r", "\n")


def _number(text):
    number = float(text)
    if number - number != 0:
        raise ValueError(text)
    return number


_READ = {
    "n": _number,
    "b": lambda text: bool(int(text)),
    "d": datetime.fromisoformat,
    "t": time.fromisoformat,
    "x": lambda text: timedelta(seconds=float(text)),
    "s": lambda text: text.replace("\r", "\n"),
}


@contextmanager
def opened_as_cells():
    """Workbooks are taken from such texts, and no child process is asked."""
    with mock.patch("instruments.source.open_workbook", lambda content, _: sheets_of(content)):
        yield
