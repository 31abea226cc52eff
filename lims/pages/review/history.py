"""The history of one result from the audit trail, its readings folded where nothing was unusual."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lims.audit import queries as audit
from lims.audit.queries import Filter, Told
from lims.results.models import Result
from lims.web.context import powers

_MOST = 500
_LONGEST = 160
_PLAIN, _CORRECTED = "reading.recorded", "reading.corrected"


@dataclass(frozen=True)
class Event:
    """One line of the history; `old` and `new` where a reading was replaced."""

    when: str
    who: str
    what: str
    old: str
    new: str
    reason: str


def of_result(session: Session, result: Result) -> tuple[list[Event], int]:
    """The lines, newest first, and of how many events they tell."""
    told = _events(session, result)
    lines: list[Event] = []
    at = 0
    while at < len(told):
        end = _end_of_plain(told, at)
        lines.append(_folded(told[at:end]) if end - at > 1 else _line(told[at]))
        at = max(end, at + 1)
    return lines, len(told)


def _events(session: Session, result: Result) -> list[Told]:
    """What names the run of this result, and what names the result itself."""
    of_run = Filter(lot_id=result.lot_id, words=result.run.code)
    of_result = Filter(record_type="result", record_id=result.id)
    found = [
        *audit.page(session, of_run, _MOST)[0],
        *audit.page(session, of_result, _MOST)[0],
    ]
    single = {each.number: each for each in found}
    return [single[number] for number in sorted(single, reverse=True)]


def _end_of_plain(told: Sequence[Told], at: int) -> int:
    """Where a row of first readings by one person ends."""
    end = at
    while end < len(told) and told[end].action == _PLAIN and told[end].login == told[at].login:
        end += 1
    return end


def _folded(told: Sequence[Told]) -> Event:
    newest, oldest = told[0], told[-1]
    what = f"recorded {len(told)} readings, the first at {oldest.at:%H:%M:%S}"
    return Event(_when(newest), newest.who, what, "", "", "")


def _line(told: Told) -> Event:
    if told.action != _CORRECTED:
        return Event(_when(told), told.who, powers(_brief(told.words)), "", "", told.reason)
    old, new = (_brief(str(told.facts.get(key) or "")) for key in ("old", "new"))
    what = f"corrected {told.facts.get('field', told.record)}"
    return Event(_when(told), told.who, powers(what), old, new, told.reason)


def _brief(words: str) -> str:
    """A pasted sequence is read on the sheet, not in the history."""
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"


def _when(told: Told) -> str:
    return f"{told.at.day} {told.at:%b %H:%M:%S}"
