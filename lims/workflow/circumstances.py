"""What an evaluation may know beside the readings, gathered from the nouns that keep it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.assays.assay import Circumstances, PlateReading, Reference
from lims.control.models import DocumentState
from lims.imports import queries as imports
from lims.products.models import ReferenceSequence
from lims.results.models import Result
from lims.runs.models import Run


def of_result(session: Session, result: Result, plate: PlateReading | None = None) -> Circumstances:
    """For one result; a recorded one is computed with the very references it was recorded with."""
    product = result.test.lot.product
    return Circumstances(
        dose_mass_g=str(product.dose_mass_g),
        dose_unit=product.dose_unit,
        references=_references(session, result),
        plate=plate,
        slot=result.slot,
    )


def plate_of(session: Session, run: Run) -> PlateReading | None:
    """The plate a run was read from; None where everything was typed."""
    plate_import = imports.of_run(session, run)
    return None if plate_import is None else imports.plate_reading(session, plate_import)


def _references(session: Session, result: Result) -> tuple[Reference, ...]:
    used = (result.source or {}).get("references")
    strains = [strain.id for strain in result.test.lot.product.strains]
    query = select(ReferenceSequence).where(ReferenceSequence.strain_id.in_(strains))
    found = session.scalars(query.order_by(ReferenceSequence.code, ReferenceSequence.version)).all()
    return tuple(
        Reference(each.label, each.locus.value, each.strain.code, each.sequence)
        for each in _counting(found, used)
    )


def _counting(
    found: Sequence[ReferenceSequence], used: list[str] | None
) -> list[ReferenceSequence]:
    if used is not None:
        return [each for each in found if each.label in used]
    return [each for each in found if each.state is DocumentState.APPROVED]
