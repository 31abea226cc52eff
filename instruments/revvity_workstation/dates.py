"""Which number of a date is the day: one program writes all dates of an export in one order.

7/2/2015 alone is open; a filter that was last edited on 11/17/2016 settles it for the whole file.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from instruments.moments import started_at
from instruments.readings import DayMonthOrder, StartedAt

_DATE = re.compile(r"\s*(\d{1,2})([./-])(\d{1,2})\2\d{4}\b")
_MONTHS = 12


def day_first(texts: Iterable[str]) -> bool | None:
    """The order that the dates among these texts prove; None when none does, or two disagree."""
    orders = set()
    for text in texts:
        match = _DATE.match(text)
        if match is not None:
            first, second = int(match[1]), int(match[3])
            orders |= {first > _MONTHS} if max(first, second) > _MONTHS else set()
    return orders.pop() if len(orders) == 1 else None


def moment(text: str, order: bool | None) -> StartedAt | None:  # noqa: FBT001
    """The moment that a text names, in the order of the export where that is proved."""
    start = started_at(text, day_first=order) if text else None
    if start is None or order is None:
        return start
    return replace(start, day_month_order=DayMonthOrder.PROVED)
