"""Dates of tables: one unambiguous date proves the order of all."""

import re
from collections.abc import Iterable
from datetime import datetime

from instruments.moments import day_first_in, started_at
from instruments.readings import DayMonthOrder, StartedAt

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORDED = re.compile(r"(\d{1,2})[\s.-]+([A-Za-z]{3})[a-z]*\.?[\s-]+(\d{4})(.*)", re.DOTALL)
_YEAR_FIRST = re.compile(r"(\d{4})[\s.-]+([A-Za-z]{3})[a-z]*\.?[\s-]+(\d{1,2})\b(.*)", re.DOTALL)
_SHORT_YEAR = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{2})\b(.*)", re.DOTALL)
_FIRST_SHORT_YEAR = 70  # FCS 2.0 writes two digits: 90 is 1990, 13 is 2013
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp])?")
_NOON = 12


def moment(text: str, others: Iterable[str] = (), hints: str = "") -> StartedAt | None:
    """A start; the order is proved when another date of the same column proves it.

    Args:
        hints: texts that may name the day year first; they choose an order and prove none.
    """
    return started_at(text, hints=hints, proved=day_first_in(others))


def worded_moment(text: str) -> StartedAt | None:
    """A start with the month as a word: `18 May 2024  1:10:16 PM`, `2013-Jul-19`, `22-Sep-13`."""
    found = _worded(text)
    if found is None:
        return None
    year, month, day, clock, order = found
    if month.lower() not in _NAMES:
        return None
    hour, minute, second = _clock(clock)
    number = _NAMES.index(month.lower()) + 1
    try:
        value = datetime(year, number, day, hour, minute, second)  # noqa: DTZ001
    except ValueError:
        return None
    return StartedAt(text.strip(), value, "local", order)


def _worded(text: str) -> tuple[int, str, int, str, DayMonthOrder] | None:
    """Year, month, day, clock, and whether only one reading of the numbers is possible."""
    match = _WORDED.search(text)
    if match is not None:
        return int(match[3]), match[2], int(match[1]), match[4], DayMonthOrder.PROVED
    match = _YEAR_FIRST.search(text)
    if match is not None:
        return int(match[1]), match[2], int(match[3]), match[4], DayMonthOrder.PROVED
    match = _SHORT_YEAR.search(text)
    if match is None:
        return None
    short = int(match[3])
    year = short + (1900 if short >= _FIRST_SHORT_YEAR else 2000)
    return year, match[2], int(match[1]), match[4], DayMonthOrder.ASSUMED


def _clock(text: str) -> tuple[int, int, int]:
    match = _CLOCK.search(text)
    if match is None:
        return 0, 0, 0
    hour = int(match[1])
    if match[4]:
        hour = hour % _NOON + (_NOON if match[4] in "Pp" else 0)
    return hour, int(match[2]), int(match[3] or 0)
