"""Decisions about people: pure."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from lims.accounts.models import Credential, Person, PersonState, Role, RoleGrant
from lims.foundation.errors import NotAllowed, RuleBroken

FAILURES_BEFORE_LOCK = 5
FIRST_LOCK = timedelta(minutes=15)
INVITATION_LASTS = timedelta(hours=72)
SERIES_OF_SIGNATURES = timedelta(minutes=15)

_LOGIN = re.compile(r"[a-z][a-z0-9.-]{1,30}[a-z0-9]")


class LoginRefused(RuleBroken):
    """Name or password are wrong, or the account is locked: the same answer to all three."""

    def __init__(self) -> None:
        super().__init__(
            "Name or password are not right, or the account is locked for some minutes. "
            "After five wrong attempts it locks for 15 minutes; an administrator can help."
        )


class BadLogin(RuleBroken):
    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, login=sentence)


class AdministratorApart(RuleBroken):
    """Administration and decisions about quality never meet in one account (AC-06)."""

    def __init__(self) -> None:
        sentence = (
            "Who administers accounts enters, reviews, approves and releases nothing, so an "
            "administrator can only be an inspector beside it. Choose one, or withdraw the other."
        )
        super().__init__(sentence, role=sentence)


class CannotSign(NotAllowed):
    """The person's signature is not available, with the reason."""


def login_name(typed: str) -> str:
    """A login as kept: folded, and of plain letters, so that no two look alike (AC-01)."""
    folded = unicodedata.normalize("NFKC", typed).casefold().strip()
    if not _LOGIN.fullmatch(folded):
        raise BadLogin(
            "A login has 3 to 32 of the letters a to z, digits, dots and hyphens, "
            "and begins with a letter: for example ana.silva."
        )
    return folded


def check_apart(roles: Collection[Role]) -> None:
    """Refuse a set of roles that joins administration with a part in the tests."""
    if Role.ADMINISTRATOR in roles and set(roles) - {Role.ADMINISTRATOR, Role.INSPECTOR}:
        raise AdministratorApart


def check_grant(
    grants: Iterable[RoleGrant], role: Role, starts_on: date, ends_on: date | None, today: date
) -> None:
    """Refuse a role that is held already, contradicts another, or has days that cannot be.

    A start in the past is refused, because rights as of a past day would no longer be true.
    """
    if starts_on < today:
        sentence = "A role starts today or later; what was allowed in the past stays as it was."
        raise RuleBroken(sentence, starts_on=sentence)
    if ends_on is not None and ends_on < starts_on:
        sentence = "The last day lies before the first; enter a later day."
        raise RuleBroken(sentence, ends_on=sentence)
    meeting = [
        held
        for held in grants
        if (held.ends_on is None or held.ends_on >= starts_on)
        and (ends_on is None or held.starts_on <= ends_on)
    ]
    if any(held.role is role for held in meeting):
        sentence = "This role is held on these days already."
        raise RuleBroken(sentence, role=sentence)
    check_apart({role, *(held.role for held in meeting)})


def is_locked(credential: Credential, at: datetime) -> bool:
    return credential.locked_until is not None and at < credential.locked_until


def count_failure(credential: Credential, at: datetime) -> bool:
    """Count one wrong attempt; tell whether it locked the account. Each lock doubles the next."""
    credential.failures += 1
    credential.last_failure_at = at
    if credential.failures < FAILURES_BEFORE_LOCK:
        return False
    credential.locked_until = at + FIRST_LOCK * 2 ** min(credential.locks, 5)
    credential.locks += 1
    credential.failures = 0
    return True


def count_success(credential: Credential, at: datetime) -> None:
    credential.failures = credential.locks = 0
    credential.locked_until = None
    credential.last_success_at = at


def check_may_sign(person: Person) -> None:
    """21 CFR 11.100(b): identity verified before any signature."""
    if person.state is not PersonState.ACTIVE:
        raise CannotSign("This account is not active, so it cannot sign.")
    if person.identity_checked_at is None:
        raise CannotSign(
            "Your identity has not been verified yet, so you cannot sign. "
            "Ask the laboratory manager to record the check under People."
        )


def series_continues(signed_at: datetime | None, at: datetime) -> bool:
    """Whether a signature continues an unbroken series, which asks the password only (11.200)."""
    return signed_at is not None and at - signed_at <= SERIES_OF_SIGNATURES
