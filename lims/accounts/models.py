"""People, what they may do, how they prove who they are, and what they signed."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.db import Base, JsonList, PersonKey, choice

_SECRET: dict[str, bool] = {"secret": True}


class Role(StrEnum):
    ANALYST = "analyst"
    QC_APPROVER = "qc_approver"
    QA = "qa"
    LAB_MANAGER = "lab_manager"
    ADMINISTRATOR = "administrator"
    INSPECTOR = "inspector"


class PersonState(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


class Meaning(StrEnum):
    """What a signature says (21 CFR 11.50(a)(3)); nothing outside this list can be signed."""

    AUTHORED = "authored"
    APPROVED = "approved"
    REVIEWED = "reviewed"
    RETURNED = "returned"
    CERTIFIED = "certified by quality control"
    RELEASED = "released"
    REJECTED = "rejected"
    HELD = "put on hold"
    RESUMED = "taken off hold"
    CANCELLED = "cancelled"
    VOIDED = "voided"


class Person(Base):
    """An account; never deleted, only disabled, and its login is never given to another person."""

    __tablename__ = "person"

    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    state: Mapped[PersonState] = mapped_column(choice(PersonState))
    invited_at: Mapped[datetime]
    identity_checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    identity_checked_at: Mapped[datetime | None]
    identity_evidence: Mapped[str | None]
    single_keys: Mapped[bool] = mapped_column(default=True)

    grants: Mapped[list["RoleGrant"]] = relationship(
        back_populates="person", order_by="RoleGrant.id"
    )
    credential: Mapped["Credential | None"] = relationship(back_populates="person")

    @property
    def label(self) -> str:
        return self.login


class RoleGrant(Base):
    """A role held from one day until another; expiry counts at the next request (AC-09)."""

    __tablename__ = "role_grant"

    person_id: Mapped[PersonKey]
    role: Mapped[Role] = mapped_column(choice(Role))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    reason: Mapped[str]
    person: Mapped[Person] = relationship(back_populates="grants")

    @property
    def label(self) -> str:
        return f"{self.role.value} of person {self.person_id}"


class Credential(Base):
    """How a person proves who they are; wrong attempts are counted here, for all processes."""

    __tablename__ = "credential"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    password_hash: Mapped[str | None] = mapped_column(info=_SECRET)
    earlier_hashes: Mapped[JsonList] = mapped_column(default=list, info=_SECRET)
    changed_at: Mapped[datetime | None]
    must_change: Mapped[bool] = mapped_column(default=False)
    failures: Mapped[int] = mapped_column(default=0)
    locks: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    last_failure_at: Mapped[datetime | None]
    invitation_hash: Mapped[str | None] = mapped_column(info=_SECRET)
    invitation_ends: Mapped[datetime | None]
    person: Mapped[Person] = relationship(back_populates="credential")


class SigningKey(Base):
    """A person's certificate and wrapped private key; replaced, never removed."""

    __tablename__ = "signing_key"

    person_id: Mapped[PersonKey] = mapped_column(index=True)
    serial: Mapped[str] = mapped_column(unique=True)
    certificate: Mapped[str]
    envelope: Mapped[str] = mapped_column(info=_SECRET)
    issued_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revocation_reason: Mapped[str | None]

    @property
    def label(self) -> str:
        return f"certificate {self.serial}"


class Signature(Base):
    """An electronic signature, bound to the content by the signer's own key.

    `content` is the canonical text that was signed: record, its version, digest of what was shown,
    signer, meaning, reason and time (21 CFR 11.50, 11.70).
    """

    __tablename__ = "signature"
    __table_args__ = (Index("ix_signature_record", "record_type", "record_id"),)

    person_id: Mapped[PersonKey]
    printed_name: Mapped[str]
    login: Mapped[str]
    role: Mapped[str]
    meaning: Mapped[Meaning] = mapped_column(choice(Meaning))
    at: Mapped[datetime]
    reason: Mapped[str]
    record_type: Mapped[str]
    record_id: Mapped[int]
    record_label: Mapped[str]
    record_digest: Mapped[str]
    content: Mapped[str]
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[int] = mapped_column(ForeignKey("signing_key.id"))

    @property
    def label(self) -> str:
        return f"{self.meaning.value} by {self.login}"


class WebSession(Base):
    """A browser's session on the server: it dies on logout, disabling and change of password."""

    __tablename__ = "web_session"
    audited: ClassVar[bool] = False

    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[PersonKey] = mapped_column(index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    locked: Mapped[bool] = mapped_column(default=False)
    signed_at: Mapped[datetime | None]
    address: Mapped[str]
    client: Mapped[str]
    ended_because: Mapped[str | None]
