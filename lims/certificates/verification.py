"""Is this file a certificate that we issued, unchanged, and what is it worth today?

Four facts together answer it, because each alone can be cheated: a file cut back to its first
signature is intact; bytes appended after the end leave every signature valid; holes around a
signature are not covered by it. Needs the file and the laboratory's CA certificate; the register
adds the fourth fact.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum

from cryptography import x509

from lims.certificates.content import CertificateContent
from lims.certificates.document import render
from lims.certificates.errors import ContentRefused
from lims.certificates.page.signature_block import caption
from lims.certificates.parts import PARSE_ERRORS, Opened, opened
from lims.certificates.register_entry import NotRegistered, RegisterEntry, RegisterState
from lims.certificates.trust import SignatureSeen, check_list, seen

SIZE_LIMIT = 5_000_000
"""Bytes; certificates of ours stay below a tenth of it."""


class FactName(StrEnum):
    SIGNATURES = "signatures"
    WHOLE_FILE = "whole_file"
    SIGNERS = "signers"
    REGISTER = "register"


@dataclass(frozen=True)
class Fact:
    """Attributes: holds: None when it could not be looked into; sentence: the reason."""

    name: FactName
    holds: bool | None
    sentence: str


def _holds(name: FactName, sentence: str) -> Fact:
    return Fact(name, holds=True, sentence=sentence)


def _fails(name: FactName, sentence: str) -> Fact:
    return Fact(name, holds=False, sentence=sentence)


class Outcome(StrEnum):
    """The answer in one word."""

    GENUINE = "genuine"
    """All four facts hold and the certificate is in force."""
    SUPERSEDED = "superseded"
    VOID = "void"
    UNFINISHED = "unfinished"
    """Ours and unchanged, but not issued: a signature is still to come."""
    NOT_COMPARED = "not_compared"
    """Three facts hold; nobody looked into the register."""
    NOT_GENUINE = "not_genuine"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Verdict:
    """The answer with its four facts, ready for a page or as JSON."""

    outcome: Outcome
    sentence: str
    facts: tuple[Fact, ...]
    sha256: str
    number: str = ""
    version: int = 0
    lot_number: str = ""
    lot_state: str = ""
    signatures: tuple[SignatureSeen, ...] = ()

    @property
    def genuine(self) -> bool:
        """True only for a certificate of ours that is unchanged and in force."""
        return self.outcome is Outcome.GENUINE

    def fact(self, name: FactName) -> Fact:
        return next(fact for fact in self.facts if fact.name is name)

    def to_json(self) -> str:
        return json.dumps(asdict(self), default=_text, sort_keys=True, ensure_ascii=False)


def _text(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


Register = RegisterEntry | NotRegistered | None
"""None: the register was not asked."""


def verify(
    pdf: bytes,
    ca_certificate: x509.Certificate,
    crl: x509.CertificateRevocationList | None,
    register_entry: Register,
) -> Verdict:
    """Judge a file. Hostile bytes give a verdict, not an error.

    Args:
        pdf: the file's bytes; above `SIZE_LIMIT` it is not read.
        ca_certificate: the laboratory's, from a source the caller trusts.
        crl: the laboratory's newest revocation list, or None.
        register_entry: what the register says; None when it was not asked.
    """
    sha256 = hashlib.sha256(pdf).hexdigest()
    if len(pdf) > SIZE_LIMIT:
        return _unreadable(sha256, "The file is larger than any certificate of ours.")
    try:
        file = opened(pdf)
    except PARSE_ERRORS:
        return _unreadable(sha256, "The file is no readable PDF.")
    if file.content is None:
        return _unreadable(sha256, "The file carries no certificate record of ours.")
    found = tuple(seen(signature, ca_certificate, crl, len(pdf)) for signature in file.signatures)
    register = _register(sha256, file.content, register_entry)
    facts = (
        _signatures(found, check_list(crl, ca_certificate), vouched=register.holds is True),
        _whole_file(found),
        _signers(file, found, register_entry),
        register,
    )
    return _verdict(facts, file.content, register_entry, sha256, found)


def claims(pdf: bytes) -> tuple[str, int] | None:
    """Number and version that a file claims, to look it up in the register; proves nothing."""
    if len(pdf) > SIZE_LIMIT:
        return None
    try:
        content = opened(pdf).content
    except PARSE_ERRORS:
        return None
    return (content.number, content.version) if content else None


def redrawn(pdf: bytes) -> bool:
    """Whether the file begins with exactly what its attached record is drawn as.

    Holds for a file prepared by this version of the product; shows that page and record agree to
    the last byte. Another version may draw the same record differently.
    """
    try:
        content = opened(pdf).content
    except PARSE_ERRORS:
        return False
    try:
        return content is not None and pdf.startswith(render(content))
    except ContentRefused:
        return False


def _unreadable(sha256: str, sentence: str) -> Verdict:
    facts = tuple(Fact(name, None, sentence) for name in FactName)
    return Verdict(Outcome.UNREADABLE, sentence, facts, sha256)


def _signatures(found: tuple[SignatureSeen, ...], bad_list: str, *, vouched: bool) -> Fact:
    """Fact 1: every signature intact and trusted when it was given."""
    if bad_list:
        return _fails(FactName.SIGNATURES, f"Trust cannot be judged: {bad_list}.")
    if not found:
        return _fails(FactName.SIGNATURES, "Nobody has signed this file.")
    for signature in found:
        if signature.problem and not (signature.compromised and vouched):
            said = f"The signature “{signature.field}” {signature.problem}."
            return _fails(FactName.SIGNATURES, said)
    said = "All signatures are intact and were given by people whom the laboratory certified."
    return _holds(FactName.SIGNATURES, said)


def _whole_file(found: tuple[SignatureSeen, ...]) -> Fact:
    """Fact 2: nothing stands outside the last signature."""
    if found and found[-1].whole_file:
        return _holds(FactName.WHOLE_FILE, "The last signature covers the whole file.")
    said = "Something was added to the file after the last signature, or taken from it."
    return _fails(FactName.WHOLE_FILE, said if found else "No signature covers the file.")


def _signers(file: Opened, found: tuple[SignatureSeen, ...], entry: Register) -> Fact:
    """Fact 3: exactly the expected people have signed, in the expected order."""
    problem = _signers_problem(file, found, entry)
    if problem:
        return _fails(FactName.SIGNERS, problem)
    names = " and ".join(f"{made.name} ({made.login})" for made in found)
    return _holds(FactName.SIGNERS, f"Signed in the expected order by {names}.")


def _signers_problem(file: Opened, found: tuple[SignatureSeen, ...], entry: Register) -> str:
    assert file.content is not None  # noqa: S101 - the caller has looked
    return _fields_problem(file, file.content, found) or _people_problem(file.content, found, entry)


def _fields_problem(
    file: Opened, content: CertificateContent, found: tuple[SignatureSeen, ...]
) -> str:
    expected = tuple(signer.field for signer in content.signers)
    filled = tuple(made.field for made in found)
    missing = [caption(signer) for signer in content.signers if signer.field not in filled]
    if missing:
        return f"A signature is missing: {'; '.join(missing)}."
    if filled != expected or set(file.fields) != set(expected):
        return "The signatures are not exactly the expected ones in the expected order."
    return ""


def _people_problem(
    content: CertificateContent, found: tuple[SignatureSeen, ...], entry: Register
) -> str:
    for signer, made in zip(content.signers, found, strict=True):
        if not made.reason.startswith(f"{caption(signer)}. "):
            return f"The signature “{signer.field}” was given with another meaning."
    # A signature tells its time in whole seconds.
    times = [content.prepared_at.replace(microsecond=0), *(made.at for made in found if made.at)]
    if times != sorted(times):
        return "The signing times do not follow each other."
    logins = tuple(made.login for made in found)
    if len(set(logins)) != len(logins):
        return "One person has signed twice."
    if isinstance(entry, RegisterEntry) and entry.signers and entry.signers != logins:
        return "Other people have signed than the register says."
    return ""


def _register(sha256: str, content: CertificateContent, entry: Register) -> Fact:
    """Fact 4: the register holds exactly this file."""
    name = f"{content.number} version {content.version}"
    if entry is None:
        said = "The register was not asked, so later changes of state are not known."
        return Fact(FactName.REGISTER, None, said)
    if isinstance(entry, NotRegistered):
        return _fails(FactName.REGISTER, f"The register knows no certificate {name}.")
    if entry.sha256.lower() != sha256:
        said = f"The register holds {entry.number} version {entry.version} as a different file."
        return _fails(FactName.REGISTER, said)
    if (entry.number, entry.version, entry.lot_number) != (
        content.number,
        content.version,
        content.lot.number,
    ):
        return _fails(FactName.REGISTER, "The register names another certificate.")
    said = f"The register holds exactly this file. {_STATES[entry.state]}"
    if entry.replaced_by:
        said = f"{said[:-1]} by {entry.replaced_by}."
    return _holds(FactName.REGISTER, f"{said} The lot is {entry.lot_state}.")


_STATES = {
    RegisterState.PREPARED: "It is prepared and not signed yet.",
    RegisterState.SIGNED_BY_QC: "It is signed by Quality Control and not issued yet.",
    RegisterState.CURRENT: "It is in force.",
    RegisterState.SUPERSEDED: "It has been replaced.",
    RegisterState.VOID: "It was withdrawn and is void.",
}
_OUTCOMES = {
    RegisterState.PREPARED: Outcome.UNFINISHED,
    RegisterState.SIGNED_BY_QC: Outcome.UNFINISHED,
    RegisterState.CURRENT: Outcome.GENUINE,
    RegisterState.SUPERSEDED: Outcome.SUPERSEDED,
    RegisterState.VOID: Outcome.VOID,
}
_SENTENCES = {
    Outcome.GENUINE: "This is the certificate that the laboratory issued, unchanged and in force.",
    Outcome.SUPERSEDED: "The laboratory issued this certificate, and has replaced it since.",
    Outcome.VOID: "The laboratory withdrew this certificate; do not rely on it.",
    Outcome.UNFINISHED: "This certificate is the laboratory's but is not issued yet.",
    Outcome.NOT_COMPARED: "The signatures are the laboratory's and the file is unchanged; whether "
    "the certificate is still in force was not looked up.",
}


def _verdict(
    facts: tuple[Fact, ...],
    content: CertificateContent,
    entry: Register,
    sha256: str,
    found: tuple[SignatureSeen, ...],
) -> Verdict:
    outcome, sentence = _answer(facts, entry)
    return Verdict(
        outcome,
        sentence,
        facts,
        sha256,
        content.number,
        content.version,
        content.lot.number,
        entry.lot_state if isinstance(entry, RegisterEntry) else "",
        found,
    )


def _answer(facts: tuple[Fact, ...], entry: Register) -> tuple[Outcome, str]:
    failed = [fact for fact in facts if fact.holds is False]
    registered = isinstance(entry, RegisterEntry) and facts[-1].holds is True
    if registered and _OUTCOMES[entry.state] is Outcome.UNFINISHED:  # type: ignore[union-attr]
        return Outcome.UNFINISHED, _SENTENCES[Outcome.UNFINISHED]
    if failed:
        said = " ".join(fact.sentence for fact in failed)
        return Outcome.NOT_GENUINE, f"This is not a certificate to rely on. {said}"
    outcome = _OUTCOMES[entry.state] if isinstance(entry, RegisterEntry) else Outcome.NOT_COMPARED
    return outcome, _SENTENCES[outcome]
