"""Three lots on their way: one released with its certificate, one in test, one failing and held."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from lims.assays.entries import MOMENT_FORMAT
from lims.certificates import actions as certificates
from lims.certificates import queries as certificate_queries
from lims.control import queries as documents
from lims.demonstration.people import ANALYST, QUALITY, REVIEWER, SECOND_ANALYST, Login
from lims.demonstration.performing import Stage
from lims.demonstration.setting import DATA
from lims.equipment import queries as equipment
from lims.foundation import clock
from lims.foundation.permissions import Permission
from lims.imports import actions as imports
from lims.imports import queries as import_queries
from lims.lots import queries as lots
from lims.lots.actions import NewLot
from lims.methods.models import PlateLayout
from lims.results import queries as results
from lims.results.actions import ReviewDecision
from lims.results.models import PlannedTest, ResultState
from lims.runs import queries as runs
from lims.samples import actions as samples
from lims.samples import queries as sample_queries
from lims.samples.actions import Receipt
from lims.samples.models import Condition
from lims.site import queries as site
from lims.workflow import deciding, recording, registration, reviewing

RELEASED, FAILING, IN_TEST = "BL07-26-0116", "BL07-26-0117", "BL07-26-0118"
PLATE = "epoch_phage_growth_Rep1.csv"

Say = Callable[[str], None]


def silent(_line: str) -> None:
    """The pages show what was done; only the command `lims demo` tells it."""


def walk(stage: Stage, say: Say = silent) -> None:
    """The whole street, through the actions and passwords of the pages."""
    for number, days in ((RELEASED, 19), (FAILING, 17), (IN_TEST, 12)):
        _register(stage, number, days, say)
    _identity(stage, RELEASED, say)
    _count(stage, RELEASED, say)
    _absence(stage, RELEASED, say)
    _plate(stage, say)
    _review(stage, RELEASED, say)
    _certify(stage, RELEASED, say)
    _identity(stage, FAILING, say)
    _begin_count(stage, IN_TEST, say)
    _absence(stage, IN_TEST, say)


def _register(stage: Stage, number: str, days: int, say: Say) -> None:
    made = clock.now().date() - timedelta(days=days)
    told = NewLot(
        number=number,
        size="41 200 capsules",
        manufactured_on=made,
        expires_on=_months_later(made, 18),
        due_on=clock.now().date() + timedelta(days=5),
        substance_lot=f"DS-{number[-4:]}",
        cell_bank="BL07-WCB-05, vial 212",
    )
    with stage.does(ANALYST, Permission.LOT_REGISTER) as act:
        registration.register(act, told, "BL07-CAP")
    with stage.does(ANALYST, Permission.SAMPLE_HANDLE) as act:
        sample = sample_queries.get(act.session, f"{number}-S1")
        receipt = Receipt(
            Decimal(60),
            "capsules",
            Condition.INTACT,
            Decimal("5.1"),
            "C-02, 5 °C",
            clock.now().date() - timedelta(days=6),
        )
        samples.receive(act, sample, receipt)
    say(f"{number} registered, sample {number}-S1 received")


def _months_later(day: date, months: int) -> date:
    month = day.month - 1 + months
    return date(day.year + month // 12, month % 12 + 1, min(day.day, 28))


def _test(session: Session, number: str, assay: str) -> PlannedTest:
    lot = lots.get(session, number)
    return next(test for test in results.tests_of(session, lot) if test.line.method.assay == assay)


def _local(stage: Stage, hours_ago: float) -> str:
    with stage.database.session() as session:
        zone = site.laboratory(session).zone
    moment: datetime = clock.local(clock.now() - timedelta(hours=hours_ago), zone)
    return moment.strftime(MOMENT_FORMAT)


def _start(stage: Stage, number: str, assay: str, who: Login, reason: str = "") -> int:
    with stage.does(who, Permission.RESULT_ENTER, reason) as act:
        return recording.start(act, _test(act.session, number, assay)).id


def _enter(stage: Stage, run_id: int, who: Login, readings: Iterable[tuple[str, str]]) -> None:
    """Each reading is an act of its own, as each cell of the sheet is saved when it is left."""
    for key, text in readings:
        with stage.does(who, Permission.RESULT_ENTER) as act:
            recording.enter(act, runs.get(act.session, run_id), key, text, 0)


def _submit(stage: Stage, run_id: int, who: Login) -> None:
    with stage.does(who, Permission.RESULT_ENTER) as act:
        recording.submit(act, runs.get(act.session, run_id))


def _identity(stage: Stage, number: str, say: Say) -> None:
    run = _start(stage, number, "sequence_identity", SECOND_ANALYST)
    _enter(stage, run, SECOND_ANALYST, (
        ("extraction", "DNA-118"), ("polymerase", "PCR-442"), ("sequencer", "SEQ-01"),
        ("sequenced_at", _local(stage, 30)),
        ("rrna_fasta", (DATA / "lot_16s.fasta").read_text(encoding="utf-8")),
        ("strain_fasta", (DATA / "lot_strain_locus.fasta").read_text(encoding="utf-8")),
        ("quality", "97.4"), ("blank", "negative"), ("template_control", "positive"),
    ))  # fmt: skip
    _submit(stage, run, SECOND_ANALYST)
    say(f"{number} identity recorded")


def _count_readings(stage: Stage, blank: str) -> list[tuple[str, str]]:
    plates = {-5: ("TNTC", "TNTC", "TNTC"), -6: ("182", "169", "175"), -7: ("19", "16", "21")}
    cells = [
        (f"plate:1:{exponent}:{replicate}", text)
        for exponent, row in plates.items()
        for replicate, text in enumerate(row, start=1)
    ]
    return [
        ("medium", "MRS-7731"), ("diluent", "MRD-5520"), ("balance", "BAL-01"),
        ("incubator", "INC-02"), ("mass:1", "5.02"),
        ("incubation_start", _local(stage, 75)), ("incubation_end", _local(stage, 2.8)),
        ("chamber", "JAR-04"), ("indicator", "anaerobic, colourless"), *cells,
        ("blank", blank), ("reference", "87"), ("reference_lot", "REF-BL07"),
        ("anaerobe", "growth"), ("aerobe", "no growth"),
    ]  # fmt: skip


def _count(stage: Stage, number: str, say: Say) -> None:
    """A first run that its blank makes invalid, then its repeat, with one corrected plate."""
    run = _start(stage, number, "plate_count", ANALYST)
    _enter(stage, run, ANALYST, _count_readings(stage, blank="3"))
    _submit(stage, run, ANALYST)
    say(f"{number} viable count: run invalid, the diluent blank grew")
    run = _start(stage, number, "plate_count", ANALYST, "Diluent blank grew; new diluent opened")
    _enter(stage, run, ANALYST, _count_readings(stage, blank="0"))
    with stage.does(ANALYST, Permission.RESULT_ENTER, "Misread, recounted with the grid") as act:
        recording.enter(act, runs.get(act.session, run), "plate:1:-6:2", "164", 1)
    _submit(stage, run, ANALYST)
    say(f"{number} viable count repeated and recorded")


def _begin_count(stage: Stage, number: str, say: Say) -> None:
    run = _start(stage, number, "plate_count", ANALYST)
    _enter(stage, run, ANALYST, _count_readings(stage, blank="0")[:15])
    say(f"{number} viable count begun")


def _absence(stage: Stage, number: str, say: Say) -> None:
    run = _start(stage, number, "absence", SECOND_ANALYST)
    _enter(stage, run, SECOND_ANALYST, (
        ("portion", "10"), ("balance", "BAL-01"), ("broth_lot", "MCB-2210"),
        ("incubator", "INC-03"),
        ("enrichment_start", _local(stage, 78)), ("enrichment_end", _local(stage, 48)),
        ("broth_seen", "turbid"), ("agar_lot", "MCA-2214"),
        ("subculture_start", _local(stage, 47.5)), ("subculture_end", _local(stage, 2)),
        ("colonies", "no colonies"), ("positive_lot", "REF-EC01"), ("positive", "growth"),
        ("spiked", "growth"), ("negative", "no growth"),
    ))  # fmt: skip
    _submit(stage, run, SECOND_ANALYST)
    say(f"{number} absence of Escherichia coli recorded")


def _plate(stage: Stage, say: Say) -> None:
    """One plate-reader file serves two lots: the first conforms, the second does not."""
    with stage.does(ANALYST, Permission.RESULT_ENTER) as act:
        import_id = imports.receive(act, PLATE, (DATA / PLATE).read_bytes()).id
    with stage.does(ANALYST, Permission.RESULT_ENTER) as act:
        layout = documents.find_approved(act.session, PlateLayout, "PH-006-A")
        assert layout is not None  # noqa: S101
        preview = import_queries.get(act.session, import_id)
        tests = (RELEASED, FAILING)
        mapping = {
            slot: _test(act.session, number, "lysis_kinetics").id
            for slot, number in enumerate(tests, start=1)
        }
        reader = equipment.get_equipment(act.session, "RD-02")
        position = (preview.plate_index, preview.read_index)
        imports.lay_out(act, preview, layout, reader, position, mapping)
    with stage.does(ANALYST, Permission.RESULT_ENTER) as act:
        run = recording.confirm_import(act, import_queries.get(act.session, import_id)).id
    _enter(stage, run, ANALYST, (
        ("broth", "BRO-5531"), ("host", "REF-BL07"), ("phage", "PHG-02"),
        ("filtered_at", _local(stage, 31)), ("plate_started", _local(stage, 30)),
    ))  # fmt: skip
    _submit(stage, run, ANALYST)
    say(f"plate imported: {RELEASED} no lysis; {FAILING} lysis, lot on hold")


def _review(stage: Stage, number: str, say: Say) -> None:
    with stage.database.session() as session:
        tests = results.tests_of(session, lots.get(session, number))
        waiting = [
            result.id
            for test in tests
            for result in test.results
            if result.state is ResultState.RECORDED
        ]
    for result_id in waiting:
        with stage.does(REVIEWER, Permission.RESULT_REVIEW) as act:
            result = results.get(act.session, result_id)
            reviewing.decide(act, result, ReviewDecision.APPROVE, REVIEWER.password)
    say(f"{number} reviewed: {len(waiting)} results, each signed")


def _certify(stage: Stage, number: str, say: Say) -> None:
    with stage.does(REVIEWER, Permission.CERTIFICATE_PREPARE) as act:
        key = certificates.prepare(act, lots.get(act.session, number)).id
    with stage.does(REVIEWER, Permission.CERTIFICATE_SIGN) as act:
        certificate = certificate_queries.get(act.session, key)
        certificates.sign_for_quality_control(act, certificate, REVIEWER.password)
    with stage.does(QUALITY, Permission.LOT_DECIDE, "All results conform, records reviewed") as act:
        certificate = certificate_queries.get(act.session, key)
        deciding.release(act, lots.get(act.session, number), certificate, QUALITY.password)
    say(f"{number} certified and released, two signatures")
