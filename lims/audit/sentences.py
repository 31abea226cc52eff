"""The trail in sentences: each event told in plain words. Pure."""

from collections.abc import Mapping
from string import Formatter

_LONGEST = 120

TEMPLATES: dict[str, str] = {
    "laboratory.founded": "founded the laboratory {name}",
    "laboratory.described": "changed what is printed of the laboratory",
    "authority.created": "made the laboratory's certificate authority",
    "authority.issued": "used the certificate authority to issue a {subject}",
    "authority.revoked": "used the certificate authority to sign a {subject}",
    "authority.vouched": "used the certificate authority to sign the {subject}",
    "key.revoked": "revoked the signing key of {owner}: {why}",
    "person.invited": "invited {name} as {record}",
    "person.activated": "activated the account {record} with a password of its own",
    "person.password_changed": "changed the password of {record}",
    "person.reset": "reset the account {record}",
    "person.disabled": "disabled the account {record}",
    "person.unlocked": "unlocked the account {record}",
    "person.identity_verified": "verified the identity of {record}: {evidence}",
    "person.preferred": "set the keyboard shortcuts of {record}",
    "role.granted": "granted the role {role} to {record}",
    "role.withdrawn": "withdrew the role {role} from {record}",
    "login.succeeded": "signed in",
    "login.unknown": "refused a sign-in under the unknown login {typed}",
    "login.refused": "refused a sign-in of {record}: {because}",
    "access.refused": "was refused what the role does not include: {asked}",
    "password.wrong": "gave a wrong password ({where})",
    "account.locked": "locked the account {record} after wrong passwords",
    "session.locked": "locked the session ({because})",
    "session.unlocked": "went on after the lock",
    "session.ended": "signed out",
    "equipment.added": "entered the instrument {record}, {name}",
    "equipment.calibrated": "recorded a calibration of {record}, due {due}",
    "equipment.out_of_service": "took the instrument {record} out of service",
    "material.added": "entered the material {record}, {name}, in quarantine",
    "material.decided": "set the material {record} to {state}",
    "strain.added": "entered the strain {record}, {taxon}",
    "document.drafted": "drafted the {kind} {record}",
    "document.edited": "edited the draft of the {kind} {record}",
    "document.authored": "signed the {kind} {record} as its author",
    "document.approved": "approved the {kind} {record}, effective {effective}",
    "document.sent_back": "sent the {kind} {record} back to its author",
    "document.withdrawn": "withdrew the draft of the {kind} {record}",
    "document.superseded": "superseded the {kind} {record} by {by}",
    "lot.registered": "registered the lot {record} under {specification}",
    "lot.in_test": "began testing the lot {record}",
    "lot.tested": "completed the tests of the lot {record}",
    "lot.held": "put the lot {record} on hold",
    "lot.resumed": "took the lot {record} off hold",
    "lot.rejected": "rejected the lot {record}",
    "lot.cancelled": "cancelled the lot {record}",
    "lot.released": "released the lot {record} with {certificate}",
    "lot.decided": "signed the decision: {decision}",
    "tests.planned": "planned the tests of the lot {record}",
    "sample.expected": "announced the sample {record}",
    "sample.received": "received the sample {record}: {amount} {unit}, {condition}",
    "sample.voided": "declared the sample {record} void",
    "test.started": "started the test {test} in run {run}",
    "test.repeated": "repeated the test {test} in run {run}: {reason_given}",
    "reading.recorded": "recorded {field} in run {run}: {new}",
    "reading.corrected": "corrected {field} in run {run}: {old} → {new}",
    "result.recorded": "recorded the result of {test}: {result}, {verdict}",
    "result.invalid": "closed the run of {test} as invalid",
    "result.approved": "reviewed and approved {test}: {result}",
    "result.returned": "returned {test} to its analyst",
    "file.received": "received the file {name}, {size} bytes",
    "file.not_understood": "kept a file that no reader understands: {why}",
    "file.downloaded": "handed out the file {record}",
    "file.read_again": "read a kept file again",
    "import.laid_out": "laid the plate layout {layout} over {record}",
    "import.well_left_out": "left the well {well} out of {record}",
    "import.well_taken_back": "took the well {well} of {record} back in",
    "import.confirmed": "confirmed {record} as run {run}",
    "import.discarded": "discarded {record}",
    "certificate.prepared": "prepared the certificate {record}",
    "certificate.signed": "signed the certificate {record} for quality control",
    "certificate.issued": "issued the certificate {record}",
    "certificate.voided": "voided the certificate {record}",
    "certificate.downloaded": "handed out the certificate {record}",
    "trail.exported": "exported {count} events of the trail",
    "backup.made": "made a backup",
    "backup.restored": "restored a backup",
}


def sentence(body: Mapping[str, object]) -> str:
    """What happened, beginning with the verb; the actor stands before it."""
    template = TEMPLATES.get(str(body["action"]))
    facts = body.get("facts")
    record = body.get("record")
    values: dict[str, object] = dict(facts) if isinstance(facts, Mapping) else {}
    values["record"] = record.get("label", "") if isinstance(record, Mapping) else ""
    if template is None:
        return str(body["action"]).replace(".", " ").replace("_", " ")
    return _Lenient().format(template, **values)


class _Lenient(Formatter):
    """A fact that is missing leaves a dash, so that an old event is always readable."""

    def get_value(
        self,
        key: int | str,
        args: object,  # noqa: ARG002 -- the signature of string.Formatter
        kwargs: Mapping[str, object],
    ) -> object:
        value = str(kwargs.get(str(key), "–"))
        return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
