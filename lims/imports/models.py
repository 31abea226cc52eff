"""Files as instruments wrote them, and their way from preview to results."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.equipment.models import Equipment
from lims.foundation.db import Base, Bytes, JsonList, JsonObject, PersonKey, choice
from lims.methods.models import PlateLayout
from lims.runs.models import Run


class StoredFile(Base):
    """The bytes of one file, kept unchanged under their SHA-256."""

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint("octet_length(content) = size", name="whole"),
        CheckConstraint("length(sha256) = 64", name="sha256_length"),
    )

    sha256: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    size: Mapped[int]
    content: Mapped[Bytes]
    received_by_id: Mapped[PersonKey]
    received_at: Mapped[datetime]

    @property
    def label(self) -> str:
        return self.name


class ImportState(StrEnum):
    PREVIEW = "preview"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"


class PlateImport(Base):
    """One reading of a stored file: first a preview that touches no lot, then confirmed.

    `mapping` says which planned test each sample slot of the layout belongs to; `decisions` lists
    wells left out, with reasons. `reading_sha256` is the digest of what the reader found, and
    `reading_parts` the digests of its parts: after an upgrade both tell what a reader reads
    otherwise than on the day of the import.
    """

    __tablename__ = "plate_import"

    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"), unique=True)
    state: Mapped[ImportState] = mapped_column(choice(ImportState))
    reader: Mapped[str | None]
    reader_version: Mapped[str | None]
    reading_sha256: Mapped[str | None]
    reading_parts: Mapped[JsonObject] = mapped_column(default=dict)
    refusal: Mapped[str | None]
    layout_id: Mapped[int | None] = mapped_column(ForeignKey("plate_layout.id"))
    equipment_id: Mapped[int | None] = mapped_column(ForeignKey("equipment.id"))
    plate_index: Mapped[int] = mapped_column(default=0)
    read_index: Mapped[int] = mapped_column(default=0)
    mapping: Mapped[JsonObject] = mapped_column(default=dict)
    decisions: Mapped[JsonList] = mapped_column(default=list)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id"))
    started_by_id: Mapped[PersonKey]
    started_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column()
    file: Mapped[StoredFile] = relationship()
    layout: Mapped[PlateLayout | None] = relationship()
    equipment: Mapped[Equipment | None] = relationship()
    run: Mapped[Run | None] = relationship()
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012

    @property
    def label(self) -> str:
        return f"import {self.id}"
