"""Dates, times and durations as instruments write them."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from instruments.numerals import Cell
from instruments.readings import DayMonthOrder, StartedAt

_DATE = re.compile(r"(\d{1,4})\s*([./-])\s*(\d{1,2})\s*\2\s*(\d{1,4})")
_TIME = re.compile(
    r"(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,](\d+))?)?\s*([AaPp])?\.?[Mm]?\.?"
    r"(?:\s*(Z|[+-]\d{2}:?\d{2}))?(?![\d:])"
)
_CLOCK = re.compile(r"([+-]?\d+):(\d{1,2})(?::(\d{1,2}(?:\.\d+)?)|(\.\d+))?")
_DAYS_CLOCK = re.compile(r"(\d+)(?:[.d ]|\s*days?,?\s)\s*(\d{1,2}:\d{2}:\d{2}(?:\.\d+)?)")
# Above a day a spreadsheet holds a date near its epoch; a text made from it has that date.
_SINCE_EPOCH = re.compile(r"(?:1899-12-31|1900-0\d-\d\d) \d\d:\d\d:\d\d(?:\.\d{1,6})?")
_MIDNIGHT = re.compile(r"[ T]00:00:00(?:\.0{1,9})?\s*$")
# A whole date at the start of a text; 1.13.3009 is the version of a program.
_WHOLE_DATE = re.compile(
    r"\s*(\d{1,2})([./-])(\d{1,2})\2"
    r"(?:(?:19|20)\d{2}|(?<=[/-])\d{2}|(?<=\d{2}\.\d{2}\.)\d{2})(?![\d./-])"
)
_SPOKEN = re.compile(
    r"(?:(\d+(?:\.\d+)?)\s*(?:d|days?))?\s*(?:(\d+(?:\.\d+)?)\s*(?:h|hours?|std))?\s*"
    r"(?:(\d+(?:\.\d+)?)\s*(?:min|minutes?|m))?\s*(?:(\d+(?:\.\d+)?)\s*(?:s|sec|seconds?))?",
    re.IGNORECASE,
)
_EPOCHS = (date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1), date(1904, 1, 1))
_LONGEST = 100  # characters of a date or time; a longer cell is something else
_FARTHEST_HOURS = 14  # east of Greenwich; no clock is farther from UTC
_MORNING_HOURS = 12
_MONTHS = 12


def started_at(
    day: Cell,
    clock: Cell = "",
    *,
    hints: str = "",
    day_first: bool | None = None,
    proved: bool | None = None,
) -> StartedAt | None:
    """The start of a run from its date and time cells; None when they hold no date.

    Args:
        day: the date, as text or as a date of a workbook; it may hold the time too. A midnight
            is none where the time stands apart: spreadsheets and scripts give it to every date.
        clock: the time, where it stands apart.
        hints: other texts that may carry the date year first (a path with 20240612 in it); they
            choose between two possible orders but prove none.
        day_first: what the caller knows of the software's habit; used when nothing else tells.
        proved: the order of day and month that other dates of the file prove (`day_first_in`).
    """
    if clock != "":
        day = _without_midnight(day)
    text = " ".join(part for part in (_written(day), _written(clock)) if part)
    if isinstance(day, datetime):
        moment = day if not isinstance(clock, time) else datetime.combine(day.date(), clock)
        return StartedAt(text, moment, "local", DayMonthOrder.PROVED)
    rest = text
    if isinstance(day, date):
        days, order = [day], DayMonthOrder.PROVED
    else:
        match = _DATE.search(text)
        if match is None:
            return None
        rest = text[: match.start()] + " " + text[match.end() :]
        days = _dates(match)
        if not days:
            return None
        if proved is not None and len(days) > 1:
            days = [days[proved]]  # month first, then day first
        order = DayMonthOrder.PROVED if len(set(days)) == 1 else DayMonthOrder.ASSUMED
    chosen = _choose(days, text, hints, day_first=day_first)
    if isinstance(clock, time):
        return StartedAt(text, datetime.combine(chosen, clock), "local", order)
    at, zone = _clock_time(rest)
    moment = datetime.combine(chosen, at)
    if zone is None:
        return StartedAt(text, moment, "local", order)
    return StartedAt(text, datetime.fromisoformat(f"{moment.isoformat()}{zone}"), zone, order)


def _without_midnight(day: Cell) -> Cell:
    if isinstance(day, datetime):
        return day.date() if day.time() == time() else day
    return _MIDNIGHT.sub("", day) if isinstance(day, str) else day


def day_first_in(texts: Iterable[str]) -> bool | None:
    """Whether the day stands first in the dates of one file; None when none of them proves it.

    One program writes all dates of a file in one order: 7/2/2015 alone is open, 11/17/2016 beside
    it settles it. Dates that disagree prove nothing.
    """
    orders = set()
    for text in texts:
        match = _WHOLE_DATE.match(text[:_LONGEST])
        if match is not None:
            first, second = int(match[1]), int(match[3])
            orders |= {first > _MONTHS} if (first > _MONTHS) != (second > _MONTHS) else set()
    return orders.pop() if len(orders) == 1 else None


def seconds_of(cell: Cell) -> float | None:
    """Elapsed seconds of a time cell, or None when it is none.

    Knows h:mm:ss (also beyond 24 h), d.hh:mm:ss, "1 day, 0:35:22", "2 h 60 min", times and
    durations of a workbook, and dates near the workbook's epoch, which are durations above a day,
    also as the text that a script makes of them. A bare number has no
    unit and is left to the reader.
    """
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    if isinstance(cell, datetime):
        return _since_epoch(cell.date(), cell.time())
    if isinstance(cell, date):
        return _since_epoch(cell, time())
    if isinstance(cell, time):
        return cell.hour * 3600.0 + cell.minute * 60 + cell.second + cell.microsecond / 1e6
    if not isinstance(cell, str) or len(cell) > _LONGEST:
        return None
    return _seconds_of_text(cell.strip())


def _seconds_of_text(text: str) -> float | None:
    match = _CLOCK.fullmatch(text)
    if match is not None:
        first, second, third, fraction = match.groups()
        if third is None:
            # Two parts are minutes and seconds on every reader that writes them so.
            return int(first) * 60.0 + int(second) + float(fraction or 0)
        return int(first) * 3600.0 + int(second) * 60 + float(third)
    if _SINCE_EPOCH.fullmatch(text) is not None:
        return _since_epoch_text(text)
    match = _DAYS_CLOCK.fullmatch(text)
    if match is not None:
        rest = _seconds_of_text(match[2])
        return None if rest is None else int(match[1]) * 86400.0 + rest
    match = _SPOKEN.fullmatch(text)
    if match is None or not any(match.groups()):
        return None
    scale = (86400.0, 3600.0, 60.0, 1.0)
    return sum(float(part or 0) * size for part, size in zip(match.groups(), scale, strict=True))


def _since_epoch_text(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return _since_epoch(moment.date(), moment.time())


def _since_epoch(day: date, at: time) -> float | None:
    """Workbooks hold 25:00:00 as one day and one hour after their epoch."""
    if day.year > 1910:  # noqa: PLR2004
        return None
    days = (day - _EPOCHS[1]).days if day < date(1904, 1, 1) else (day - _EPOCHS[3]).days
    return days * 86400.0 + at.hour * 3600 + at.minute * 60 + at.second + at.microsecond / 1e6


def _written(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return cell.strip()[:_LONGEST] if isinstance(cell, str) else str(cell)


def _dates(match: re.Match[str]) -> list[date]:
    """Every date that the numbers allow: month first, then day first; one when year first."""
    first, _, second, third = match.groups()
    if len(first) > 2:  # noqa: PLR2004
        return _valid([(int(first), int(second), int(third))])
    year = int(third) if len(third) > 2 else 2000 + int(third)  # noqa: PLR2004
    return _valid([(year, int(first), int(second)), (year, int(second), int(first))])


def _valid(candidates: list[tuple[int, int, int]]) -> list[date]:
    found = []
    for year, month, day in candidates:
        try:
            found.append(date(year, month, day))
        except ValueError:
            continue
    return found


def _choose(days: list[date], text: str, hints: str, *, day_first: bool | None) -> date:
    if len(days) == 1 or days[0] == days[1]:
        return days[0]
    hinted = [day for day in days if _in_hints(day, hints)]
    if len(hinted) == 1:
        return hinted[0]
    if day_first is not None:
        return days[1] if day_first else days[0]
    # AM and PM go with month first; dotted dates and 24 hours with day first.
    american = re.search(r"\d\s*[AaPp]\.?[Mm]", text) is not None
    return days[0] if american else days[1]


def _in_hints(date_: date, hints: str) -> bool:
    year, month, day = f"{date_.year}", f"{date_.month:02}", f"{date_.day:02}"
    forms = (f"{year}{sign}{month}{sign}{day}" for sign in ("", "-", "_", "."))
    return f"{year[2:]}{month}{day}" in hints or any(form in hints for form in forms)


def _clock_time(text: str) -> tuple[time, str | None]:
    match = _TIME.search(text)
    if match is None:
        return time(), None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[5]:
        hour = hour % _MORNING_HOURS + (_MORNING_HOURS if match[5] in "Pp" else 0)
    try:
        at = time(hour, minute, second)
    except ValueError:
        return time(), None
    return at, _offset(match[6])


def _offset(written: str | None) -> str | None:
    """An offset from UTC as +hh:mm; None where none is written, or none that a clock can have."""
    if written is None or written == "Z":
        return written and "+00:00"
    hours, minutes = int(written[1:3]), int(written[-2:])
    if hours > _FARTHEST_HOURS or minutes > 59:  # noqa: PLR2004
        return None
    return f"{written[:3]}:{written[-2:]}"
