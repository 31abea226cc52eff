"""What quality assurance decides about a lot: hold, resume, reject, cancel, release."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from lims.accounts import queries as accounts
from lims.accounts import signing
from lims.accounts.models import Meaning, Signature
from lims.audit.act import Act
from lims.certificates import actions as certificates
from lims.certificates import queries as certificate_queries
from lims.certificates import rules as certificate_rules
from lims.certificates.models import Certificate, CertificateState
from lims.certificates.rules import Condition
from lims.disposition.models import Decision, Disposition
from lims.foundation.errors import NotAllowed, Stale, WrongState
from lims.lots import actions as lots
from lims.lots import queries as lot_queries
from lims.lots.models import Lot, LotState
from lims.results import queries as results
from lims.results.models import PlannedTest, Result, ResultState
from lims.runs import queries as runs
from lims.science.criteria import Verdict
from lims.workflow.recording import recompute


class SecondSignatureSamePerson(NotAllowed):
    def __init__(self) -> None:
        super().__init__(
            "You signed this certificate for quality control; another person has to issue it."
        )


@dataclass(frozen=True)
class Unusual:
    """Something on a lot that a person should read before deciding."""

    kind: str
    title: str
    detail: str
    run_id: int | None = None


def conditions(session: Session, lot: Lot) -> list[Condition]:
    """All that has to hold for a release, computed from the records at this moment."""
    tests = results.tests_of(session, lot)
    certificate = certificate_queries.current(session, lot)
    current = [found for test in tests if (found := results.current(test)) is not None]
    differences = [text for result in current for text in recompute(session, result)]
    forged = [
        each.label
        for each in _signatures(session, current)
        if not signing.is_genuine(session, each)
    ]
    return [
        *certificate_rules.readiness(lot, tests),
        Condition("Recomputed, same results", not differences, " ".join(differences) or
                  "from readings and files, to the last digit", str(len(current))),
        Condition("Review signatures genuine", not forged, ", ".join(forged) or
                  "each by the reviewer's own key", str(len(current))),
        _certificate_condition(session, certificate),
    ]  # fmt: skip


def _signatures(session: Session, found: list[Result]) -> list[Signature]:
    return [each for result in found for each in accounts.signatures_of(session, result)]


def _certificate_condition(session: Session, certificate: Certificate | None) -> Condition:
    name = "Certificate signed by quality control"
    if certificate is None:
        return Condition(name, holds=False, detail="none is prepared")
    if certificate.state is CertificateState.PREPARED:
        return Condition(name, holds=False, detail=f"{certificate.label} waits for its signature")
    try:
        certificates.check_still_true(session, certificate)
    except Stale as stale:
        return Condition(name, holds=False, detail=str(stale))
    return Condition(name, holds=True, detail=certificate.label, value=certificate.state.value)


def unusual(session: Session, lot: Lot) -> list[Unusual]:
    """Only what is out of the ordinary: repeats, corrections, returns, warnings, remarks."""
    found: list[Unusual] = []
    for test in results.tests_of(session, lot):
        found += _unusual_of(session, test)
    return found


def _unusual_of(session: Session, test: PlannedTest) -> list[Unusual]:
    found: list[Unusual] = []
    name = test.line.name
    for result in test.results:
        run = result.run
        if result.state is ResultState.INVALID:
            faults = "; ".join(
                f"{check['name']}: {check['value']}"
                for check in run.checks
                if check["state"] == "failed"
            )
            found.append(Unusual("invalid", f"{name}, run {run.code} invalid", faults, run.id))
        if result.verdict is Verdict.FAILS:
            found.append(
                Unusual("fails", f"{name} does not conform", result.reported or "", run.id)
            )
        found += [
            Unusual(
                "warning", f"{name}: {check['name']}", f"{check['value']} {check['detail']}", run.id
            )
            for check in run.checks
            if check["state"] == "warning"
        ]
        found += _readings(session, test, result)
    return found


def _readings(session: Session, test: PlannedTest, result: Result) -> list[Unusual]:
    """Corrected readings with both values, and remarks in the analyst's words."""
    found: list[Unusual] = []
    before: dict[str, str] = {}
    for reading in runs.history(session, result.run):
        if reading.version > 1:
            detail = f"{before[reading.key]} → {reading.text}. “{reading.reason}”"
            title = f"{test.line.name}: {reading.key} corrected"
            found.append(Unusual("corrected", title, detail, result.run_id))
        elif reading.key == "remark":
            title = f"{test.line.name}: remark"
            found.append(Unusual("remark", title, reading.text, result.run_id))
        before[reading.key] = reading.text
    return found


def hold(act: Act, lot: Lot, password: str) -> None:
    """Put a lot on hold, signed and with a reason; also after release, to stop its use."""
    lot = lot_queries.lock(act.session, lot.id)
    act.need_reason()
    lots.check_can_hold(lot)
    signature = signing.sign(act, Meaning.HELD, lot, lots.content(lot), password)
    lots.hold(act, lot)
    _keep(act, lot, Decision.HOLD, signature)


def resume(act: Act, lot: Lot, password: str) -> None:
    """Take a lot off hold; a lot with a failing result stays."""
    lot = lot_queries.lock(act.session, lot.id)
    act.need_reason()
    for test in results.tests_of(act.session, lot):
        found = results.current(test)
        if found is not None and found.verdict is Verdict.FAILS:
            raise WrongState(
                f"Lot {lot.number}",
                f"on hold because {test.line.name} does not conform",
                "rejected, or its failure investigated",
            )
    signature = signing.sign(act, Meaning.RESUMED, lot, lots.content(lot), password)
    lots.resume(act, lot)
    _keep(act, lot, Decision.RESUME, signature)


def reject(act: Act, lot: Lot, password: str) -> None:
    """Reject a lot for good; a prepared certificate is voided with it."""
    lot = lot_queries.lock(act.session, lot.id)
    act.need_reason()
    lots.check_can_reject(lot)
    signature = signing.sign(act, Meaning.REJECTED, lot, lots.content(lot), password)
    certificate = certificate_queries.current(act.session, lot)
    if certificate is not None:
        certificates.take_out_of_force(act, certificate, password)
    lots.leave_hold(lot)
    lots.move(act, lot, LotState.REJECTED, "lot.rejected")
    _keep(act, lot, Decision.REJECT, signature)


def withdraw(act: Act, certificate: Certificate, password: str) -> None:
    """Take an issued certificate out of force; its released lot goes on hold in the same act."""
    lot = lot_queries.lock(act.session, certificate.lot_id)
    act.need_reason()
    certificates.take_out_of_force(act, certificate, password)
    if lot.state is LotState.RELEASED:
        signature = signing.sign(act, Meaning.HELD, lot, lots.content(lot), password)
        lots.hold(act, lot)
        _keep(act, lot, Decision.HOLD, signature)


def cancel(act: Act, lot: Lot, password: str) -> None:
    """Cancel a lot that is not tested further: entered by mistake, lost, not made."""
    lot = lot_queries.lock(act.session, lot.id)
    act.need_reason()
    lots.check_can_cancel(lot)
    signing.sign(act, Meaning.CANCELLED, lot, lots.content(lot), password)
    lots.leave_hold(lot)
    lots.move(act, lot, LotState.CANCELLED, "lot.cancelled")


def release(
    act: Act, lot: Lot, certificate: Certificate, password: str, shown: str | None = None
) -> None:
    """Issue the certificate and release the lot: one act, one password.

    Every condition is computed again inside the transaction, with the lot's row held.

    Raises:
        WrongState: the lot is not tested, or was released meanwhile.
        NotReady: a condition no longer holds.
        SecondSignatureSamePerson: the same person signed for quality control.
        Stale: the certificate or the records changed since they were shown.
    """
    lot = lot_queries.lock(act.session, lot.id)
    act.need_reason()
    lots.check_can_release(lot)
    certificate_rules.check_ready(conditions(act.session, lot))
    if any(
        each.person_id == act.actor.id for each in accounts.signatures_of(act.session, certificate)
    ):
        raise SecondSignatureSamePerson
    if certificate.lot_id != lot.id:
        raise Stale(f"The certificate of lot {lot.number}")
    signer, _ = certificates.issue(act, certificate, password, shown)
    signature = signing.sign_with(act, signer, Meaning.RELEASED, lot, lots.content(lot))
    lots.move(act, lot, LotState.RELEASED, "lot.released", certificate=certificate.label)
    _keep(act, lot, Decision.RELEASE, signature, certificate)


def _keep(
    act: Act,
    lot: Lot,
    decision: Decision,
    signature: Signature,
    certificate: Certificate | None = None,
) -> None:
    made = Disposition(
        lot_id=lot.id,
        decision=decision,
        reason=act.reason,
        decided_by_id=act.actor.id,
        decided_at=act.at,
        certificate_id=certificate.id if certificate else None,
        signature_id=signature.id,
    )
    act.session.add(made)
    act.session.flush()
    act.note("lot.decided", made, decision=decision)
