"""The register of certificates and every stage of their PDF."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.db import Base, Bytes, PersonKey, choice
from lims.lots.models import Lot


class CertificateState(StrEnum):
    PREPARED = "prepared"
    SIGNED = "signed by QC"
    ISSUED = "issued"
    VOID = "void"


class Certificate(Base):
    """A certificate of analysis. Its number, version and content are fixed when it is prepared.

    `chain_number` and `chain_hash` are the head of the audit trail at that moment: each copy in a
    customer's hands witnesses the trail up to there.
    """

    __tablename__ = "certificate"
    __table_args__ = (UniqueConstraint("number", "version"),)

    number: Mapped[str]
    version: Mapped[int]
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    state: Mapped[CertificateState] = mapped_column(choice(CertificateState))
    content: Mapped[str]
    chain_number: Mapped[int] = mapped_column(BigInteger)
    chain_hash: Mapped[str]
    prepared_by_id: Mapped[PersonKey]
    prepared_at: Mapped[datetime]
    issued_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(default="")
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))
    revision: Mapped[int] = mapped_column()
    lot: Mapped[Lot] = relationship()
    files: Mapped[list["CertificateFile"]] = relationship(
        back_populates="certificate", order_by="CertificateFile.id"
    )
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012

    @property
    def label(self) -> str:
        return f"{self.number} v{self.version}"


class CertificateFile(Base):
    """The PDF as it stood at one stage, kept byte for byte."""

    __tablename__ = "certificate_file"
    __table_args__ = (
        UniqueConstraint("certificate_id", "stage"),
        CheckConstraint("octet_length(content) = size", name="whole"),
    )

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"))
    stage: Mapped[CertificateState] = mapped_column(choice(CertificateState))
    sha256: Mapped[str] = mapped_column(unique=True)
    size: Mapped[int]
    content: Mapped[Bytes]
    signature_id: Mapped[int | None] = mapped_column(ForeignKey("signature.id"))
    stored_at: Mapped[datetime]
    certificate: Mapped[Certificate] = relationship(back_populates="files")

    @property
    def label(self) -> str:
        return f"PDF {self.stage.value}"
