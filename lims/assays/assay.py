"""What every kind of test shares: parameters, fields of its sheet, checks, and the evaluation."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from lims.science.criteria import Measured
from lims.science.outcome import Outcome


class UnknownAssay(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(f"There is no kind of test “{key}”.")


class BadEntry(Exception):
    """A typed text that is no reading of its field, with what to enter instead."""


class BadParameter(Exception):
    """A method's parameter that cannot be, with what it should be."""


class Family(StrEnum):
    IDENTITY = "identity"
    POTENCY = "potency"
    CONTAMINANTS = "contaminants"
    PHAGE = "phage"


class FieldKind(StrEnum):
    """What a field takes; the sheet draws it and `entries` checks it."""

    COUNT = "count"
    NUMBER = "number"
    TEXT = "text"
    LONG_TEXT = "long text"
    MOMENT = "moment"
    CHOICE = "choice"
    MATERIAL = "material"
    EQUIPMENT = "equipment"


@dataclass(frozen=True)
class Parameter:
    """One parameter of a method, with the default it is proposed with.

    `confirm` marks defaults that the laboratory must compare with the current text of its source.
    """

    key: str
    label: str
    default: str
    unit: str = ""
    kind: FieldKind = FieldKind.NUMBER
    choices: tuple[str, ...] = ()
    hint: str = ""
    confirm: bool = False


@dataclass(frozen=True)
class Field:
    """One thing to record on the sheet of a run.

    Attributes:
        key: the name under which each version of the reading is kept.
        group: the part of the sheet it belongs to.
        stock: for materials and equipment, the kind to choose from.
        codes: for counts, the texts accepted instead of a number.
    """

    key: str
    label: str
    group: str
    kind: FieldKind = FieldKind.TEXT
    unit: str = ""
    required: bool = True
    choices: tuple[str, ...] = ()
    stock: str = ""
    hint: str = ""
    codes: tuple[str, ...] = ()


class CheckState(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    WARNING = "warning"
    OPEN = "open"


@dataclass(frozen=True)
class Check:
    """One question about a run: validity of a control, dispersion, a missing reading."""

    name: str
    state: CheckState
    value: str = ""
    detail: str = ""

    def as_data(self) -> dict[str, str]:
        return {
            "name": self.name,
            "state": self.state.value,
            "value": self.value,
            "detail": self.detail,
        }


@dataclass(frozen=True)
class Reference:
    """A reference sequence to compare with."""

    label: str
    locus: str
    strain: str
    letters: str


@dataclass(frozen=True)
class WellSeries:
    """The readings of one well: numbers in the reader's unit, None where the file has none."""

    well: str
    role: str
    slot: int
    values: tuple[float | None, ...]
    flags: tuple[str, ...] = ()
    left_out: str = ""


@dataclass(frozen=True)
class PlateReading:
    """One read of one plate with the roles of its wells, as an assay needs it."""

    times_s: tuple[float, ...]
    wells: tuple[WellSeries, ...]
    origin: str


@dataclass(frozen=True)
class Circumstances:
    """What an evaluation may know beside the entries; nothing of it comes from a clock."""

    dose_mass_g: str = ""
    dose_unit: str = "dose"
    references: tuple[Reference, ...] = ()
    plate: PlateReading | None = None
    slot: int = 1


@dataclass(frozen=True)
class Reported:
    """The reportable result before rounding; the criterion decides how it is printed.

    `also` is what stands beside it in parentheses, such as the log10 of a count.
    """

    measured: Measured
    words: str = ""
    also: str = ""


@dataclass(frozen=True)
class Evaluation:
    """What the entries of a run give.

    Attributes:
        missing: sentences, by field key, of what is not recorded yet.
        checks: of controls and data, in reading order.
        outcome: with its trace; None when nothing can be computed.
        reported: None while incomplete, and always None when the run is invalid.
        notes: by sheet row, what was used and why.
        source: where the readings of this result came from.
    """

    missing: Mapping[str, str] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    outcome: Outcome | None = None
    reported: Reported | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    source: Mapping[str, object] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return not self.missing

    @property
    def valid(self) -> bool:
        """Controls decide the run first: one failed check and there is no result."""
        return not any(check.state is CheckState.FAILED for check in self.checks)

    @property
    def faults(self) -> tuple[str, ...]:
        return tuple(
            f"{check.name}: {check.value} {check.detail}".strip()
            for check in self.checks
            if check.state is CheckState.FAILED
        )


class Assay(ABC):
    """One kind of test."""

    key: str
    title: str
    family: Family
    sheet: str
    takes_file: bool = False
    parameters: tuple[Parameter, ...]

    @abstractmethod
    def fields(self, parameters: Mapping[str, str]) -> Sequence[Field]:
        """What has to be recorded under a method's parameters."""

    @abstractmethod
    def evaluate(
        self, entries: Mapping[str, str], parameters: Mapping[str, str], given: Circumstances
    ) -> Evaluation:
        """What the entries give: pure, the same each time for the same arguments."""

    def criterion_units(self, parameters: Mapping[str, str]) -> tuple[str, ...]:  # noqa: ARG002
        """Units a criterion on this test may be written in."""
        return ()

    def check_parameters(self, parameters: Mapping[str, str]) -> None:
        """Refuse a parameter that is unknown, empty or of the wrong kind."""
        from lims.assays.entries import check_parameter  # noqa: PLC0415

        for parameter in self.parameters:
            check_parameter(parameter, parameters.get(parameter.key, ""))
        unknown = set(parameters) - {parameter.key for parameter in self.parameters}
        if unknown:
            raise BadParameter(f"{self.title} has no parameter {', '.join(sorted(unknown))}.")
