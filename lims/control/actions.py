"""How a controlled document comes into force: authored by one person, approved by another."""

from datetime import date
from typing import Protocol, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.accounts import signing
from lims.accounts.models import Meaning
from lims.audit.act import Act
from lims.control.models import Controlled, DocumentState
from lims.foundation.db import Base
from lims.foundation.errors import NotAllowed, RuleBroken, WrongState


class Document(Protocol):
    """A controlled document that can say what its signers sign."""

    def content(self) -> dict[str, object]: ...


class ApprovedIsFixed(RuleBroken):
    def __init__(self, label: str, state: str) -> None:
        super().__init__(f"{label} is {state} and is never edited; make a new version instead.")


class ApproverIsAuthor(NotAllowed):
    def __init__(self, label: str) -> None:
        super().__init__(f"You wrote {label}; another person has to approve it.")


def check_editable(document: Controlled) -> None:
    if document.state is not DocumentState.DRAFT:
        raise ApprovedIsFixed(document.label, document.state.value)


def draft(act: Act, document: Controlled, reason: str = "") -> None:
    """Enter a new document, or a new version of one, as a draft."""
    document.state = DocumentState.DRAFT
    document.version = newest_version(act.session, document) + 1
    document.change_reason = reason
    act.session.add(document)
    act.session.flush()
    act.note("document.drafted", _record(document), kind=_kind(document))


def newest_version(session: Session, document: Controlled) -> int:
    kind = type(document)
    with session.no_autoflush:
        versions = session.scalars(select(kind.version).where(kind.code == document.code)).all()
    return max(versions, default=0)


def edited(act: Act, document: Controlled) -> None:
    """Tell the trail that a draft was edited; refuse when it is no draft."""
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
