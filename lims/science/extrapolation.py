"""How far beyond real-time data a shelf life may be proposed."""

from dataclasses import dataclass
from enum import StrEnum


class Storage(StrEnum):
    ROOM = "room temperature"
    REFRIGERATED = "refrigerated"
    FREEZER = "freezer"
    BIOLOGICAL = "biological, real-time data only"


class Accelerated(StrEnum):
    """Significant change at the accelerated condition."""

    NONE = "no significant change"
    INTERMEDIATE_HOLDS = "significant change, none at the intermediate condition"
    CHANGES = "significant change"


@dataclass(frozen=True, slots=True)
class Extrapolation:
    """A shelf life may reach `factor` × X, and at most `beyond` months past X.

    X is the age of the longest real-time data in months.
    """

    factor: float = 1.0
    beyond: float = 0.0

    def cap(self, longest: float) -> float:
        return min(self.factor * longest, longest + self.beyond)


REAL_TIME_ONLY = Extrapolation(1.0, 0.0)


def extrapolation(
    storage: Storage, accelerated: Accelerated = Accelerated.NONE, *, supported: bool = True
) -> Extrapolation:
    """The rule of ICH Q1E for a storage condition; confirm against the current text.

    Args:
        storage: label storage; biologicals stay within their real-time data (ICH Q5C).
        accelerated: what the accelerated (and intermediate) condition showed.
        supported: the statistics (or little change and variability) support going on.

    Source: ICH Q1E, Appendix A; ICH Q5C.
    """
    if accelerated is Accelerated.CHANGES:
        return REAL_TIME_ONLY
    if storage is Storage.ROOM and accelerated is Accelerated.NONE:
        return Extrapolation(2.0, 12.0) if supported else Extrapolation(1.5, 6.0)
    if storage is Storage.ROOM or (
        storage is Storage.REFRIGERATED and accelerated is Accelerated.NONE
    ):
        return Extrapolation(1.5, 6.0 if supported else 3.0)
    return REAL_TIME_ONLY
