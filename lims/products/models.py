"""Strains with their reference sequences, and the products made of them."""

from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Column, ForeignKey, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.control.models import Controlled
from lims.foundation.db import Base, choice


class Locus(StrEnum):
    """What a reference sequence shows: 16S names a species at best, a strain locus the strain."""

    RRNA_16S = "16S rRNA gene"
    STRAIN = "strain-specific locus"


class Strain(Base):
    __tablename__ = "strain"

    code: Mapped[str] = mapped_column(unique=True)
    taxon: Mapped[str]
    designation: Mapped[str]
    references: Mapped[list["ReferenceSequence"]] = relationship(
        back_populates="strain", order_by="ReferenceSequence.id"
    )

    @property
    def label(self) -> str:
        return self.code


class ReferenceSequence(Controlled, Base):
    """The sequence a strain's identity is measured against, as approved."""

    __tablename__ = "reference_sequence"

    strain_id: Mapped[int] = mapped_column(ForeignKey("strain.id"), index=True)
    locus: Mapped[Locus] = mapped_column(choice(Locus))
    origin: Mapped[str]
    sequence: Mapped[str]
    strain: Mapped[Strain] = relationship(back_populates="references")

    def content(self) -> dict[str, object]:
        return {
            "strain": self.strain.code,
            "locus": self.locus,
            "origin": self.origin,
            "sequence": self.sequence,
        }


product_strain = Table(
    "product_strain",
    Base.metadata,
    Column("product_id", ForeignKey("product.id"), primary_key=True),
    Column("strain_id", ForeignKey("strain.id"), primary_key=True),
)


class Product(Controlled, Base):
    """A medicine of live bacteria. `dose_mass_g` turns CFU/g into CFU/dose."""

    __tablename__ = "product"

    dosage_form: Mapped[str]
    strength: Mapped[str]
    label_claim: Mapped[str]
    dose_unit: Mapped[str]
    dose_mass_g: Mapped[Decimal]
    storage: Mapped[str]
    shelf_life_months: Mapped[int]
    strains: Mapped[list[Strain]] = relationship(secondary=product_strain, order_by=Strain.code)

    def content(self) -> dict[str, object]:
        return {
            "dosage_form": self.dosage_form,
            "strength": self.strength,
            "label_claim": self.label_claim,
            "dose_unit": self.dose_unit,
            "dose_mass_g": self.dose_mass_g,
            "storage": self.storage,
            "shelf_life_months": self.shelf_life_months,
            "strains": [strain.code for strain in self.strains],
        }
