"""Tables: the declarative base, column types and how sessions are opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from sqlalchemy import (
    DateTime,
    Dialect,
    Engine,
    Enum,
    ForeignKey,
    Identity,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    create_engine,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """A moment in UTC with microseconds; a naive value is a mistake and refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is None:
            sentence = "a moment without a time zone cannot be stored"
            raise TypeError(sentence)
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.astimezone(UTC) if value is not None else None


def choice(values: type[StrEnum], name: str = "") -> Enum:
    """A column that holds one of an enumeration's values, checked by the database too."""
    return Enum(
        values,
        native_enum=False,
        length=40,
        values_callable=lambda kinds: [kind.value for kind in kinds],
        create_constraint=True,
        name=name or values.__name__.lower(),
    )


Key = Annotated[int, mapped_column(Identity(always=True), primary_key=True)]
PersonKey = Annotated[int, mapped_column(ForeignKey("person.id"))]
# SQLAlchemy cannot resolve a recursive alias inside Mapped[...], hence Any at this one seam.
JsonObject = Annotated[dict[str, Any], mapped_column(JSONB)]
JsonList = Annotated[list[Any], mapped_column(JSONB)]
Bytes = Annotated[bytes, mapped_column(LargeBinary, deferred=True)]


class Base(DeclarativeBase):
    """The base of every table.

    `audited` says that its rows are records: they change only inside an act and never disappear.
    Columns marked `info={"secret": True}` are told in the audit trail as changed, without values.
    """

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar = {
        datetime: Moment,
        str: Text,
    }
    audited: ClassVar[bool] = True

    id: Mapped[Key]

    @property
    def label(self) -> str:
        """What a person calls this record."""
        return f"{type(self).__name__} {self.id}"


class Database:
    """One PostgreSQL database as one login sees it."""

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        self.url = url
        self.engine: Engine = create_engine(url, pool_size=pool_size, pool_pre_ping=True)
        self.sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session to ask questions with; changes need an act."""
        with self.sessions() as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()
