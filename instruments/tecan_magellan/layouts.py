"""The ways in which Magellan writes values: lists, time courses, spectra, matrices."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from instruments.accounting import Use
from instruments.errors import Malformed
from instruments.grids import Grid
from instruments.moments import seconds_of
from instruments.numerals import Numbers
from instruments.readings import Floats
from instruments.tecan_icontrol.tables import Odd, well_of
from instruments.wells import row_index, shape_of, well_name

POSITIONS = re.compile(r"well positions?|well|position", re.IGNORECASE)
_TIME = re.compile(r"\d+(?:[.,]\d+)?\s*(?:s|ms|min|h)|\d+:\d\d(?::\d\d)?", re.IGNORECASE)
_TEMPERATURE = re.compile(r"(-?\d+(?:[.,]\d+)?)\s*°?\s*C", re.IGNORECASE)
_MOST_HEADER_ROWS = 4
_TITLE_CHARACTERS = 60


@dataclass(slots=True)
class Block:
    """Values of one label (of one plate, where a column names plates): wells by points."""

    label: str | None
    wells: list[str]
    values: Floats
    odd: list[Odd] = field(default_factory=list)
    time_s: Floats | None = None
    temperature_c: Floats | None = None
    spectrum_nm: Floats | None = None
    plate: str | None = None


@dataclass(slots=True)
class Values:
    """All that stands above the footer.

    Attributes:
        samples: what the file says of a well beside its values.
        assumed_order: wells are not named; their order was assumed.
    """

    blocks: list[Block] = field(default_factory=list)
    samples: dict[tuple[str | None, str], str] = field(default_factory=dict)
    assumed_order: bool = False


def read_values(grid: Grid, bottom: int) -> Values:
    """Find the layout of rows 0 to `bottom` and read it.

    Raises:
        Malformed: no layout that is known.
    """
    row = 0
    while row < bottom and grid.is_blank(row):
        row += 1
    for parse in (_list, _spectrum, _matrices, _unnamed_lines, _course, _bare_list):
        values = parse(grid, row, bottom)
        if values is not None:
            return values
    raise Malformed(
        grid.file,
        place=grid.place(row),
        found=grid.text(row, 0),
        expected="a list of wells, a matrix, a time course or a spectrum",
    )


def time_of(text: str) -> float | None:
    """Seconds of "599s", "10 min" or "0:10:00"; None when it is no time."""
    if not _TIME.fullmatch(text):
        return None
    if text.lower().endswith("ms"):
        return float(text[:-2].replace(",", ".")) / 1000
    return seconds_of(text.replace(",", "."))


def temperature_of(text: str) -> float | None:
    match = _TEMPERATURE.fullmatch(text)
    return float(match[1].replace(",", ".")) if match else None


def _list(grid: Grid, top: int, bottom: int) -> Values | None:
    """A title line with "Well positions", then one line per well."""
    titles = [grid.text(top, column) for column in range(grid.width(top))]
    at = next((c for c, title in enumerate(titles) if POSITIONS.fullmatch(title)), None)
    if at is None or len(titles) == 1:
        return None
    first = next((r for r in range(top + 1, bottom) if well_of(grid.text(r, at))), None)
    if first is None or first - top > _MOST_HEADER_ROWS:
        return None
    grid.ledger.mark(Use.HEADER, top, first)
    plate = next(
        (c for c, title in enumerate(titles) if title.lower() in ("plate", "platte")), None
    )
    rows = [row for row in range(first, bottom) if not grid.is_blank(row)]
    for row in rows:
        if well_of(grid.text(row, at)) is None:
            raise grid.malformed(row, at, "a well name, or the date below the last well")
    names = _plates(grid, rows, plate)
    width = max(grid.width(row) for row in rows)
    columns = [c for c in range(max(width, len(titles))) if c not in (at, plate)]
    found = Values()
    for name in dict.fromkeys(names):
        chosen = [row for row, its in zip(rows, names, strict=True) if its == name]
        _add_list(grid, found, chosen, at, columns, (top, first), name)
    return found


def _plates(grid: Grid, rows: Sequence[int], column: int | None) -> list[str | None]:
    """The plate of each row; a blank continues the plate above."""
    names: list[str | None] = []
    for row in rows:
        name = "" if column is None else grid.text(row, column)
        names.append(name or (names[-1] if names else None))
    return names


def _add_list(
    grid: Grid,
    found: Values,
    rows: list[int],
    at: int,
    columns: list[int],
    head: tuple[int, int],
    plate: str | None,
) -> None:
    wells = [well_of(grid.text(row, at)) or "" for row in rows]
    if len(set(wells)) != len(wells):
        raise grid.malformed(rows[0], at, "a list that names every well of a plate once")
    by_label: dict[str, list[int]] = {}
    title = ""
    for column in columns:
        title = grid.text(head[0], column) or title
        numbers = _column(grid, rows, column)
        if np.isnan(numbers.values).all():
            if len(numbers.odd) == len(rows) or not title:
                _keep_samples(found, plate, wells, numbers)
                continue
            if not numbers.odd:
                continue
        by_label.setdefault(title, []).append(column)
    for label, its in by_label.items():
        found.blocks.append(_list_block(grid, label, wells, rows, its, head, plate))
    for column in (at, *columns):
        grid.ledger.mark(Use.MEASURED, rows[0], rows[-1] + 1, column, column + 1)


def _keep_samples(found: Values, plate: str | None, wells: list[str], texts: Numbers) -> None:
    for index, text in texts.odd:
        found.samples.setdefault((plate, wells[index]), text)


def _list_block(
    grid: Grid,
    label: str,
    wells: list[str],
    rows: list[int],
    columns: list[int],
    head: tuple[int, int],
    plate: str | None,
) -> Block:
    lines = [_column(grid, rows, column) for column in columns]
    block = Block(label or None, wells, np.array([line.values for line in lines]).T, plate=plate)
    for point, (column, line) in enumerate(zip(columns, lines, strict=True)):
        block.odd += [Odd(well, point, text, rows[well], column) for well, text in line.odd]
    heads = [[grid.text(r, c) for r in range(head[0] + 1, head[1])] for c in columns]
    times = [next((t for x in cells if (t := time_of(x)) is not None), None) for cells in heads]
    warmth = [
        next((t for x in cells if (t := temperature_of(x)) is not None), None) for cells in heads
    ]
    if len(columns) > 1 and None not in times:
        block.time_s = np.array(times, dtype=np.float64)
    if None not in warmth:
        block.temperature_c = np.array(warmth, dtype=np.float64)
    return block


def _column(grid: Grid, rows: Sequence[int], column: int) -> Numbers:
    return grid.numerals.many([grid.cell(row, column) for row in rows])


def _spectrum(grid: Grid, top: int, bottom: int) -> Values | None:
    """Wavelengths beside "[nm]", one line per well below."""
    row = next((r for r in range(top, min(top + 6, bottom)) if grid.text(r, 0) == "[nm]"), None)
    if row is None:
        return None
    points = grid.width(row) - 1
    axis = grid.numbers(row, 1, 1 + points)
    if points < 1 or np.isnan(axis.values).any():
        raise grid.malformed(row, 1, "wavelengths in nm")
    label = grid.text(top, 0) if row > top else None
    return Values([_well_lines(grid, row, bottom, points, label, spectrum=axis.values)])


def _well_lines(
    grid: Grid, top: int, bottom: int, points: int, label: str | None, *, spectrum: Floats
) -> Block:
    wells: list[str] = []
    lines: list[Floats] = []
    odd: list[Odd] = []
    row = top + 1
    while row < bottom and (well := well_of(grid.text(row, 0))):
        numbers = grid.numbers(row, 1, 1 + points)
        odd += [Odd(len(wells), at, text, row, 1 + at) for at, text in numbers.odd]
        wells.append(well)
        lines.append(numbers.values)
        row += 1
    if not wells or len(set(wells)) != len(wells):
        raise grid.malformed(row, 0, "well names, each once")
    grid.ledger.mark(Use.MEASURED, top, row, 0, 1 + points)
    return Block(label, wells, np.array(lines), odd, spectrum_nm=spectrum)


def _matrices(grid: Grid, top: int, bottom: int) -> Values | None:
    """Plate matrices with row letters and column numbers; a title may stand above each."""
    found = Values()
    title, row = None, top
    while row < bottom:
        columns = _column_numbers(grid, row)
        if columns and row_index(grid.text(row + 1, 0)) is not None:
            block, row = _matrix(grid, row, bottom, columns, title)
            found.blocks.append(block)
            title = None
        else:
            title = grid.text(row, 0) or title
            row += 1
    return found if found.blocks else None


def _column_numbers(grid: Grid, row: int) -> list[int]:
    if grid.text(row, 0) not in ("", "<>"):
        return []
    texts = [grid.text(row, column) for column in range(1, grid.width(row))]
    if not texts or len(texts) > 48 or not all(t.isascii() and t.isdigit() for t in texts):  # noqa: PLR2004
        return []
    columns = [int(text) for text in texts]
    return columns if columns == list(range(columns[0], columns[0] + len(columns))) else []


def _matrix(
    grid: Grid, top: int, bottom: int, columns: list[int], title: str | None
) -> tuple[Block, int]:
    wells: list[str] = []
    values: list[float] = []
    odd: list[Odd] = []
    row = top + 1
    while row < bottom and (letter := row_index(grid.text(row, 0))) is not None:
        numbers = grid.numbers(row, 1, 1 + len(columns))
        odd += [Odd(len(wells) + at, 0, text, row, 1 + at) for at, text in numbers.odd]
        wells += [well_name(letter, column - 1) for column in columns]
        values += numbers.values.tolist()
        row += 1
    if len(set(wells)) != len(wells) or columns[0] < 1 or columns[-1] > 48:  # noqa: PLR2004
        raise grid.malformed(top, 1, "a matrix that names every well once")
    grid.ledger.mark(Use.MEASURED, top, row, 0, 1 + len(columns))
    return Block(title, wells, np.array(values).reshape(-1, 1), odd), row


def _course(grid: Grid, top: int, bottom: int) -> Values | None:
    """Labels one below the other, a line of well names, then one line per time."""
    first = next((r for r in range(top, bottom) if time_of(grid.text(r, 0)) is not None), None)
    if first is None:
        return None
    names = first - 1
    wells = [
        (column, well)
        for column in range(1, grid.width(names) if names >= top else 0)
        if (well := well_of(grid.text(names, column)))
    ]
    labels = [grid.text(row, 0) for row in range(top, names if wells else first)]
    labels = [label for label in labels if label and not POSITIONS.fullmatch(label)]
    rows = [row for row in range(first, bottom) if not grid.is_blank(row)]
    found = Values(assumed_order=not wells)
    offset = 1 + (temperature_of(grid.text(first, 1)) is not None)
    wells = wells or _unnamed(grid, rows, offset)
    grid.ledger.mark(Use.HEADER, top, first)
    for label, its in _shares(grid, labels, rows):
        found.blocks.append(_course_block(grid, label, its, wells, offset))
    return found


def _unnamed(grid: Grid, rows: Sequence[int], offset: int) -> list[tuple[int, str]]:
    """Wells without names stand row by row, all wells of the plate; empty ones were not read."""
    width = max(len(grid.rows[row]) for row in rows) - offset
    shape = shape_of(width)
    if shape is None:
        raise grid.malformed(rows[0], None, "names of the wells, or values for a whole plate")
    return [(offset + i, well_name(*divmod(i, shape[1]))) for i in range(width)]


def _unnamed_lines(grid: Grid, top: int, bottom: int) -> Values | None:
    """Times in the first line, then one line per well without its name (Sunrise)."""
    width = grid.width(top)
    times = [time_of(grid.text(top, column)) for column in range(width)]
    if None in times or not times or time_of(grid.text(top + 1, 0)) is not None:
        return None
    rows = [row for row in range(top + 1, bottom) if grid.number(row, 0) is not None]
    shape = shape_of(len(rows))
    if shape is None or rows != list(range(rows[0], rows[0] + len(rows))):
        raise grid.malformed(top + 1, 0, "one line for each well of a whole plate")
    grid.ledger.mark(Use.HEADER, top, rows[0])
    grid.ledger.mark(Use.MEASURED, rows[0], rows[-1] + 1, 0, width)
    lines = [grid.numbers(row, 0, width) for row in rows]
    wells = [well_name(*divmod(i, shape[1])) for i in range(len(rows))]
    block = Block(None, wells, np.array([line.values for line in lines]))
    for well, (row, line) in enumerate(zip(rows, lines, strict=True)):
        block.odd += [Odd(well, at, text, row, at) for at, text in line.odd]
    if width > 1:
        block.time_s = np.array(times, dtype=np.float64)
    return Values([block], assumed_order=True)


def _shares(grid: Grid, labels: list[str], rows: list[int]) -> list[tuple[str | None, list[int]]]:
    """Which lines belong to which label: equal shares, or as the times start again."""
    times = [time_of(grid.text(row, 0)) for row in rows]
    for row, time in zip(rows, times, strict=True):
        if time is None:
            raise grid.malformed(row, 0, "a time, or the date below the last line")
    if labels:
        if len(rows) % len(labels):
            raise grid.malformed(rows[-1], 0, f"as many lines for each of {len(labels)} labels")
        share = len(rows) // len(labels)
        return [(label, rows[i * share : (i + 1) * share]) for i, label in enumerate(labels)]
    parts: list[list[int]] = []
    last = np.inf
    for row, time in zip(rows, times, strict=True):
        if time is not None and time <= last:
            parts.append([])
        parts[-1].append(row)
        last = last if time is None else time
    return [(None, part) for part in parts]


def _course_block(
    grid: Grid, label: str | None, rows: list[int], wells: list[tuple[int, str]], offset: int
) -> Block:
    right = wells[-1][0] + 1
    lines = [grid.numbers(row, 0, right) for row in rows]
    table = np.array([line.values for line in lines])
    columns = {column: index for index, (column, _) in enumerate(wells)}
    block = Block(label, [well for _, well in wells], table[:, list(columns)].T)
    for point, (row, line) in enumerate(zip(rows, lines, strict=True)):
        block.odd += [
            Odd(columns[at], point, text, row, at) for at, text in line.odd if at in columns
        ]
        grid.ledger.mark(Use.MEASURED, row, row + 1, 0, right)
    if len(rows) > 1:
        block.time_s = np.array([time_of(grid.text(row, 0)) for row in rows], dtype=np.float64)
    warmth = [temperature_of(grid.text(row, 1)) for row in rows] if offset > 1 else [None]
    if None not in warmth:
        block.temperature_c = np.array(warmth, dtype=np.float64)
    return block


def _bare_list(grid: Grid, top: int, bottom: int) -> Values | None:
    """Well, what it holds, values: a list without a title line."""
    if well_of(grid.text(top, 0)) is None:
        return None
    rows = [row for row in range(top, bottom) if not grid.is_blank(row)]
    wells = [well_of(grid.text(row, 0)) or "" for row in rows]
    for row, well in zip(rows, wells, strict=True):
        if not well:
            raise grid.malformed(row, 0, "a well name, or the date below the last well")
    if len(set(wells)) != len(wells):
        raise grid.malformed(rows[0], 0, "a list that names every well once")
    found = Values()
    for column in range(1, max(grid.width(row) for row in rows)):
        numbers = _column(grid, rows, column)
        if np.isnan(numbers.values).all():
            _keep_samples(found, None, wells, numbers)
            continue
        odd = [Odd(well, 0, text, rows[well], column) for well, text in numbers.odd]
        found.blocks.append(Block(None, wells, numbers.values.reshape(-1, 1), odd))
        grid.ledger.mark(Use.MEASURED, rows[0], rows[-1] + 1, column, column + 1)
    return found if found.blocks else None
