"""What was found in an export so far: results, and the plate information that belongs to each."""

from collections.abc import Callable
from dataclasses import dataclass, field

from instruments.grids import Grid
from instruments.readings import Message
from instruments.revvity_workstation.lists import Curve
from instruments.revvity_workstation.matrices import Matrix
from instruments.revvity_workstation.plates import PlateInfo
from instruments.revvity_workstation.settings import Settings


@dataclass(slots=True)
class Result:
    """One matrix or curve with the plate information that belongs to it."""

    info: PlateInfo | None
    label: str
    unit: str | None
    calculated: bool
    matrix: Matrix | None = None
    curve: Curve | None = None


@dataclass(slots=True)
class Export:
    """What was found so far.

    Attributes:
        shape: rows and columns of the plate type, where the export names it.
        info_follows: whether the information of a plate stands below its results.
        held: results that wait for it; each is read with the information that belongs to it.
        day_first: the order of the dates, where the export proves one.
    """

    grid: Grid
    settings: Settings
    shape: tuple[int, int] | None
    info_follows: bool = False
    held: list[Callable[[PlateInfo | None], None]] = field(default_factory=list)
    day_first: bool | None = None
    infos: list[PlateInfo] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    samples: dict[str, str] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
