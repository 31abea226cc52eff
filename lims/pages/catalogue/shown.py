"""The page of one document: content, versions, signatures. Values only, no rules."""

from typing import cast

from flask import request
from flask.typing import ResponseReturnValue

from lims import assays, charts
from lims.accounts import queries as people
from lims.assays.assay import Parameter
from lims.charts import Well
from lims.control import actions as control
from lims.control import queries as documents
from lims.control.models import Controlled
from lims.foundation import canonical, clock
from lims.foundation.db import Base
from lims.methods import rules
from lims.methods.models import Method, PlateLayout
from lims.pages.catalogue.kinds import Kind, get, table_of
from lims.pages.refusals import Told
from lims.products.models import ReferenceSequence
from lims.science import criteria_data
from lims.specifications.models import Specification
from lims.web.request import laboratory, page, session, visitor

LETTERS = {"sample": "S", "blank": "B", "host": "C", "lysis": "P", "diluent": "D"}
_LOOKS = {"blank": "blank", "host": "ctl", "lysis": "std", "diluent": "ctl"}
LEGEND = (
    ("S", "sample with its number", ""),
    ("B", "blank", "blank"),
    ("C", "host control", "ctl"),
    ("P", "lysis control", "std"),
    ("D", "diluent control", "ctl"),
)
_LINE = 60


def document_page(kind: Kind, key: int, said: Told, dialog: str = "") -> ResponseReturnValue:
    """A document with its content, its versions, and what the visitor may do with it."""
    document = get(session(), kind, key)
    return page(
        "catalogue/document.html",
        said.status,
        title=f"{document.label} {document.title}",
        kind=kind,
        document=document,
        table=table_of(document),
        versions=documents.versions(session(), document),
        signatures=people.signatures_of(session(), as_record(document)),
        names=people.names(session()),
        digest=canonical.digest(control.content(document)),
        today=clock.today(laboratory().zone),
        now=clock.now(),
        own=document.authored_by_id == visitor().person.id,
        errors=said.errors,
        dialog=dialog,
        typed_reason=request.form.get("reason", ""),
        **content_of(document),
    )


def as_record(document: Controlled) -> Base:
    return cast("Base", document)


def content_of(document: Controlled) -> dict[str, object]:
    """What the part of the page for this kind shows."""
    if isinstance(document, Method):
        return {"parameters": parameters_of(document), "assay": assays.find(document.assay)}
    if isinstance(document, PlateLayout):
        assay = assays.find(document.assay)
        return {"grid": grid_of(document), "legend": LEGEND, "assay": assay,
                "told": rules.written_layout(document.wells)}  # fmt: skip
    if isinstance(document, ReferenceSequence):
        return {"letters": _lines(document.sequence)}
    if isinstance(document, Specification):
        return {"lines": [(line, _criterion(line.criterion)) for line in document.lines]}
    return {}


def _criterion(data: dict[str, object]) -> str:
    """How results are compared, beside the words that are printed."""
    return str(criteria_data.from_data(data))


def parameters_of(method: Method) -> list[tuple[Parameter, str]]:
    """Each parameter of the kind of test with the value of this version."""
    return [
        (each, str(method.parameters.get(each.key, "")))
        for each in assays.find(method.assay).parameters
    ]


def grid_of(layout: PlateLayout) -> list[tuple[str, list[Well]]]:
    rows = 16 if layout.size > 96 else 8  # noqa: PLR2004
    wells = [_well(name, told) for name, told in layout.wells.items()]
    return charts.plate_grid(wells, rows, 24 if rows == 16 else 12)  # noqa: PLR2004


def _well(name: str, told: dict[str, object]) -> Well:
    role = str(told.get("role", ""))
    return Well(name, LETTERS.get(role, ""), str(told.get("slot", "")), 0, _LOOKS.get(role, ""))


def _lines(sequence: str) -> str:
    """The letters in lines of sixty, as a FASTA file has them."""
    return "\n".join(sequence[at : at + _LINE] for at in range(0, len(sequence), _LINE))
