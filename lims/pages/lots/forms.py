"""What the pages of lots accept: shape only."""

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, Optional

from lims.samples.models import Condition
from lims.web.fields import Day, Number

CONDITIONS = tuple(str(each) for each in Condition)
_DATE = "Enter the date as 2026-11-22."


class RegisterForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    number = StringField("Lot number", [DataRequired("Enter the lot number."), Length(max=40)])
    product = StringField("Product", [DataRequired("Choose the product.")])
    size = StringField(
        "Lot size", [DataRequired("Enter the size, as 41 200 capsules."), Length(max=60)]
    )
    manufactured_on = Day("Manufactured", [InputRequired(_DATE)])
    expires_on = Day("Expires", [InputRequired(_DATE)])
    due_on = Day("Results due", [Optional()])
    substance_lot = StringField("Drug substance lot", [Length(max=40)])
    cell_bank = StringField("Cell bank", [Length(max=60)])


class ReceiveForm(FlaskForm):  # type: ignore[misc]
    amount = Number("Amount", [InputRequired("Enter the amount as a number.")])
    unit = StringField("Counted in", [DataRequired("Say capsules, g or mL."), Length(max=20)])
    condition = StringField("Condition", [AnyOf(CONDITIONS, "Choose the condition.")])
    temperature_c = Number("Temperature on arrival", [Optional()])
    storage = StringField("Stored at", [DataRequired("Say where the sample is."), Length(max=60)])
    sampled_on = Day("Sampled", [InputRequired(_DATE)])
