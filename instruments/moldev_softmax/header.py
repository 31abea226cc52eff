"""The line that opens a Plate block: how the plate was read.

The fields after "Raw" stand in a fixed order; fluorescence has one field more before it (whether
the plate was read from below). Source: Molecular Devices' import templates and files of format 1.3.
"""

from dataclasses import dataclass

from instruments.errors import Malformed
from instruments.grids import Grid
from instruments.readings import Kind, Mode
from instruments.wells import plate_size, shape_of

_KINDS = {
    "endpoint": Kind.ENDPOINT,
    "kinetic": Kind.KINETIC,
    "flex": Kind.KINETIC,
    "spectrum": Kind.SPECTRUM,
    "well scan": Kind.AREA_SCAN,
    "wellscan": Kind.AREA_SCAN,
}
_MODES = {
    "absorbance": Mode.ABSORBANCE,
    "fluorescence": Mode.FLUORESCENCE,
    "luminescence": Mode.LUMINESCENCE,
    "time resolved": Mode.TRF,
    "time resolved fluorescence": Mode.TRF,
    "trf": Mode.TRF,
    "htrf": Mode.TRF,
    "fluorescence polarization": Mode.FP,
    "fluor polarization": Mode.FP,
    "fp": Mode.FP,
    "alphascreen": Mode.ALPHA,
    "alpha": Mode.ALPHA,
}
_DATA = ("Raw", "Reduced", "Both")
_FORMATS = ("PlateFormat", "TimeFormat")
_MOST_WAVELENGTHS = 100
_SIZES = (6, 12, 24, 48, 96, 384, 1536)


@dataclass(frozen=True, slots=True)
class PlateHeader:
    """How a plate was read.

    Attributes:
        by_time: TimeFormat (wells in columns) instead of PlateFormat (one matrix a point).
        data: Raw, Reduced or Both.
        points: planned times, wavelengths or places; None when not stated.
        interval_s: from one planned time to the next; None when not stated.
        wavelengths: measured or emitted, one per column group; 0 means no filter.
        excitations: one per column group, or empty.
        fixed_nm: the wavelength that stands still while a fluorescence spectrum is swept.
        sweeps_excitation: whether the excitation moves in that spectrum.
        rows, columns: of the whole plate.
        first_row, read_rows: the part that was read, counted from 0; None when not stated.
    """

    name: str
    version: str
    by_time: bool
    kind: Kind
    mode: Mode
    data: str
    points: int | None
    interval_s: float | None
    wavelengths: tuple[float, ...]
    excitations: tuple[float, ...]
    fixed_nm: float | None
    sweeps_excitation: bool
    size: int
    rows: int
    columns: int
    first_row: int
    read_rows: int | None

    @property
    def is_reduced_only(self) -> bool:
        return self.data == "Reduced"


def plate_header(grid: Grid, row: int, below: int) -> PlateHeader:
    """The header of the Plate block that starts in this row.

    Args:
        below: the line of column names, which tells the size where an old format does not.

    Raises:
        Malformed: a field holds what the format does not know.
    """
    at = _anchor(grid, row)
    mode = _MODES[_known(grid, row, 5, tuple(_MODES))]
    kind = _KINDS[_known(grid, row, 4, tuple(_KINDS))]
    size = _count(grid, row, at + 12) or size_by_columns(grid, below)
    shape = None if size is None else shape_of(size)
    if size is None or shape is None:
        raise grid.malformed(row, at + 12, "the number of wells of a plate (6 to 1536)")
    tail = at + 13 if mode is Mode.ABSORBANCE else at + 22
    return PlateHeader(
        name=grid.text(row, 1),
        version=grid.text(row, 2),
        by_time=_known(grid, row, 3, tuple(name.lower() for name in _FORMATS)) == "timeformat",
        kind=kind,
        mode=mode,
        data=grid.text(row, at),
        points=_count(grid, row, at + 2),
        interval_s=grid.number(row, at + 4) if kind is Kind.KINETIC else None,
        wavelengths=_wavelengths(grid, row, at),
        excitations=() if mode is Mode.ABSORBANCE else _list(grid, row, at + 13),
        fixed_nm=None if mode is Mode.ABSORBANCE else _first(_list(grid, row, at + 17)),
        sweeps_excitation=grid.text(row, at + 16).lower().startswith("ex"),
        size=size,
        rows=shape[0],
        columns=shape[1],
        first_row=max(0, (_count(grid, row, tail) or 1) - 1),
        read_rows=_count(grid, row, tail + 1),
    )


def _anchor(grid: Grid, row: int) -> int:
    for column in (6, 7, 8):
        if grid.text(row, column) in _DATA:
            return column
    raise grid.malformed(row, 6, "Raw, Reduced or Both")


def _known(grid: Grid, row: int, column: int, known: tuple[str, ...]) -> str:
    text = grid.text(row, column).lower()
    if text not in known:
        raise grid.malformed(row, column, f"one of {', '.join(known)}")
    return text


def _count(grid: Grid, row: int, column: int) -> int | None:
    text = grid.text(row, column)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 8):  # noqa: PLR2004
        raise grid.malformed(row, column, "a whole number")
    return int(text)


def _wavelengths(grid: Grid, row: int, at: int) -> tuple[float, ...]:
    planned = _count(grid, row, at + 8)
    listed = _list(grid, row, at + 9)
    if planned is not None and planned > _MOST_WAVELENGTHS:
        raise grid.malformed(row, at + 8, f"at most {_MOST_WAVELENGTHS} wavelengths")
    # Fewer are listed where somebody edited the line: the table shows how many there are.
    if planned is not None and len(listed) > planned:
        raise grid.malformed(row, at + 9, f"{planned} wavelengths")
    return listed


def _list(grid: Grid, row: int, column: int) -> tuple[float, ...]:
    numbers = []
    for part in grid.text(row, column).replace(",", " ").split():
        try:
            number = float(part)
        except ValueError:
            raise grid.malformed(row, column, "wavelengths in nm") from None
        if not 0 <= number < 10_000:  # noqa: PLR2004
            raise grid.malformed(row, column, "wavelengths in nm")
        numbers.append(number)
    return tuple(numbers)


def _first(numbers: tuple[float, ...]) -> float | None:
    return numbers[0] if numbers else None


def size_by_columns(grid: Grid, row: int) -> int | None:
    """Wells of the plate with as many columns, or with all these wells."""
    names = [name for c in range(2, grid.width(row)) if (name := grid.text(row, c))]
    numbers = [int(name) for name in names if name.isascii() and name.isdigit() and len(name) < 3]  # noqa: PLR2004
    if numbers:
        return next((size for size in _SIZES if _columns_of(size) == max(numbers)), None)
    return plate_size(names)


def _columns_of(size: int) -> int:
    shape = shape_of(size)
    return 0 if shape is None else shape[1]


def unknown_version(grid: Grid, row: int, header: PlateHeader) -> Malformed | None:
    """A refusal for a format that this reader was not written for."""
    if header.version.replace(",", ".").startswith("1."):  # "1,3" where the comma is decimal
        return None
    return grid.malformed(row, 2, "format 1.3")
