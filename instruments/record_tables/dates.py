"""Dates of tables: one unambiguous date proves the order of all."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from instruments.moments import started_at
from instruments.readings import DayMonthOrder, StartedAt

_SLASHED = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-]\d{2,4}")
_MONTHS = 12
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORDED = re.compile(r"(\d{1,2})[\s.-]+([A-Za-z]{3})[a-z]*\.?[\s-]+(\d{4})(.*)", re.DOTALL)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp])?")
_NOON = 12


def day_first(texts: Iterable[str]) -> bool | None:
    """Whether the day stands first in the dates of one file; None when no date proves it."""
    days = months = False
    for text in texts:
        match = _SLASHED.match(text.strip())
        if match is not None:
            days = days or int(match[1]) > _MONTHS
            months = months or int(match[2]) > _MONTHS
    return days if days != months else None


def moment(text: str, others: Iterable[str] = ()) -> StartedAt | None:
    """A start; the order is proved when another date of the same column proves it."""
    first = day_first([text, *others])
    found = started_at(text, day_first=first) if text else None
    if found is None or first is None:
        return found
    return replace(found, day_month_order=DayMonthOrder.PROVED)


def worded_moment(text: str) -> StartedAt | None:
    """A start with the month as a word: `18 May 2024  1:10:16 PM`, `15-APR-2019 16:13:10`."""
    match = _WORDED.search(text)
    if match is None or match[2].lower() not in _NAMES:
        return None
    month = _NAMES.index(match[2].lower()) + 1
    hour, minute, second = _clock(match[4])
    try:
        value = datetime(int(match[3]), month, int(match[1]), hour, minute, second)  # noqa: DTZ001
    except ValueError:
        return None
    return StartedAt(text.strip(), value, "local", DayMonthOrder.PROVED)


def _clock(text: str) -> tuple[int, int, int]:
    match = _CLOCK.search(text)
    if match is None:
        return 0, 0, 0
    hour = int(match[1])
    if match[4]:
        hour = hour % _NOON + (_NOON if match[4] in "Pp" else 0)
    return hour, int(match[2]), int(match[3] or 0)
