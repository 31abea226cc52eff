"""What the pages of instruments and materials accept: shape only."""

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from lims.equipment.models import EquipmentKind, MaterialKind
from lims.pages.whole import Whole
from lims.web.fields import Day

_EQUIPMENT: list[tuple[str, str]] = [(str(each), str(each)) for each in EquipmentKind]
_MATERIALS: list[tuple[str, str]] = [(str(each), str(each)) for each in MaterialKind]
_DATE = "Enter the date as 2026-11-22."


class EquipmentForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    code = StringField("Code", [DataRequired("Enter the code on its label."), Length(max=40)])
    name = StringField("Name", [DataRequired("Enter what it is."), Length(max=120)])
    kind = SelectField("Kind", choices=lambda: _EQUIPMENT)
    serial = StringField("Serial number", [Length(max=60)])
    calibration_due = Day("Calibration due", [Optional()])


class MaterialForm(FlaskForm):  # type: ignore[misc]
    code = StringField("Code", [DataRequired("Enter the code on its label."), Length(max=40)])
    name = StringField("Name", [DataRequired("Enter what it is."), Length(max=120)])
    kind = SelectField("Kind", choices=lambda: _MATERIALS)
    supplier_lot = StringField("Supplier's lot", [Length(max=60)])
    expires_on = Day("Use by", [InputRequired(_DATE)])


class CalibrationForm(FlaskForm):  # type: ignore[misc]
    due = Day("Next calibration due", [InputRequired(_DATE)])
    reason = StringField("Evidence", [Length(max=2000)])


class DescriptionForm(FlaskForm):  # type: ignore[misc]
    name = StringField("Name", [DataRequired("Enter the name."), Length(max=200)])
    address = TextAreaField("Address", [DataRequired("Enter the address."), Length(max=500)])
    telephone = StringField("Telephone", [Length(max=60)])
    zone = StringField("Time zone", [DataRequired("Enter the time zone."), Length(max=60)])
    public_url = StringField("Public address", [Length(max=300)])
    idle_minutes = Whole("Idle minutes", [InputRequired("Enter whole minutes, from 5 to 30.")])
    reason = StringField("Reason", [Length(max=2000)])
