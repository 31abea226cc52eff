"""Events as the pages show them: kinds with their sign, old and new values. Values only."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lims.accounts.models import Role
from lims.accounts.roles import TITLES
from lims.audit.queries import Change, Told

_MOST = 3
_LONGEST = 40

# What a reader looks for first has a tone of its own; the words are those of the action.
_LOOKS: dict[str, tuple[str, str]] = {
    "authored": ("rev", "pen"), "approved": ("rev", "pen"), "signed": ("rev", "pen"),
    "reviewed": ("rev", "eye"), "issued": ("pass", "cert"), "released": ("pass", "shield"),
    "corrected": ("warn", "pen"), "returned": ("warn", "back"), "sent_back": ("warn", "back"),
    "repeated": ("warn", "redo"), "held": ("warn", "lock"), "edited": ("info", "pen"),
    "recorded": ("info", "pen"), "received": ("info", "up"), "confirmed": ("info", "check"),
    "rejected": ("fail", "x"), "voided": ("fail", "x"), "invalid": ("fail", "x"),
    "wrong": ("fail", "key"), "refused": ("fail", "x"), "locked": ("fail", "lock"),
    "disabled": ("fail", "x"), "reset": ("warn", "key"), "withdrawn": ("warn", "x"),
    "registered": ("", "plus"), "added": ("", "plus"), "drafted": ("", "plus"),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One event as a row of the trail."""

    event: Told
    words: str
    kind: str
    tone: str
    sign: str
    roles: str
    changes: tuple[Change, ...]
    more: int


@dataclass(frozen=True)
class Entry:
    """One change as a row of the kit's `change_table`."""

    when: str
    who: str
    what: str
    old: str
    new: str
    reason: str


def line(event: Told) -> Line:
    """A row with the first changes; what was entered anew is told by its sentence."""
    noun, _, verb = event.action.partition(".")
    tone, sign = _LOOKS.get(verb, ("", "dash"))
    changed = [each for each in event.changes if each.old]
    return Line(
        event,
        _readable(event.words),
        f"{noun} {verb}".replace("_", " ").capitalize(),
        tone,
        sign,
        titles(event.roles),
        tuple(map(_short, changed[:_MOST])),
        max(0, len(event.changes) - min(len(changed), _MOST)),
    )


def titles(roles: Iterable[str]) -> str:
    """Roles as a person reads them; one that no longer exists stays as it was written."""
    known = {role.value: TITLES[role] for role in Role}
    return ", ".join(known.get(role, role) for role in roles)


def entries(events: Iterable[Told]) -> Iterator[Entry]:
    """Every change of some events, and a row for each event that changed nothing."""
    for event in events:
        when = f"{event.at:%Y-%m-%d %H:%M:%S}"
        if not event.changes:
            yield Entry(when, event.who, event.words, "", "", event.reason)
        for each in map(_short, event.changes):
            what = f"{event.words}: {field(each)}"
            yield Entry(when, event.who, what, each.old or "nothing", each.new, event.reason)


def field(change: Change) -> str:
    return f"{change.record}, {change.field}".replace("_", " ")


def _short(change: Change) -> Change:
    return Change(change.record, change.field, _cut(change.old), _cut(change.new))


def _readable(words: str) -> str:
    """A sentence without the long run of letters that no line can hold."""
    return " ".join(_cut(word) if len(word) > _LONGEST else word for word in words.split())


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
