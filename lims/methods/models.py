"""Methods as approved versions: the assay, its parameters, and plate layouts."""

from sqlalchemy.orm import Mapped, mapped_column

from lims.control.models import Controlled
from lims.foundation.db import Base, JsonObject


class Method(Controlled, Base):
    """How one test is done: the kind of assay and the parameters it was validated with."""

    __tablename__ = "method"

    assay: Mapped[str]
    family: Mapped[str]
    reference: Mapped[str]
    parameters: Mapped[JsonObject]
    procedure: Mapped[str] = mapped_column(default="")

    def content(self) -> dict[str, object]:
        return {
            "assay": self.assay,
            "family": self.family,
            "reference": self.reference,
            "parameters": self.parameters,
            "procedure": self.procedure,
        }


class PlateLayout(Controlled, Base):
    """Which well of a plate holds what: `{"A1": {"role": "sample", "slot": 1}}`."""

    __tablename__ = "plate_layout"

    assay: Mapped[str]
    size: Mapped[int]
    wells: Mapped[JsonObject]

    def content(self) -> dict[str, object]:
        return {"assay": self.assay, "size": self.size, "wells": self.wells}
