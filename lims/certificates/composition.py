"""The content of a certificate, gathered from approved records and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from lims.accounts import queries as accounts
from lims.accounts.models import Meaning
from lims.certificates import content as c
from lims.certificates import rules
from lims.foundation import clock
from lims.lots.models import Lot
from lims.results import queries as results
from lims.results.models import PlannedTest, Result
from lims.samples.models import Sample
from lims.science.criteria import Verdict
from lims.site.models import Laboratory

_VERDICTS = {
    Verdict.CONFORMS: c.LineVerdict.CONFORMS,
    Verdict.FAILS: c.LineVerdict.DOES_NOT_CONFORM,
    Verdict.INDETERMINATE: c.LineVerdict.INDETERMINATE,
    Verdict.NOT_COMPARABLE: c.LineVerdict.INDETERMINATE,
    Verdict.REPORT: c.LineVerdict.REPORTED,
}


@dataclass(frozen=True)
class Frame:
    """What is given to a certificate apart from the lot's own records."""

    number: str
    version: int
    at: datetime
    ca_fingerprint: str
    chain_head: c.ChainHead | None
    supersedes: c.Superseded | None = None
    code: str = ""


def compose(
    session: Session,
    laboratory: Laboratory,
    lot: Lot,
    tests: Sequence[PlannedTest],
    frame: Frame,
) -> c.CertificateContent:
    """All that a certificate of this lot says, from its records as they stand."""
    sample = tests[0].sample
    lines = tuple(_line(session, laboratory, test) for test in tests)
    return c.CertificateContent(
        number=frame.number,
        version=frame.version,
        prepared_at=frame.at,
        laboratory=_laboratory(laboratory),
        manufacturer=c.Manufacturer(laboratory.name, laboratory.address, laboratory.telephone),
        product=_product(lot),
        lot=_lot(lot),
        specification=c.Specification(
            lot.specification.code,
            str(lot.specification.version),
            tuple(line.code for line in lines),
        ),
        sampled_on=sample.sampled_on or lot.manufactured_on,
        received_on=_day(sample, laboratory, lot),
        lines=lines,
        signers=rules.SIGNERS,
        lookup=c.Lookup(
            f"{laboratory.public_url}/verify/{frame.number}?code={frame.code}", frame.code
        ),
        ca_fingerprint=frame.ca_fingerprint,
        chain_head=frame.chain_head,
        supersedes=frame.supersedes,
        notes=_notes(tests),
        record_signatures=tuple(_signatures(session, tests)),
    )


def _laboratory(laboratory: Laboratory) -> c.Laboratory:
    return c.Laboratory(
        laboratory.name,
        laboratory.address,
        laboratory.telephone,
        "Quality control laboratory",
        laboratory.zone,
        laboratory.logo,
    )


def _product(lot: Lot) -> c.Product:
    product = lot.product
    strains = tuple(
        (*c.italic(strain.taxon), c.Span(f" {strain.designation}")) for strain in product.strains
    )
    return c.Product(
        product.title,
        strains,
        product.dosage_form,
        c.rich(product.strength),
        c.rich(product.label_claim),
    )


def _lot(lot: Lot) -> c.Lot:
    return c.Lot(
        number=lot.number,
        size=lot.size,
        manufactured_on=lot.manufactured_on,
        expires_on=lot.expires_on,
        storage=lot.product.storage,
        drug_substance_lots=(lot.substance_lot,) if lot.substance_lot else (),
        cell_banks=(lot.cell_bank,) if lot.cell_bank else (),
    )


def _day(sample: Sample, laboratory: Laboratory, lot: Lot) -> date:
    if sample.received_at is None:
        return lot.manufactured_on
    return clock.local(sample.received_at, laboratory.zone).date()


def _line(session: Session, laboratory: Laboratory, test: PlannedTest) -> c.TestLine:
    result = results.current(test)
    line = test.line
    names = accounts.names(session)
    return c.TestLine(
        code=f"T{line.position:02d}",
        family=c.Family(line.family),
        test=c.rich(line.name),
        method=c.MethodReference(
            line.method.code, str(line.method.version), line.method.title, line.method.reference
        ),
        criterion=c.rich(line.criterion_text),
        result=None if result is None else reported(result),
        verdict=_verdict(result),
        tested_on=_tested_on(result, laboratory),
        performed_by=_initials(names, result.recorded_by_id if result else None),
        reviewed_by=_initials(names, result.reviewed_by_id if result else None),
    )


def _verdict(result: Result | None) -> c.LineVerdict:
    if result is None or result.verdict is None:
        return c.LineVerdict.MISSING
    return _VERDICTS[result.verdict]


def _tested_on(result: Result | None, laboratory: Laboratory) -> date | None:
    if result is None or result.recorded_at is None:
        return None
    return clock.local(result.recorded_at, laboratory.zone).date()


def _initials(names: dict[int, str], person_id: int | None) -> str:
    return "".join(word[0] for word in names.get(person_id or 0, "").split())


def reported(result: Result) -> c.Reported | None:
    """A recorded result in the parts the certificate prints."""
    text = result.reported
    if text is None:
        return None
    detail = c.rich(result.also) if result.also else ()
    if not result.unrounded:
        category, _, quantity = text.partition(" in ")
        return c.Reported(category=category, tested_quantity=quantity, detail=detail)
    number, _, exponent = text.partition(" × 10^")
    return c.Reported(
        qualifier=result.qualifier or "",
        number=number,
        exponent=exponent,
        unit=result.unit or "",
        detail=detail,
        unrounded=result.unrounded,
    )


def _notes(tests: Sequence[PlannedTest]) -> tuple[c.RichText, ...]:
    """What a reader must know of attempts that gave no result: they are not hidden."""
    found = []
    for test in tests:
        invalid = [result for result in test.results if result.state.value == "invalid"]
        if invalid:
            runs = ", ".join(result.run.code for result in invalid)
            count = len(test.results)
            found.append(
                c.rich(
                    f"{test.line.name}: performed {count} times, reported once; "
                    f"invalid by its controls: {runs}."
                )
            )
    return tuple(found)


def _signatures(session: Session, tests: Sequence[PlannedTest]) -> list[c.RecordSignature]:
    found = []
    for test in tests:
        result = results.current(test)
        if result is None:
            continue
        for signature in accounts.signatures_of(session, result):
            if signature.meaning is Meaning.REVIEWED:
                when = f"{signature.at.day} {signature.at:%b %Y, %H:%M:%S}"
                found.append(
                    c.RecordSignature(
                        f"{signature.printed_name} ({signature.login})",
                        signature.meaning.value,
                        when,
                        test.line.name,
                    )
                )
    return found
