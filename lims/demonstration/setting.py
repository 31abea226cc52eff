"""The laboratory before its first lot: people, stock, strain, product, methods, specification."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from lims import assays
from lims.accounts import actions as accounts
from lims.accounts import queries as people
from lims.accounts.models import Person
from lims.audit.act import Act
from lims.control import actions as control
from lims.control import queries as documents
from lims.control.models import Controlled
from lims.demonstration.people import ADMINISTRATOR, LOGINS, MANAGER, QUALITY, Login
from lims.demonstration.performing import Stage
from lims.equipment import actions as equipment
from lims.equipment.models import EquipmentKind as Kind
from lims.equipment.models import MaterialKind, MaterialState
from lims.foundation import clock
from lims.foundation.permissions import Permission
from lims.methods import actions as methods
from lims.methods.models import Method, PlateLayout
from lims.products import actions as products
from lims.products.models import Locus, Product, ReferenceSequence
from lims.science.acceptance import Absence, Bounds, OneOf
from lims.site.actions import Description
from lims.specifications import actions as specifications
from lims.specifications.models import Specification
from lims.workflow import founding

DATA = Path(__file__).parent / "data"

_LABORATORY = Description(
    name="Examplon Biologics, QC Microbiology",
    address="1 Invented Street, 1000 Sampleton",
    telephone="+00 000 000 000",
    zone="Europe/Vienna",
    public_url="http://127.0.0.1:8000",
)

_EQUIPMENT = (
    ("RD-02", "Plate reader 2, Epoch 2", Kind.PLATE_READER, "2105176", 300),
    ("INC-02", "Incubator 2, 37 °C", Kind.INCUBATOR, "I-5521", 200),
    ("INC-03", "Incubator 3, 32.5 °C", Kind.INCUBATOR, "I-5522", 180),
    ("JAR-04", "Anaerobic jar 4", Kind.ANAEROBIC_CHAMBER, "J-04", 365),
    ("BAL-01", "Analytical balance 1", Kind.BALANCE, "B-9917", 90),
    ("SEQ-01", "Capillary sequencer 1", Kind.SEQUENCER, "S-3310", 150),
    ("P-114", "Pipette 100 µL", Kind.PIPETTE, "P-114", -2),
)

_MATERIALS = (
    ("MRS-7731", "MRS-cysteine agar", MaterialKind.MEDIUM, 60),
    ("MRD-5520", "Maximum recovery diluent", MaterialKind.DILUENT, 70),
    ("MCB-2210", "MacConkey broth", MaterialKind.MEDIUM, 120),
    ("MCA-2214", "MacConkey agar", MaterialKind.MEDIUM, 9),
    ("BRO-5531", "Growth broth", MaterialKind.MEDIUM, 90),
    ("DNA-118", "DNA extraction kit", MaterialKind.REAGENT, 200),
    ("PCR-442", "PCR master mix", MaterialKind.REAGENT, 210),
    ("REF-BL07", "BL-07 reference, in-house", MaterialKind.REFERENCE, 365),
    ("REF-EC01", "Escherichia coli control", MaterialKind.REFERENCE, 300),
    ("PHG-02", "Lysis control phage", MaterialKind.PHAGE, 250),
)

_LAYOUT: dict[str, tuple[str, ...]] = {
    "host": ("B9", "B10", "B11"),
    "lysis": ("B2", "B3", "B4"),
    "diluent": ("B8", "G8", "G9"),
    "sample 1": ("E5", "E6", "E7"),
    "sample 2": ("G2", "G3", "G4"),
    "blank": tuple(f"A{column}" for column in range(1, 13)),
}


def set_up(stage: Stage) -> None:
    """Everything that a laboratory has before its first lot, step by step, person by person."""
    _people(stage)
    _stock(stage)
    _documents(stage)


def _people(stage: Stage) -> None:
    with stage.system() as act:
        _, token = founding.found(
            act, _LABORATORY, (ADMINISTRATOR.login, ADMINISTRATOR.name), demonstration=True
        )
    _accept(stage, ADMINISTRATOR, token)
    for each in LOGINS:
        if each is not ADMINISTRATOR:
            with stage.does(ADMINISTRATOR, Permission.PEOPLE_ADMINISTER, "Joins the team") as act:
                _, token = accounts.invite(act, each.login, each.name, list(each.roles))
            _accept(stage, each, token)
    for each in LOGINS:
        checker = QUALITY if each is MANAGER else MANAGER
        with stage.does(checker, Permission.IDENTITY_CHECK) as act:
            accounts.verify_identity(act, _person(act, each), "invented, demonstration only")


def _accept(stage: Stage, who: Login, token: str) -> None:
    with stage.invited(who.login) as act:
        accounts.accept_invitation(act, _person(act, who), token, who.password)


def _person(act: Act, who: Login) -> Person:
    person = people.find_login(act.session, who.login)
    assert person is not None  # noqa: S101
    return person


def _stock(stage: Stage) -> None:
    today = clock.now().date()
    for code, name, kind, serial, days in _EQUIPMENT:
        due = today + timedelta(days=days)
        with stage.does(MANAGER, Permission.LABORATORY_KEEP) as act:
            equipment.add_equipment(act, code, name, kind, serial, due)
    for code, name, material, days in _MATERIALS:
        with stage.does(MANAGER, Permission.LABORATORY_KEEP) as act:
            added = equipment.add_material(
                act, code, name, material, f"S-{code}", today + timedelta(days=days)
            )
        with stage.does(
            MANAGER, Permission.LABORATORY_KEEP, "Growth promotion and sterility passed"
        ) as act:
            material_now = act.session.merge(added)
            equipment.decide_material(act, material_now, MaterialState.ACCEPTED)


def _documents(stage: Stage) -> None:
    _references(stage)
    _product(stage)
    _methods(stage)
    _specification(stage)


def _in_force(stage: Stage, kind: type[Controlled], code: str) -> None:
    """The author signs, then another person approves: two passwords."""
    with stage.does(MANAGER, Permission.CATALOGUE_AUTHOR) as act:
        control.author(act, _newest(act, kind, code), MANAGER.password)
    with stage.does(QUALITY, Permission.CATALOGUE_APPROVE) as act:
        document = _newest(act, kind, code)
        control.approve(act, document, clock.now().date(), QUALITY.password)


def _newest(act: Act, kind: type[Controlled], code: str) -> Controlled:
    return next(each for each in documents.every(act.session, kind) if each.code == code)


def _references(stage: Stage) -> None:
    with stage.does(MANAGER, Permission.CATALOGUE_AUTHOR) as act:
        strain = products.add_strain(act, "BL07", "Bifidobacterium longum subsp. infantis", "BL-07")
        for code, locus, name in (
            ("REF-BL07-16S", Locus.RRNA_16S, "reference_16s.fasta"),
            ("REF-BL07-LOC", Locus.STRAIN, "reference_strain_locus.fasta"),
        ):
            fasta = (DATA / name).read_text(encoding="utf-8")
            products.draft_reference(act, strain, code, locus, "invented sequence", fasta)
    for code in ("REF-BL07-16S", "REF-BL07-LOC"):
        _in_force(stage, ReferenceSequence, code)


def _product(stage: Stage) -> None:
    told = products.ProductTold(
        code="BL07-CAP",
        title="BL-07 capsules",
        dosage_form="Enteric capsule, hard",
        strength="0.40 g of live bacteria with excipients per capsule",
        label_claim="1.0 × 10^9 CFU per capsule",
        dose_unit="capsule",
        dose_mass_g=Decimal("0.40"),
        storage="Store at 2 °C to 8 °C in the closed bottle",
        shelf_life_months=18,
    )
    with stage.does(MANAGER, Permission.CATALOGUE_AUTHOR) as act:
        strains = list(documents.every(act.session, ReferenceSequence)[0:1])
        products.draft_product(act, told, [strains[0].strain])
    _in_force(stage, Product, "BL07-CAP")


def _methods(stage: Stage) -> None:
    drafts: tuple[tuple[str, str, str, str, dict[str, str]], ...] = (
        ("ID-014", "Strain identity by sequence", "sequence_identity", "In-house, ICH Q6B", {}),
        ("MB-012", "Viable count, anaerobic plate count", "plate_count", "USP <64>, adapted", {}),
        ("MB-036", "Absence of Escherichia coli", "absence", "Ph. Eur. 2.6.38, adapted",
         {"suitability": "VAL-036-BL07"}),
        ("PH-006", "Phage, lysis kinetics", "lysis_kinetics", "In-house, after Storms 2020", {}),
    )  # fmt: skip
    for code, title, assay, reference, other in drafts:
        defaults = {each.key: each.default for each in assays.find(assay).parameters}
        told = methods.MethodTold(code, title, assay, reference, defaults | other)
        with stage.does(MANAGER, Permission.CATALOGUE_AUTHOR) as act:
            methods.draft_method(act, told)
        _in_force(stage, Method, code)
    with stage.does(MANAGER, Permission.CATALOGUE_AUTHOR) as act:
        methods.draft_layout(
            act, "PH-006-A", "Two samples with controls", "lysis_kinetics", 96, _wells()
        )
    _in_force(stage, PlateLayout, "PH-006-A")


def _wells() -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for role, wells in _LAYOUT.items():
        name, _, slot = role.partition(" ")
        for well in wells:
            found[well] = {"role": name, "slot": int(slot)} if slot else {"role": name}
    return found


def _specification(stage: Stage) -> None:
    with stage.does(MANAGER, Permission.CATALOGUE_AUTHOR) as act:
        product = documents.find_approved(act.session, Product, "BL07-CAP")
        assert product is not None  # noqa: S101
        found = {each.code: each for each in documents.approved(act.session, Method)}
        lines = [
            specifications.LineTold(
                "Strain identity", found["ID-014"], OneOf(("conforms",)),
                "Conforms to the reference sequences of the strain",
            ),
            specifications.LineTold(
                "Viable count", found["MB-012"], Bounds("CFU/dose", "1.0 × 10^9", "1.0 × 10^11"),
                "1.0 × 10^9 to 1.0 × 10^11 CFU/dose",
            ),
            specifications.LineTold(
                "Escherichia coli", found["MB-036"], Absence(Decimal(1), "g"), "Absent in 1 g"
            ),
            specifications.LineTold(
                "Phage, lysis kinetics", found["PH-006"], OneOf(("no lysis",)), "No lysis"
            ),
        ]  # fmt: skip
        specifications.draft(act, "SPEC-204", "BL-07 capsules, release", product, lines)
    _in_force(stage, Specification, "SPEC-204")
