"""What the reader itself noticed during a run: aborted, wrong plate height, saturated."""

import re
from collections.abc import Iterator
from itertools import islice

from instruments.grids import Grid
from instruments.readings import Message, Severity

_MOST, _LONGEST = 50, 500  # more notes, or longer ones, nobody reads
_BEGINS = ("Notifications for", "WARNING", "ERROR", "INFO")
_HEAD = re.compile(r"Notifications for (plate\b.*?):?$")
_LINE = re.compile(r"(WARNING|ERROR|INFO)\s*:\s*(.*)")
# An abort stands among the notes for the record, but leaves wells unmeasured.
_GRAVE = re.compile(r"\baborted\b|\bmissing\b", re.IGNORECASE)


def notifications(grid: Grid) -> Iterator[Message]:
    """One message for each text, at the line where it stands first, with the plates it is about."""
    found: dict[tuple[str, str], tuple[int, dict[str, None]]] = {}
    plate = ""
    for row, cells in enumerate(grid.rows):
        if not cells or not isinstance(cells[0], str) or not cells[0].startswith(_BEGINS):
            continue
        text = ", ".join(filter(None, grid.texts(row, 0, grid.width(row))))
        if (head := _HEAD.match(text)) is not None:
            plate = " ".join(head[1].split())
        elif (line := _LINE.match(text)) is not None and line[2]:
            _, plates = found.setdefault((line[1], line[2]), (row, {}))
            if plate:
                plates[plate] = None
    for (kind, text), (row, plates) in islice(found.items(), _MOST):
        of = f", {'; '.join(islice(plates, _MOST))}" if plates else ""
        grave = kind != "INFO" or _GRAVE.search(text) is not None
        severity = Severity.WARNING if grave else Severity.INFO
        yield Message(severity, f"the reader noted{of}: {text[:_LONGEST]}", grid.place(row))
    if len(found) > _MOST:
        yield Message(Severity.WARNING, f"the reader noted {len(found) - _MOST} more things")
