"""A sheet as it is drawn: each field with what stands in it, what stood there, what it offers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

from sqlalchemy.orm import Session

from lims.assays.assay import Evaluation, Field, FieldKind
from lims.assays.entries import MOMENT_FORMAT
from lims.pages.entry.offers import CODED, Offer, offers_of
from lims.runs import queries as runs
from lims.runs.models import Observation
from lims.workflow.recording import Sheet

_GRID_PARTS = 4
"""A key such as `plate:1:-6:2` is a place in a table: its name, block, row and column."""


@dataclass(frozen=True)
class Cell:
    """One field of the sheet.

    Attributes:
        value: what stands in the control: the reading, or what was typed and refused.
        recorded: the reading that counts; None when there is none.
        was: the readings it replaced, oldest first.
        note: what a code or moment stands for, in words.
    """

    field: Field
    id: str
    name: str
    value: str
    recorded: str | None
    was: tuple[str, ...]
    error: str
    readonly: bool
    note: str
    offers: tuple[Offer, ...]

    @property
    def kind(self) -> str:
        return self.field.kind.value

    @property
    def label(self) -> str:
        return self.field.label


@dataclass(frozen=True)
class Row:
    name: str
    cells: tuple[Cell, ...]
    note: str
    used: bool | None


@dataclass(frozen=True)
class Block:
    """One table of the sheet, such as the plates of one preparation."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Change:
    """A reading that was replaced: who, when, why."""

    cell: Cell
    old: str
    new: str
    who: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class SheetView:
    """What the page of a run shows.

    Attributes:
        token: the version of each reading as this page knows it; a save sends it back, so that a
            reading somebody else recorded meanwhile is never overwritten.
    """

    state: Sheet
    cells: Mapping[str, Cell]
    blocks: tuple[Block, ...]
    changes: tuple[Change, ...]
    token: str
    editable: bool

    def group(self, name: str) -> list[Cell]:
        """The fields of one part of the sheet that stand in no table."""
        return [c for c in self.cells.values() if c.field.group == name and not _place(c.name)]

    def complete(self, name: str) -> bool:
        return all(c.recorded or not c.field.required for c in self.group(name))

    def has_error(self, name: str) -> bool:
        return any(c.error for c in self.group(name))

    def summary(self, name: str) -> str:
        """What stands in a folded part, in one line."""
        shown = [c for c in self.group(name) if c.recorded and c.field.kind is not FieldKind.MOMENT]
        return " · ".join(f"{c.recorded} {c.field.unit}".strip() for c in shown[:6])

    @property
    def evaluation(self) -> Evaluation:
        """What the run gives as a whole; its controls are the same for each of its results."""
        return self.state.evaluations[0] if self.state.evaluations else Evaluation()

    @property
    def missing(self) -> list[tuple[str, str]]:
        """The id of each field without an entry, with its sentence."""
        return [
            (self.cells[key].id if key in self.cells else "", words)
            for key, words in self.evaluation.missing.items()
        ]

    def out_of_date(self) -> list[str]:
        """Codes that were not in date on the day they were recorded."""
        found = []
        for cell in self.cells.values():
            offer = next((o for o in cell.offers if o.code == cell.recorded), None)
            reading = self.state.readings.get(cell.name)
            if offer and reading and offer.last_day and offer.last_day < reading.recorded_at.date():
                found.append(offer.code)
        return found


def view(
    session: Session,
    state: Sheet,
    today: date,
    *,
    editable: bool,
    names: Mapping[int, str] | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> SheetView:
    """The sheet with everything its page needs; `typed` is kept where it was refused."""
    versions = _versions(runs.history(session, state.run))
    offers = offers_of(session, state, today)
    cells = {
        field.key: _cell(field, versions.get(field.key, []), offers, editable=editable)
        for field in state.fields
    }
    for key, sentence in (errors or {}).items():
        if key in cells:
            text = (typed or {}).get(key, cells[key].value)
            cells[key] = replace(cells[key], error=sentence, value=text)
    return SheetView(
        state,
        cells,
        tuple(_blocks(cells, state.evaluations[0].notes if state.evaluations else {})),
        tuple(_changes(cells, versions, names or {})),
        token(state.readings),
        editable,
    )


def token(readings: Mapping[str, Observation]) -> str:
    return " ".join(f"{key}={reading.version}" for key, reading in sorted(readings.items()))


def seen(shown: str, key: str) -> int:
    """The version of one reading that a page had shown; 0 when it showed none."""
    for pair in shown.split():
        name, _, version = pair.rpartition("=")
        if name == key and version.isdigit():
            return int(version)
    return 0


def advanced(shown: str, key: str, version: int) -> str:
    """The same token after one reading was saved or looked at; the others stay as shown."""
    others = [pair for pair in shown.split() if pair.rpartition("=")[0] != key]
    return " ".join([*others, f"{key}={version}"]) if version else " ".join(others)


def changed_elsewhere(shown: str, readings: Mapping[str, Observation]) -> list[str]:
    """Keys of readings that are newer than this page knows."""
    return [key for key, reading in readings.items() if reading.version > seen(shown, key)]


def html_id(key: str) -> str:
    return "f-" + key.replace(":", "-")


def _versions(history: Sequence[Observation]) -> dict[str, list[Observation]]:
    found: dict[str, list[Observation]] = {}
    for reading in history:
        found.setdefault(reading.key, []).append(reading)
    return found


def _cell(
    field: Field, versions: Sequence[Observation], offers: Sequence[Offer], *, editable: bool
) -> Cell:
    recorded = versions[-1].text if versions else None
    fitting = tuple(o for o in offers if o.stock == field.stock or o.code == recorded)
    offered = fitting if field.kind in CODED else ()
    return Cell(
        field=field,
        id=html_id(field.key),
        name=field.key,
        value=recorded or "",
        recorded=recorded,
        was=tuple(each.text for each in versions[:-1]),
        error="",
        readonly=not editable,
        note=_note(field, recorded, offered),
        offers=offered,
    )


def _note(field: Field, recorded: str | None, offers: Sequence[Offer]) -> str:
    if not recorded:
        return ""
    if field.kind is FieldKind.MOMENT:
        moment = datetime.strptime(recorded, MOMENT_FORMAT)  # noqa: DTZ007 -- the site's clock
        return f"{moment.day} {moment:%b %Y, %H:%M}"
    offer = next((each for each in offers if each.code == recorded), None)
    return f"{offer.words}{', ' if offer.until else ''}{offer.until}" if offer else ""


def _place(key: str) -> tuple[str, str, str, str] | None:
    parts = key.split(":")
    return (parts[0], parts[1], parts[2], parts[3]) if len(parts) == _GRID_PARTS else None


def _blocks(cells: Mapping[str, Cell], notes: Mapping[str, str]) -> list[Block]:
    tables: dict[str, dict[str, dict[str, Cell]]] = {}
    for key, cell in cells.items():
        place = _place(key)
        if place:
            tables.setdefault(place[1], {}).setdefault(place[2], {})[place[3]] = cell
    return [
        Block(
            block,
            tuple(dict.fromkeys(column for row in rows.values() for column in row)),
            tuple(
                _row(name, tuple(row.values()), notes.get(f"{block}:{name}", ""))
                for name, row in rows.items()
            ),
        )
        for block, rows in tables.items()
    ]


def _row(name: str, cells: tuple[Cell, ...], note: str) -> Row:
    used = note.startswith("used") if note else None
    return Row(name, cells, note[:1].upper() + note[1:], used)


def _changes(
    cells: Mapping[str, Cell],
    versions: Mapping[str, Sequence[Observation]],
    names: Mapping[int, str],
) -> list[Change]:
    found = [
        Change(
            cells[key],
            before.text,
            after.text,
            names.get(after.recorded_by_id, ""),
            after.recorded_at,
            after.reason,
        )
        for key, told in versions.items()
        if key in cells
        for before, after in pairwise(told)
    ]
    return sorted(found, key=lambda change: change.at)
