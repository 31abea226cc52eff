"""What happens to strains, reference sequences and products."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from lims.audit.act import Act
from lims.control import actions as control
from lims.foundation.errors import RuleBroken
from lims.products.models import Locus, Product, ReferenceSequence, Strain
from lims.science.errors import ScienceError
from lims.science.sequences import read_fasta


@dataclass(frozen=True)
class ProductTold:
    """What a person says of a product."""

    code: str
    title: str
    dosage_form: str
    strength: str
    label_claim: str
    dose_unit: str
    dose_mass_g: Decimal
    storage: str
    shelf_life_months: int


def add_strain(act: Act, code: str, taxon: str, designation: str) -> Strain:
    for name, value in (("code", code), ("taxon", taxon), ("designation", designation)):
        if not value.strip():
            raise RuleBroken(f"Enter the {name}.", **{name: f"Enter the {name}."})
    if act.session.scalar(select(Strain.id).where(Strain.code == code.strip())) is not None:
        sentence = f"The strain code {code} is in use already."
        raise RuleBroken(sentence, code=sentence)
    strain = Strain(code=code.strip(), taxon=taxon.strip(), designation=designation.strip())
    act.session.add(strain)
    act.session.flush()
    act.note("strain.added", strain, taxon=strain.taxon)
    return strain


def draft_reference(
    act: Act, strain: Strain, code: str, locus: Locus, origin: str, fasta: str, reason: str = ""
) -> ReferenceSequence:
    """A reference sequence as a draft, from FASTA text."""
    if not code.strip():
        raise RuleBroken("Enter the code.", code="Enter the code.")
    letters = _letters(fasta, code, origin)
    made = ReferenceSequence(
        code=code.strip(),
        title=f"{strain.code} {locus.value}",
        strain_id=strain.id,
        locus=locus,
        origin=origin.strip(),
        sequence=letters,
    )
    made.strain = strain
    control.draft(act, made, reason)
    return made


def _letters(fasta: str, code: str, origin: str) -> str:
    if not origin.strip():
        sentence = "Say where the sequence comes from: accession, or own sequencing and its date."
        raise RuleBroken(sentence, origin=sentence)
    try:
        return read_fasta(fasta, code).letters
    except ScienceError as refusal:
        raise RuleBroken(str(refusal), sequence=str(refusal)) from refusal


def edit_reference(
    act: Act, reference: ReferenceSequence, origin: str, fasta: str, shown: str | None = None
) -> None:
    """Change a draft; code, strain and locus stay."""
    control.check_editable(reference, shown)
    letters = _letters(fasta, reference.code, origin)
    reference.origin, reference.sequence = origin.strip(), letters
    control.edited(act, reference)


def new_reference_version(act: Act, reference: ReferenceSequence) -> ReferenceSequence:
    """A draft with the same sequence, to be edited; the act's reason says why."""
    control.check_copied(reference)
    made = control.copy_of(reference)
    made.strain = reference.strain
    control.draft(act, made, act.need_reason())
    return made


def _check(told: ProductTold, strains: Sequence[Strain]) -> None:
    if not told.code.strip() or not told.title.strip():
        raise RuleBroken("A product has a code and a name.", code="Enter code and name.")
    if told.dose_mass_g <= 0:
        sentence = "The fill mass of one dose is above zero, in g."
        raise RuleBroken(sentence, dose_mass_g=sentence)
    if told.shelf_life_months < 1:
        sentence = "The shelf life is one month or more."
        raise RuleBroken(sentence, shelf_life_months=sentence)
    if not strains:
        sentence = "A product has at least one strain; choose it."
        raise RuleBroken(sentence, strains=sentence)


def draft_product(
    act: Act, told: ProductTold, strains: Sequence[Strain], reason: str = ""
) -> Product:
    _check(told, strains)
    made = Product(**_fields(told))
    made.strains = list(strains)
    control.draft(act, made, reason)
    return made


def new_product_version(act: Act, product: Product) -> Product:
    """A draft of the same strains, to be edited; the act's reason says why."""
    control.check_copied(product)
    made = control.copy_of(product)
    made.strains = list(product.strains)
    control.draft(act, made, act.need_reason())
    return made


def edit_product(
    act: Act,
    product: Product,
    told: ProductTold,
    strains: Sequence[Strain],
    shown: str | None = None,
) -> None:
    """Change a draft; its code stays."""
    control.check_editable(product, shown)
    _check(told, strains)
    for name, value in _fields(told).items():
        if name != "code":
            setattr(product, name, value)
    product.strains = list(strains)
    control.edited(act, product)


def _fields(told: ProductTold) -> dict[str, object]:
    return {
        "code": told.code.strip(),
        "title": told.title.strip(),
        "dosage_form": told.dosage_form.strip(),
        "strength": told.strength.strip(),
        "label_claim": told.label_claim.strip(),
        "dose_unit": told.dose_unit.strip(),
        "dose_mass_g": told.dose_mass_g,
        "storage": told.storage.strip(),
        "shelf_life_months": told.shelf_life_months,
    }
