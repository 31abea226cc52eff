"""What the pages of the catalogue accept: shape only."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from lims.pages.whole import Whole
from lims.products.models import Locus
from lims.web.fields import Number

_CODE = [DataRequired("Enter a code."), Length(max=40)]
_TITLE = [DataRequired("Enter a title."), Length(max=200)]
_TEXT = [Length(max=500)]
_LARGEST_FASTA = 200_000

LOCI: list[tuple[str, str]] = [(str(each), str(each)) for each in Locus]
CRITERIA: list[tuple[str, str]] = [
    ("bounds", "Limit or range"),
    ("power_of_ten", "Power of ten (compendial count)"),
    ("absence", "Absent in a quantity"),
    ("one_of", "One of these findings"),
    ("for_information", "For information, no limit"),
]


class StrainForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    code = StringField("Code", _CODE)
    taxon = StringField("Species", [DataRequired("Enter the species."), Length(max=120)])
    designation = StringField("Strain", [DataRequired("Enter the strain."), Length(max=80)])


class DocumentForm(FlaskForm):  # type: ignore[misc]
    """What every new document has; an edit leaves the code as it is."""

    code = StringField("Code", [Length(max=40)])
    title = StringField("Title", _TITLE)


class MethodForm(DocumentForm):
    """The parameters come beside it as `param-KEY`."""

    reference = StringField("Reference", _TEXT)
    procedure = TextAreaField("Procedure", [Length(max=20_000)])


class LayoutForm(DocumentForm):
    assay = SelectField("Kind of test")
    size = SelectField("Wells", choices=lambda: [("96", "96"), ("384", "384")])
    host = StringField("Host control", _TEXT)
    lysis = StringField("Lysis control", _TEXT)
    diluent = StringField("Diluent control", _TEXT)
    blank = StringField("Blanks", _TEXT)
    samples = TextAreaField("Samples", [Length(max=4000)])


class ReferenceForm(FlaskForm):  # type: ignore[misc]
    code = StringField("Code", [Length(max=40)])
    strain = SelectField("Strain")
    locus = SelectField("Locus", choices=lambda: LOCI)
    origin = StringField("Origin", _TEXT)
    sequence = TextAreaField("Sequence", [Length(max=_LARGEST_FASTA)])
    file = FileField("FASTA file")

    def validate_file(self, field: FileField) -> None:
        """A text of some thousand letters: anything else is not what was meant."""
        if not field.data:
            return
        content = field.data.read(_LARGEST_FASTA + 1)
        if len(content) > _LARGEST_FASTA:
            raise ValidationError("This file is larger than 200 kB; a FASTA of one gene is not.")
        try:
            self.sequence.data = content.decode("utf-8-sig")
        except UnicodeDecodeError as refusal:
            sentence = "This file is no text; give a FASTA file in plain text."
            raise ValidationError(sentence) from refusal


class ProductForm(DocumentForm):
    dosage_form = StringField("Dosage form", [DataRequired("Enter the dosage form."), *_TEXT])
    strength = StringField("Strength", [DataRequired("Enter the strength."), *_TEXT])
    label_claim = StringField("Label claim", [DataRequired("Enter the label claim."), *_TEXT])
    dose_unit = StringField("One dose is one", [DataRequired("Say capsule, sachet or vial.")])
    dose_mass_g = Number(
        "Fill mass of one dose", [InputRequired("Enter the mass in g as a number, as 0.40.")]
    )
    storage = StringField("Storage", [DataRequired("Say how it is stored."), *_TEXT])
    shelf_life_months = Whole(
        "Shelf life", [InputRequired("Enter the shelf life in whole months.")]
    )
    strains = SelectMultipleField("Strains")


class SpecificationForm(DocumentForm):
    product = SelectField("Product")


class LineForm(FlaskForm):  # type: ignore[misc]
    """One test; of the fields of a criterion only those of the chosen form are read."""

    name = StringField("Test, as printed", [DataRequired("Enter the name of the test.")])
    method = SelectField("Method")
    form = SelectField("Criterion", choices=lambda: CRITERIA, default="bounds")
    lower = StringField("Not less than", [Length(max=40)])
    upper = StringField("Not more than", [Length(max=40)])
    lower_excluded = BooleanField("more than, not equal")
    upper_excluded = BooleanField("less than, not equal")
    unit = StringField("Unit", [Length(max=40)])
    exponent = Whole("Exponent", [Optional()])
    factor = StringField("Factor", [Length(max=10)], default="2")
    power_unit = StringField("Unit", [Length(max=40)])
    required = StringField("Quantity", [Length(max=20)])
    absence_unit = StringField("Unit", [Length(max=10)], default="g")
    allowed = TextAreaField("Findings that conform", [Length(max=1000)])
    criterion_text = StringField("As printed on the certificate", [Length(max=300)])
