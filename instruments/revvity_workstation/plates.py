"""Plate information: which plate was read with which label, when and how warm."""

from dataclasses import dataclass

from instruments.grids import Grid
from instruments.revvity_workstation.sections import Section
from instruments.revvity_workstation.settings import unquoted

_WORDS = ("Label", "Meas", "Formula", "Measinfo", "MeasInfo", "Measurement date")
_TEMPERATURES = ("Chamber temperature at start", "Inside temperature at start")


@dataclass(frozen=True, slots=True)
class PlateInfo:
    """One line of plate information.

    Attributes:
        number, repeat, barcode: of the plate, as written.
        label: the label (EnVision), the measurement ("Meas A", EnSpire) or the formula.
        is_formula: whether the results below were calculated.
        kinetics: number of the kinetic point, 0 when it is none.
        date: of the measurement, as written.
        temperature_c: in the chamber at the start.
        optics: which light paths and detector were used ("De=1st Ex=Top Em=Top ...").
        row: where it stands.
    """

    number: str
    repeat: str
    barcode: str
    label: str
    is_formula: bool
    kinetics: int
    date: str
    temperature_c: float | None
    optics: str
    row: int


def plate_infos(grid: Grid, section: Section) -> list[PlateInfo]:
    """The lines of one block; blocks with several labels have several lines.

    Raises:
        Malformed: the block has no header or no line.
    """
    head = section.top + 1
    names = {grid.text(head, column): column for column in range(grid.width(head))}
    if "Plate" not in names:
        raise grid.malformed(head, 0, "the header of the plate information, with a column Plate")
    found = []
    for row in range(head + 1, section.bottom):
        if grid.number(row, names["Plate"]) is None and not grid.text(row, names["Plate"]):
            break
        if grid.width(row) < len(names) // 2 or not _is_info(grid, row, names):
            break
        found.append(_info(grid, row, names))
    if not found:
        raise grid.malformed(head + 1, 0, "a line of plate information below its header")
    return found


def _is_info(grid: Grid, row: int, names: dict[str, int]) -> bool:
    """A line of numbers alone is the first line of a matrix that stands too close."""
    columns = [names[word] for word in _WORDS if word in names]
    words = [column for column in columns if grid.text(row, column)]
    return not columns or any(grid.number(row, column) is None for column in words)


def _info(grid: Grid, row: int, names: dict[str, int]) -> PlateInfo:
    def text(*keys: str) -> str:
        return next((unquoted(grid.text(row, names[key])) for key in keys if key in names), "")

    kinetics = text("Kinetics")
    temperature = next((names[key] for key in _TEMPERATURES if key in names), None)
    formula = text("Formula")
    return PlateInfo(
        number=text("Plate"),
        repeat=text("Repeat"),
        barcode=text("Barcode"),
        label=formula or text("Label", "Meas"),
        is_formula=bool(formula),
        kinetics=int(kinetics) if kinetics.isascii() and kinetics.isdecimal() else 0,
        date=text("Measurement date"),
        temperature_c=None if temperature is None else grid.number(row, temperature),
        optics=text("Measinfo", "MeasInfo"),
        row=row,
    )
