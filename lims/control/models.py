"""What every controlled document has: code, version, state, author, approver."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from lims.foundation.db import choice


class DocumentState(StrEnum):
    """Where a version stands; withdrawn is a draft that was given up and never counted."""

    DRAFT = "draft"
    AUTHORED = "authored"
    APPROVED = "approved"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Controlled:
    """A document of one code in numbered versions; an approved one is never edited."""

    code: Mapped[str]
    version: Mapped[int]
    title: Mapped[str]
    state: Mapped[DocumentState] = mapped_column(choice(DocumentState))
    change_reason: Mapped[str] = mapped_column(default="")
    authored_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    effective_on: Mapped[date | None]
    revision: Mapped[int]

    @declared_attr
    def authored_by_id(cls) -> Mapped[int | None]:  # noqa: N805
        return mapped_column(ForeignKey("person.id"))

    @declared_attr
    def approved_by_id(cls) -> Mapped[int | None]:  # noqa: N805
        return mapped_column(ForeignKey("person.id"))

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, object]:  # noqa: N805
        return {"version_id_col": cls.__table__.c.revision}  # type: ignore[attr-defined]

    @declared_attr.directive
    def __table_args__(cls) -> tuple[SchemaItem, ...]:  # noqa: N805
        table = cls.__tablename__  # type: ignore[attr-defined]
        return (
            UniqueConstraint("code", "version"),
            CheckConstraint("version >= 1", name="version_positive"),
            CheckConstraint("authored_by_id <> approved_by_id", name="two_people"),
            Index(
                f"uq_{table}_one_approved",
                "code",
                unique=True,
                postgresql_where=text("state = 'approved'"),
            ),
        )

    @property
    def label(self) -> str:
        return f"{self.code} v{self.version}"
