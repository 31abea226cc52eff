"""What was found in an export so far: results, and the plate information that belongs to each."""

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
    """What was found so far."""

    grid: Grid
    settings: Settings
    shape: tuple[int, int] | None
    infos: list[PlateInfo] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    samples: dict[str, str] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
