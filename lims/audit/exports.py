"""The trail as files: CSV for people and spreadsheets, JSON lines for whoever recomputes it."""

import csv
import io
import json
from collections.abc import Iterable, Iterator

from lims.audit.queries import Change, Told

COLUMNS = (
    "number", "at_utc", "login", "name", "roles", "action", "sentence", "record_type", "record",
    "changes", "reason", "address", "client", "previous", "hash",
)  # fmt: skip

# A spreadsheet takes a cell that begins so for a formula (CWE-1236).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Written first so that a spreadsheet reads the file as UTF-8.
_BYTE_ORDER_MARK = "\ufeff"


def as_csv(events: Iterable[Told]) -> Iterator[str]:
    """Comma-separated lines with a heading, in stable columns."""
    yield _BYTE_ORDER_MARK + _line(COLUMNS)
    for event in events:
        yield _line([_safe(cell) for cell in _cells(event)])


def as_json_lines(events: Iterable[Told]) -> Iterator[str]:
    """One object a line: the exact text that was hashed, its hash, and the sentence to read."""
    for event in events:
        told = {
            "number": event.number,
            "sentence": f"{event.who} {event.words}",
            "hashed": event.hashed,
            "hash": event.hash,
        }
        yield json.dumps(told, ensure_ascii=False) + "\n"


def _cells(event: Told) -> list[str]:
    return [
        str(event.number),
        event.at.isoformat(),
        event.login,
        event.who,
        " ".join(event.roles),
        event.action,
        event.words,
        event.record_type,
        event.record,
        "; ".join(map(_told, event.changes)),
        event.reason,
        event.source,
        event.client,
        event.previous,
        event.hash,
    ]


def _told(change: Change) -> str:
    return f"{change.record}.{change.field}: {change.old or '(nothing)'} → {change.new}"


def _safe(cell: str) -> str:
    """The cell as text: an apostrophe stands before what would be taken for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()
