"""What a person may be allowed to do. Which role holds what is said in `accounts.roles`."""

from enum import StrEnum


class Permission(StrEnum):
    LOOK = "records:look"
    LOT_REGISTER = "lot:register"
    SAMPLE_HANDLE = "sample:handle"
    LOT_HOLD = "lot:hold"
    LOT_CANCEL = "lot:cancel"
    RESULT_ENTER = "result:enter"
    RESULT_REVIEW = "result:review"
    CERTIFICATE_PREPARE = "certificate:prepare"
    CERTIFICATE_SIGN = "certificate:sign"
    LOT_DECIDE = "lot:decide"
    CATALOGUE_AUTHOR = "catalogue:author"
    CATALOGUE_APPROVE = "catalogue:approve"
    LABORATORY_KEEP = "laboratory:keep"
    AUDIT_READ = "audit:read"
    PEOPLE_ADMINISTER = "people:administer"
    IDENTITY_CHECK = "identity:check"
    OWN_ACCOUNT = "account:own"
