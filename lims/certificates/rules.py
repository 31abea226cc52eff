"""Decisions about certificates: pure."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from lims.certificates.content import ExpectedSigner
from lims.certificates.models import Certificate, CertificateState
from lims.foundation.errors import RuleBroken, WrongState
from lims.lots.models import Lot, LotState
from lims.results.models import PlannedTest, TestState
from lims.results.queries import current
from lims.science.criteria import Verdict

QC_FIELD, QA_FIELD = "qc", "qa"
SIGNERS = (
    ExpectedSigner(QC_FIELD, "Quality control", "Approved the results"),
    ExpectedSigner(QA_FIELD, "Quality assurance", "Issued the certificate"),
)
PASSING = frozenset({Verdict.CONFORMS, Verdict.REPORT})

TRANSITIONS: dict[CertificateState, frozenset[CertificateState]] = {
    CertificateState.PREPARED: frozenset({CertificateState.SIGNED, CertificateState.VOID}),
    CertificateState.SIGNED: frozenset({CertificateState.ISSUED, CertificateState.VOID}),
    CertificateState.ISSUED: frozenset({CertificateState.VOID}),
    CertificateState.VOID: frozenset(),
}


@dataclass(frozen=True)
class Condition:
    """One thing that has to hold before a lot is certified or released."""

    name: str
    holds: bool
    detail: str = ""
    value: str = ""


class NotReady(RuleBroken):
    def __init__(self, conditions: Sequence[Condition]) -> None:
        self.conditions = tuple(each for each in conditions if not each.holds)
        told = "; ".join(f"{each.name}: {each.detail}" for each in self.conditions)
        super().__init__(f"The lot is not ready. {told}.")


def check_move(certificate: Certificate, to: CertificateState) -> None:
    if to not in TRANSITIONS[certificate.state]:
        raise WrongState(
            f"Certificate {certificate.label}", certificate.state.value, "at the step before"
        )


def readiness(lot: Lot, tests: Sequence[PlannedTest]) -> list[Condition]:
    """What has to hold before a certificate is prepared: every test, by two people, passing."""
    open_tests = [test for test in tests if test.state is not TestState.APPROVED]
    failing = [test for test in tests if _verdict(test) not in PASSING]
    failing = [test for test in failing if test.state is TestState.APPROVED]
    approved = len(tests) - len(open_tests)
    return [
        Condition(
            "All tests approved", bool(tests) and not open_tests,
            _named(open_tests) or "by two people each", f"{approved} of {len(tests)}",
        ),
        Condition(
            "All results conform", bool(tests) and not failing and not open_tests,
            _named(failing) or f"to {lot.specification.label}",
            f"{sum(_verdict(test) in PASSING for test in tests)} of {len(tests)}",
        ),
        Condition(
            "Lot not on hold", lot.state is not LotState.ON_HOLD, lot.state_reason, lot.state.value
        ),
    ]  # fmt: skip


def check_ready(conditions: Sequence[Condition]) -> None:
    if not all(condition.holds for condition in conditions):
        raise NotReady(conditions)


def _verdict(test: PlannedTest) -> Verdict | None:
    result = current(test)
    return result.verdict if result else None


def _named(tests: Sequence[PlannedTest]) -> str:
    return ", ".join(f"{test.line.name} ({test.state.value})" for test in tests)


_CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def lookup_code(number: str, secret: bytes) -> str:
    """The code printed beside the QR: who has it holds a certificate, who guesses numbers does not.

    Eight signs of an HMAC over the number; signs that look alike are left out.
    """
    mark = hmac.new(secret, f"certificate lookup {number}".encode(), hashlib.sha256).digest()
    signs = "".join(_CODE_SIGNS[byte % len(_CODE_SIGNS)] for byte in mark[:8])
    return f"{signs[:4]}-{signs[4:]}"


def same_code(given: str, number: str, secret: bytes) -> bool:
    """Whether a typed code belongs to a number, compared in constant time."""
    typed = given.upper().replace(" ", "").replace("-", "")
    return hmac.compare_digest(
        typed.encode(), lookup_code(number, secret).replace("-", "").encode()
    )
