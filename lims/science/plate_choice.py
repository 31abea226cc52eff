"""Which plates a result rests on, by the rules of BAM, ISO 7218 and USP <61>."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from lims.science.plates import Code, Method, Plate, Profile


class Reading(StrEnum):
    """What the chosen plates allow to say."""

    COUNTED = "counted"
    ESTIMATED = "estimated"  # counted outside the countable range
    BELOW = "below"  # fewer than `colonies` on the chosen plates
    ABOVE = "above"  # more than `colonies` on the chosen plates
    NOTHING = "nothing"  # no result


@dataclass(frozen=True, slots=True)
class Choice:
    """The plates that count and what may be said; `because` is a sentence for the record."""

    reading: Reading
    plates: tuple[Plate, ...]
    because: str
    colonies: int = 0


def choose(plates: Sequence[Plate], profile: Profile) -> Choice:
    """The plates that count under a profile.

    Spreaders and accidents never count. TNTC plates bear more than the maximum.
    """
    read = [p for p in plates if p.reading not in {Code.SPREADER, Code.ACCIDENT}]
    if not read:
        codes = sorted({str(plate.reading) for plate in plates})
        return _nothing(f"No plate could be read ({', '.join(codes) or 'no plates'}).")
    accepted = _ACCEPTED[profile.method](read, profile)
    if accepted is not None:
        return accepted
    return _outside(read, profile)


def _outside(read: Sequence[Plate], profile: Profile) -> Choice:
    counted = [plate for plate in read if plate.count is not None]
    if not counted:
        return _above(read, profile)
    high = [p for p in read if p.count is None or p.count > profile.maximum]
    if not high:
        return _low(counted, profile)
    if not any(plate.count for plate in counted):
        return _nothing("Plates too numerous to count stand beside plates without colonies.")
    return _nearest(counted, profile)


# --- plates inside the range -----------------------------------------------------------------


def _inside(plate: Plate, profile: Profile) -> bool:
    return plate.count is not None and profile.minimum <= plate.count <= profile.maximum


def _accepted_bam(read: Sequence[Plate], profile: Profile) -> Choice | None:
    inside = [plate for plate in read if _inside(plate, profile)]
    if not inside:
        return None
    return _counted(inside, f"plates with {profile.minimum} to {profile.maximum} colonies")


def _accepted_iso(read: Sequence[Plate], profile: Profile) -> Choice | None:
    """Dilutions with a plate in range, up to the number of successive ones, replicates included."""
    kept: list[Plate] = []
    groups = list(_by_dilution(read).values())
    retained = [any(_inside(plate, profile) for plate in group) for group in groups]
    if not any(retained):
        return None
    first = retained.index(True)
    for group, usable in zip(
        groups[first : first + profile.successive], retained[first:], strict=False
    ):
        if not usable:
            break
        kept += group
    because = f"dilutions with a plate of {profile.minimum} to {profile.maximum} colonies"
    counted = [plate for plate in kept if plate.count is not None]
    if len(counted) < len(kept):
        # Leaving a TNTC replicate out lowers the mean: say so instead of hiding it.
        return Choice(
            Reading.ESTIMATED, tuple(counted), f"{because}; a replicate was too numerous to count"
        )
    return _counted(counted, because)


def _accepted_usp(read: Sequence[Plate], profile: Profile) -> Choice | None:
    """The one dilution with most colonies whose plates are all within the bound."""
    groups = [
        group
        for group in _by_dilution(read).values()
        if all(plate.count is not None and plate.count <= profile.maximum for plate in group)
    ]
    best = max(groups, key=_mean, default=None)
    if best is None or not _mean(best):
        return None
    return _counted(best, f"the dilution with most colonies, NMT {profile.maximum} on a plate")


_ACCEPTED: Mapping[Method, Callable[[Sequence[Plate], Profile], Choice | None]] = {
    Method.BAM: _accepted_bam,
    Method.ISO: _accepted_iso,
    Method.USP: _accepted_usp,
}


# --- plates outside the range ----------------------------------------------------------------


def _low(counted: Sequence[Plate], profile: Profile) -> Choice:
    if profile.method is Method.ISO:
        return _low_iso(counted, profile)
    fullest = max(counted, key=lambda plate: plate.amount)
    if profile.method is Method.USP:
        return Choice(Reading.BELOW, (fullest,), "no colonies on any plate", 1)
    because = f"all plates below {profile.minimum} colonies"
    return Choice(Reading.BELOW, (fullest,), because, profile.minimum)


def _low_iso(counted: Sequence[Plate], profile: Profile) -> Choice:
    total = sum(plate.count or 0 for plate in counted)
    plates = tuple(counted)
    if total == 0:
        return Choice(Reading.BELOW, plates, "no colonies on any plate", 1)
    if total < profile.present_below:
        because = f"present, but fewer than {profile.present_below} colonies in total"
        return Choice(Reading.BELOW, plates, because, profile.present_below)
    return Choice(Reading.ESTIMATED, plates, f"all plates below {profile.minimum} colonies")


def _above(read: Sequence[Plate], profile: Profile) -> Choice:
    emptiest = min(read, key=lambda plate: plate.amount)
    return Choice(Reading.ABOVE, (emptiest,), "all plates too numerous to count", profile.maximum)


def _nearest(counted: Sequence[Plate], profile: Profile) -> Choice:
    def distance(plate: Plate) -> int:
        return abs((plate.count or 0) - profile.maximum)

    closest = min(map(distance, counted))
    plates = tuple(plate for plate in counted if distance(plate) == closest)
    because = f"no plate in the countable range; the count closest to {profile.maximum}"
    return Choice(Reading.ESTIMATED, plates, because)


def _counted(plates: Sequence[Plate], because: str) -> Choice:
    return Choice(Reading.COUNTED, tuple(plates), because)


def _nothing(because: str) -> Choice:
    return Choice(Reading.NOTHING, (), because)


def _by_dilution(plates: Sequence[Plate]) -> dict[Decimal, list[Plate]]:
    """Plates by dilution, the least diluted first."""
    found: dict[Decimal, list[Plate]] = {}
    for plate in sorted(plates, key=lambda plate: -plate.dilution):
        found.setdefault(plate.dilution, []).append(plate)
    return found


def _mean(group: Sequence[Plate]) -> float:
    return sum(plate.count or 0 for plate in group) / len(group)
