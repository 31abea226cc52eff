"""Whether a damaged file still puts each number where the whole file has it."""

from collections import defaultdict

from instruments.readings import Severity


class Known:
    """The numbers of a whole file by well and place on the axis, and its warnings."""

    def __init__(self, reading):
        self.warnings = warnings(reading)
        self.places = places(reading)
        self.measured = places(reading, calculated=False)

    def harm(self, reading, touched):
        """One number that is wrong or gone, or nothing."""
        if warnings(reading) - self.warnings:
            return None
        now = places(reading)
        # Where a time or wavelength was damaged, the numbers beside it stand elsewhere or nowhere.
        touched = touched.union(*(v for (_, at), v in self.places.items() if stands(at, touched)))
        for place, values in now.items():
            strange = values - self.places.get(place, set()) - touched
            if strange:
                return "moved", place, strange
        for place, values in self.measured.items():
            lost = values - now.get(place, set()) - touched
            if lost:
                return "gone", place, lost
        return None


def warnings(reading):
    return {(m.text) for m in reading.messages if m.severity is Severity.WARNING}


def places(reading, calculated=True):
    found = defaultdict(set)
    for plate in reading.plates:
        for each in plate.reads:
            if each.calculated and not calculated:
                continue
            axis = each.time_s if each.time_s is not None else each.spectrum_nm
            points = each.points or range(each.values.shape[1])
            steps = points if axis is None else axis.tolist()
            for well, row in zip(each.wells, each.values.tolist(), strict=True):
                for step, value in zip(steps, row, strict=True):
                    if value == value:  # noqa: PLR0124
                        found[well, step].add(value)
    return found


def stands(at, touched):
    """Whether a point of the axis is one of these numbers, or a place in the well holds one."""
    return bool(touched.intersection(at)) if isinstance(at, tuple) else at in touched
