"""The numbers of a Plate block: points by column groups by wells, and what SoftMax reduced.

PlateFormat writes one matrix for each time, wavelength or place, TimeFormat one line. Several
wavelengths stand side by side, with an empty column between them; TimeFormat may also stack them.
"""

import numpy as np

from instruments.accounting import Use
from instruments.errors import Truncated
from instruments.grids import Grid
from instruments.moldev_softmax.columns import FIRST, Columns, Matrices, Odd, column_groups
from instruments.moldev_softmax.header import PlateHeader
from instruments.moments import seconds_of
from instruments.numerals import Numbers, Numerals
from instruments.readings import Kind, Message, Severity
from instruments.wells import standard_name, well_name


class Reader:
    """Reads the rows of one Plate block, top to bottom."""

    def __init__(self, grid: Grid, header: PlateHeader, numerals: Numerals) -> None:
        self.grid = grid
        self.header = header
        self.numerals = numerals

    def read(self, top: int, bottom: int) -> Matrices:
        """Rows `top` (column names) to `bottom` (~End, exclusive)."""
        columns = column_groups(self.grid, top)
        wells = self._wells(top, columns)
        self.grid.ledger.mark(Use.HEADER, top, top + 1)
        found = Matrices(wells)
        row = floor = top + 1
        if self.header.is_reduced_only:
            row = self._reduced(row, bottom, columns, found)
        while row < bottom:
            if self.grid.is_blank(row):
                row += 1
            elif self._is_column_line(row, columns):
                self.grid.ledger.mark(Use.HEADER, row, row + 1)
                row = self._reduced(row + 1, bottom, columns, found)
            else:
                row = floor = self._point(row, bottom, floor, columns, found)
        return found

    def _wells(self, row: int, columns: Columns) -> tuple[str, ...]:
        header = self.header
        if header.by_time:
            wells = tuple(standard_name(name) or "" for name in columns.names)
            known = {well_name(r, c) for r in range(header.rows) for c in range(header.columns)}
            if not known.issuperset(wells) or len(set(wells)) != len(wells):
                raise self.grid.malformed(row, FIRST, f"well names of {header.size} wells")
            return wells
        numbers = [int(n) if n.isascii() and n.isdigit() else 0 for n in columns.names]
        first = numbers[0]
        if not 1 <= first <= numbers[-1] <= header.columns or numbers != list(
            range(first, first + len(numbers))
        ):
            raise self.grid.malformed(row, FIRST, f"column numbers from 1 to {header.columns}")
        return tuple(well_name(r, number - 1) for r in range(header.rows) for number in numbers)

    def _is_column_line(self, row: int, columns: Columns) -> bool:
        grid = self.grid
        name = grid.rows[row][FIRST] if len(grid.rows[row]) > FIRST else ""
        if isinstance(name, str) and name.strip() != columns.names[0]:
            return False
        return (
            not grid.text(row, 0)
            and not grid.text(row, 1)
            and grid.text(row, FIRST) == columns.names[0]
            and all(grid.text(row, FIRST + i) == name for i, name in enumerate(columns.names))
        )

    def _point(self, row: int, bottom: int, floor: int, columns: Columns, found: Matrices) -> int:
        """One time, wavelength or place: a matrix in PlateFormat, a line in TimeFormat."""
        self._start(row, found)
        point = len(found.values)
        lines, offset = 1, 0
        if not self.header.by_time:
            row = self._first_line(row, floor, has_matrix_above=bool(found.values))
            lines, offset = self._height(row, bottom, columns)
        block = np.full((len(columns.starts), len(found.wells)), np.nan)
        width = len(columns.names)
        for line in range(lines):
            well = (line + offset) * width
            for group, start in enumerate(columns.starts):
                numbers = self._cells(row + line, start, width)
                block[group, well : well + len(numbers.values)] = numbers.values
                found.odd += [
                    Odd(group, point, well + at, text, row + line, start + at)
                    for at, text in numbers.odd
                ]
            self._check_gaps(row + line, columns)
        found.values.append(block)
        if not self.header.by_time and self.grid.sheet is None:
            self._note_uneven_lines(row, lines, found)
        self.grid.ledger.mark(Use.MEASURED, row, row + lines, 0, columns.right)
        return row + lines

    def _start(self, row: int, found: Matrices) -> None:
        text = self.grid.text(row, 0)
        kind = self.header.kind
        if kind is Kind.ENDPOINT:
            value = 0.0
        elif kind is Kind.KINETIC:
            seconds = seconds_of(self.grid.cell(row, 0))
            value = np.nan if seconds is None else seconds
        else:
            number = self.numerals.one(self.grid.cell(row, 0))
            value = np.nan if number is None else number
        if np.isnan(value):
            wanted = "a time" if kind is Kind.KINETIC else "a wavelength or the number of a place"
            raise self.grid.malformed(row, 0, f"{wanted} at the start of a reading")
        if kind is Kind.ENDPOINT and not self.grid.text(row, 1) and not text and found.values:
            raise self.grid.malformed(row, FIRST, "the end of the block or reduced values")
        temperature = self.numerals.one(self.grid.cell(row, 1))
        found.rows.append(row)
        found.axis.append(value)
        found.temperatures.append(np.nan if temperature is None else temperature)

    def _first_line(self, row: int, floor: int, *, has_matrix_above: bool) -> int:
        """The first line of the matrix whose first value stands in `row`.

        Plate rows above that were not read are lines as long as the others, of empty fields; the
        empty line between two matrices mostly is shorter.
        """
        rows, first = self.grid.rows, row
        while first > floor and self.grid.is_blank(first - 1):
            if len(rows[first - 1]) != len(rows[row]):
                break
            first -= 1
        if has_matrix_above and first == floor < row:
            first += 1
        return max(first, row - self.header.rows + 1)

    def _height(self, row: int, bottom: int, columns: Columns) -> tuple[int, int]:
        """How many lines the matrix has, and the plate row of its first line."""
        grid, header = self.grid, self.header
        end = row
        while grid.is_blank(end):
            end += 1
        end += 1
        while (
            end < bottom
            and not grid.text(end, 0)
            and not grid.text(end, 1)
            and not self._is_column_line(end, columns)
        ):
            end += 1
        space = end - row
        while grid.is_blank(end - 1):
            end -= 1
        filled = end - row
        # An empty line ends every matrix: without it an empty plate row and a lost line look alike.
        if filled == header.rows or filled < header.rows < space:
            return header.rows, 0
        if filled == header.read_rows and header.first_row + filled <= header.rows:
            return filled, header.first_row
        if filled == 1 and space <= header.rows and self._is_unread(row, columns):
            # A run that was stopped: the time stands in the file, no line below it holds a value.
            return space, 0
        raise self._truncated(row, filled, header.rows)

    def _is_unread(self, row: int, columns: Columns) -> bool:
        return not any(self.grid.texts(row, FIRST, columns.right))

    def _truncated(self, row: int, found: int, wanted: int) -> Truncated:
        return Truncated(
            self.grid.file,
            place=self.grid.place(row),
            found=f"{found} lines",
            expected=f"a matrix of {wanted} lines",
        )

    def _cells(self, row: int, left: int, width: int) -> Numbers:
        """The cells of one group in a line, without the empty ones at its end."""
        cells = self.grid.rows[row][left : left + width]
        while cells and cells[-1] in ("", " "):
            cells.pop()
        return self.numerals.many(cells)

    def _check_gaps(self, row: int, columns: Columns) -> None:
        for start in columns.starts[1:]:
            if self.grid.text(row, start - 1):
                raise self.grid.malformed(row, start - 1, "an empty field between two wavelengths")

    def _reduced(self, row: int, bottom: int, columns: Columns, found: Matrices) -> int:
        """The values that SoftMax computed from the read: one matrix or one line, one group."""
        width, offset = len(columns.names), 0
        lines = 1 if self.header.by_time else self.header.rows
        if bottom - row < lines and bottom - row == self.header.read_rows:
            lines, offset = bottom - row, self.header.first_row
        is_last = len(found.reduced) >= max(1, len(self.header.wavelengths))
        if row + lines > bottom or lines + offset > self.header.rows or is_last:
            raise self._truncated(row, bottom - row, lines)
        values = np.full(len(found.wells), np.nan)
        for line in range(lines):
            if self.grid.text(row + line, 0) or self.grid.text(row + line, 1):
                raise self._truncated(row, line, lines)
            numbers = self._cells(row + line, FIRST, width)
            first, at = (line + offset) * width, len(found.reduced)
            values[first : first + len(numbers.values)] = numbers.values
            found.reduced_odd += [
                Odd(0, at, first + index, text, row + line, FIRST + index)
                for index, text in numbers.odd
            ]
        found.reduced.append(values)
        self.grid.ledger.mark(Use.CALCULATED, row, row + lines, 0, FIRST + width)
        return row + lines

    def _note_uneven_lines(self, row: int, lines: int, found: Matrices) -> None:
        """SoftMax pads the lines of a matrix to one length: another length may be a cut line."""
        lengths = [len(self.grid.rows[line]) for line in range(row, row + lines)]
        usual = max(lengths, key=lambda length: (lengths.count(length), length))
        for line, length in enumerate(lengths):
            if length != usual:
                text = f"the line has {length} fields, the others of its matrix {usual}"
                place = self.grid.place(row + line)
                found.messages.append(Message(Severity.WARNING, text, place))
