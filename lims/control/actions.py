"""How a controlled document comes into force: authored by one person, approved by another."""

from datetime import date
from typing import Protocol, TypeVar, cast

from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from lims.accounts import signing
from lims.accounts.models import Meaning
from lims.audit.act import Act
from lims.control.models import Controlled, DocumentState
from lims.foundation import clock
from lims.foundation.db import Base
from lims.foundation.errors import NotAllowed, RuleBroken, WrongState
from lims.site import queries as site

D = TypeVar("D", bound=Controlled)

_OF_VERSION = frozenset(
    {
        "id", "version", "state", "change_reason", "revision", "effective_on",
        "authored_by_id", "authored_at", "approved_by_id", "approved_at",
    }
)  # fmt: skip


class Document(Protocol):
    """A controlled document that can say what its signers sign."""

    def content(self) -> dict[str, object]: ...


class ApprovedIsFixed(RuleBroken):
    def __init__(self, label: str, state: str) -> None:
        super().__init__(f"{label} is {state} and is never edited; make a new version instead.")


class ApproverIsAuthor(NotAllowed):
    def __init__(self, label: str) -> None:
        super().__init__(f"You wrote {label}; another person has to approve it.")


class VersionOpen(RuleBroken):
    """One open version of a code at a time, so that no two drafts compete."""

    def __init__(self, label: str, state: str) -> None:
        super().__init__(f"{label} is {state} already; finish or withdraw that version first.")


class CodeUsed(RuleBroken):
    def __init__(self, code: str) -> None:
        sentence = f"The code {code} is in use; open that document and make a new version of it."
        super().__init__(sentence, code=sentence)


class NotFromToday(RuleBroken):
    def __init__(self) -> None:
        sentence = "A version counts from the day of its approval; approve it on that day."
        super().__init__(sentence, effective_on=sentence)


def check_editable(document: Controlled, shown: str | None = None) -> None:
    """Only a draft is edited, and only as it was shown.

    Raises:
        ApprovedIsFixed: it was signed, approved, superseded or withdrawn.
        Stale: somebody else changed it since the digest `shown` was on the screen.
    """
    if document.state is not DocumentState.DRAFT:
        raise ApprovedIsFixed(document.label, document.state.value)
    signing.check_unchanged(_record(document), content(document), shown)


def draft(act: Act, document: Controlled, reason: str = "") -> None:
    """Enter a new document, or with a reason a new version of one, as a draft.

    Raises:
        CodeUsed: the code has versions and no reason says why there should be one more.
        VersionOpen: another version of the code is not finished yet.
    """
    # Two people who draft one code at a time come one after the other, not to the same number.
    lock = text("SELECT pg_advisory_xact_lock(hashtext(:code))")
    with act.session.no_autoflush:
        act.session.execute(lock, {"code": f"{_kind(document)} {document.code}"})
    newest = newest_version(act.session, document)
    if newest and not reason:
        raise CodeUsed(document.code)
    _check_none_open(act.session, document)
    document.state = DocumentState.DRAFT
    document.version = newest + 1
    document.change_reason = reason
    act.session.add(document)
    act.session.flush()
    act.note("document.drafted", _record(document), kind=_kind(document))


def newest_version(session: Session, document: Controlled) -> int:
    kind = type(document)
    with session.no_autoflush:
        versions = session.scalars(select(kind.version).where(kind.code == document.code)).all()
    return max(versions, default=0)


def _check_none_open(session: Session, document: Controlled) -> None:
    kind, unfinished = type(document), (DocumentState.DRAFT, DocumentState.AUTHORED)
    with session.no_autoflush:
        found = session.scalar(
            select(kind).where(kind.code == document.code, kind.state.in_(unfinished))
        )
    if found is not None:
        raise VersionOpen(found.label, found.state.value)


def copy_of(document: D) -> D:
    """A new version to be drafted, with every field of its own kind; what it refers to is not."""
    made = type(document)()
    for attribute in inspect(type(document)).column_attrs:
        if attribute.key not in _OF_VERSION:
            setattr(made, attribute.key, getattr(document, attribute.key))
    return made


def check_copied(document: Controlled) -> None:
    """A new version comes from the one in force, or from a draft that was given up."""
    if document.state not in (DocumentState.APPROVED, DocumentState.WITHDRAWN):
        raise WrongState(document.label, document.state.value, "approved or withdrawn")


def withdraw(act: Act, document: Controlled) -> None:
    """Give a draft up, with a reason; it stays visible and its number stays taken."""
    act.need_reason()
    check_editable(document)
    document.state = DocumentState.WITHDRAWN
    act.note("document.withdrawn", _record(document), kind=_kind(document))


def edited(act: Act, document: Controlled) -> None:
    """Tell the trail that a draft was edited."""
    act.note("document.edited", _record(document), kind=_kind(document))


def author(act: Act, document: Controlled, password: str, shown: str | None = None) -> None:
    """The author signs a draft: from here it waits for approval and is no longer edited."""
    check_editable(document)
    signing.sign(act, Meaning.AUTHORED, _record(document), content(document), password, shown)
    document.state = DocumentState.AUTHORED
    document.authored_by_id, document.authored_at = act.actor.id, act.at
    act.note("document.authored", _record(document), kind=_kind(document))


def approve(
    act: Act, document: Controlled, effective_on: date, password: str, shown: str | None = None
) -> None:
    """A second person signs: the version counts from its day on, the one before is superseded."""
    if document.state is not DocumentState.AUTHORED:
        raise WrongState(document.label, document.state.value, "signed by its author")
    if document.authored_by_id == act.actor.id:
        raise ApproverIsAuthor(document.label)
    zone = site.laboratory(act.session).zone
    if effective_on not in (act.at.date(), clock.local(act.at, zone).date()):
        raise NotFromToday
    signing.sign(act, Meaning.APPROVED, _record(document), content(document), password, shown)
    _supersede(act, document)
    document.state = DocumentState.APPROVED
    document.approved_by_id, document.approved_at = act.actor.id, act.at
    document.effective_on = effective_on
    act.note("document.approved", _record(document), kind=_kind(document), effective=effective_on)


def send_back(act: Act, document: Controlled) -> None:
    """Back to its author, with a reason; the author's signature stays, for what it was."""
    if document.state is not DocumentState.AUTHORED:
        raise WrongState(document.label, document.state.value, "signed by its author")
    act.need_reason()
    document.state = DocumentState.DRAFT
    document.authored_by_id = document.authored_at = None
    act.note("document.sent_back", _record(document), kind=_kind(document))


def content(document: Controlled) -> dict[str, object]:
    """What a signature covers: every field of the document except its state and its signers."""
    told = cast("Document", document).content()
    return {"code": document.code, "version": document.version, "title": document.title, **told}


def _supersede(act: Act, document: Controlled) -> None:
    kind = type(document)
    with act.session.no_autoflush:
        former = act.session.scalar(
            select(kind).where(kind.code == document.code, kind.state == DocumentState.APPROVED)
        )
    if former is None:
        return
    former.state = DocumentState.SUPERSEDED
    # The former leaves before the new one enters: one approved version of a code at a time.
    act.session.flush()
    act.note("document.superseded", _record(former), kind=_kind(former), by=document.label)


def _record(document: Controlled) -> Base:
    return cast("Base", document)


def _kind(document: Controlled) -> str:
    return str(_record(document).__tablename__).replace("_", " ")
