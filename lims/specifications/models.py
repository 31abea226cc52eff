"""A product's specification in approved versions, a line for each required test."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.control.models import Controlled
from lims.foundation.db import Base, JsonObject
from lims.methods.models import Method
from lims.products.models import Product


class Specification(Controlled, Base):
    """What a lot of a product must meet at release."""

    __tablename__ = "specification"

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    product: Mapped[Product] = relationship()
    lines: Mapped[list["SpecificationLine"]] = relationship(
        back_populates="specification", order_by="SpecificationLine.position"
    )

    def content(self) -> dict[str, object]:
        return {"product": self.product.label, "lines": [line.content() for line in self.lines]}


class SpecificationLine(Base):
    """One test with its acceptance criterion.

    `criterion` keeps limits as the text they were written in, because that text decides how a
    result is rounded before it is compared.
    """

    __tablename__ = "specification_line"
    __table_args__ = (UniqueConstraint("specification_id", "position"),)

    specification_id: Mapped[int] = mapped_column(ForeignKey("specification.id"))
    position: Mapped[int]
    family: Mapped[str]
    name: Mapped[str]
    method_id: Mapped[int] = mapped_column(ForeignKey("method.id"))
    criterion: Mapped[JsonObject]
    criterion_text: Mapped[str]
    specification: Mapped[Specification] = relationship(back_populates="lines")
    method: Mapped[Method] = relationship()

    @property
    def label(self) -> str:
        return self.name

    def content(self) -> dict[str, object]:
        return {
            "position": self.position,
            "family": self.family,
            "name": self.name,
            "method": self.method.label,
            "criterion": self.criterion,
            "criterion_text": self.criterion_text,
        }
