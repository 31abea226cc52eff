"""Which role may do what. Denied unless granted here (21 CFR 11.10(d))."""

from collections.abc import Iterable
from datetime import date

from lims.accounts.models import Person, PersonState, Role, RoleGrant
from lims.foundation.permissions import Permission

_READS = frozenset({Permission.LOOK, Permission.OWN_ACCOUNT})

GRANTED: dict[Role, frozenset[Permission]] = {
    Role.ANALYST: _READS
    | {Permission.LOT_REGISTER, Permission.SAMPLE_HANDLE, Permission.RESULT_ENTER},
    Role.QC_APPROVER: _READS
    | {
        Permission.RESULT_REVIEW,
        Permission.CERTIFICATE_PREPARE,
        Permission.CERTIFICATE_SIGN,
        Permission.LOT_HOLD,
        Permission.AUDIT_READ,
    },
    Role.QA: _READS
    | {
        Permission.LOT_DECIDE,
        Permission.LOT_HOLD,
        Permission.LOT_CANCEL,
        Permission.CATALOGUE_APPROVE,
        Permission.IDENTITY_CHECK,
        Permission.AUDIT_READ,
    },
    Role.LAB_MANAGER: _READS
    | {
        Permission.LOT_REGISTER,
        Permission.SAMPLE_HANDLE,
        Permission.LOT_HOLD,
        Permission.LOT_CANCEL,
        Permission.CATALOGUE_AUTHOR,
        Permission.LABORATORY_KEEP,
        Permission.IDENTITY_CHECK,
        Permission.AUDIT_READ,
    },
    Role.ADMINISTRATOR: _READS | {Permission.PEOPLE_ADMINISTER, Permission.AUDIT_READ},
    Role.INSPECTOR: _READS | {Permission.AUDIT_READ},
}

# Who administers accounts decides nothing about quality, whatever else was granted (AC-06).
BARRED_FOR_ADMINISTRATORS = frozenset(Permission) - GRANTED[Role.ADMINISTRATOR]

TITLES: dict[Role, str] = {
    Role.ANALYST: "Analyst",
    Role.QC_APPROVER: "QC approver",
    Role.QA: "Quality assurance",
    Role.LAB_MANAGER: "Laboratory manager",
    Role.ADMINISTRATOR: "Administrator",
    Role.INSPECTOR: "Inspector",
}


def held(grants: Iterable[RoleGrant], day: date) -> tuple[Role, ...]:
    """The roles that count on a day; a grant's last day still counts."""
    counting = {
        grant.role
        for grant in grants
        if grant.starts_on <= day and (grant.ends_on is None or day <= grant.ends_on)
    }
    return tuple(role for role in Role if role in counting)


def permissions(roles: Iterable[Role]) -> frozenset[Permission]:
    """All that a set of roles allows; with an administrator among them, nothing about quality."""
    roles = tuple(roles)
    granted: frozenset[Permission] = frozenset().union(*(GRANTED[role] for role in roles))
    if Role.ADMINISTRATOR in roles:
        granted -= BARRED_FOR_ADMINISTRATORS
    return granted


def of_person(person: Person, day: date) -> frozenset[Permission]:
    """What a person may do on a day: nothing unless the account is active."""
    if person.state is not PersonState.ACTIVE:
        return frozenset()
    return permissions(held(person.grants, day))
